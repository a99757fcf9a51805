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
    key = record.key
    named = recorder.stand_ins
    return Run(  # in the order of its fields: names would cost as much as all the rest
        job.run_id,
        job.agent_name,
        status,
        output,
        error,
        job.started_at_us,
        now_us if status.is_terminal else None,
        recorder.token_usage,
        connector,
        record.topic,
        record.partition,
        record.offset,
        record.timestamp_ms,
        None if key is None else key_text(key)[0],
        None,
        recorder.attempts,
        recorder.cost,
        (),
        (*stand_ins, *sorted(named)) if named else stand_ins,
    )
