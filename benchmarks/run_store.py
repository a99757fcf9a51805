"""What a saved run costs against a bare SQLite insert, and what finding runs costs at 1,000,000 rows against 10,000."""

import asyncio
import gc
import json
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.figures import Figure, in_the_middle, middle
from kafka_agent_studio.api.queries import RunQuery
from kafka_agent_studio.engine.ports import StoredRun
from kafka_agent_studio.engine.run_ids import run_id_for
from kafka_agent_studio.engine.run_store import RunStore
from kafka_agent_studio.model.message import Published, Record
from kafka_agent_studio.model.run import NO_TOKENS, ErrorType, Run, RunError, RunStatus, TokenUsage

SMALL = 10_000
LARGE = 1_000_000
GROUP = 250
ROUNDS = 5
ASKED = 31
"""Times each question is asked; the median counts."""
_NEW_YEAR_US = 1_767_225_600_000_000
_PLACES = (Published("results-out", "order-results", 0, 1),)

# each finds a handful of runs or a full page; rare ones are as rare in numbers, not in share, at both sizes
_QUESTIONS: dict[str, RunQuery] = {
    "list, first page": RunQuery(),
    "status, a full page": RunQuery(status=RunStatus.COMPLETED),
    "status, rare": RunQuery(status=RunStatus.CANCELLED),
    "agent and status, rare": RunQuery(agent="order-processor", status=RunStatus.CANCELLED),
    "connector": RunQuery(connector="orders-in"),
    "key": RunQuery(key="order-4711"),
    "tokens, rare": RunQuery(min_tokens=1_000),
    "time, an hour": RunQuery(started_after_us=_NEW_YEAR_US, started_before_us=_NEW_YEAR_US + 1_000_000),
    "full text, one run": RunQuery(text="needle-4711"),
    "full text, a full page": RunQuery(text="widget"),
    "full text, an incomplete word": RunQuery(text="widg"),
    "full text and status, rare": RunQuery(text="widget", status=RunStatus.CANCELLED),
    "full text, nothing": RunQuery(text="nowhere-to-be-found"),
}


def measure(short: bool) -> Iterator[Figure]:
    """Saving first, then finding in two stores that differ in nothing but length."""
    with tempfile.TemporaryDirectory(prefix="run-store-", dir=Path.cwd() / ".cache") as folder:
        yield from _saving(Path(folder), 5_000 if short else 30_000, 1 if short else ROUNDS)
        yield from _finding(Path(folder), LARGE // 20 if short else LARGE)


def _saving(folder: Path, count: int, rounds: int) -> Iterator[Figure]:
    walls, cpus = [], []
    for number in range(rounds):
        groups = [[_entry(n) for n in range(first, first + GROUP)] for first in range(0, count, GROUP)]
        gc.collect()
        gc.freeze()
        bare = _bare_insert(folder / f"bare-{number}.sqlite3", groups)
        ours = asyncio.run(_save(folder / f"runs-{number}.sqlite3", groups))
        walls.append((ours[0] / count * 1e6, bare[0] / count * 1e6))
        cpus.append((ours[1] / count * 1e6, bare[1] / count * 1e6))
        gc.unfreeze()
    yield in_the_middle("save and publish a run: time against a bare insert", walls, unit="µs")
    yield in_the_middle("save and publish a run: CPU against a bare insert", cpus, unit="µs")


async def _save(path: Path, groups: Sequence[list[StoredRun]]) -> tuple[float, float]:
    store = RunStore.open(path)
    turns = asyncio.Semaphore(4)

    async def one(group: list[StoredRun]) -> None:
        async with turns:
            await store.save(group)
            await store.mark_published([(e.run.run_id, _PLACES) for e in group])

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one(g) for g in groups))
    taken = time.perf_counter() - began, time.process_time() - cpu
    store.close()
    return taken


def _bare_insert(path: Path, groups: Sequence[list[StoredRun]]) -> tuple[float, float]:
    """The same bytes into one table without an index, a transaction a group: what SQLite asks at the very least."""
    rows = [[(e.run.run_id, e.record.value, str(e.run.output)) for e in g if e.record is not None] for g in groups]
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        "pragma journal_mode = wal; pragma synchronous = normal;create table bare(run_id text, value blob, output text)"
    )
    began, cpu = time.perf_counter(), time.process_time()
    for group in rows:
        connection.execute("begin")
        connection.executemany("insert into bare values(?, ?, ?)", group)
        connection.execute("commit")
    taken = time.perf_counter() - began, time.process_time() - cpu
    connection.close()
    return taken


def _finding(folder: Path, large: int) -> Iterator[Figure]:
    times = {size: asyncio.run(_asked(folder / f"{size}" / "runs.sqlite3", size)) for size in (SMALL, large)}
    for question in (*_QUESTIONS, "one run by its id"):
        ours, baseline = times[large][question] * 1e3, times[SMALL][question] * 1e3
        yield Figure(
            name=f"{question}: {large:,} runs against {SMALL:,}",
            ours=ours,
            baseline=baseline,
            unit="ms",
            at_most=2.0,
        )
    shutil.rmtree(folder, ignore_errors=True)


async def _asked(path: Path, size: int) -> dict[str, float]:
    store = RunStore.open(path)
    for first in range(0, size, 2_000):
        await store.save([brief_entry(n) for n in range(first, first + 2_000)])
        if first % 100_000 == 0:
            await store.indexed()
    await store.indexed()
    taken: dict[str, list[float]] = {}
    wanted = _entry(4711).run.run_id
    for _ in range(ASKED):
        for name, query in _QUESTIONS.items():
            began = time.perf_counter()
            await store.list_runs(query)
            taken.setdefault(name, []).append(time.perf_counter() - began)
        began = time.perf_counter()
        await store.get(wanted)
        taken.setdefault("one run by its id", []).append(time.perf_counter() - began)
    store.close()
    return {name: middle(times) for name, times in taken.items()}


def brief_entry(number: int) -> StoredRun:
    """A run as a pipeline saves it, of some 200 bytes, published; each number has its own time."""
    return _entry(number, is_brief=True)


def _entry(number: int, *, is_brief: bool = False) -> StoredRun:
    """A run as a pipeline saves it: 1 KB in, 1 KB out; brief ones have a tenth of that."""
    order = {"order_id": f"needle-{number}", "items": ["widget"] * (8 if is_brief else 100), "total": number * 1.5}
    value = json.dumps(order).encode()
    record = Record("orders", number % 4, number // 4, 1_700_000_000_000 + number, f"order-{number}".encode(), value)
    is_rare = number % 1_000 == 711 and number < SMALL
    began_us = _NEW_YEAR_US + number * 10_000
    run = Run(
        run_id=run_id_for("orders-in", record, "order-processor"),
        agent_name="order-processor",
        status=RunStatus.CANCELLED if is_rare else RunStatus.COMPLETED,
        output=None if is_rare else order,
        error=RunError(ErrorType.CANCELLED, "cancelled by an operator") if is_rare else None,
        started_at_us=began_us,
        ended_at_us=began_us + 900,
        token_usage=TokenUsage(900, 100, 1_000) if is_rare else NO_TOKENS,
        connector="orders-in",
        topic="orders",
        partition=number % 4,
        offset=number // 4,
        timestamp_ms=record.timestamp_ms,
        key=f"order-{number}",
    )
    return StoredRun(run, record=record, is_owed=not is_brief)
