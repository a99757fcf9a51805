"""From a finished run to the records that leave: result envelopes, outputs alone, and dead letters."""

from kafka_agent_studio.engine.kafka.codec import to_json, to_text
from kafka_agent_studio.engine.ports import OutboundRecord
from kafka_agent_studio.model.connector import OutboundConnector, PayloadForm, Publish
from kafka_agent_studio.model.message import Headers, Record
from kafka_agent_studio.model.run import Run, RunStatus, envelope


def is_published(run: Run, outbound: OutboundConnector, *, is_text: bool) -> bool:
    """Whether `outbound` publishes this run, which is terminal."""
    if run.status is RunStatus.COMPLETED:
        is_empty = run.output is None or (is_text and run.output == "")
        return not (outbound.skip_empty and (is_empty or run.output == ""))
    return run.status is RunStatus.FAILED and outbound.publish is Publish.ALL


def result_record(
    run: Run, outbound: OutboundConnector, *, source: Record, is_text: bool, traceparent: str | None
) -> OutboundRecord:
    """Return the record that publishes `run`: the inbound key byte for byte, else the run id."""
    if outbound.payload is PayloadForm.ENVELOPE:
        value = to_json(envelope(run))
    elif is_text:
        value = to_text(str(run.output))
    else:
        value = to_json(run.output)
    has_key = source.key is not None
    headers: list[tuple[str, bytes | None]] = [
        ("studio.run_id", run.run_id.encode()),
        ("studio.agent", run.agent_name.encode()),
        ("studio.key_source", b"original" if has_key else b"run_id"),
        ("studio.source", source.place.encode()),
    ]
    if traceparent is not None:
        headers.append(("traceparent", traceparent.encode()))
    key = source.key if has_key else run.run_id.encode()
    return OutboundRecord(topic=outbound.topic, key=key, value=value, headers=tuple(headers))


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
