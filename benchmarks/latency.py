"""How long from a message in to its result out while nothing else goes on: the engine's 99th percentile against the
raw loop's, both on the same Apache Kafka, message by message in turn."""

import asyncio
import contextlib
import json
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.figures import Figure, middle, percentile
from benchmarks.pipeline import PARTITIONS, apache_kafka, fresh_name, pass_through
from benchmarks.raw_loop import raw_loop_forever
from kafka_agent_studio.api.tasks import TaskGroupOwner
from tests.helpers.studio import StudioBroker

COUNT = 2000
WARM_UP = 100
PAUSE_S = 0.005


def measure(short: bool) -> Iterator[Figure]:
    """One message at a time, first through the one, then through the other."""
    with apache_kafka() as broker:
        ours, raw = asyncio.run(_both(broker, 200 if short else COUNT))
    yield Figure(
        name="idle pipeline, message in to result out, p99",
        ours=percentile(ours, 0.99) * 1000,
        baseline=percentile(raw, 0.99) * 1000,
        unit="ms",
        at_most=2.0,
    )
    yield Figure(name="the same, median", ours=middle(ours) * 1000, baseline=middle(raw) * 1000, unit="ms")


async def _both(broker: StudioBroker, count: int) -> tuple[list[float], list[float]]:
    topics = {name: broker.make_topic(fresh_name(name), partitions=PARTITIONS) for name in ("in", "out", "raw", "end")}
    tasks = TaskGroupOwner(name="latency")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        async with pass_through(broker, Path(folder) / "studio", topic=topics["in"], target=topics["out"]):
            loop = raw_loop_forever(bootstrap=broker.address, topic=topics["raw"], target=topics["end"])
            tasks.start("raw", loop)
            async with (
                _Probe(broker.address, topics["in"], topics["out"]).open() as ours,
                _Probe(broker.address, topics["raw"], topics["end"]).open() as raw,
            ):
                for _ in range(WARM_UP):
                    await ours.once()
                    await raw.once()
                ours.times_s.clear()
                raw.times_s.clear()
                for _ in range(count):
                    await ours.once()
                    await raw.once()
            await tasks.close()
    return ours.times_s, raw.times_s


class _Probe:
    """Sends a message and waits for its result."""

    def __init__(self, address: str, source: str, target: str) -> None:
        self._source = source
        self._producer = AIOKafkaProducer(bootstrap_servers=address, linger_ms=0)
        self._consumer = AIOKafkaConsumer(target, bootstrap_servers=address, auto_offset_reset="earliest")
        self._number = 0
        self.times_s: list[float] = []

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["_Probe"]:
        """Connect for the length of the block."""
        await self._producer.start()
        await self._consumer.start()
        try:
            yield self
        finally:
            await self._producer.stop()
            await self._consumer.stop()

    async def once(self) -> None:
        """One message there and back."""
        self._number += 1
        value = json.dumps({"order_id": self._number, "note": "x" * 500}).encode()
        began_s = time.perf_counter()
        await self._producer.send(self._source, value, key=str(self._number).encode())
        await self._consumer.getone()
        self.times_s.append(time.perf_counter() - began_s)
        await asyncio.sleep(PAUSE_S)
