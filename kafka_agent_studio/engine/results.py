"""From a finished run to the records that leave: result envelopes, outputs alone, and dead letters."""

import msgspec

from kafka_agent_studio.engine.kafka.codec import to_json, to_text
from kafka_agent_studio.engine.ports import OutboundRecord
from kafka_agent_studio.model.connector import OutboundConnector, PayloadForm, Publish
from kafka_agent_studio.model.message import Headers, Record
from kafka_agent_studio.model.run import Run, RunError, RunStatus, TokenUsage, envelope, iso_utc


class _Envelope(msgspec.Struct, frozen=True, gc=False):
    """model.run.envelope() for the encoder: the same keys in the same order."""

    run_id: str
    agent_name: str
    status: RunStatus
    output: msgspec.Raw
    error: RunError | None
    started_at: str | None
    ended_at: str | None
    token_usage: TokenUsage


def is_published(run: Run, outbound: OutboundConnector, *, is_text: bool) -> bool:
    """Whether `outbound` publishes this run, which is terminal."""
    if run.status is RunStatus.COMPLETED:
        is_empty = run.output is None or (is_text and run.output == "")
        return not (outbound.skip_empty and (is_empty or run.output == ""))
    return run.status is RunStatus.FAILED and outbound.publish is Publish.ALL


def result_record(
    run: Run,
    outbound: OutboundConnector,
    *,
    source: Record,
    is_text: bool,
    traceparent: str | None,
    output_json: bytes | None = None,
) -> OutboundRecord:
    """Return the record that publishes `run`: the inbound key byte for byte, else the run id.

    `output_json` is the run's output as JSON; None where it is still to be encoded.
    """
    if outbound.payload is PayloadForm.ENVELOPE:
        value = to_json(envelope(run)) if output_json is None else _envelope_around(run, output_json)
    elif is_text:
        value = to_text(str(run.output))
    else:
        value = to_json(run.output) if output_json is None else output_json
    run_id = run.run_id.encode()
    key = source.key
    headers: Headers = (
        ("studio.run_id", run_id),
        ("studio.agent", run.agent_name.encode()),
        ("studio.key_source", b"run_id" if key is None else b"original"),
        ("studio.source", f"{source.topic}/{source.partition}/{source.offset}".encode()),
    )
    if traceparent is not None:
        headers += (("traceparent", traceparent.encode()),)
    return OutboundRecord(outbound.topic, run_id if key is None else key, value, headers)


def _envelope_around(run: Run, output_json: bytes) -> bytes:
    return msgspec.json.encode(
        _Envelope(
            run.run_id,
            run.agent_name,
            run.status,
            msgspec.Raw(output_json),
            run.error,
            iso_utc(run.started_at_us),
            iso_utc(run.ended_at_us),
            run.token_usage,
        )
    )


def dead_letter(run: Run, *, source: Record, topic: str) -> OutboundRecord:
    """Return the original record for the dead letter topic, with what went wrong in its headers.

    Headers of an earlier dead-lettering are replaced, so that a redriven message does not collect them.
    """
    error = None if run.error is None else {"type": run.error.type.value, "message": run.error.message}
    added: Headers = (
        ("studio.error", to_json(error)),
        ("studio.agent", run.agent_name.encode()),
        ("studio.run_id", run.run_id.encode()),
        ("studio.source", source.place.encode()),
    )
    names = {name for name, _ in added}
    kept = tuple(h for h in source.headers if h[0] not in names)
    return OutboundRecord(topic=topic, key=source.key, value=source.value, headers=kept + added)
