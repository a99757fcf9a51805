"""What a span of a tool says went in and came out, wherever a run is read."""

from typing import Any

import msgspec

from kafka_agent_studio.engine.kafka.codec import payload_of
from kafka_agent_studio.engine.span_contents import MOST_BYTES, detail_in_full, in_full
from kafka_agent_studio.model.run import ErrorType, RunChanges, RunDetail, RunError, Span, SpanKind
from tests.helpers.store_runs import NOW_US, make_record, make_stored

CALL = Span("1", None, SpanKind.TOOL, "orders.tag", NOW_US, NOW_US + 5)
RECORD = make_record(3)


def detail(*spans: Span, **changes: Any) -> RunDetail:
    entry = make_stored(3, record=RECORD, spans=spans, **changes)
    return RunDetail(run=entry.run, spans=entry.spans, record=RECORD)


def test_the_call_of_a_tool_agent_has_the_message_and_the_output_of_its_run() -> None:
    (span,) = detail_in_full(detail(CALL)).spans
    assert span.input == {"payload": payload_of(RECORD)}
    assert span.output == {"order_id": "o-3", "route": "standard"}


def test_a_call_that_failed_has_its_arguments_and_no_result() -> None:
    failed = msgspec.structs.replace(CALL, error=RunError(ErrorType.TOOL_ERROR, "away"))
    (span,) = detail_in_full(detail(failed)).spans
    assert span.input == {"payload": payload_of(RECORD)}
    assert span.output is None


def test_a_rerun_with_another_message_has_that_one() -> None:
    (span,) = detail_in_full(detail(CALL, changes=RunChanges(payload={"order_id": "other"}))).spans
    assert span.input["payload"] == {"order_id": "other", "_kafka": payload_of(RECORD)["_kafka"]}


def test_what_was_forgotten_is_not_made_up() -> None:
    gone = msgspec.structs.replace(detail(CALL, output=None), record=None)
    assert detail_in_full(gone).spans[0].input is None
    model = Span("2", None, SpanKind.MODEL, "openai/gpt", NOW_US, NOW_US + 5)
    forgotten = detail(model, CALL)
    assert detail_in_full(forgotten).spans == forgotten.spans


def test_a_call_in_a_step_that_goes_on_is_not_taken_for_one_of_the_run() -> None:
    inside = msgspec.structs.replace(CALL, parent_id="7")
    assert in_full((inside,), payload=lambda: {"order_id": "1"}, output=None) == (inside,)


def test_a_very_large_message_is_not_decoded_once_more() -> None:
    large = msgspec.structs.replace(RECORD, value=b'{"text": "' + b"x" * MOST_BYTES + b'"}')
    (span,) = detail_in_full(msgspec.structs.replace(detail(CALL), record=large)).spans
    assert "too large" in span.input["payload"]


def test_spans_that_leave_nothing_out_cost_nothing() -> None:
    told = (msgspec.structs.replace(CALL, input={}, output=1),)
    assert in_full(told, payload=lambda: None, output=None) is told
