"""The baseline: the tightest aiokafka loop that consumes, reads JSON, writes JSON, produces and commits in batches.

It keeps a few batches in flight, commits only what was acknowledged, and uses the same codec as the engine (msgspec),
or the standard library's json where asked.
"""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

BATCHES_IN_FLIGHT = 4


async def raw_loop(
    *, bootstrap: str, topic: str, target: str, group: str, count: int, standard_json: bool = False
) -> float:
    """Pass `count` messages from `topic` to `target`; returns messages per second from the first to the last."""
    loads: Callable[[bytes], Any] = json.loads if standard_json else msgspec.json.decode
    dumps: Callable[[Any], bytes] = (lambda v: json.dumps(v).encode()) if standard_json else msgspec.json.encode
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", linger_ms=5, max_batch_size=262_144
    )
    await consumer.start()
    await producer.start()
    seen = 0
    began_s = 0.0
    pending: list[tuple[list[Any], dict[TopicPartition, int]]] = []

    async def settle() -> None:
        futures, offsets = pending.pop(0)
        await asyncio.gather(*futures)
        await consumer.commit(offsets)

    try:
        while seen < count:
            batches = await consumer.getmany(timeout_ms=1000, max_records=500)
            if not began_s and batches:
                began_s = time.perf_counter()
            futures = []
            for records in batches.values():
                for record in records:
                    order = loads(record.value)
                    envelope = {"status": "completed", "output": order, "error": None}
                    futures.append(await producer.send(target, dumps(envelope), key=record.key))
                seen += len(records)
            if futures:
                pending.append((futures, {tp: records[-1].offset + 1 for tp, records in batches.items()}))
            while len(pending) >= BATCHES_IN_FLIGHT:
                await settle()
        while pending:
            await settle()
        return seen / (time.perf_counter() - began_s)
    finally:
        await consumer.stop()
        await producer.stop()


async def raw_loop_forever(*, bootstrap: str, topic: str, target: str) -> None:
    """The same loop for messages that come one at a time: nothing is waited for that is not there. Until cancelled."""
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        group_id=f"raw-{topic}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", linger_ms=0)
    await consumer.start()
    await producer.start()
    try:
        while True:
            batches = await consumer.getmany(timeout_ms=1000, max_records=500)
            for records in batches.values():
                for record in records:
                    envelope = {"status": "completed", "output": msgspec.json.decode(record.value), "error": None}
                    await producer.send_and_wait(target, msgspec.json.encode(envelope), key=record.key)
            if batches:
                await consumer.commit({tp: records[-1].offset + 1 for tp, records in batches.items()})
    finally:
        await consumer.stop()
        await producer.stop()
