"""A run that failed, the same run again with another prompt, and once more with the rehearsal model: three details."""

import msgspec

from kafka_agent_studio.model.run import (
    ErrorType,
    RunChanges,
    RunDetail,
    RunError,
    RunStatus,
    Span,
    SpanKind,
    TokenUsage,
)
from tests.helpers.gui_scene import make_detail, make_record, make_run

_PROMPT = """You receive an order event in JSON (from Kafka).
First call validate_order to check the schema.
Then call score_risk to compute a fraud score.
Return a single JSON object with: order_id, status, risk_score, route."""
_BETTER = _PROMPT.replace(
    "Return a single JSON object with: order_id,", "Answer with nothing but one JSON object: order_id,"
)
_TOOLS = ["validate_order", "score_risk"]


def _conversation(prompt: str) -> dict[str, object]:
    value = (make_record().value or b"").decode()
    return {
        "messages": [{"role": "system", "content": prompt}, {"role": "user", "content": value}],
        "tools": _TOOLS,
    }


def _with_prompt(detail: RunDetail, prompt: str) -> RunDetail:
    def sent(span: Span) -> Span:
        is_model = span.kind is SpanKind.MODEL
        return msgspec.structs.replace(span, input=_conversation(prompt)) if is_model else span

    return msgspec.structs.replace(detail, spans=tuple(sent(span) for span in detail.spans))


def _failed() -> RunDetail:
    run = make_run(status=RunStatus.FAILED)
    said = 'the answer is no JSON: Here is the result: {"order_id": …'
    error = RunError(ErrorType.SCHEMA_MISMATCH, said)
    return _with_prompt(make_detail(msgspec.structs.replace(run, error=error, attempts=3)), _PROMPT)


def _repeated(parent: str) -> RunDetail:
    start = (make_run().started_at_us or 0) + 73_000_000
    run = msgspec.structs.replace(
        make_run(),
        run_id="b5d1c2e4-7f30-4a5e-9c1d-2f6a8e0b4c11",
        started_at_us=start,
        ended_at_us=start + 1_402_000,
        token_usage=TokenUsage(322, 88, 410),
        parent_run_id=parent,
        published=(),
        changes=RunChanges(system_prompt=_BETTER),
    )
    return _with_prompt(make_detail(run), _BETTER)


FAILED = _failed()
REPEATED = _repeated(FAILED.run.run_id)
REHEARSED = msgspec.structs.replace(
    REPEATED,
    run=msgspec.structs.replace(
        REPEATED.run,
        run_id="e0a94f7c-1b62-4d8f-8a77-51c3de20f9ab",
        parent_run_id=REPEATED.run.run_id,
        stand_ins=("rehearsal", "sandbox"),
    ),
)
