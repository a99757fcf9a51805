"""A job's run in each of its states, with what it did so far."""

from typing import Any

from kafka_agent_studio.engine.jobs import RunJob
from kafka_agent_studio.engine.kafka.codec import key_text
from kafka_agent_studio.engine.ports import RunOutcome, RunRecorder
from kafka_agent_studio.model.run import ErrorType, Run, RunError, RunStatus


def terminal_run(job: RunJob, outcome: RunOutcome, *, connector: str, stand_ins: tuple[str, ...], now_us: int) -> Run:
    """Return the run that ended with this outcome; `now_us` is epoch µs."""
    error = outcome.error
    if error is None:
        status = RunStatus.COMPLETED
    else:
        status = RunStatus.CANCELLED if error.type is ErrorType.CANCELLED else RunStatus.FAILED
    return run_of(
        job,
        status,
        job.recorder or RunRecorder(),
        connector=connector,
        stand_ins=stand_ins,
        now_us=now_us,
        output=outcome.output if error is None else None,
        error=error,
    )


def run_of(
    job: RunJob,
    status: RunStatus,
    recorder: RunRecorder,
    *,
    connector: str,
    stand_ins: tuple[str, ...],
    now_us: int,
    output: Any = None,
    error: RunError | None = None,
) -> Run:
    """Return the job's run in a status. `stand_ins`: what stands in whatever the agent does, plus the recorder's."""
    record = job.message.record
    return Run(
        run_id=job.run_id,
        agent_name=job.agent_name,
        status=status,
        output=output,
        error=error,
        started_at_us=job.started_at_us,
        ended_at_us=now_us if status.is_terminal else None,
        token_usage=recorder.token_usage,
        connector=connector,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp_ms=record.timestamp_ms,
        key=key_text(record.key)[0],
        attempts=recorder.attempts,
        cost=recorder.cost,
        stand_ins=(*stand_ins, *sorted(recorder.stand_ins)) if recorder.stand_ins else stand_ins,
    )
