"""Which errors of SQLite mean a damaged file, and putting such a file aside."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken (or is no database), so that trying again cannot help."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return False
    # a table of ours that is missing from a file in our format says the same; SQLite calls that a plain error
    return code & 0xFF in _DAMAGE or (code == sqlite3.SQLITE_ERROR and "no such table" in str(error))


def set_aside(path: Path, *, now_us: int) -> Path:
    """Rename a damaged store and what belongs to it to `<name>.damaged-<date>`; returns the new path.

    Raises:
        OSError: it cannot be renamed.
    """
    date = datetime.fromtimestamp(now_us / 1e6, UTC).strftime("%Y-%m-%d")
    target = path.with_name(f"{path.name}.damaged-{date}")
    count = 1
    while target.exists():
        count += 1
        target = path.with_name(f"{path.name}.damaged-{date}-{count}")
    for suffix in ("-wal", "-shm"):
        companion = path.with_name(path.name + suffix)
        if companion.exists():
            companion.rename(target.with_name(target.name + suffix))
    if path.exists():
        path.rename(target)
    return target
