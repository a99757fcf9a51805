"""Runs to rows and back. Whatever an agent made of its output, its run can be stored.

Python's sqlite3 binds int, float, str and bytearray at once, but asks its adapters about every None and bytes, with
the GIL held and for longer than the rest of the row takes: hence bytearrays, and zeros and empty texts for nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from kafka_agent_studio.engine.ports import StoredRun
from kafka_agent_studio.engine.store.schema import INTAKE_COLUMNS, SEQ_BITS, SLOTS
from kafka_agent_studio.model.message import Headers, Published, Record
from kafka_agent_studio.model.run import Run, RunStatus, Span

STATUS_CODES = {
    RunStatus.QUEUED: 0,
    RunStatus.RUNNING: 1,
    RunStatus.COMPLETED: 2,
    RunStatus.FAILED: 3,
    RunStatus.CANCELLED: 4,
}
TERMINAL_FROM = STATUS_CODES[RunStatus.COMPLETED]
WIDTH = len(INTAKE_COLUMNS)
NO_TIMESTAMP = -1
DAY_US = 86_400_000_000
_BEFORE_BODY = (0,) * (INTAKE_COLUMNS.index("run") - 2)
_AFTER_BODY = (0,) * (WIDTH - INTAKE_COLUMNS.index("run") - 1)

_encode_into = msgspec.json.Encoder().encode_into
_encode_headers_into = msgspec.msgpack.Encoder().encode_into
_decode_headers = msgspec.msgpack.Decoder(Headers).decode
_decode_run = msgspec.json.Decoder(Run).decode
_decode_spans = msgspec.json.Decoder(tuple[Span, ...]).decode
_decode_published = msgspec.json.Decoder(tuple[Published, ...]).decode
_decode_listed = msgspec.json.Decoder(list[tuple[int, Run, tuple[Published, ...]]]).decode
_decode_known = msgspec.json.Decoder(list[tuple[int, int, Run, tuple[Published, ...]]]).decode


def seq_at(at_us: int) -> int:
    """Return the lowest `seq` of a moment."""
    return at_us << SEQ_BITS


def day_of(at_us: int) -> int:
    """Return the UTC day of a moment, counted from 1970-01-01."""
    return at_us // DAY_US


class RowWriter:
    """Turns runs into rows of `intake`; numbers them so that no two are alike."""

    def __init__(self, *, source_id: Callable[[Run], tuple[int, int]], agent_id: Callable[[str], int]) -> None:
        self._source_id = source_id
        self._agent_id = agent_id
        self._count = 0

    def rows(self, entries: Sequence[StoredRun], *, now_us: int, shift_us: int = 0) -> list[tuple[Any, ...]]:
        """Return a row per entry. `shift_us` moves their places in the list away from those that are taken."""
        day = day_of(now_us)
        rows = []
        for entry in entries:
            run = entry.run
            record = entry.record
            source_id, connector_id = self._source_id(run)
            at_us = run.started_at_us or now_us
            self._count += 1
            rows.append(
                (
                    (at_us + shift_us) << SEQ_BITS | self._count % SLOTS,
                    run.run_id,
                    source_id,
                    run.offset,
                    self._agent_id(run.agent_name),
                    connector_id,
                    STATUS_CODES[run.status],
                    run.started_at_us,
                    run.token_usage.total_tokens,
                    run.cost or 0.0,
                    run.key,
                    NO_TIMESTAMP if run.timestamp_ms is None else run.timestamp_ms,
                    1 if entry.is_owed else 0,
                    1 if entry.is_text else 0,
                    encode_json(run),
                    encode_json(entry.spans) if entry.spans else "",
                    day,
                    1 if record is not None else 0,
                    None if record is None or record.key is None else bytearray(record.key),
                    None if record is None or record.value is None else bytearray(record.value),
                    _encode_headers(record.headers) if record is not None and record.headers else "",
                )
            )
        return rows


def publish_row(published: Mapping[int, Sequence[Published]]) -> tuple[Any, ...]:
    """Return the row of `intake` that notes where results landed, by the `seq` of their runs."""
    return (1, "", *_BEFORE_BODY, encode_json(published), *_AFTER_BODY)


def encode_json(value: Any) -> bytearray:
    """Return JSON; what JSON cannot say (lone surrogates, foreign objects, endless nesting) is said as text."""
    text = bytearray()
    try:
        _encode_into(value, text)
    except (TypeError, ValueError, OverflowError, RecursionError):
        _encode_into(_sayable(value), text)
    return text


def _encode_headers(headers: Headers) -> bytearray:
    packed = bytearray()
    _encode_headers_into(headers, packed)
    return packed


def decode_run(body: bytes, published: bytes | None) -> Run:
    """Return a stored run with the places of its result."""
    return with_places(_decode_run(body), _decode_published(published) if published else ())


def decode_listed(rows: str | None) -> list[tuple[int, Run]]:
    """Return `seq` and run of each row of a list, newest first."""
    if rows is None:
        return []
    listed = [(seq, with_places(run, published)) for seq, run, published in _decode_listed(rows)]
    listed.sort(key=lambda entry: entry[0], reverse=True)
    return listed


def decode_known(rows: str | None) -> dict[str, StoredRun]:
    """Return stored runs by run id; rows are [is_owed, is_text, run, published]."""
    if rows is None:
        return {}
    return {
        run.run_id: StoredRun(with_places(run, published), is_text=bool(is_text), is_owed=bool(is_owed))
        for is_owed, is_text, run, published in _decode_known(rows)
    }


def forgetful(run: bytes, spans: bytes | str) -> tuple[bytearray, bytearray | str]:
    """Return a stored run and its spans without what came in and what went out."""
    kept = msgspec.structs.replace(_decode_run(run), output=None)
    if kept.changes is not msgspec.UNSET:
        kept = msgspec.structs.replace(kept, changes=msgspec.structs.replace(kept.changes, payload=None))
    spans_kept = [msgspec.structs.replace(span, input=None, output=None) for span in decode_spans(spans)]
    return encode_json(kept), encode_json(spans_kept) if spans_kept else ""


def decode_spans(spans: bytes | str) -> tuple[Span, ...]:
    """Return the spans of a run."""
    return _decode_spans(spans) if spans else ()


def decode_record(run: Run, key: bytes | None, value: bytes | None, headers: bytes | str) -> Record:
    """Return the record that started a run, byte for byte."""
    return Record(
        topic=run.topic,
        partition=run.partition,
        offset=run.offset,
        timestamp_ms=run.timestamp_ms,
        key=key,
        value=value,
        headers=_decode_headers(headers) if isinstance(headers, bytes) else (),
    )


def with_places(run: Run, published: tuple[Published, ...]) -> Run:
    """Return the run with the places of its result, where there are any."""
    return msgspec.structs.replace(run, published=published) if published else run


def _sayable(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if depth > 100:
        return "…"
    if isinstance(value, msgspec.Struct):
        return _sayable(msgspec.structs.asdict(value), depth)
    if isinstance(value, dict):
        said = {_sayable(str(k)): v for k, v in value.items() if v is not msgspec.UNSET}
        return {k: _sayable(v, depth + 1) for k, v in said.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_sayable(v, depth + 1) for v in value]
    return _sayable(str(value))
