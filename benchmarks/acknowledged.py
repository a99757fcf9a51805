"""The baselines that wait: FastStream's acknowledged consume-publish where it is installed, else the same by hand.

By hand: an aiokafka loop that reads a message, writes its result and waits until it is acknowledged, then commits its
offset, message by message. This is what FastStream's subscriber with `ack_policy=AckPolicy.ACK` and a publisher does.
"""

import asyncio
import importlib.util
import json
import time

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

HAS_FASTSTREAM = importlib.util.find_spec("faststream") is not None


async def by_hand(*, bootstrap: str, topic: str, target: str, group: str, count: int) -> float:
    """Pass `count` messages on one by one; returns messages per second from the first to the last."""
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await consumer.start()
    await producer.start()
    try:
        began_s, seen = 0.0, 0
        while seen < count:
            record = await consumer.getone()
            began_s = began_s or time.perf_counter()
            value = json.dumps({"status": "completed", "output": json.loads(record.value)}).encode()
            await producer.send_and_wait(target, value, key=record.key)
            await consumer.commit({TopicPartition(record.topic, record.partition): record.offset + 1})
            seen += 1
        return count / (time.perf_counter() - began_s)
    finally:
        await consumer.stop()
        await producer.stop()


async def through_faststream(*, bootstrap: str, topic: str, target: str, group: str, count: int) -> float:
    """Pass `count` messages on through FastStream; returns messages per second from the first to the last."""
    from faststream import AckPolicy  # type: ignore[import-not-found]
    from faststream.kafka import KafkaBroker  # type: ignore[import-not-found]

    broker = KafkaBroker(bootstrap, acks="all", logger=None)
    over = asyncio.Event()
    times_s: list[float] = []

    async def handle(message: dict[str, object]) -> dict[str, object]:
        times_s.append(time.perf_counter())
        if len(times_s) == count:
            over.set()
        return {"status": "completed", "output": message}

    subscribed = broker.subscriber(topic, group_id=group, auto_offset_reset="earliest", ack_policy=AckPolicy.ACK)
    subscribed(broker.publisher(target)(handle))
    await broker.start()
    try:
        await over.wait()
    finally:
        await broker.stop()
    return count / (times_s[-1] - times_s[0])
