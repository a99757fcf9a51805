"""The one thread that writes the run store: whatever waits goes into one transaction, one statement where it can."""

# ruff: noqa: S608 - what is put together are our own names; values are always bound

import logging
import queue
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.engine.ports import FaultError, StoredRun
from kafka_agent_studio.engine.store.damage import is_damage, set_aside
from kafka_agent_studio.engine.store.lookup import seq_of
from kafka_agent_studio.engine.store.rows import WIDTH, RowWriter, day_of, encode_places
from kafka_agent_studio.engine.store.schema import NewerFormatError, open_for_writing
from kafka_agent_studio.model.message import Published
from kafka_agent_studio.model.run import Run

Done = Callable[[BaseException | None], None]
Places = Sequence[tuple[str, tuple[Published, ...]]]

_STEPS = (1, 4, 16, 64, 256)
"""Rows per statement: few different texts, so that SQLite keeps them prepared."""
_REMEMBERED = 20_000
"""Runs whose `seq` is remembered, so that publishing them needs no search."""
_IDLE_AFTER_S = 0.1
_MAX_SHIFT_US = 1 << 32

_log = logging.getLogger(__name__)


class Request(msgspec.Struct, frozen=True):
    """What a caller wants written; `done` is called once, on the writer's thread, with None or what went wrong."""

    done: Done
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
        for request in group:
            request.done(outcome)

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
        places = [p for r in group for p in r.places]
        rows = self._rows.rows(entries, now_us=self._now_us(), shift_us=shift_us)
        statements = _statements(rows)
        is_single = len(statements) == 1 and not places
        if not is_single and (statements or places):
            connection.execute("begin immediate")
        for sql, parameters in statements:
            connection.execute(sql, parameters)
        self._remember(rows)
        if places:
            self._publish(connection, places)
        if connection.in_transaction:
            connection.execute("commit")
        if any(row[8] or row[9] for row in rows):
            self._read_usage(connection)
        for request in group:
            if request.work is not None:
                request.work(connection)

    def _remember(self, rows: list[tuple[Any, ...]]) -> None:
        seqs = self._seqs
        for row in rows:
            seqs[row[1]] = row[0]
        while len(seqs) > _REMEMBERED:
            seqs.popitem(last=False)

    def _publish(self, connection: sqlite3.Connection, places: Places) -> None:
        values: list[Any] = []
        seqs = self._seqs
        for run_id, published in places:
            seq = seqs.get(run_id)
            if seq is None:
                seq = seq_of(connection, run_id)
            if seq is not None:
                values += (seq, encode_places(published))
        done = 0
        for size in _sizes(len(values) // 2):
            connection.execute(_publish_sql(size), values[done : done + 2 * size])
            done += 2 * size

    def _roll_back(self) -> None:
        if self._connection is not None and self._connection.in_transaction:
            try:
                self._connection.execute("rollback")
            except sqlite3.Error as error:
                _log.debug("run store: rollback: %s", error)

    # the file

    def _open_file(self) -> None:
        self._connection = connection = open_for_writing(self._path)
        self._sources.clear()
        self._agents.clear()
        self._seqs.clear()
        self._agents.update(connection.execute("select name, agent_id from agents"))
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


def _sizes(count: int) -> list[int]:
    """Cut `count` into steps, the largest first."""
    sizes = []
    for step in reversed(_STEPS):
        whole, count = divmod(count, step)
        sizes += [step] * whole
    return sizes


def _statements(rows: list[tuple[Any, ...]]) -> list[tuple[str, list[Any]]]:
    statements = []
    begin = 0
    for size in _sizes(len(rows)):
        parameters: list[Any] = []
        for row in rows[begin : begin + size]:
            parameters += row
        statements.append((_intake_sql(size), parameters))
        begin += size
    return statements


def _intake_sql(size: int) -> str:
    row = f"({', '.join('?' * WIDTH)})"
    return f"insert into intake values {', '.join([row] * size)}"


def _publish_sql(size: int) -> str:
    values = ", ".join(["(?, ?)"] * size)
    return (
        "update runs set is_owed = 0, published = new.column2 "
        f"from (values {values}) as new where runs.seq = new.column1"
    )
