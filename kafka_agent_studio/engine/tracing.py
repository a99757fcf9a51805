"""Traces: the `traceparent` of a message is continued in its result; runs go to OpenTelemetry where that is set up.

Without the extra `otel`, or without an endpoint in the environment, nothing is imported and nothing is done.
Sources: W3C Trace Context; OpenTelemetry semantic conventions for messaging and gen_ai.
"""

import hashlib
import logging
import re
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from kafka_agent_studio.engine.kafka.codec import to_json
from kafka_agent_studio.engine.ports import StoredRun
from kafka_agent_studio.engine.span_contents import run_in_full
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.run import Run, RunError, Span, SpanKind, publish_spans

HEADER = "traceparent"

_TRACEPARENT = re.compile(r"(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER")

CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
"""`true`: what tools were called with and what they returned is exported, too. It is the messages' content."""
_TIMEOUTS = ("OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT")
EXPORT_S = 3.0
"""How long a batch of spans gets, retries included, unless the environment says so: stopping waits for the last one."""
CLOSE_S = 1.5
"""How long all that waits gets when the engine stops; what is under way then still gets its own time."""
_PROVIDERS = {
    "azure": "azure.ai.openai",
    "azure_ai": "azure.ai.inference",
    "bedrock": "aws.bedrock",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "vertex_ai": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
    "xai": "x_ai",
}
"""litellm's names of providers whose names in the semantic conventions are others."""

_log = logging.getLogger(__name__)


class TraceContext(msgspec.Struct, frozen=True):
    """A place in a trace; ids are lower-case hex (32 and 16 digits), `flags` the W3C trace flags."""

    trace_id: str
    span_id: str
    flags: int

    @property
    def is_sampled(self) -> bool:
        """Whether the trace is to be exported."""
        return bool(self.flags & 1)

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
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        _log.warning(
            "OpenTelemetry is set up in the environment but not installed: pip install kafka-agent-studio[otel]"
        )
        return None
    has_timeout = any(environ.get(name) for name in _TIMEOUTS)
    exporter = WatchedExporter(OTLPSpanExporter(timeout=None if has_timeout else EXPORT_S))
    is_named = environ.get("OTEL_SERVICE_NAME") or "service.name=" in environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return RunExport(
        processor=BatchSpanProcessor(exporter),
        service_name=None if is_named else service_name,
        exporter=exporter,
        with_content=environ.get(CONTENT, "").lower() == "true",
    )


class WatchedExporter:
    """An OpenTelemetry span exporter of which is known whether its collector took the last batch."""

    def __init__(self, exporter: Any) -> None:
        self._exporter = exporter
        self._is_shut_down = False
        self.is_failing = False

    def export(self, spans: Sequence[Any]) -> Any:
        """Send spans; blocks until the collector has them or the time for it is up."""
        result = self._exporter.export(spans)
        self.is_failing = result.name != "SUCCESS"
        return result

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing waits here."""
        return bool(self._exporter.force_flush(timeout_millis))

    def shutdown(self) -> None:
        """End; from any thread, and any number of times."""
        if not self._is_shut_down:
            self._is_shut_down = True
            self._exporter.shutdown()


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

    def __init__(
        self,
        *,
        processor: SpanProcessor,
        service_name: str | None,
        exporter: WatchedExporter | None = None,
        with_content: bool = False,
    ) -> None:
        """`service_name` None: the environment names it. `exporter` is what the processor sends with.

        `with_content`: tool spans carry arguments and results.
        """
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.util.instrumentation import InstrumentationScope

        self._processor = processor
        self._exporter = exporter
        self._with_content = with_content
        self._resource = Resource.create({} if service_name is None else {"service.name": service_name})
        self._scope = InstrumentationScope("kafka_agent_studio")

    def take(self, entries: Sequence[StoredRun]) -> None:
        """Export those that ended; quick, never raises. A message's `traceparent` is the parent of its run."""
        for entry in entries:
            if entry.run.status.is_terminal:
                try:
                    self._export(entry)
                except Exception:  # noqa: BLE001 - a trace is never worth a run
                    _log.exception("run %s was not exported", entry.run.run_id)

    def take_published(self, published: Sequence[tuple[Run, str | None]]) -> None:
        """Export where the results of runs landed, given with the `traceparent` of their messages; never raises."""
        for run, header in published:
            try:
                self._export_steps(run, publish_spans(run.published), _top_of(run, _sender_of(header)))
            except Exception:  # noqa: BLE001 - as in take()
                _log.exception("what run %s published was not exported", run.run_id)

    def hurry(self) -> None:
        """The engine begins to stop: a collector that does not answer gets no more batches."""
        if self._exporter is not None and self._exporter.is_failing:
            self._exporter.shutdown()

    def close(self) -> None:
        """Send what waits and end; blocks, for some seconds where the collector does not answer."""
        too_long = threading.Timer(CLOSE_S, lambda: None if self._exporter is None else self._exporter.shutdown())
        too_long.daemon = True
        too_long.start()
        try:
            self._processor.shutdown()
        finally:
            too_long.cancel()
            too_long.join()

    def _export(self, entry: StoredRun) -> None:
        run = entry.run
        sender = _sender_of(None if entry.record is None else traceparent_of(entry.record))
        top = _top_of(run, sender)
        if not top.is_sampled:
            return
        self._emit(
            f"process {run.topic}",
            top,
            parent=sender,
            kind="CONSUMER",
            times=(run.started_at_us, run.ended_at_us),
            attributes=_run_attributes(run),
            error=run.error,
        )
        spans = run_in_full(run, entry.spans, entry.record) if self._with_content else entry.spans
        self._export_steps(run, spans, top)

    def _export_steps(self, run: Run, spans: Sequence[Span], top: TraceContext) -> None:
        """Export what happened below a run, whose place is `top`."""
        if not top.is_sampled:
            return
        ids = {span.span_id: _hash(run.run_id, span.span_id, 8) for span in spans}
        for span in spans:
            parent_id = top.span_id if span.parent_id is None else ids.get(span.parent_id, top.span_id)
            name, kind, attributes = _span_words(span)
            if self._with_content and span.kind is SpanKind.TOOL:
                attributes |= _tool_content(span)
            self._emit(
                name,
                TraceContext(top.trace_id, ids[span.span_id], top.flags),
                parent=TraceContext(top.trace_id, parent_id, top.flags),
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


def _sender_of(header: str | None) -> TraceContext | None:
    return None if header is None else parse_traceparent(header)


def _top_of(run: Run, sender: TraceContext | None) -> TraceContext:
    """Return the place of a run in its message's trace, or in one of its own."""
    if sender is None:
        return TraceContext(_hash(run.run_id, "trace", 16), _span_id(run.run_id), 1)
    return TraceContext(sender.trace_id, _span_id(run.run_id), sender.flags)


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
    """Return name, kind and attributes. What went in and out is not among them: it is the messages' content."""
    attributes: dict[str, Any] = {}
    if span.attempt > 1:
        attributes["kafka_agent_studio.attempt"] = span.attempt
    if span.kind is SpanKind.MODEL:
        provider, _, model = span.name.partition("/") if "/" in span.name else ("", "", span.name)
        attributes |= {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": model,
            "gen_ai.usage.input_tokens": span.token_usage.prompt_tokens,
            "gen_ai.usage.output_tokens": span.token_usage.candidates_tokens,
        }
        if provider:
            attributes["gen_ai.provider.name"] = _PROVIDERS.get(provider, provider)
        return f"chat {model}", "CLIENT", attributes
    if span.kind is SpanKind.TOOL:
        attributes |= {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": span.name}
        return f"execute_tool {span.name}", "INTERNAL", attributes
    if span.kind is SpanKind.PUBLISH:
        attributes |= {
            "messaging.system": "kafka",
            "messaging.operation.type": "send",
            "messaging.operation.name": "send",
            "messaging.destination.name": span.name,
        }
        return f"send {span.name}", "PRODUCER", attributes
    attributes |= {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": span.name}
    return f"invoke_agent {span.name}", "INTERNAL", attributes


def _tool_content(span: Span) -> dict[str, Any]:
    said = {"gen_ai.tool.call.arguments": span.input}
    if span.error is None:
        said["gen_ai.tool.call.result"] = span.output
    return {name: to_json(value).decode() for name, value in said.items()}


def _span_id(run_id: str) -> str:
    return _hash(run_id, "run", 8)


def _hash(run_id: str, part: str, size_bytes: int) -> str:
    # never all zeros, which the W3C reserves: so long a hash of anything is not
    return hashlib.sha256(f"{run_id}/{part}".encode()).hexdigest()[: size_bytes * 2]
