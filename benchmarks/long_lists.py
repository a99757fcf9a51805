"""A run with 5,000 spans opened, a list of 1,000,000 runs scrolled through: how long each keeps the window's thread.

The engine behind the window is the real one, on a run store that holds them. Beside each figure is the same with a run
of 5 spans, or a list of 10,000 runs; those of processor time leave out what other processes take from this one.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import thread_time
from typing import Any

import msgspec
from PySide6.QtWidgets import QApplication, QTableView

from benchmarks.figures import Figure, middle
from benchmarks.run_store import brief_entry
from benchmarks.window import child
from kafka_agent_studio.engine.ports import StoredRun
from kafka_agent_studio.engine.run_store import STORE_FILE, RunStore
from kafka_agent_studio.gui.models.run_table import RunTableModel
from kafka_agent_studio.gui.theme import Theme, ThemeChoice
from kafka_agent_studio.model.run import Span, SpanKind, TokenUsage

SMALL, LARGE = 10_000, 1_000_000
SPANS, FEW_SPANS = 5_000, 5
OPENED = 6
"""Runs of each length, opened one after the other; the median counts."""
LOADED = 200_000
"""Runs that somebody scrolled down to in a sorted table."""
PAGE, MERGED = 200, 15
_GROUP = 2_000
_LONGEST_MS = 50.0


def measure(short: bool) -> Iterator[Figure]:
    """Each in a process of its own, on a workspace of its own."""
    with tempfile.TemporaryDirectory(prefix="long-lists-", dir=Path.cwd() / ".cache") as folder:
        large = LARGE // 20 if short else LARGE
        small_root, large_root = (_workspace(Path(folder) / str(size), size) for size in (SMALL, large))
        found = child("open_runs", root=str(large_root), long=_ids("long"), brief=_ids("brief"))
        yield from _figures(
            f"opening a run of {SPANS:,} spans against one of {FEW_SPANS}", found["long"], found["brief"]
        )
        ours, baseline = (child("scroll", root=str(root))["steps"] for root in (large_root, small_root))
        yield from _figures(f"scrolling on in {large:,} runs against {SMALL:,}", ours, baseline)
        shutil.rmtree(folder, ignore_errors=True)
    loaded = LOADED // 20 if short else LOADED
    yield Figure(
        name=f"a page more in a sorted table of {loaded:,} runs against {PAGE * 10:,}",
        ours=_merged_ms(loaded),
        baseline=_merged_ms(PAGE * 10),
        unit="ms of processor time, median",
        at_most=_LONGEST_MS,
        is_count=True,
    )


def _merged_ms(loaded: int) -> float:
    """Return what a table that is sorted by how long runs took needs for a page of older ones."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    model = RunTableModel(theme=Theme(application=application, choice=ThemeChoice.LIGHT))
    table = QTableView()
    table.setModel(model)
    runs = [brief_entry(number).run for number in range(loaded + PAGE * MERGED)]
    runs = [
        msgspec.structs.replace(run, ended_at_us=(run.started_at_us or 0) + at * 7_919 % 9_000)
        for at, run in enumerate(runs)
    ]
    model.add_older(runs[:loaded])
    model.sort([column.key for column in model.columns].index("duration"))
    taken = []
    for first in range(loaded, len(runs), PAGE):
        began_s = thread_time()
        model.add_older(runs[first : first + PAGE])
        taken.append((thread_time() - began_s) * 1_000)
    return middle(taken)


def _figures(name: str, ours: list[dict[str, float]], baseline: list[dict[str, float]]) -> Iterator[Figure]:
    for what, key, most in (
        ("longest stall", "longest_ms", _LONGEST_MS),
        ("longest, in processor time of the thread", "longest_cpu_ms", None),
    ):
        yield Figure(
            name=f"{name}: {what}",
            ours=middle([one[key] for one in ours]),
            baseline=middle([one[key] for one in baseline]),
            unit="ms, median",
            at_most=most,
            is_count=True,
        )


def _ids(kind: str) -> list[str]:
    return [f"{kind}-{number}" for number in range(OPENED)]


def _workspace(root: Path, size: int) -> Path:
    """Write a workspace that does nothing, and the runs it is said to have done."""
    state = root / ".studio"
    state.mkdir(parents=True)
    (root / "studio.yaml").write_text("name: long\nretention: {days: 100000, size_mb: 100000}\n")
    asyncio.run(_fill(state / STORE_FILE, size))
    return root


async def _fill(path: Path, size: int) -> None:
    store = RunStore.open(path)
    for first in range(0, size, _GROUP):
        await store.save([brief_entry(number) for number in range(first, first + _GROUP)])
        if first % 100_000 == 0:
            await store.indexed()
    for kind, count in (("long", SPANS), ("brief", FEW_SPANS)):
        await store.save([_with_spans(run_id, size + at, count) for at, run_id in enumerate(_ids(kind))])
    await store.indexed()
    store.close()


def _with_spans(run_id: str, number: int, count: int) -> StoredRun:
    """A conversation: a model's requests and the calls of its tools in turn, each with what went in and came out."""
    entry = brief_entry(number)
    began_us = entry.run.started_at_us or 0
    spans = tuple(
        Span(
            span_id=str(at),
            parent_id=None,
            kind=SpanKind.TOOL if at % 2 else SpanKind.MODEL,
            name="orders.validate_order" if at % 2 else "gemini/gemini-2.5-flash",
            started_at_us=began_us + at * 1_000,
            ended_at_us=began_us + at * 1_000 + 900,
            input={"order_id": f"order-{at}", "items": ["widget"] * 3},
            output={"ok": True},
            token_usage=TokenUsage(90, 10, 100),
            cost=0.0001,
        )
        for at in range(count)
    )
    ended_us = began_us + count * 1_000
    run: Any = msgspec.structs.replace(entry.run, run_id=run_id, ended_at_us=ended_us)
    return msgspec.structs.replace(entry, run=run, spans=spans)
