"""From a click to what is to be seen of it: how long each action keeps the window's thread while the engine works."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.pipeline import PARTITIONS, apache_kafka, fill, fresh_name, write_pass_through
from benchmarks.window import child, stalls

COUNT = 300_000
"""More than the engine passes on while the actions last."""


def measure(short: bool) -> Iterator[Figure]:
    """One walk through all pages, lists and forms of a window with the real engine behind it."""
    still = child("bare", seconds=3 if short else 20)
    with apache_kafka() as broker, tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        topic = broker.make_topic(fresh_name("messages"), partitions=PARTITIONS)
        fill(broker, topic, COUNT // 4 if short else COUNT, size_bytes=400)
        root = Path(folder) / "studio"
        target = broker.make_topic(fresh_name("results"), partitions=PARTITIONS)
        write_pass_through(broker, root, topic=topic, target=target)
        found = child("actions", root=str(root))
    for name, one in found["actions"].items():
        yield next(stalls(f"action: {name}", one, still, with_p99=False))
    cpu_ms = max(one["longest_cpu_ms"] for one in found["actions"].values())
    yield Figure(
        name="the action that took most, in processor time of the thread",
        ours=cpu_ms,
        baseline=still["longest_cpu_ms"],
        unit="ms, an empty window",
        is_count=True,
    )
