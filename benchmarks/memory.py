"""Memory of the engine after 1,000,000 messages against after 50,000, both still in one run."""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.pipeline import PARTITIONS, Tally, apache_kafka, fill, fresh_name, pass_through
from tests.helpers.studio import StudioBroker

EARLY, LATE = 50_000, 1_000_000


def measure(short: bool) -> Iterator[Figure]:
    """Small messages, since it is their number that counts."""
    early, late = (10_000, 60_000) if short else (EARLY, LATE)
    with apache_kafka() as broker:
        topic = broker.make_topic(fresh_name("messages"), partitions=PARTITIONS)
        # by another process: what a client library needed for writing them would count as ours
        filling = f"from benchmarks.memory import fill_at; fill_at({broker.address!r}, {topic!r}, {late})"
        subprocess.run([sys.executable, "-c", filling], check=True)
        first_mb, last_mb = asyncio.run(_grow(broker, topic, early, late))
    yield Figure(
        name=f"memory after {late:,} messages against after {early:,}",
        ours=last_mb,
        baseline=first_mb,
        unit="MB",
        at_most=1.1,
    )


def fill_at(address: str, topic: str, count: int) -> None:
    """Fill a topic from a process that knows nothing but the address."""
    fill(StudioBroker(connection="", address=address, records=None), topic, count, size_bytes=400)  # type: ignore[arg-type]


async def _grow(broker: StudioBroker, topic: str, early: int, late: int) -> tuple[float, float]:
    target = broker.make_topic(fresh_name("results"), partitions=PARTITIONS)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        async with pass_through(broker, Path(folder) / "studio", topic=topic, target=target) as engine:
            tally = Tally(engine)
            await tally.until(early)
            first_mb = resident_mb()
            await tally.until(late)
            last_mb = resident_mb()
            tally.close()
    return first_mb, last_mb


def resident_mb() -> float:
    """Return what the process has in memory."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("this benchmark reads /proc, which Linux has")
