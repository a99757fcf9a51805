"""A page of runs: every filter is answered by an index, so that a page costs the same however long the history is.

Filters that hold for few runs lead the way (`_Lead`), the others are looked at run by run; a filter that holds for
many finds its page soon by walking down from the newest.
"""

# ruff: noqa: S608 - what is put together are our own names; values are always bound

import sqlite3
from typing import Any

import msgspec

from kafka_agent_studio.api.queries import RunPage, RunQuery
from kafka_agent_studio.engine.store.rows import STATUS_CODES, decode_listed, seq_at
from kafka_agent_studio.engine.store.search import (
    TABLES,
    TEXT,
    blocks,
    exact_words,
    like_pattern,
    match_expression,
    words_of,
)

FEW = 5_000
"""So many index entries are looked through in a moment; a filter with fewer leads the way."""
_CHUNK = 2_000
_END = (1 << 63) - 1

_PAGE = """
select '[' || group_concat('[' || r.seq || ',' || b.run || ',' || coalesce(r.published, '[]') || ']') || ']'
from ({seqs}) as page join runs as r on r.seq = page.seq join bodies as b on b.seq = r.seq
"""
_UNINDEXED = "select u.seq from unindexed as u cross join runs as k on k.seq = u.seq where "


class _Lead(msgspec.Struct, frozen=True):
    """A way to the runs of one filter. `seqs` selects their places in the list; `index` gives them newest first."""

    seqs: str
    index: str | None = None


class Listing:
    """One query on one connection."""

    def __init__(self, connection: sqlite3.Connection, query: RunQuery) -> None:
        self._connection = connection
        self._limit = max(1, query.limit)
        end_seq = _END if query.started_before_us is None else seq_at(query.started_before_us)
        self._parameters: dict[str, Any] = {
            "first": 0 if query.started_after_us is None else seq_at(query.started_after_us),
            "end": end_seq if query.cursor is None else min(end_seq, _place_of(query.cursor)),
            "limit": self._limit + 1,
        }
        self._conditions: list[str] = []
        self._leads: list[_Lead] = []
        self._words = words_of(query.text or "")
        self._is_impossible = False
        self._add_filters(query)

    def page(self) -> RunPage:
        """Return the runs, newest first."""
        if self._is_impossible:
            return RunPage((), None)
        lead = self._best_lead()
        listed = self._found_by_text(lead) if self._words else self._fetch(self._walk(lead))
        runs = tuple(run for _, run in listed[: self._limit])
        return RunPage(runs, str(listed[self._limit - 1][0]) if len(listed) > self._limit else None)

    # filters

    def _add_filters(self, query: RunQuery) -> None:
        if query.status is not None:
            self._add("status", STATUS_CODES[query.status], "r.status = :status", index="runs_by_status")
        if query.agent is not None:
            self._add_named("agent", query.agent, table="agents")
        if query.connector is not None:
            self._add_named("connector", query.connector, table="connectors")
        if query.key is not None:
            seqs = f"select seq from runs_by_key where key = :key union all {_UNINDEXED} k.key = :key"
            self._add("key", query.key, "r.key = :key", seqs=seqs)
        if query.min_tokens is not None and query.min_tokens > 0:
            seqs = "select seq from runs where tokens > 0 and tokens >= :tokens"
            self._add("tokens", query.min_tokens, "r.tokens >= :tokens", seqs=seqs)
        if query.min_cost is not None and query.min_cost > 0:
            seqs = "select seq from runs where cost > 0 and cost >= :cost"
            self._add("cost", query.min_cost, "r.cost >= :cost", seqs=seqs)
        for name, column, most in (
            ("most_tokens", "tokens", query.max_tokens),
            ("most_cost", "cost", query.max_cost),
        ):
            if most is not None:
                # holds for most runs: no way to them, but soon found walking down
                self._parameters[name] = most
                self._conditions.append(f"r.{column} <= :{name}")
        if query.place is not None:
            self._add_place(query.place)

    def _add(self, name: str, value: Any, condition: str, *, index: str | None = None, seqs: str = "") -> None:
        self._parameters[name] = value
        self._conditions.append(condition)
        if index is not None:
            seqs = f"select r.seq from runs as r indexed by {index} where {condition}"
        self._leads.append(_Lead(seqs, index))

    def _add_named(self, name: str, value: str, *, table: str) -> None:
        found = self._connection.execute(f"select {name}_id from {table} where name = ?", (value,)).fetchone()
        if found is None:
            self._is_impossible = True
        else:
            self._add(name, found[0], f"r.{name}_id = :{name}", index=f"runs_by_{name}")

    def _add_place(self, place: str) -> None:
        """`topic`, `topic/partition` or `topic/partition/offset`."""
        topic, *rest = place.strip().split("/")
        if len(rest) > 2 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in rest):
            self._is_impossible = True
            return
        sources = "select source_id from sources where topic = :topic"
        self._parameters["topic"] = topic
        if rest:
            sources += " and record_partition = :partition"
            self._parameters["partition"] = int(rest[0])
        self._conditions.append(f"+r.source_id in ({sources})")
        if len(rest) == 2:
            seqs = f"select seq from runs where source_id in ({sources}) and record_offset = :offset"
            self._add("offset", int(rest[1]), "r.record_offset = :offset", seqs=seqs)

    # the way to the runs

    def _best_lead(self) -> _Lead | None:
        """Return the filter that holds for the fewest runs; one whose index is in no order only where it is few."""
        if len(self._leads) == 1 and self._leads[0].index is not None and not self._words:
            return self._leads[0]
        best, fewest = None, FEW
        for lead in self._leads:
            count = self._count(lead)
            if count < fewest or (best is None and lead.index is not None):
                best, fewest = lead, count
        return best

    def _count(self, lead: _Lead) -> int:
        found = self._connection.execute(
            f"select count(*) from (select 1 from ({lead.seqs}) limit {FEW})",
            self._parameters,
        )
        return int(found.fetchone()[0])

    def _walk(self, lead: _Lead | None, *, text: bool = False) -> str:
        """Return the SELECT of the places of one page."""
        source = "runs as r not indexed"
        conditions = ["r.seq >= :first", "r.seq < :end", *self._conditions]
        if lead is not None and lead.index is not None:
            source = f"runs as r indexed by {lead.index}"
        elif lead is not None:
            conditions.append(f"r.seq in ({lead.seqs})")
        if text:
            source = f"{source} {TABLES}"
            for number, word in enumerate(self._words):
                self._parameters[f"word{number}"] = like_pattern(word)
                conditions.append(f"({TEXT}) like :word{number} escape '\\'")
        return f"select r.seq as seq from {source} where {' and '.join(conditions)} order by r.seq desc limit :limit"

    def _fetch(self, seqs: str) -> list[tuple[int, Any]]:
        found = self._connection.execute(_PAGE.format(seqs=seqs), self._parameters).fetchone()
        return decode_listed(found[0])

    # full text

    def _found_by_text(self, lead: _Lead | None) -> list[tuple[int, Any]]:
        if lead is not None and self._count(lead) < FEW:
            return self._fetch(self._walk(lead, text=True))
        tables = blocks(self._connection, first_seq=self._parameters["first"], end_seq=self._parameters["end"])
        expression = match_expression(self._connection, self._words, [table for table, _ in tables])
        if expression is None:
            return self._fetch(self._walk(lead, text=True))
        self._parameters["match"] = expression
        listed: list[tuple[int, Any]] = []
        end_seq = self._parameters["end"]
        while len(listed) <= self._limit:
            # where every match is a result a page of them is enough, else they are sifted a larger number at a time
            chunk = _CHUNK if self._conditions or exact_words(self._words) else self._limit + 1
            matches = self._matches(tables, end_seq, chunk)
            low_seq = matches[-1] if len(matches) == chunk else 0
            listed += self._sifted(matches, low_seq=low_seq, end_seq=end_seq)
            if not low_seq:
                break
            end_seq = low_seq
        return listed

    def _matches(self, tables: list[tuple[str, int]], end_seq: int, count: int) -> list[int]:
        """Return the places of the newest indexed matches before `end_seq`."""
        if not self._parameters["match"]:
            return []
        parameters = {**self._parameters, "end": end_seq, "count": count}
        found: list[int] = []
        for table, last_seq in tables:
            if len(found) == count and last_seq < found[-1]:
                break
            row = self._connection.execute(
                f"select json_group_array(rowid) from (select rowid from {table} where {table} match :match"
                " and rowid >= :first and rowid < :end order by rowid desc limit :count)",
                parameters,
            ).fetchone()
            found = sorted(found + msgspec.json.decode(row[0], type=list[int]), reverse=True)[:count]
        return found

    def _sifted(self, matches: list[int], *, low_seq: int, end_seq: int) -> list[tuple[int, Any]]:
        """Return the runs among matches, and among the runs not indexed yet, that every filter holds for."""
        self._parameters |= {"low": low_seq, "end": end_seq, "matches": msgspec.json.encode(matches).decode()}
        conditions = ["r.seq >= :low", "r.seq < :end", "r.seq >= :first", *self._conditions]
        exact = self._like(exact_words(self._words))
        indexed = f"json_each(:matches) as j cross join runs as r on r.seq = j.value {TABLES if exact else ''}"
        fresh = f"unindexed as u cross join runs as r on r.seq = u.seq {TABLES}"
        like = self._like(self._words)
        seqs = (
            f"select seq from (select r.seq as seq from {indexed} where {' and '.join(conditions + exact)}"
            f" union select r.seq as seq from {fresh} where {' and '.join(conditions + like)})"
            " order by seq desc limit :limit"
        )
        return self._fetch(seqs)

    def _like(self, words: list[str]) -> list[str]:
        conditions = []
        for word in words:
            name = f"word{self._words.index(word)}"
            self._parameters[name] = like_pattern(word)
            conditions.append(f"({TEXT}) like :{name} escape '\\'")
        return conditions


def _place_of(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 20):
        raise ValueError(f"not a cursor of a list of runs: {cursor[:40]!r}")
    return int(cursor)
