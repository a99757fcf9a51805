"""How far each partition was committed, so that a redelivery can be told from a replay.

What comes again at or after the committed offset was never committed: the process died before, and what is known of it
still holds. What comes again from below was committed once: somebody moved the group back, and wants it done again.
"""

import sqlite3
from collections.abc import Mapping

_FIND = "select committed, valid_from_us from marks where connector = ? and topic = ? and record_partition = ?"
_PUT = "insert or replace into marks values(?, ?, ?, ?, ?)"


def begin_at(
    connection: sqlite3.Connection, *, connector: str, topic: str, partition: int, position: int, now_us: int
) -> int:
    """Note where an assignment begins; returns since when (epoch µs) what is known of runs counts, 0 for always."""
    found = connection.execute(_FIND, (connector, topic, partition)).fetchone()
    committed, valid_from_us = found or (0, 0)
    if position < committed:
        valid_from_us = now_us
    if found is None or position != committed:
        connection.execute(_PUT, (connector, topic, partition, position, valid_from_us))
    return int(valid_from_us)


def note_committed(connection: sqlite3.Connection, *, connector: str, topic: str, offsets: Mapping[int, int]) -> None:
    """Note what the broker acknowledged, per partition the next offset to read."""
    for partition, offset in offsets.items():
        found = connection.execute(_FIND, (connector, topic, partition)).fetchone()
        connection.execute(_PUT, (connector, topic, partition, offset, found[1] if found else 0))
