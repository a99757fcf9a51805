"""Full text, and the indexes whose entries arrive in no order: filled behind the writer, a batch at a time, sorted.

Entered run by run these would cost more than the run itself. What is not indexed yet stands in `unindexed`, and a
query looks through it as well.
"""

# ruff: noqa: S608 - what is put together are our own names; values are always bound

import re
import sqlite3
from collections.abc import Sequence
from typing import Final

import msgspec

BLOCK_ROWS: Final = 262_144
"""Runs per full-text table; without content nothing can be taken out of one, so it is dropped whole."""
_MOST_NAMED: Final = 16
"""Words that stand for a beginning in a query."""

TEXT = (
    "coalesce(cast(m.record_value as text), '') || ' ' || iif(json_valid(cast(b.run as text)),"
    " coalesce(cast(b.run as text) ->> '$.output', '') || ' ' || coalesce(cast(b.run as text) ->> '$.error', ''),"
    " cast(b.run as text)) || ' ' || coalesce(r.key, '')"
)
"""What full text covers: payload, output, error and key; `r`, `b` and `m` are runs, bodies and messages."""
_ERROR = "coalesce(cast(b.run as text) ->> '$.error', '')"
TEXT_WITHOUT_PAYLOADS = f"iif(json_valid(cast(b.run as text)), {_ERROR}, '') || ' ' || coalesce(r.key, '')"
TABLES = (
    "join bodies as b on b.seq = r.seq left join messages as m on m.source_id = r.source_id"
    " and m.record_offset = r.record_offset and m.timestamp_ms = r.timestamp_ms"
)

_ESCAPES = re.compile(r'(?:\\u[0-9a-fA-F]{4})+|\\[bfnrt"\\/]')
_TOKENS = re.compile(r"[^\W_]+")


def add_functions(connection: sqlite3.Connection) -> None:
    """Give a connection the SQL function `plain` that indexing uses."""
    connection.create_function("plain", 1, _plain, deterministic=True)


def index_runs(connection: sqlite3.Connection, seqs: Sequence[int], *, with_payloads: bool) -> None:
    """Index these runs, which stand in `unindexed`; without payloads only error and key become full text."""
    block_id = _current_block(connection, with_payloads=with_payloads)
    parameters = {
        "seqs": msgspec.json.encode(seqs).decode(),
        "block": block_id,
        "count": len(seqs),
        "first": min(seqs),
        "last": max(seqs),
    }
    chosen = "json_each(:seqs) as j cross join runs as r on r.seq = j.value"
    text = TEXT if with_payloads else TEXT_WITHOUT_PAYLOADS
    connection.execute("begin immediate")
    for table, column in (("runs_by_id", "run_id"), ("runs_by_key", "key")):
        connection.execute(
            f"insert or ignore into {table} select r.{column}, r.seq from {chosen}"
            f" where r.{column} is not null order by 1, 2",
            parameters,
        )
    connection.execute(
        f"insert into search_{block_id}(rowid, text) select seq, iif(instr(text, '\\') > 0, plain(text), text)"
        f" from (select r.seq as seq, {text} as text from {chosen} {TABLES} order by r.seq)",
        parameters,
    )
    connection.execute(
        "update search_blocks set rows = rows + :count, first_seq = min(first_seq, :first),"
        " last_seq = max(last_seq, :last) where block_id = :block",
        parameters,
    )
    connection.execute("delete from unindexed where seq in (select value from json_each(:seqs))", parameters)
    connection.execute("commit")


def has_payloads(connection: sqlite3.Connection) -> bool:
    """Whether some full text was made from payloads."""
    return connection.execute("select 1 from search_blocks where with_payloads limit 1").fetchone() is not None


def drop_blocks(connection: sqlite3.Connection) -> None:
    """Drop the full text of blocks whose runs are all gone."""
    oldest = connection.execute("select coalesce((select min(seq) from runs), 1 << 62)").fetchone()[0]
    gone = connection.execute("select block_id from search_blocks where last_seq < ?", (oldest,)).fetchall()
    for (block_id,) in gone:
        _drop(connection, block_id)


def forget_all(connection: sqlite3.Connection) -> None:
    """Drop all full text and index every run anew, from what is left of it."""
    for (block_id,) in connection.execute("select block_id from search_blocks").fetchall():
        _drop(connection, block_id)
    connection.execute("insert or ignore into unindexed select seq from runs")


def blocks(connection: sqlite3.Connection, *, first_seq: int, end_seq: int) -> list[tuple[str, int]]:
    """Return the full-text tables that may know runs of a range with the last `seq` of each, the newest first."""
    found = connection.execute(
        "select block_id, last_seq from search_blocks where last_seq >= ? and first_seq < ? order by last_seq desc",
        (first_seq, end_seq),
    )
    return [(f"search_{block_id}", last_seq) for block_id, last_seq in found.fetchall()]


def words_of(text: str) -> list[str]:
    """Return the words asked for."""
    return text.split()


def match_expression(connection: sqlite3.Connection, words: list[str], tables: list[str]) -> str | None:
    """Return the FTS5 query; None where there is nothing an index knows, "" where no indexed run has all words.

    A word that occurs is meant as it stands. One that does not is the beginning of others.
    """
    terms = []
    for word in words:
        tokens = _TOKENS.findall(word)
        if tokens:
            terms += [f'"{token}"' for token in tokens]
            if not _occurs(connection, terms[-1], tables):
                terms[-1] = _begun(connection, tokens[-1], tables)
                if not terms[-1]:
                    return ""
    return " AND ".join(terms) or None


def _begun(connection: sqlite3.Connection, beginning: str, tables: list[str]) -> str:
    """Return the query for words that begin so; "" where there are none.

    FTS5 collects and sorts all runs of a beginning before the first comes out, but those of whole words come newest
    first one by one: where the words are few they are named. Where they are many, each has few runs.
    """
    # how FTS5 folds other letters is its own affair
    if not beginning.isascii():
        return f'"{beginning}" *'
    named = _words_beginning(connection, beginning.lower(), tables)
    if len(named) > _MOST_NAMED:
        return f'"{beginning}" *'
    return "(" + " OR ".join(f'"{word}"' for word in sorted(named)) + ")" if named else ""


def _words_beginning(connection: sqlite3.Connection, beginning: str, tables: list[str]) -> set[str]:
    """Return the indexed words that begin so, at the most one more than are named."""
    found: set[str] = set()
    for table in tables:
        words = _vocabulary(connection, table)
        at = beginning
        while len(found) <= _MOST_NAMED:
            row = connection.execute(f"select term from {words} where term >= ? limit 1", (at,)).fetchone()
            if row is None or not row[0].startswith(beginning):
                break
            found.add(row[0])
            # a seek past this word: stepping on would go through all its runs
            at = row[0] + "\x01"
    return found


def _vocabulary(connection: sqlite3.Connection, table: str) -> str:
    """Return the name of the table of a full-text table's words, made where this connection has none yet."""
    name = f"temp.words_of_{table}"
    try:
        connection.execute(f"select 1 from {name} limit 0")
    except sqlite3.OperationalError:
        connection.execute(f"create virtual table {name} using fts5vocab('main', '{table}', 'instance')")
    return name


def _occurs(connection: sqlite3.Connection, term: str, tables: list[str]) -> bool:
    return any(
        connection.execute(f"select 1 from {table} where {table} match ? limit 1", (term,)).fetchone() is not None
        for table in tables
    )


def exact_words(words: list[str]) -> list[str]:
    """Return those words that the index knows only in pieces, so that the text itself has to be looked at."""
    return [w for w in words if _TOKENS.fullmatch(w) is None and w.isascii() and not set(w) & set('\\"')]


def like_pattern(word: str) -> str:
    r"""Return a LIKE pattern (escape '\') for a word anywhere in a text."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _current_block(connection: sqlite3.Connection, *, with_payloads: bool) -> int:
    found = connection.execute(
        "select block_id, rows, with_payloads from search_blocks order by block_id desc limit 1"
    ).fetchone()
    if found is not None and found[1] < BLOCK_ROWS and bool(found[2]) == with_payloads:
        return int(found[0])
    block_id = 1 if found is None else int(found[0]) + 1
    connection.execute("begin immediate")
    connection.execute(
        f"create virtual table search_{block_id} using fts5("
        "text, content = '', detail = none, columnsize = 0, tokenize = 'unicode61')"
    )
    connection.execute("insert into search_blocks values(?, 0, ?, 0, ?)", (block_id, 1 << 62, with_payloads))
    connection.execute("commit")
    return block_id


def _drop(connection: sqlite3.Connection, block_id: int) -> None:
    connection.execute(f"drop table search_{block_id}")
    connection.execute("delete from search_blocks where block_id = ?", (block_id,))


def _plain(text: str) -> str:
    return _ESCAPES.sub(_unescaped, text)


def _unescaped(match: re.Match[str]) -> str:
    escape = match.group()
    if escape[1] == "u":
        return bytes.fromhex(escape.replace("\\u", "")).decode("utf-16-be", "replace")
    return " " if escape[1] in "bfnrt" else escape[1]
