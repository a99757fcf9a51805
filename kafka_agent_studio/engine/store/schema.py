"""The tables of the run store, and how a connection to them is opened.

    sources      connector, topic and partition → a small number
    agents       name → a small number
    messages     a record once, its bytes exact
    runs         one narrow row a run: what is filtered and sorted by; `seq` is its place in the list
    bodies       a run's JSON, its spans' JSON
    unindexed    runs that runs_by_id, runs_by_key and the full text do not know yet
    search_<n>   full text (FTS5 without content), a block of runs each, dropped when its last run is
    daily        tokens and cost per UTC day, for the budget
    marks        how far each partition was committed (marks.py)

`seq` is the epoch µs of the run's start (of its first save where it has not begun), shifted left by SEQ_BITS, plus
a number that tells equal times apart: newest first is descending `seq`, every index is sorted that way by itself,
and a range of time is a range of `seq`.

Rows are written through the view `intake`, whose trigger spreads them over the tables: one statement of many rows
does it all inside SQLite. Each call into SQLite gives the GIL up and may wait 5 ms to get it back from a busy event
loop, so calls are what a writer beside a loop has to save.
"""

# ruff: noqa: S608 - what is put together are our own names; values are always bound

import sqlite3
from pathlib import Path
from urllib.parse import quote

FORMAT = 2
"""PRAGMA user_version of the files that this program writes."""
SEQ_BITS = 8
SLOTS = 1 << SEQ_BITS
BUSY_TIMEOUT_MS = 10_000

INTAKE_COLUMNS = (
    *("seq", "run_id", "source_id", "record_offset", "agent_id", "connector_id", "status", "started_at_us", "tokens"),
    *("cost", "key", "timestamp_ms", "is_owed", "is_text", "run", "spans", "day"),
    *("has_record", "record_key", "record_value", "record_headers"),
)
"""A row without `run_id` says where many runs were published: `run` is a JSON object, places by `seq`. A row without
`seq` is none."""

_PAGE_SIZE = 8192

_TABLES = """
create table sources(
    source_id integer primary key, connector text not null, topic text not null, record_partition integer not null,
    unique(connector, topic, record_partition));
create table connectors(connector_id integer primary key, name text not null unique);
create table agents(agent_id integer primary key, name text not null unique);

create table messages(
    message_id integer primary key, source_id integer not null, record_offset integer not null,
    timestamp_ms integer not null, record_key blob, record_value blob, record_headers blob not null);
create unique index messages_by_place on messages(source_id, record_offset, timestamp_ms);

create table runs(
    seq integer primary key, run_id text not null, source_id integer not null, record_offset integer not null,
    agent_id integer not null, connector_id integer not null, status integer not null, started_at_us integer,
    tokens integer not null, cost real not null, key text, timestamp_ms integer not null,
    is_owed integer not null, is_text integer not null, published blob);
create index runs_by_place on runs(source_id, record_offset);
create index runs_by_status on runs(status);
create index runs_by_agent on runs(agent_id);
create index runs_by_connector on runs(connector_id);
create index runs_by_tokens on runs(tokens) where tokens > 0;
create index runs_by_cost on runs(cost) where cost > 0;
create index runs_owed on runs(connector_id) where is_owed = 1;

create table bodies(seq integer primary key, run blob not null, spans blob not null);
create table runs_by_id(run_id text not null, seq integer not null, primary key(run_id, seq)) without rowid;
create table runs_by_key(key text not null, seq integer not null, primary key(key, seq)) without rowid;
create table unindexed(seq integer primary key);
create table search_blocks(
    block_id integer primary key, rows integer not null, first_seq integer not null, last_seq integer not null,
    with_payloads integer not null);
create table daily(day integer primary key, tokens integer not null, cost real not null);
create table marks(
    connector text not null, topic text not null, record_partition integer not null,
    committed integer not null, valid_from_us integer not null,
    primary key(connector, topic, record_partition)) without rowid;
"""

_TRIGGERS = f"""
create view intake as select {", ".join(f"null as {name}" for name in INTAKE_COLUMNS)};

create trigger intake_run instead of insert on intake when new.run_id <> '' begin
    insert into daily
        select new.day, new.tokens - coalesce(before.tokens, 0), new.cost - coalesce(before.cost, 0)
        from (select 1 where new.tokens > 0 or new.cost > 0) left join runs as before
            on before.source_id = new.source_id and before.record_offset = new.record_offset
            and before.run_id = new.run_id and before.started_at_us = new.started_at_us
        where true
        on conflict(day) do update set tokens = tokens + excluded.tokens, cost = cost + excluded.cost;
    delete from runs
        where source_id = new.source_id and record_offset = new.record_offset and run_id = new.run_id;
    insert into messages
        select new.seq, new.source_id, new.record_offset, new.timestamp_ms,
            new.record_key, new.record_value, new.record_headers
        where new.has_record
        on conflict(source_id, record_offset, timestamp_ms) do nothing;
    insert into runs values(
        new.seq, new.run_id, new.source_id, new.record_offset, new.agent_id, new.connector_id, new.status,
        new.started_at_us, new.tokens, new.cost, new.key, new.timestamp_ms, new.is_owed, new.is_text, null);
    insert into bodies values(new.seq, new.run, new.spans);
    insert into unindexed values(new.seq);
end;

create trigger runs_removed after delete on runs begin
    delete from bodies where seq = old.seq;
    delete from unindexed where seq = old.seq;
    delete from runs_by_id where run_id = old.run_id and seq = old.seq;
    delete from runs_by_key where key = old.key and seq = old.seq;
end;
"""

_PUBLISH_TRIGGER = """
create trigger intake_publish instead of insert on intake when new.run_id = '' begin
    update runs set is_owed = 0, published = cast(places.value as blob)
        from json_each(cast(new.run as text)) as places where runs.seq = cast(places.key as integer);
end;
"""
_FROM_FORMAT_1 = f"drop trigger intake_publish;{_PUBLISH_TRIGGER}"
"""There each row of `intake` without `run_id` spoke of one run."""


class NewerFormatError(Exception):
    """The file was written by a later version of the program."""


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Open the store, creating it where it is not there; autocommit, to be used by one thread at a time.

    Raises:
        sqlite3.DatabaseError: it is no database, is damaged, or cannot be written.
        NewerFormatError: a later version wrote it.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=64)
    try:
        connection.executescript(
            f"pragma page_size = {_PAGE_SIZE}; pragma auto_vacuum = incremental; pragma journal_mode = wal;"
            # NORMAL loses nothing when the process dies; a power cut may take the last moments, which are redelivered
            "pragma synchronous = normal; pragma cache_size = -16000; pragma temp_store = memory;"
            "pragma wal_autocheckpoint = 2000; pragma journal_size_limit = 33554432;"
            f"pragma busy_timeout = {BUSY_TIMEOUT_MS};"
        )
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Open the store to look at it, also beside a writer in another process and from a read-only disk.

    Raises:
        sqlite3.DatabaseError: it is not there, or cannot be read.
    """
    location = quote(str(path.absolute()))
    try:
        return _reading(f"file:{location}?mode=ro")
    except sqlite3.OperationalError:
        if not path.is_file() or path.with_name(path.name + "-wal").exists():
            raise
        # a disk that is read-only has no room for the index of the WAL, and nobody who could change the file
        return _reading(f"file:{location}?mode=ro&immutable=1")


def _reading(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    try:
        # mode=ro keeps the file as it is; query_only would forbid the temporary tables of a search, too
        connection.executescript(
            f"pragma temp_store = memory; pragma cache_size = -16000; pragma busy_timeout = {BUSY_TIMEOUT_MS};"
        )
        connection.execute("select count(*) from sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    found = int(connection.execute("pragma user_version").fetchone()[0])
    if found > FORMAT:
        raise NewerFormatError(f"written in format {found}, this version reads up to {FORMAT}")
    if found == 0:
        making = f"{_TABLES}{_TRIGGERS}{_PUBLISH_TRIGGER}"
        connection.executescript(f"begin immediate;{making}pragma user_version = {FORMAT};commit;")
    elif found == 1:
        connection.executescript(f"begin immediate;{_FROM_FORMAT_1}pragma user_version = {FORMAT};commit;")
    # a look at each table's root finds most damage at once
    for table in ("runs", "bodies", "messages", "unindexed", "sources", "agents", "daily"):
        connection.execute(f"select * from {table} order by rowid desc limit 1").fetchone()
