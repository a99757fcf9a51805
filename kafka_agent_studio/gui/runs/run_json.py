"""A run as JSON for the clipboard: what it is, the message as it was read, and everything that happened in it."""

from typing import Any

import msgspec

from kafka_agent_studio.gui.formats import key_text
from kafka_agent_studio.gui.json_document import is_json, pretty
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.run import RunDetail, Span, iso_utc, run_record


def run_as_json(detail: RunDetail) -> str:
    """Return readable JSON: the keys of `runs --json`, then changes, message and spans; every digit is kept."""
    run = detail.run
    whole = run_record(run) | {
        "changes": None if run.changes is msgspec.UNSET else run.changes,
        "message": None if detail.record is None else _message(detail.record),
        "spans": [_span(span) for span in detail.spans],
    }
    return pretty(msgspec.json.encode(whole).decode())


def _message(record: Record) -> dict[str, Any]:
    value = record.value
    text = None if value is None else value.decode(errors="replace")
    said: Any = text
    if text is not None and is_json(text):
        # the record's own characters, so that a decimal keeps its digits
        said = msgspec.Raw(text.encode())
    return {
        "key": None if record.key is None else key_text(record.key),
        "value": said,
        "headers": [{"name": n, "value": None if v is None else v.decode(errors="replace")} for n, v in record.headers],
    }


def _span(span: Span) -> dict[str, Any]:
    said: dict[str, Any] = msgspec.structs.asdict(span)
    for name in ("started_at", "ended_at"):
        said[name] = iso_utc(said.pop(f"{name}_us"))
    return said
