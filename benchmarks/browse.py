"""Messages a second scanned by a browse with a filter, against a raw aiokafka read of the same topic."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.figures import Figure, in_the_middle
from benchmarks.pipeline import PARTITIONS, apache_kafka, fill, fresh_name
from kafka_agent_studio.api.browse import BrowseTopic, Oldest, Scan
from kafka_agent_studio.bootstrap import build_engine
from kafka_agent_studio.engine.options import EngineOptions
from tests.helpers.studio import Studio, StudioBroker

COUNT = 100_000
ROUNDS = 3
FILTERS = {
    "no filter, everything delivered": "",
    "text in it": "nowhere-to-be-found",
    "value.customer == …": "value.customer == nobody@example.com",
    "value.total > …": "value.total > 1000",
    "value.items.sku == … or headers.x == …": "value.items.sku == widget-9 or headers.x == 1",
}


def measure(short: bool) -> Iterator[Figure]:
    """Rounds of each filter and the raw read in turn, so that what disturbs the machine disturbs all of them."""
    count, rounds = (20_000, 1) if short else (COUNT, ROUNDS)
    with apache_kafka() as broker:
        topic = broker.make_topic(fresh_name("browsed"), partitions=PARTITIONS)
        fill(broker, topic, count)
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in FILTERS}
        for _ in range(rounds):
            raw = asyncio.run(_raw_read(broker, topic, count))
            for name, line in FILTERS.items():
                found[name].append((asyncio.run(_browse(broker, topic, count, line)), raw))
    for name, pairs in found.items():
        yield in_the_middle(f"browse: {name}", pairs, unit="messages/s", at_least=0.5)


async def _raw_read(broker: StudioBroker, topic: str, count: int) -> float:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=broker.address, enable_auto_commit=False, isolation_level="read_committed"
    )
    await consumer.start()
    try:
        began_s = time.perf_counter()
        consumer.assign([TopicPartition(topic, p) for p in range(PARTITIONS)])
        await consumer.seek_to_beginning()
        seen = 0
        while seen < count:
            seen += sum(map(len, (await consumer.getmany(timeout_ms=1000, max_records=500)).values()))
        return count / (time.perf_counter() - began_s)
    finally:
        await consumer.stop()


async def _browse(broker: StudioBroker, topic: str, count: int, line: str) -> float:
    """The whole command, with connecting and asking for the ends; its events are heard, as a window would."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        studio = Studio(root=Path(folder) / "studio", broker=broker)
        engine = await build_engine(EngineOptions(root=studio.root, environ={}))
        await engine.start()
        subscription = engine.subscribe()
        try:
            began_s = time.perf_counter()
            scan = Scan(broker.connection, topic, Oldest(), filter=line)
            report = await engine.execute(BrowseTopic("benchmark", scan, keep=count))
            took_s = time.perf_counter() - began_s
            if report.progress.scanned != count:
                raise RuntimeError(f"{report.progress.scanned} of {count} messages were scanned")
            return count / took_s
        finally:
            subscription.close()
            await engine.stop()
            await engine.tasks.close()
