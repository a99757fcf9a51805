"""Traces: the `traceparent` of a message is continued in its result; runs go to OpenTelemetry where that is set up.

Without the extra `otel`, or without an endpoint in the environment, nothing is imported and nothing is done.
Sources: W3C Trace Context; OpenTelemetry semantic conventions for messaging and gen_ai.
"""

import hashlib
import logging
import re
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any, Protocol

import msgspec

from kafka_agent_studio.engine.ports import StoredRun
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.run import Run, RunError, Span, SpanKind

HEADER = "traceparent"

_TRACEPARENT = re.compile(r"(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER")

_log = logging.getLogger(__name__)


class TraceContext(msgspec.Struct, frozen=True):
    """A place in a trace; ids are lower-case hex (32 and 16 digits), `flags` the W3C trace flags."""

    trace_id: str
    span_id: str
    flags: int

    def header(self) -> str:
        """Return it as a `traceparent`."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags:02x}"


def parse_traceparent(text: str) -> TraceContext | None:
    """Return the place a `traceparent` names; None where it is not valid and has to be ignored."""
    match = _TRACEPARENT.fullmatch(text.strip())
    if match is None:
        return None
    version, trace_id, span_id, flags, more = match.groups()
    if (version == "00" and more) or not trace_id.strip("0") or not span_id.strip("0"):
        return None
    # of the flags, version 00 defines `sampled` and `random`; others are not passed on
    return TraceContext(trace_id, span_id, int(flags, 16) & 0x03)


def traceparent_of(record: Record) -> str | None:
    """Return the valid `traceparent` of a record; None where it has none. Header names are compared exactly."""
    for name, value in record.headers:
        if name == HEADER and value is not None:
            context = parse_traceparent(value.decode("ascii", "replace"))
            return None if context is None else context.header()
    return None


def continued(traceparent: str | None, run_id: str) -> str | None:
    """Return the `traceparent` of a run's results: the message's trace, with the run as the parent.

    The run's span id follows from its run id, so that a result published again after a crash names the same span.
    """
    context = None if traceparent is None else parse_traceparent(traceparent)
    return None if context is None else TraceContext(context.trace_id, _span_id(run_id), context.flags).header()


def open_tracing(environ: Mapping[str, str], *, service_name: str = "kafka-agent-studio") -> "RunExport | None":
    """Return what exports runs; None where no endpoint is set, or the extra `otel` is not installed."""
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or environ.get("OTEL_TRACES_EXPORTER") == "none":
        return None
    if not any(environ.get(name) for name in _ENDPOINTS):
        return None
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.sdk") is None:
        _log.warning(
            "OpenTelemetry is set up in the environment but not installed: pip install kafka-agent-studio[otel]"
        )
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return RunExport(processor=BatchSpanProcessor(OTLPSpanExporter()), service_name=service_name)


class SpanProcessor(Protocol):
    """What RunExport needs of an OpenTelemetry span processor."""

    def on_end(self, span: Any, /) -> None:
        """Take a finished span."""
        ...

    def shutdown(self) -> None:
        """Send what waits, end."""
        ...


class RunExport:
    """Turns finished runs into OpenTelemetry spans: the run as a consumer span, what happened in it below."""

    def __init__(self, *, processor: SpanProcessor, service_name: str) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.util.instrumentation import InstrumentationScope

        self._processor = processor
        self._resource = Resource.create({"service.name": service_name})
        self._scope = InstrumentationScope("kafka_agent_studio")

    def take(self, entries: Sequence[StoredRun]) -> None:
        """Export those that ended; quick, never raises. A message's `traceparent` is the parent of its run."""
        for entry in entries:
            if entry.run.status.is_terminal:
                try:
                    self._export(entry)
                except Exception:  # noqa: BLE001 - a trace is never worth a run
                    _log.exception("run %s was not exported", entry.run.run_id)

    def close(self) -> None:
        """Send what waits and end; blocks, up to the exporter's own time limit."""
        self._processor.shutdown()

    def _export(self, entry: StoredRun) -> None:
        run = entry.run
        header = None if entry.record is None else traceparent_of(entry.record)
        sender = None if header is None else parse_traceparent(header)
        trace_id = _hash(run.run_id, "trace", 16) if sender is None else sender.trace_id
        flags = 1 if sender is None else sender.flags
        if not flags & 1:
            return
        top = TraceContext(trace_id, _span_id(run.run_id), flags)
        self._emit(
            f"process {run.topic}",
            top,
            parent=sender,
            kind="CONSUMER",
            times=(run.started_at_us, run.ended_at_us),
            attributes=_run_attributes(run),
            error=run.error,
        )
        ids = {span.span_id: _hash(run.run_id, span.span_id, 8) for span in entry.spans}
        for span in entry.spans:
            parent_id = top.span_id if span.parent_id is None else ids.get(span.parent_id, top.span_id)
            name, kind, attributes = _span_words(span)
            self._emit(
                name,
                TraceContext(trace_id, ids[span.span_id], flags),
                parent=TraceContext(trace_id, parent_id, flags),
                kind=kind,
                times=(span.started_at_us, span.ended_at_us),
                attributes=attributes,
                error=span.error,
            )

    def _emit(
        self,
        name: str,
        place: TraceContext,
        *,
        parent: TraceContext | None,
        kind: str,
        times: tuple[int | None, int | None],
        attributes: dict[str, Any],
        error: RunError | None,
    ) -> None:
        from opentelemetry import trace
        from opentelemetry.sdk.trace import ReadableSpan

        started_us = times[0] if times[0] is not None else times[1] or 0
        ended_us = times[1] if times[1] is not None else started_us
        status = trace.Status(trace.StatusCode.UNSET)
        if error is not None:
            attributes["error.type"] = error.type.value
            status = trace.Status(trace.StatusCode.ERROR, error.message)
        self._processor.on_end(
            ReadableSpan(
                name=name,
                context=_otel_context(place, is_remote=False),
                parent=None if parent is None else _otel_context(parent, is_remote=True),
                resource=self._resource,
                attributes=attributes,
                kind=trace.SpanKind[kind],
                status=status,
                start_time=started_us * 1000,
                end_time=ended_us * 1000,
                instrumentation_scope=self._scope,
            )
        )


def _otel_context(place: TraceContext, *, is_remote: bool) -> Any:
    from opentelemetry.trace import SpanContext, TraceFlags

    return SpanContext(
        trace_id=int(place.trace_id, 16),
        span_id=int(place.span_id, 16),
        is_remote=is_remote,
        trace_flags=TraceFlags(place.flags),
    )


def _run_attributes(run: Run) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "messaging.system": "kafka",
        "messaging.operation.type": "process",
        "messaging.operation.name": "process",
        "messaging.destination.name": run.topic,
        "messaging.destination.partition.id": str(run.partition),
        "messaging.kafka.offset": run.offset,
        "gen_ai.agent.name": run.agent_name,
        "kafka_agent_studio.run_id": run.run_id,
        "kafka_agent_studio.connector": run.connector,
        "kafka_agent_studio.status": run.status.value,
    }
    if run.key is not None:
        attributes["messaging.kafka.message.key"] = run.key
    if run.token_usage.total_tokens:
        attributes["gen_ai.usage.input_tokens"] = run.token_usage.prompt_tokens
        attributes["gen_ai.usage.output_tokens"] = run.token_usage.candidates_tokens
    return attributes


def _span_words(span: Span) -> tuple[str, str, dict[str, Any]]:
    """Return name, kind and attributes. What went in and out is left out: it is the messages' content."""
    attributes: dict[str, Any] = {}
    if span.attempt > 1:
        attributes["kafka_agent_studio.attempt"] = span.attempt
    if span.kind is SpanKind.MODEL:
        provider, _, model = span.name.rpartition("/")
        attributes |= {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": model,
            "gen_ai.usage.input_tokens": span.token_usage.prompt_tokens,
            "gen_ai.usage.output_tokens": span.token_usage.candidates_tokens,
        }
        if provider:
            attributes["gen_ai.provider.name"] = provider
        return f"chat {model}", "CLIENT", attributes
    if span.kind is SpanKind.TOOL:
        attributes |= {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": span.name}
        return f"execute_tool {span.name}", "INTERNAL", attributes
    if span.kind is SpanKind.PUBLISH:
        attributes |= {
            "messaging.system": "kafka",
            "messaging.operation.type": "send",
            "messaging.operation.name": "send",
        }
        return f"send {span.name}", "PRODUCER", attributes
    attributes |= {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": span.name}
    return f"invoke_agent {span.name}", "INTERNAL", attributes


def _span_id(run_id: str) -> str:
    return _hash(run_id, "run", 8)


def _hash(run_id: str, part: str, size_bytes: int) -> str:
    # never all zeros, which the W3C reserves: so long a hash of anything is not
    return hashlib.sha256(f"{run_id}/{part}".encode()).hexdigest()[: size_bytes * 2]
