"""A trace goes through: in by the message's header, out by the result's, and to OpenTelemetry where it is set up."""

import subprocess
import sys
from typing import Any

import pytest
from opentelemetry.sdk.trace.export import SpanExportResult

from kafka_agent_studio.engine.tracing import (
    RunExport,
    WatchedExporter,
    continued,
    open_tracing,
    parse_traceparent,
    traceparent_of,
)
from kafka_agent_studio.model.run import ErrorType, RunError, RunStatus, Span, SpanKind, TokenUsage
from tests.helpers.store_runs import NOW_US, make_record, make_stored

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
HEADER = f"00-{TRACE}-{PARENT}-01"


class Spans:
    """A span processor that keeps what it gets."""

    def __init__(self) -> None:
        self.all: list[Any] = []
        self.is_shut_down = False

    def on_end(self, span: Any) -> None:
        self.all.append(span)

    def shutdown(self) -> None:
        self.is_shut_down = True


@pytest.fixture
def spans() -> Spans:
    pytest.importorskip("opentelemetry.sdk")
    return Spans()


@pytest.mark.parametrize("text", [HEADER, f" {HEADER} ", f"cc-{TRACE}-{PARENT}-01-what-the-future-will-be-like"])
def test_a_valid_traceparent_is_read(text: str) -> None:
    context = parse_traceparent(text)
    assert context is not None
    assert (context.trace_id, context.span_id, context.flags) == (TRACE, PARENT, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "garbage",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01-more",
        f"00-{TRACE}-{PARENT}",
    ],
)
def test_an_invalid_traceparent_is_ignored(text: str) -> None:
    assert parse_traceparent(text) is None
    assert traceparent_of(make_record(headers=(("traceparent", text.encode()),))) is None


def test_the_header_is_found_among_others() -> None:
    record = make_record(headers=(("a", None), ("traceparent", HEADER.encode()), ("tracestate", b"x=y")))
    assert traceparent_of(record) == HEADER
    assert traceparent_of(make_record()) is None
    assert traceparent_of(make_record(headers=(("traceparent", None),))) is None
    assert traceparent_of(make_record(headers=(("traceparent", b"\xff"),))) is None


def test_a_result_continues_the_trace_under_its_run_the_same_way_each_time() -> None:
    first, again, other = continued(HEADER, "run-1"), continued(HEADER, "run-1"), continued(HEADER, "run-2")
    assert first == again != other
    assert first is not None
    context = parse_traceparent(first)
    assert context is not None
    assert (context.trace_id, context.flags) == (TRACE, 1)
    assert context.span_id != PARENT
    assert continued(None, "run-1") is None


def test_a_run_becomes_a_consumer_span_with_its_steps_below(spans: Spans) -> None:
    error = RunError(ErrorType.TOOL_ERROR, "no such order")
    model = Span("m", "a", SpanKind.MODEL, "gemini/gemini-2.5-flash", NOW_US, NOW_US + 5, token_usage=TokenUsage(7, 3))
    tool = Span("t", "m", SpanKind.TOOL, "validate_order", NOW_US, NOW_US + 2, error=error, attempt=2)
    agent = Span("a", None, SpanKind.AGENT, "order-processor", NOW_US, NOW_US + 9, input={"customer": "john"})
    record = make_record(3, headers=(("traceparent", HEADER.encode()),))
    entry = make_stored(record=record, spans=(agent, model, tool), status=RunStatus.FAILED, error=error)
    export = RunExport(processor=spans, service_name="studio")
    export.take([entry, make_stored(4, status=RunStatus.RUNNING)])
    run, *steps = spans.all
    assert (run.name, run.kind.name, run.status.status_code.name) == ("process orders", "CONSUMER", "ERROR")
    assert f"{run.context.trace_id:032x}" == TRACE
    assert f"{run.parent.span_id:016x}" == PARENT
    assert continued(HEADER, entry.run.run_id) == f"00-{TRACE}-{run.context.span_id:016x}-01"
    assert run.attributes["messaging.destination.name"] == "orders"
    assert run.attributes["messaging.kafka.offset"] == 3
    assert run.attributes["error.type"] == "tool_error"
    assert run.start_time == NOW_US * 1000 + 3_000_000
    assert [s.name for s in steps] == [
        "invoke_agent order-processor",
        "chat gemini-2.5-flash",
        "execute_tool validate_order",
    ]
    parents = [run, steps[0], steps[1]]
    assert [s.parent.span_id for s in steps] == [p.context.span_id for p in parents]
    assert steps[1].attributes["gen_ai.provider.name"] == "gcp.gemini"
    assert steps[1].attributes["gen_ai.usage.input_tokens"] == 7
    assert steps[2].attributes["error.type"] == "tool_error"
    assert "john" not in str([s.attributes for s in spans.all])
    export.close()
    assert spans.is_shut_down


@pytest.mark.parametrize("with_content", [False, True])
def test_what_tools_were_given_and_returned_is_exported_where_that_is_asked_for(
    spans: Spans, with_content: bool
) -> None:
    of_model = Span("1", "0", SpanKind.TOOL, "orders.find", NOW_US, NOW_US + 2, input={"order_id": "7"}, output=[1])
    model = Span("0", None, SpanKind.MODEL, "openai/gpt", NOW_US, NOW_US + 2)
    of_tool_agent = Span("1", None, SpanKind.TOOL, "orders.tag", NOW_US, NOW_US + 2)
    export = RunExport(processor=spans, service_name="studio", with_content=with_content)
    export.take([make_stored(3, spans=(model, of_model)), make_stored(4, spans=(of_tool_agent,))])
    said = [
        (s.attributes.get("gen_ai.tool.call.arguments"), s.attributes.get("gen_ai.tool.call.result"))
        for s in spans.all
        if s.name.startswith("execute_tool")
    ]
    if not with_content:
        assert said == [(None, None), (None, None)]
        return
    assert said[0] == ('{"order_id":"7"}', "[1]")
    assert '{"payload":{"order_id":"o-4"' in said[1][0]
    assert said[1][1] == '{"order_id":"o-4","route":"standard"}'


class Collector:
    """An exporter whose collector takes spans or not."""

    def __init__(self) -> None:
        self.result = SpanExportResult.SUCCESS
        self.shutdowns = 0

    def export(self, _: object) -> SpanExportResult:
        return self.result

    def shutdown(self) -> None:
        self.shutdowns += 1


@pytest.mark.parametrize(
    ("result", "shutdowns"), [(SpanExportResult.FAILURE, 1), (SpanExportResult.SUCCESS, 0)], ids=lambda v: str(v)
)
def test_a_collector_that_took_nothing_is_not_waited_for_when_stopping(
    spans: Spans, result: SpanExportResult, shutdowns: int
) -> None:
    collector = Collector()
    exporter = WatchedExporter(collector)
    export = RunExport(processor=spans, service_name="studio", exporter=exporter)
    collector.result = result
    assert exporter.export([]) is result
    export.hurry()
    assert collector.shutdowns == shutdowns
    exporter.shutdown()
    exporter.shutdown()
    assert collector.shutdowns == 1


def test_what_the_sender_does_not_sample_is_not_exported(spans: Spans) -> None:
    record = make_record(headers=(("traceparent", f"00-{TRACE}-{PARENT}-00".encode()),))
    RunExport(processor=spans, service_name="studio").take([make_stored(record=record)])
    assert spans.all == []


def test_a_run_without_trace_begins_one_of_its_own(spans: Spans) -> None:
    RunExport(processor=spans, service_name="studio").take([make_stored(1), make_stored(2)])
    first, second = spans.all
    assert first.parent is None
    assert first.context.trace_id != second.context.trace_id


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_without_an_endpoint_nothing_is_exported(environ: dict[str, str]) -> None:
    assert open_tracing(environ) is None


def test_without_an_endpoint_nothing_is_imported() -> None:
    code = (
        "import sys; from kafka_agent_studio.engine.tracing import open_tracing; open_tracing({});"
        "sys.exit(any(m.startswith('opentelemetry') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_with_an_endpoint_an_export_opens_and_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    export = open_tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"})
    assert export is not None
    export.close()
