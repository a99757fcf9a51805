"""The engine under measurement: a workspace with one pass-through agent, and what its runs did, heard as events."""

import contextlib
import json
import random
import string
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from confluent_kafka import Producer

from kafka_agent_studio.api.events import RunChange, RunsChanged
from kafka_agent_studio.bootstrap import build_engine
from kafka_agent_studio.engine.options import EngineOptions
from kafka_agent_studio.engine.runtime import Runtime
from kafka_agent_studio.model.run import RunStatus
from tests.helpers.apache_kafka import ApacheKafka
from tests.helpers.kafka_admin import client_settings
from tests.helpers.kafka_records import KafkaRecords
from tests.helpers.studio import LastingBroker, Studio, StudioBroker, lent_to_engines

PARTITIONS = 4
_TOOL = '''
"""A function that hands on what it gets."""

from typing import Any


async def hand_on(payload: dict[str, Any]) -> dict[str, Any]:
    """Return the payload."""
    return payload
'''


@contextlib.contextmanager
def apache_kafka() -> Iterator[StudioBroker]:
    """An Apache Kafka of this benchmark alone."""
    with ApacheKafka() as kafka:
        yield StudioBroker(
            connection="apache",
            address=kafka.bootstrap(),
            records=KafkaRecords(bootstrap_servers=kafka.bootstrap()),
            admin=kafka.admin,
        )


@contextlib.contextmanager
def embedded() -> Iterator[StudioBroker]:
    """The embedded broker."""
    broker = LastingBroker()
    try:
        with lent_to_engines(broker):
            address = broker.address()
            yield StudioBroker(connection="sandbox", address=address, records=KafkaRecords(bootstrap_servers=address))
    finally:
        broker.end()


def fill(broker: StudioBroker, topic: str, count: int, *, size_bytes: int = 1000, keys: int = 1000) -> None:
    """Write orders of about `size_bytes` to a topic, in all partitions."""
    producer = Producer({**client_settings(broker.address), "linger.ms": 50, "partitioner": "murmur2_random"})
    pad = "".join(random.Random(1).choices(string.ascii_letters, k=max(0, size_bytes - 330)))
    items = [{"sku": f"widget-{n}", "quantity": n, "price": n * 1.25} for n in range(4)]
    for number in range(count):
        order = {"order_id": str(number), "customer": "john@example.com", "items": items, "total": 42.5, "note": pad}
        while True:
            try:
                producer.produce(topic, json.dumps(order).encode(), key=f"order-{number % keys}".encode())
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    producer.flush(60)


def fresh_name(prefix: str) -> str:
    """A name for a topic or a group that nobody used before."""
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


@contextlib.asynccontextmanager
async def pass_through(
    broker: StudioBroker, root: Path, *, topic: str, target: str, max_in_flight: int | None = None
) -> AsyncIterator[Runtime]:
    """Run an engine whose one agent hands each message on; its results go to `target` as envelopes."""
    write_pass_through(broker, root, topic=topic, target=target, max_in_flight=max_in_flight)
    engine = await build_engine(EngineOptions(root=root, environ={}))
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()
        await engine.tasks.close()


def write_pass_through(
    broker: StudioBroker, root: Path, *, topic: str, target: str, max_in_flight: int | None = None
) -> None:
    """Write the workspace of `pass_through`."""
    studio = Studio(root=root, broker=broker)
    studio.write({"tools/passing.py": _TOOL})
    studio.tool_agent("pass-on", "passing.hand_on", max_concurrent_runs=16)
    room = {} if max_in_flight is None else {"max_in_flight": max_in_flight}
    studio.inbound("messages-in", topic=topic, agents=["pass-on"], **room)
    studio.outbound("results-out", topic=target, agents=["pass-on"])


class Tally:
    """Counts results as they are acknowledged, from an engine's events."""

    def __init__(self, engine: Runtime) -> None:
        self._subscription = engine.subscribe()
        self.published = 0
        self.first_started_at_us: int | None = None
        self.last_published_s = 0.0

    async def until(self, count: int) -> None:
        """Wait for so many results in all. Raises: AssertionError where a run failed."""
        async for batch in self._subscription.batches():
            for event in batch:
                if isinstance(event, RunsChanged) and event.change is RunChange.PUBLISHED:
                    self._take(event)
            if self.published >= count:
                return

    def _take(self, event: RunsChanged) -> None:
        self.published += len(event.runs)
        self.last_published_s = time.time()
        failed = [r for r in event.runs if r.status is not RunStatus.COMPLETED]
        assert not failed, failed[0].error
        if self.first_started_at_us is None:
            self.first_started_at_us = min(r.started_at_us or 0 for r in event.runs)

    @property
    def rate_per_s(self) -> float:
        """Messages a second from the first that was begun to the last that was acknowledged."""
        return self.published / (self.last_published_s - (self.first_started_at_us or 0) / 1e6)

    def close(self) -> None:
        """Listen no more."""
        self._subscription.close()
