"""Messages a second through a pass-through agent against an acknowledged consume-publish, message by message."""

import asyncio
from collections.abc import Iterator

from benchmarks.acknowledged import HAS_FASTSTREAM, by_hand, through_faststream
from benchmarks.figures import Figure, in_the_middle
from benchmarks.pipeline import PARTITIONS, apache_kafka, fill, fresh_name
from benchmarks.throughput import engine_rate
from tests.helpers.studio import StudioBroker

COUNT = 40_000
FEW = 2_000
ROUNDS = 3


def measure(short: bool) -> Iterator[Figure]:
    """In turn; the baseline has fewer messages, since it takes its time."""
    count, few, rounds = (10_000, 500, 1) if short else (COUNT, FEW, ROUNDS)
    with apache_kafka() as broker:
        topic = broker.make_topic(fresh_name("messages"), partitions=PARTITIONS)
        fill(broker, topic, count)
        pairs = [
            (asyncio.run(engine_rate(broker, topic, count, max_in_flight=2000)), asyncio.run(_slow(broker, topic, few)))
            for _ in range(rounds)
        ]
    name = "FastStream's" if HAS_FASTSTREAM else "a send_and_wait and commit a message in aiokafka, for FastStream's"
    yield in_the_middle(f"{name} acknowledged consume-publish", pairs, unit="messages/s", at_least=10.0)


async def _slow(broker: StudioBroker, topic: str, count: int) -> float:
    run = through_faststream if HAS_FASTSTREAM else by_hand
    target = broker.make_topic(fresh_name("acknowledged"), partitions=PARTITIONS)
    return await run(bootstrap=broker.address, topic=topic, target=target, group=fresh_name("acked"), count=count)
