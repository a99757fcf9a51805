"""The window at full load: how long its thread stalls, what it costs the engine, and whether its memory grows."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, in_the_middle
from benchmarks.pipeline import PARTITIONS, apache_kafka, fill, fresh_name, write_pass_through
from tests.helpers.studio import StudioBroker

RATE_PER_S = 10_000
SECONDS = 60
ROUNDS = 3
COUNT = 120_000
"""Some twenty seconds: most of it with all pages made."""
VALUE_BYTES = 20_000_000
_LONGEST_MS, _P99_MS = 50.0, 16.0


def measure(short: bool) -> Iterator[Figure]:
    """Each in a process of its own; the stalls of an empty window beside them say what the machine itself does."""
    still = child("bare", seconds=3 if short else 20)
    seconds = 12 if short else SECONDS
    yield from _live(child("live", rate_per_s=RATE_PER_S, seconds=seconds), still, seconds)
    value = child("value", size_bytes=VALUE_BYTES)
    yield from stalls(f"opening a value of {value['size_bytes'] / 1e6:.0f} MB", value, still, with_p99=False)
    yield from _engine(10_000 if short else COUNT, 1 if short else ROUNDS)


def child(scenario: str, **arguments: Any) -> dict[str, Any]:
    """Return what a process with a window found. Raises: RuntimeError with what it said where it failed."""
    root = Path(__file__).parents[1]
    environ = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(root)}
    command = [sys.executable, "-m", "benchmarks.window_process", scenario, json.dumps(arguments)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=180)
    if done.returncode:
        raise RuntimeError(f"{scenario} ended with {done.returncode}: {done.stderr[-2000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def stalls(name: str, found: dict[str, Any], still: dict[str, Any], *, with_p99: bool) -> Iterator[Figure]:
    """Yield the longest stall and the 99th percentile, and beside them the processor time that the thread used."""
    wanted: list[tuple[str, str, float | None]] = [("longest stall", "longest_ms", _LONGEST_MS)]
    wanted += [("p99 of stalls", "p99_ms", _P99_MS)] if with_p99 else []
    wanted += [("longest, in processor time of the thread", "longest_cpu_ms", None)]
    for what, key, most in wanted:
        yield Figure(
            name=f"{name}: {what}",
            ours=found[key],
            baseline=still[key],
            unit="ms, an empty window",
            at_most=most,
            is_count=True,
        )


def _live(found: dict[str, Any], still: dict[str, Any], seconds: float) -> Iterator[Figure]:
    yield from stalls(f"{RATE_PER_S:,} messages/s, live page", found, still, with_p99=True)
    yield Figure(
        name=f"memory after {seconds:g} s of that against after {seconds / 6:g} s",
        ours=found["last_mb"],
        baseline=found["first_mb"],
        unit="MB",
        at_most=1.1,
    )
    yield Figure(
        name="messages that the window took in against those that were said",
        ours=found["seen"],
        baseline=found["said"],
        unit="messages",
    )


def _engine(count: int, rounds: int) -> Iterator[Figure]:
    """Yield what the engine passes on with the window open and without, in turn, from one topic."""
    pairs = []
    with apache_kafka() as broker:
        topic = broker.make_topic(fresh_name("messages"), partitions=PARTITIONS)
        fill(broker, topic, count)
        for _ in range(rounds):
            alone = _passed(broker, topic, count, "headless")
            pairs.append((_passed(broker, topic, count, "with_window"), alone))
    yield in_the_middle(
        "engine with the window open on its live page against headless", pairs, unit="messages/s", at_least=0.8
    )


def _passed(broker: StudioBroker, topic: str, count: int, scenario: str) -> float:
    target = broker.make_topic(fresh_name("results"), partitions=PARTITIONS)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        root = Path(folder) / "studio"
        write_pass_through(broker, root, topic=topic, target=target)
        return float(child(scenario, root=str(root), count=count)["rate_per_s"])
