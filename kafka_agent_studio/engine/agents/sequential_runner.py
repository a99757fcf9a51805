"""Agents of type sequential: agents in a row, each gets the previous output."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from kafka_agent_studio.engine.agents.guarded_runner import GuardedRunner, failed
from kafka_agent_studio.engine.agents.output_schema import OutputSchema, SchemaMismatchError
from kafka_agent_studio.engine.agents.retry import UniformRandom, retry_delay_s
from kafka_agent_studio.engine.agents.run_scope import RunScope
from kafka_agent_studio.engine.ports import RunOutcome
from kafka_agent_studio.model.agent import RetryOptions
from kafka_agent_studio.model.run import ErrorType, RunError, SpanKind

_RETRYABLE = frozenset({ErrorType.TIMEOUT, ErrorType.MODEL_ERROR, ErrorType.TOOL_ERROR})


class Step:
    """One agent of a sequence; it takes part in any number of sequences, within its own max_concurrent_runs."""

    def __init__(self, *, runner: GuardedRunner, max_concurrent_runs: int) -> None:
        self.runner = runner
        self.room = asyncio.Semaphore(max_concurrent_runs)


class SequentialRunner:
    """Implements AgentBody."""

    def __init__(
        self,
        *,
        name: str,
        steps: Sequence[Step],
        retry: RetryOptions,
        output_schema: OutputSchema | None,
        random: UniformRandom,
    ) -> None:
        self._name = name
        self._steps = tuple(steps)
        self._retry = retry
        self._output_schema = output_schema
        self._random = random

    async def work(self, payload: dict[str, Any], scope: RunScope) -> RunOutcome:
        """Run the sequence until it succeeds, fails for good, or its attempts are spent."""
        original = msgspec.json.encode(payload)
        attempt = 1
        while True:
            outcome = await self._run_steps(msgspec.json.decode(original), scope, attempt)
            if outcome.error is None:
                return self._checked(outcome)
            if outcome.error.type not in _RETRYABLE or attempt >= self._retry.attempts:
                return outcome
            await scope.clock.sleep(retry_delay_s(self._retry, attempt=attempt, random=self._random))
            attempt += 1
            scope.saw_attempt(attempt)

    async def _run_steps(self, payload: dict[str, Any], scope: RunScope, attempt: int) -> RunOutcome:
        kafka = msgspec.json.encode(payload.get("_kafka"))
        outcome = RunOutcome(None)
        for number, step in enumerate(self._steps):
            if number:
                payload = _next_payload(outcome.output, msgspec.json.decode(kafka))
            async with step.room:
                outcome = await self._run_step(step, payload, scope, attempt)
            if outcome.error is not None:
                error = RunError(outcome.error.type, f"{step.runner.name}: {outcome.error.message}")
                return RunOutcome(None, error=error)
        return outcome

    async def _run_step(self, step: Step, payload: dict[str, Any], scope: RunScope, attempt: int) -> RunOutcome:
        name = step.runner.name
        scope.context.update(agent_name=name, payload=payload, attempt=1)
        span_id = scope.next_span_id()
        given = msgspec.json.decode(msgspec.json.encode(payload))
        started_at_us = scope.clock.now_us()
        output: Any = None
        error: RunError | None = RunError(ErrorType.CANCELLED, "given up before it was done")
        try:
            outcome = await step.runner.run_within(payload, scope.within(span_id))
            # plain JSON, and no longer a tool's to change
            output, error = msgspec.json.decode(msgspec.json.encode(outcome.output)), outcome.error
        finally:
            scope.context["agent_name"] = self._name
            scope.record(
                kind=SpanKind.AGENT,
                name=name,
                started_at_us=started_at_us,
                span_id=span_id,
                attempt=attempt,
                given=given,
                output=output,
                error=error,
            )
        return RunOutcome(output, error=error, is_text=outcome.is_text)

    def _checked(self, outcome: RunOutcome) -> RunOutcome:
        schema = self._output_schema
        if schema is None:
            return outcome
        try:
            if outcome.is_text:
                return RunOutcome(schema.parse(outcome.output))
            schema.check(outcome.output)
        except SchemaMismatchError as error:
            return failed(ErrorType.SCHEMA_MISMATCH, str(error))
        return outcome


def _next_payload(output: Any, kafka: Any) -> dict[str, Any]:
    fields = output if isinstance(output, dict) else {"message": output}
    return {**fields, "_kafka": kafka}
