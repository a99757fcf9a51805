"""The one thread that writes the run store: whatever waits goes into one transaction, one statement where it can."""

# ruff: noqa: S608 - what is put together are our own names; values are always bound

import asyncio
import contextlib
import logging
import queue
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.engine.ports import FaultError, StoredRun
from kafka_agent_studio.engine.store.damage import is_damage, set_aside
from kafka_agent_studio.engine.store.lookup import seq_of
from kafka_agent_studio.engine.store.rows import WIDTH, RowWriter, day_of, publish_row
from kafka_agent_studio.engine.store.schema import NewerFormatError, open_for_writing
from kafka_agent_studio.engine.store.search import add_functions
from kafka_agent_studio.model.message import Published
from kafka_agent_studio.model.run import Run

Places = Sequence[tuple[str, tuple[Published, ...]]]

_SIZES = (1, 4, 16, 64, 128, 256, 512, 1024)
"""Rows per statement, the rest left empty: few different texts, so that SQLite keeps them prepared."""
_REMEMBERED = 20_000
"""Runs whose `seq` is remembered, so that publishing them needs no search."""
_IDLE_AFTER_S = 0.1
_MAX_SHIFT_US = 1 << 32

_log = logging.getLogger(__name__)


class Request(msgspec.Struct, frozen=True):
    """What a caller wants written; `written` is settled on its own loop, None where nobody waits."""

    written: "asyncio.Future[None] | None" = None
    runs: Sequence[StoredRun] = ()
    places: Places = ()
    work: Callable[[sqlite3.Connection], None] | None = None


class StoreWriter:
    """Owns the writing connection and its thread. `idle_work` does a little and returns whether more is to do."""

    def __init__(
        self,
        *,
        path: Path,
        now_us: Callable[[], int],
        on_fault: Callable[[Fault], None],
        on_replaced: Callable[[], None],
        idle_work: Callable[[sqlite3.Connection], bool],
    ) -> None:
        self._path = path
        self._now_us = now_us
        self._on_fault = on_fault
        self._on_replaced = on_replaced
        self._idle_work = idle_work
        self._requests: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._connection: sqlite3.Connection | None = None
        self._thread = threading.Thread(target=self._run, name="run-store-writer", daemon=True)
        self._rows = RowWriter(source_id=self._source_id, agent_id=self._agent_id)
        self._sources: dict[tuple[str, str, int], tuple[int, int]] = {}
        self._agents: dict[str, int] = {}
        self._seqs: OrderedDict[str, int] = OrderedDict()
        self.usage: tuple[int, int, float] = (0, 0, 0.0)
        """UTC day, and tokens and cost used on it so far."""
        self.file_number = 0
        """Grows with every file that is opened."""

    def open(self) -> None:
        """Open the file and start the thread; blocks shortly. Raises: FaultError."""
        try:
            self._open_file()
        except sqlite3.Error as error:
            if not is_damage(error):
                raise self._trouble(error) from error
            self._replace_file(error)
        except NewerFormatError as error:
            detail = f"{self._path}: {error}; use that version, or move the file away"
            raise FaultError(Fault(FaultCode.INTERNAL, {"detail": detail}), is_fatal=True) from error
        self._thread.start()

    def put(self, request: Request) -> None:
        """Queue a request; from any thread."""
        self._requests.put(request)

    def close(self) -> None:
        """Write what is queued, end the thread, close the file; blocks shortly."""
        if self._thread.ident is not None:
            self._requests.put(None)
            self._thread.join()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    # the thread

    def _run(self) -> None:
        wait_s: float | None = _IDLE_AFTER_S
        while True:
            try:
                first = self._requests.get(timeout=wait_s)
            except queue.Empty:
                wait_s = 0.0 if self._work_idly() else None
                continue
            group, is_last = self._gather(first)
            self._write(group)
            if is_last:
                return
            wait_s = _IDLE_AFTER_S

    def _gather(self, first: Request | None) -> tuple[list[Request], bool]:
        """Take all that waits; the second value says that the end was among it."""
        group: list[Request] = []
        request = first
        while request is not None:
            group.append(request)
            try:
                request = self._requests.get_nowait()
            except queue.Empty:
                return group, False
        return group, True

    def _work_idly(self) -> bool:
        if self._connection is None:
            return False
        try:
            return self._idle_work(self._connection)
        except sqlite3.Error as error:
            self._roll_back()
            _log.warning("run store: %s", error)
            if is_damage(error):
                self._try_to_replace(error)
            return False

    def _write(self, group: list[Request]) -> None:
        error = self._attempt(group)
        if isinstance(error, sqlite3.Error) and is_damage(error) and self._try_to_replace(error):
            error = self._attempt(group)
        outcome = self._trouble(error) if isinstance(error, (sqlite3.Error, OSError)) else error
        _settle_all(group, outcome)

    def _attempt(self, group: list[Request]) -> Exception | None:
        """Write a group in one transaction; returns what went wrong, and then nothing of it was written."""
        shift_us = 0
        while True:
            try:
                if self._connection is None:
                    self._open_file()
                self._transact(group, shift_us)
            except sqlite3.IntegrityError as error:
                # places in the list that are taken, by runs of the very same microsecond
                self._roll_back()
                shift_us = shift_us * 2 or 1
                if shift_us > _MAX_SHIFT_US:
                    return error
            except Exception as error:  # noqa: BLE001 - the callers get it, the thread lives on
                self._roll_back()
                return error
            else:
                return None

    def _transact(self, group: list[Request], shift_us: int) -> None:
        connection = self._connection
        if connection is None:
            raise sqlite3.ProgrammingError("the run store is closed")
        entries = [e for r in group for e in r.runs] if len(group) > 1 else group[0].runs
        rows = self._rows.rows(entries, now_us=self._now_us(), shift_us=shift_us)
        self._remember(rows)
        used_tokens = any(row[8] or row[9] for row in rows)
        published = self._by_seq(connection, group)
        if published:
            rows.append(publish_row(published))
        statements = _statements(rows)
        if len(statements) > 1:
            connection.execute("begin immediate")
        for sql, parameters in statements:
            connection.execute(sql, parameters)
        if len(statements) > 1:
            connection.execute("commit")
        if used_tokens:
            self._read_usage(connection)
        for request in group:
            if request.work is not None:
                request.work(connection)

    def _remember(self, rows: list[tuple[Any, ...]]) -> None:
        seqs = self._seqs
        for row in rows:
            seqs[row[1]] = row[0]
        for _ in range(len(seqs) - _REMEMBERED):
            seqs.popitem(last=False)

    def _by_seq(self, connection: sqlite3.Connection, group: list[Request]) -> dict[int, tuple[Published, ...]]:
        """Return where results landed, by the `seq` of their runs; runs that are not known are left out."""
        published = {}
        for request in group:
            for run_id, places in request.places:
                seq = self._seqs.get(run_id) or seq_of(connection, run_id)
                if seq is not None:
                    published[seq] = places
        return published

    def _roll_back(self) -> None:
        if self._connection is not None and self._connection.in_transaction:
            try:
                self._connection.execute("rollback")
            except sqlite3.Error as error:
                _log.debug("run store: rollback: %s", error)

    # the file

    def _open_file(self) -> None:
        self._connection = connection = open_for_writing(self._path)
        self.file_number += 1
        self._sources.clear()
        self._agents.clear()
        self._seqs.clear()
        self._agents.update(connection.execute("select name, agent_id from agents"))
        # what is owed will be published soon, and is found by its id then
        self._seqs.update(connection.execute("select run_id, seq from runs where is_owed = 1"))
        add_functions(connection)
        self._read_usage(connection)

    def _replace_file(self, error: sqlite3.Error) -> None:
        _log.error("run store %s is damaged: %s", self._path, error)
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        aside = set_aside(self._path, now_us=self._now_us())
        self._open_file()
        self._on_replaced()
        self._on_fault(Fault(FaultCode.STORE_DAMAGED, {"path": str(self._path), "set_aside": str(aside)}))

    def _try_to_replace(self, error: sqlite3.Error) -> bool:
        try:
            self._replace_file(error)
        except (sqlite3.Error, OSError) as second:
            _log.error("run store %s: %s", self._path, second)
            return False
        return True

    def _trouble(self, error: Exception) -> FaultError:
        return FaultError(Fault(FaultCode.STORE_FULL, {"path": str(self._path), "detail": str(error)}))

    def _read_usage(self, connection: sqlite3.Connection) -> None:
        day = day_of(self._now_us())
        found = connection.execute("select tokens, cost from daily where day = ?", (day,)).fetchone()
        self.usage = (day, 0, 0.0) if found is None else (day, int(found[0]), float(found[1]))

    def _source_id(self, run: Run) -> tuple[int, int]:
        place = (run.connector, run.topic, run.partition)
        known = self._sources.get(place)
        if known is None:
            known = self._sources[place] = (
                self._number("sources", "source_id", "connector, topic, record_partition", place),
                self._number("connectors", "connector_id", "name", (run.connector,)),
            )
        return known

    def _agent_id(self, name: str) -> int:
        known = self._agents.get(name)
        if known is None:
            known = self._agents[name] = self._number("agents", "agent_id", "name", (name,))
        return known

    def _number(self, table: str, id_column: str, columns: str, values: tuple[Any, ...]) -> int:
        """Return the number of a name, giving it one where it has none; in its own transaction, since it is kept."""
        connection = self._connection
        if connection is None:
            raise sqlite3.ProgrammingError("the run store is closed")
        marks = ", ".join("?" * len(values))
        connection.execute(f"insert or ignore into {table}({columns}) values({marks})", values)
        found = connection.execute(
            f"select {id_column} from {table} where ({columns}) = ({marks})",
            values,
        )
        return int(found.fetchone()[0])


def _statements(rows: list[tuple[Any, ...]]) -> list[tuple[str, list[Any]]]:
    statements = []
    for begin in range(0, len(rows), _SIZES[-1]):
        part = rows[begin : begin + _SIZES[-1]]
        size = next(s for s in _SIZES if s >= len(part))
        parameters: list[Any] = []
        for row in part:
            parameters += row
        parameters += [0] * (WIDTH * (size - len(part)))
        statements.append((_intake_sql(size), parameters))
    return statements


@cache
def _intake_sql(size: int) -> str:
    row = f"({', '.join('?' * WIDTH)})"
    return f"insert into intake select * from (values {', '.join([row] * size)}) where column1 <> 0"


def _settle_all(group: list[Request], outcome: Exception | None) -> None:
    """Settle what callers wait for, with one wake-up per event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
    for request in group:
        if request.written is not None:
            by_loop.setdefault(request.written.get_loop(), []).append(request.written)
    for loop, futures in by_loop.items():
        # a loop that is closed has nobody left who waits
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, futures, outcome)


def _settle(futures: "list[asyncio.Future[None]]", outcome: Exception | None) -> None:
    for future in futures:
        if future.done():
            continue
        if outcome is None:
            future.set_result(None)
        else:
            future.set_exception(outcome)
