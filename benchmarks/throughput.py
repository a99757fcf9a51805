"""Messages a second through a pass-through agent, run store on, envelopes out, against the raw aiokafka loop."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, in_the_middle
from benchmarks.pipeline import PARTITIONS, Tally, apache_kafka, embedded, fill, fresh_name, pass_through
from benchmarks.raw_loop import raw_loop
from tests.helpers.studio import StudioBroker

COUNT = 50_000
ROUNDS = 3


def measure(short: bool) -> Iterator[Figure]:
    """Rounds of engine and baselines in turn, so that what disturbs the machine disturbs all of them."""
    count, rounds = (10_000, 1) if short else (COUNT, ROUNDS)
    with apache_kafka() as broker:
        yield from _on(broker, "Apache Kafka", count, rounds, bound=0.7)
    with embedded() as broker:
        yield from _on(broker, "embedded broker", count // 2, rounds, bound=None)


def _on(broker: StudioBroker, name: str, count: int, rounds: int, *, bound: float | None) -> Iterator[Figure]:
    topic = broker.make_topic(fresh_name("messages"), partitions=PARTITIONS)
    fill(broker, topic, count)
    found: dict[str, list[tuple[float, float]]] = {}
    for _ in range(rounds):
        fast = asyncio.run(_raw(broker, topic, count, standard_json=False))
        slow = asyncio.run(_raw(broker, topic, count, standard_json=True))
        for room in (None, 2000, 8000):
            ours = asyncio.run(engine_rate(broker, topic, count, max_in_flight=room))
            what = f"{name}, {'64 (default)' if room is None else room} in flight"
            found.setdefault(f"{what}: raw loop, standard json", []).append((ours, slow))
            found.setdefault(f"{what}: raw loop, msgspec", []).append((ours, fast))
    for what, pairs in found.items():
        yield in_the_middle(what, pairs, unit="messages/s", at_least=bound)


async def _raw(broker: StudioBroker, topic: str, count: int, *, standard_json: bool) -> float:
    target = broker.make_topic(fresh_name("raw-results"), partitions=PARTITIONS)
    return await raw_loop(
        bootstrap=broker.address,
        topic=topic,
        target=target,
        group=fresh_name("raw"),
        count=count,
        standard_json=standard_json,
    )


async def engine_rate(broker: StudioBroker, topic: str, count: int, *, max_in_flight: int | None) -> float:
    """Return the messages a second of an engine that passes `count` of them on."""
    target = broker.make_topic(fresh_name("results"), partitions=PARTITIONS)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        async with pass_through(
            broker, Path(folder) / "studio", topic=topic, target=target, max_in_flight=max_in_flight
        ) as engine:
            tally = Tally(engine)
            try:
                await tally.until(count)
            finally:
                tally.close()
    return tally.rate_per_s
