"""What went into a tool agent's call and what came out, said by its span.

The one call of a tool agent is given what its run, or its step of a sequence, was given, and returns what that
returned. Both are written down once, with the run or the step: who shows or exports a span gets it with them.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from kafka_agent_studio.engine.kafka.codec import payload_of
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.run import Run, RunDetail, Span, SpanKind

MOST_BYTES = 1_048_576
"""A larger message is not decoded once more for its span, which says where it stands instead."""


def payload_for(record: Record | None, override: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what a run is given: the payload of its message, or what stands in its place; `_kafka` stays."""
    payload = payload_of(record) if record is not None else {}
    if override is None:
        return payload
    # a copy to the bottom: a tool may change what it is given, the run's changes say what that was
    given: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(override))
    return {**given, "_kafka": payload["_kafka"]} if "_kafka" in payload else given


def detail_in_full(detail: RunDetail) -> RunDetail:
    """Return a run whose tool spans say their arguments and results. None stays where nothing is kept any more."""
    spans = run_in_full(detail.run, detail.spans, detail.record)
    return detail if spans is detail.spans else msgspec.structs.replace(detail, spans=spans)


def run_in_full(run: Run, spans: tuple[Span, ...], record: Record | None) -> tuple[Span, ...]:
    """Return the spans of a run as `in_full` does, with its message's payload and its output."""
    return in_full(spans, payload=lambda: _payload_of_run(run, record), output=run.output)


def in_full(spans: tuple[Span, ...], *, payload: Callable[[], Any], output: Any) -> tuple[Span, ...]:
    """Return spans with the arguments (by name) and the result of the calls that leave them to what is around them.

    `payload` is asked only where needed; what it returns, and `output`, are JSON values of the run; None: not known.
    """
    left_out = [span for span in spans if span.kind is SpanKind.TOOL and (span.input is None or _lacks_result(span))]
    if not left_out:
        return spans
    # the tools of a model stand beside its requests: theirs were written down, if they are gone they were forgotten
    of_models = {span.parent_id for span in spans if span.kind is SpanKind.MODEL}
    around = {span.span_id: span for span in spans if span.kind is SpanKind.AGENT}
    filled = {}
    for span in left_out:
        if span.parent_id in of_models:
            continue
        step = None if span.parent_id is None else around.get(span.parent_id)
        if step is None and span.parent_id is not None:
            # a step that goes on: it is written down when it ends
            continue
        changes: dict[str, Any] = {}
        if span.input is None:
            given = payload() if step is None else step.input
            changes["input"] = None if given is None else {"payload": given}
        if _lacks_result(span):
            changes["output"] = output if step is None else step.output
        filled[span.span_id] = msgspec.structs.replace(span, **changes)
    return tuple(filled.get(span.span_id, span) for span in spans) if filled else spans


def _lacks_result(span: Span) -> bool:
    return span.output is None and span.error is None


def _payload_of_run(run: Run, record: Record | None) -> Any:
    override = None if run.changes is msgspec.UNSET else run.changes.payload
    if record is None and override is None:
        return None
    if override is None and record is not None and len(record.value or b"") > MOST_BYTES:
        return "The message of the run, which is too large to be shown twice."
    return payload_for(record, override)
