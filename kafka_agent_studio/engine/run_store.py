"""The run store: what every run did, durable before its result leaves, and found again in a moment.

SQLite in WAL mode. One thread writes (store/writer.py), another reads (store/reader.py, store/listing.py), the event
loop waits for neither; other processes may read beside them.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.api.queries import RunPage, RunQuery
from kafka_agent_studio.engine.ports import FaultError, StoredRun
from kafka_agent_studio.engine.store import marks
from kafka_agent_studio.engine.store.damage import is_damage
from kafka_agent_studio.engine.store.listing import Listing
from kafka_agent_studio.engine.store.marks import begin_at
from kafka_agent_studio.engine.store.reader import get_run, owed_runs, runs_from
from kafka_agent_studio.engine.store.retention import Keeper
from kafka_agent_studio.engine.store.rows import day_of
from kafka_agent_studio.engine.store.schema import open_for_reading
from kafka_agent_studio.engine.store.writer import Places, Request, StoreWriter
from kafka_agent_studio.model.message import Published
from kafka_agent_studio.model.run import RunDetail
from kafka_agent_studio.model.workspace import Retention

ResultT = TypeVar("ResultT")

STORE_FILE = "runs.sqlite3"
"""The store's name in a state folder."""

_log = logging.getLogger(__name__)


def _now_us() -> int:
    return time.time_ns() // 1000


class RunStoreReader:
    """Looks at a store: a file of this process or another's, on a read-only disk, or not there at all (no runs)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="run-store-reader")
        self._is_stale = False

    async def list_runs(self, query: RunQuery) -> RunPage:
        """Return one page of runs, newest first. Raises: ValueError for a cursor that is none; FaultError."""
        page = await self._read(lambda c: Listing(c, query).page())
        return RunPage((), None) if page is None else page

    async def get(self, run_id: str) -> RunDetail | None:
        """Return the whole of a run; None where it is not (or no longer) known. Raises: FaultError."""
        return await self._read(lambda c: get_run(c, run_id))

    async def known_runs(self, connector: str, topic: str, partition: int, from_offset: int) -> dict[str, StoredRun]:
        """Return the runs of messages at or after an offset, by run id; of settled ones without their output."""
        return await self._read(lambda c: runs_from(c, connector, topic, partition, from_offset)) or {}

    async def owed(self, connector: str) -> dict[str, StoredRun]:
        """Return the runs of a connector whose results are not published yet, by run id."""
        return await self._read(lambda c: owed_runs(c, connector)) or {}

    def close(self) -> None:
        """End the thread and what it reads; safe to call twice."""
        connection = self._connection
        if connection is not None:
            connection.interrupt()
        self._pool.shutdown(wait=True, cancel_futures=True)
        if connection is not None:
            connection.close()
            self._connection = None

    def forget_file(self) -> None:
        """Open the file anew at the next question, since another took its place; from any thread."""
        self._is_stale = True

    def on_damage(self, error: sqlite3.Error) -> None:
        """Hear that the file is damaged; a reader alone can only say so."""

    async def _read(self, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT | None:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._read_now, work)

    def _read_now(self, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT | None:
        try:
            connection = self._open_connection()
            return None if connection is None else work(connection)
        except sqlite3.Error as error:
            if is_damage(error):
                self.on_damage(error)
            raise _unreadable(self.path, error) from error

    def _open_connection(self) -> sqlite3.Connection | None:
        if self._is_stale and self._connection is not None:
            self._connection.close()
            self._connection = None
        self._is_stale = False
        if self._connection is None and self.path.exists():
            self._connection = open_for_reading(self.path)
        return self._connection


class RunStore(RunStoreReader):
    """The engine's own store; a RunStoreWriter.

    `on_fault` is called on a thread of the store, `on_saved` with what was saved on the event loop.
    """

    def __init__(
        self,
        path: Path,
        *,
        now_us: Callable[[], int] = _now_us,
        on_fault: Callable[[Fault], None] = lambda _: None,
        on_saved: Callable[[Sequence[StoredRun]], None] | None = None,
        retention: Retention | None = None,
    ) -> None:
        super().__init__(path)
        self._on_saved = on_saved
        self._now_us = now_us
        self._keeper = Keeper(path=path, now_us=now_us, retention=retention or Retention())
        self._writer = StoreWriter(
            path=path, now_us=now_us, on_fault=on_fault, on_replaced=self.forget_file, idle_work=self._keeper.work_idly
        )

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        now_us: Callable[[], int] = _now_us,
        on_fault: Callable[[Fault], None] = lambda _: None,
        on_saved: Callable[[Sequence[StoredRun]], None] | None = None,
        retention: Retention | None = None,
    ) -> Self:
        """Open the store, making file and folder where they are missing; blocks shortly. Raises: FaultError."""
        store = cls(path, now_us=now_us, on_fault=on_fault, on_saved=on_saved, retention=retention)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            store._writer.open()
        except OSError as error:
            raise FaultError(Fault(FaultCode.STORE_FULL, {"path": str(path), "detail": str(error)})) from error
        return store

    def close(self) -> None:
        """Write what was asked for, end both threads; blocks shortly, safe to call twice."""
        super().close()
        self._writer.close()

    async def save(self, entries: Sequence[StoredRun]) -> None:
        """Insert or replace runs, durable against kill -9 when it returns. Raises: FaultError(STORE_FULL)."""
        await self._write(runs=entries)
        if self._on_saved is not None:
            self._on_saved(entries)

    async def mark_published(self, entries: Places) -> None:
        """The results of these run ids are acknowledged: no longer owed. Raises: FaultError(STORE_FULL)."""
        await self._write(places=entries)

    async def known_runs(self, connector: str, topic: str, partition: int, from_offset: int) -> dict[str, StoredRun]:
        """Return the runs of messages at or after an offset, by run id, as an assignment begins there.

        Where the group was moved back, what was settled before that does not count: the messages are to run again.
        """
        valid_from_us = 0

        def begin(connection: sqlite3.Connection) -> None:
            nonlocal valid_from_us
            valid_from_us = begin_at(
                connection,
                connector=connector,
                topic=topic,
                partition=partition,
                position=from_offset,
                now_us=self._now_us(),
            )

        await self._write(work=begin)
        known = await super().known_runs(connector, topic, partition, from_offset)
        if not valid_from_us:
            return known
        return {i: k for i, k in known.items() if k.is_owed or (k.run.ended_at_us or 0) >= valid_from_us}

    def note_committed(self, connector: str, topic: str, offsets: Mapping[int, int]) -> None:
        """The broker acknowledged a commit; quick, written when there is time, never raises."""

        def note(connection: sqlite3.Connection) -> None:
            marks.note_committed(connection, connector=connector, topic=topic, offsets=offsets)

        self._writer.put(Request(work=note))

    async def enforce_retention(self, retention: Retention, *, connectors: Collection[str] = ()) -> None:
        """Forget what is too old or too much. Raises: FaultError(STORE_FULL).

        Never a result that is owed, nor a run that one of these inbound connectors has not committed: it would run
        again after a crash.
        """
        self._keeper.retention = retention
        self._keeper.connectors = connectors
        self._keeper.has_more = True
        while self._keeper.has_more:
            await self._write(work=self._keeper.enforce)

    async def indexed(self) -> None:
        """Return when every run that can be indexed is; listing knows the others as well, only slower."""
        self._keeper.has_idle_work = True
        while self._keeper.has_idle_work:
            await self._write(work=self._keeper.index)

    def usage_today(self) -> tuple[int, float]:
        """Return tokens and cost (US dollars) used since midnight UTC."""
        day, tokens, cost = self._writer.usage
        return (tokens, cost) if day == day_of(self._now_us()) else (0, 0.0)

    def on_damage(self, error: sqlite3.Error) -> None:
        """Have the writer set the file aside."""
        file_number = self._writer.file_number

        def report(_: sqlite3.Connection) -> None:
            # once: the file that the writer has by then may be a new one
            if self._writer.file_number == file_number:
                raise error

        self._writer.put(Request(work=report))

    async def _write(
        self,
        *,
        runs: Sequence[StoredRun] = (),
        places: Sequence[tuple[str, tuple[Published, ...]]] = (),
        work: Callable[[sqlite3.Connection], None] | None = None,
    ) -> None:
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._writer.put(Request(written=written, runs=runs, places=places, work=work))
        await written


def _unreadable(path: Path, error: sqlite3.Error) -> FaultError:
    if is_damage(error):
        return FaultError(Fault(FaultCode.STORE_DAMAGED, {"path": str(path), "set_aside": ""}))
    return FaultError(Fault(FaultCode.STORE_FULL, {"path": str(path), "detail": str(error)}))
