"""What the store forgets, and when: by age, by size, and payloads that need not stay. Never a result that is owed."""

# ruff: noqa: S608 - what is put together are our own names; values are always bound

import sqlite3
from collections.abc import Callable
from pathlib import Path

from kafka_agent_studio.engine.store.rows import TERMINAL_FROM
from kafka_agent_studio.engine.store.search import add_functions, index_batch
from kafka_agent_studio.model.workspace import Retention

_BATCH = 1_000
_INDEX_BATCH = 256
_DAY_US = 86_400_000_000
_ROOM = 0.9
"""Too large a store is brought down to this part of its size, so that it is not done again at once."""

# runs at work are kept as well: they will be saved again
_OLDEST = (
    f"select seq from runs not indexed where seq < ? and is_owed = 0 and status >= {TERMINAL_FROM} order by seq limit ?"
)
_ORPHANS = """
delete from messages where message_id in (
    select m.message_id from messages as m where m.message_id <= ? and not exists (
        select 1 from runs as r where r.source_id = m.source_id and r.record_offset = m.record_offset)
    limit ?)
"""


class Keeper:
    """Does the store's housekeeping, on the writer's thread."""

    def __init__(self, *, path: Path, now_us: Callable[[], int], retention: Retention) -> None:
        self._path = path
        self._now_us = now_us
        self._retention = retention

    def work_idly(self, connection: sqlite3.Connection) -> bool:
        """Index some runs; returns whether more is to do."""
        add_functions(connection)
        return index_batch(connection, _INDEX_BATCH)

    def enforcing(self, retention: Retention) -> Callable[[sqlite3.Connection], None]:
        """Return the work that enforces a retention from now on."""

        def enforce(connection: sqlite3.Connection) -> None:
            self._retention = retention

        return enforce
