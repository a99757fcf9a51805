"""Reading the run store: one run, a page of runs, and what an earlier process began.

A page comes out of SQLite as one value: fetching row by row would give the GIL up, and wait for it, at each row.
"""

import sqlite3
from typing import Any

from kafka_agent_studio.engine.ports import StoredRun
from kafka_agent_studio.engine.span_contents import detail_in_full
from kafka_agent_studio.engine.store.lookup import seq_of
from kafka_agent_studio.engine.store.rows import (
    TERMINAL_FROM,
    decode_known,
    decode_record,
    decode_run,
    decode_spans,
)
from kafka_agent_studio.model.run import RunDetail, publish_spans

_DETAIL = """
select b.run, r.published, b.spans, m.message_id, m.record_key, m.record_value, m.record_headers
from runs as r join bodies as b on b.seq = r.seq
left join messages as m on m.source_id = r.source_id and m.record_offset = r.record_offset
    and m.timestamp_ms = r.timestamp_ms
where r.seq = ?
"""

# a settled run is only asked whether it is settled and how it failed: without its output a long history stays small
_KNOWN = """
select '[' || group_concat('[' || r.is_owed || ',' || r.is_text || ','
    || iif(r.is_owed or r.status < :terminal, b.run, json_set(cast(b.run as text), '$.output', null))
    || ',' || coalesce(r.published, '[]') || ']') || ']'
from runs as r join bodies as b on b.seq = r.seq
where {where}
"""
_KNOWN_AT_PLACES = _KNOWN.format(
    where="r.source_id = (select source_id from sources where connector = :connector and topic = :topic"
    " and record_partition = :partition) and r.record_offset >= :offset"
)
_OWED = _KNOWN.format(
    where="r.is_owed = 1 and r.connector_id = (select connector_id from connectors where name = :connector)"
)


def get_run(connection: sqlite3.Connection, run_id: str) -> RunDetail | None:
    """Return the whole of a run; None where it is not known."""
    seq = seq_of(connection, run_id)
    found = None if seq is None else connection.execute(_DETAIL, (seq,)).fetchone()
    if found is None:
        return None
    body, published, spans, message_id, key, value, headers = found
    run = decode_run(body, published)
    record = None if message_id is None else decode_record(run, key, value, headers)
    spans_of_run = (*decode_spans(spans), *publish_spans(run.published))
    return detail_in_full(RunDetail(run=run, spans=spans_of_run, record=record))


def runs_from(
    connection: sqlite3.Connection, connector: str, topic: str, partition: int, offset: int
) -> dict[str, StoredRun]:
    """Return the runs of messages at or after an offset, by run id; `output` only of those not settled."""
    parameters = {"connector": connector, "topic": topic, "partition": partition, "offset": offset}
    return _known(connection, _KNOWN_AT_PLACES, parameters)


def owed_runs(connection: sqlite3.Connection, connector: str) -> dict[str, StoredRun]:
    """Return the runs of a connector whose results are not published yet, by run id."""
    return _known(connection, _OWED, {"connector": connector})


def _known(connection: sqlite3.Connection, sql: str, parameters: dict[str, Any]) -> dict[str, StoredRun]:
    found = connection.execute(sql, {**parameters, "terminal": TERMINAL_FROM}).fetchone()
    return decode_known(found[0])
