"""What the store forgets, and when: by age, by size, and payloads that need not stay. Never a result that is owed.

A step is short, so that saving never waits for long; whoever enforces repeats it until nothing is left to do.
"""

import sqlite3
from collections.abc import Callable, Collection
from pathlib import Path

import msgspec

from kafka_agent_studio.engine.store.rows import DAY_US, TERMINAL_FROM, forgetful, seq_at
from kafka_agent_studio.engine.store.schema import BUSY_TIMEOUT_MS
from kafka_agent_studio.engine.store.search import drop_blocks, forget_all, has_payloads, index_runs
from kafka_agent_studio.model.workspace import Retention

_BATCH = 500
_LARGE_BATCH = 50
"""Runs removed per step for their size: few, since each may be large and no more should go than must."""
_INDEX_BATCH = 256
_ROOM = 0.9
"""A store grown too large is brought down to this part of its size, so that it is not done again at once."""
_MAX_WAL = 0.05
_MAX_FREE = 0.25
"""More free pages than this part of the file are given back to the disk."""

# what is not committed comes again after a crash, and has to be known then as finished
_IS_COMMITTED = """
not exists (
    select 1 from sources as s join marks as m on m.connector = s.connector and m.topic = s.topic
        and m.record_partition = s.record_partition
    where s.source_id = runs.source_id and runs.record_offset >= m.committed
        and s.connector in (select value from json_each(:connectors)))
"""
_EXPIRED = f"""
select seq from runs not indexed where seq < :end and is_owed = 0 and {_IS_COMMITTED} order by seq limit :limit
"""  # noqa: S608
# runs at work are saved again soon: they stay
_OLDEST = f"""
select seq from runs not indexed where is_owed = 0 and status >= {TERMINAL_FROM} and {_IS_COMMITTED}
order by seq limit :limit
"""  # noqa: S608
_ORPHANS = """
delete from messages where message_id in (
    select m.message_id from messages as m where m.message_id <= :last and not exists (
        select 1 from runs as r where r.source_id = m.source_id and r.record_offset = m.record_offset
        and r.timestamp_ms = m.timestamp_ms) limit :limit)
"""
_SETTLED = f"""
select json_group_array(seq) from (
    select u.seq from unindexed as u cross join runs as r on r.seq = u.seq
    where r.is_owed = 0 and r.status >= {TERMINAL_FROM} order by u.seq desc limit :limit)
"""  # noqa: S608
_NEWEST = "select json_group_array(seq) from (select seq from unindexed order by seq desc limit :limit)"
_FORGET_MESSAGES = f"""
delete from messages where message_id in (
    select m.message_id from json_each(:seqs) as j cross join runs as r on r.seq = j.value
    join messages as m on m.source_id = r.source_id and m.record_offset = r.record_offset
        and m.timestamp_ms = r.timestamp_ms
    where not exists (
        select 1 from runs as o where o.source_id = m.source_id and o.record_offset = m.record_offset
        and o.timestamp_ms = m.timestamp_ms and (o.is_owed = 1 or o.status < {TERMINAL_FROM})))
"""  # noqa: S608


class Keeper:
    """Does the store's housekeeping, on the writer's thread."""

    def __init__(self, *, path: Path, now_us: Callable[[], int], retention: Retention) -> None:
        self._path = path
        self._now_us = now_us
        self._is_shrinking = False
        self.retention = retention
        self.connectors: Collection[str] = ()
        """Inbound connectors that there are: what they have not committed stays."""
        self.has_more = False
        """Whether the last `enforce` left something to do."""
        self.has_idle_work = False

    def index(self, connection: sqlite3.Connection) -> None:
        """Do one step of the idle work now; `has_idle_work` says whether there is more."""
        self.has_idle_work = self.work_idly(connection)

    def work_idly(self, connection: sqlite3.Connection) -> bool:
        """Index some runs, forgetting their payloads first where those are not to stay; returns whether more wait."""
        keeps_payloads = self.retention.payloads
        if not keeps_payloads and has_payloads(connection):
            forget_all(connection)
        chosen = _NEWEST if keeps_payloads else _SETTLED
        text = str(connection.execute(chosen, {"limit": _INDEX_BATCH}).fetchone()[0])
        seqs = msgspec.json.decode(text, type=list[int])
        if not seqs:
            return False
        if not keeps_payloads:
            self._forget_payloads(connection, seqs, text)
        index_runs(connection, seqs, with_payloads=keeps_payloads)
        return True

    def enforce(self, connection: sqlite3.Connection) -> None:
        """Do one short step of what the retention asks for."""
        end_seq = seq_at(self._now_us() - round(self.retention.days * DAY_US))
        gone = self._remove(connection, _EXPIRED, _BATCH, end_seq)
        limit_bytes = self.retention.size_mb * 1_000_000
        if not gone:
            self._empty_wal(connection, limit_bytes)
            used_bytes = self._used_bytes(connection)
            self._is_shrinking = used_bytes > (limit_bytes * _ROOM if self._is_shrinking else limit_bytes)
            if self._is_shrinking:
                gone = self._remove(connection, _OLDEST, _LARGE_BATCH, end_seq)
                self._is_shrinking = gone > 0
        self.has_more = gone > 0
        if not gone:
            drop_blocks(connection)
            self.has_more = self._give_back(connection, limit_bytes)

    def _remove(self, connection: sqlite3.Connection, chosen: str, limit: int, end_seq: int) -> int:
        connectors = msgspec.json.encode(list(self.connectors)).decode()
        parameters: dict[str, int | str] = {"end": end_seq, "limit": limit, "connectors": connectors}
        seqs, last, count = connection.execute(
            f"select json_group_array(seq), max(seq), count(*) from ({chosen})",  # noqa: S608
            parameters,
        ).fetchone()
        if count:
            parameters |= {"last": last, "seqs": seqs}
            connection.execute("begin immediate")
            connection.execute("delete from runs where seq in (select value from json_each(:seqs))", parameters)
            connection.execute(_ORPHANS, parameters)
            connection.execute("commit")
        return int(count)

    def _forget_payloads(self, connection: sqlite3.Connection, seqs: list[int], text: str) -> None:
        connection.execute("begin immediate")
        for seq in seqs:
            run, spans = connection.execute("select run, spans from bodies where seq = ?", (seq,)).fetchone()
            connection.execute("update bodies set run = ?, spans = ? where seq = ?", (*forgetful(run, spans), seq))
        connection.execute(_FORGET_MESSAGES, {"seqs": text})
        connection.execute("commit")

    def _used_bytes(self, connection: sqlite3.Connection) -> int:
        pages, free, size_bytes = self._pages(connection)
        return (pages - free) * size_bytes + self._wal_bytes()

    def _give_back(self, connection: sqlite3.Connection, limit_bytes: float) -> bool:
        """Return free pages to the disk, where they are many or the file is too large; True: there are more."""
        pages, free, size_bytes = self._pages(connection)
        is_too_large = pages * size_bytes + self._wal_bytes() > limit_bytes
        if free and (is_too_large or free > pages * _MAX_FREE):
            connection.execute(f"pragma incremental_vacuum({_BATCH})").fetchall()
            if self._pages(connection)[1] < free:
                return True
        self._empty_wal(connection, limit_bytes)
        return False

    def _empty_wal(self, connection: sqlite3.Connection, limit_bytes: float) -> None:
        """Move the WAL into the file where it takes a good part of what is allowed, unless a reader needs it."""
        if self._wal_bytes() > limit_bytes * _MAX_WAL:
            connection.execute("pragma busy_timeout = 100")
            connection.execute("pragma wal_checkpoint(truncate)").fetchall()
            connection.execute(f"pragma busy_timeout = {BUSY_TIMEOUT_MS}")

    @staticmethod
    def _pages(connection: sqlite3.Connection) -> tuple[int, int, int]:
        pages, free, size_bytes = (
            int(connection.execute(f"pragma {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        )
        return pages, free, size_bytes

    def _wal_bytes(self) -> int:
        try:
            return self._path.with_name(self._path.name + "-wal").stat().st_size
        except FileNotFoundError:
            return 0
