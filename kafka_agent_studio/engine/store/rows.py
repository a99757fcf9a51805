"""Runs to rows and back. Whatever an agent made of its output, its run can be stored."""

from collections.abc import Callable, Sequence
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

_encode = msgspec.json.Encoder().encode
_encode_headers = msgspec.msgpack.Encoder().encode
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
            at_us = now_us if run.started_at_us is None else run.started_at_us
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
                    run.cost,
                    run.key,
                    NO_TIMESTAMP if run.timestamp_ms is None else run.timestamp_ms,
                    entry.is_owed,
                    entry.is_text,
                    encode_json(run),
                    encode_json(entry.spans) if entry.spans else None,
                    day,
                    record is not None,
                    None if record is None else record.key,
                    None if record is None else record.value,
                    _encode_headers(record.headers) if record is not None and record.headers else None,
                )
            )
        return rows


def encode_json(value: Any) -> bytes:
    """Return JSON; what JSON cannot say (lone surrogates, foreign objects, endless nesting) is said as text."""
    try:
        return _encode(value)
    except (UnicodeEncodeError, TypeError, ValueError, OverflowError, RecursionError):
        return _encode(_sayable(msgspec.structs.asdict(value) if isinstance(value, msgspec.Struct) else value))


def encode_places(published: Sequence[Published]) -> bytes:
    """Return the places of a result as JSON."""
    return _encode(published)


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


def decode_spans(spans: bytes | None) -> tuple[Span, ...]:
    """Return the spans of a run."""
    return _decode_spans(spans) if spans else ()


def decode_record(run: Run, key: bytes | None, value: bytes | None, headers: bytes | None) -> Record:
    """Return the record that started a run, byte for byte."""
    return Record(
        topic=run.topic,
        partition=run.partition,
        offset=run.offset,
        timestamp_ms=run.timestamp_ms,
        key=key,
        value=value,
        headers=_decode_headers(headers) if headers else (),
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
        return {_sayable(str(k)): _sayable(v, depth + 1) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_sayable(v, depth + 1) for v in value]
    return _sayable(str(value))
