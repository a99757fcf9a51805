"""Agents of type tool: one function instead of a model."""

from typing import Any

import msgspec

from kafka_agent_studio.engine.agents.guarded_runner import failed
from kafka_agent_studio.engine.agents.output_schema import OutputSchema, SchemaMismatchError
from kafka_agent_studio.engine.agents.retry import UniformRandom, retry_delay_s
from kafka_agent_studio.engine.agents.run_scope import RunScope
from kafka_agent_studio.engine.agents.tools import Tool, ToolFailedError, is_plain
from kafka_agent_studio.engine.ports import RunOutcome
from kafka_agent_studio.model.agent import RetryOptions
from kafka_agent_studio.model.run import ErrorType, RunError, SpanKind

_GIVEN_UP: RunError | None = RunError(ErrorType.CANCELLED, "given up before it returned")


class ToolRunner:
    """Implements AgentBody.

    The span of a call leaves out what is the run's own message or output anyhow: span_contents puts it in again.
    """

    def __init__(
        self, *, tool: Tool, retry: RetryOptions, output_schema: OutputSchema | None, random: UniformRandom
    ) -> None:
        self._tool = tool
        self._retry = retry
        self._output_schema = output_schema
        self._random = random

    async def work(self, payload: dict[str, Any], scope: RunScope) -> RunOutcome:
        """Call the function until it succeeds or its attempts are spent."""
        tool, clock, context = self._tool, scope.clock, scope.context
        attempt = 1
        while True:
            context["attempt"] = attempt
            # a first call that takes the payload whole is given just what the run is; a later one, what the first left
            is_as_given = attempt == 1 and tool.takes_payload_as_it_is
            given = None if is_as_given else tool.arguments_in(payload)
            returned: Any = None
            started_at_us = clock.now_us()
            error = _GIVEN_UP
            is_last = True
            try:
                result = await tool.call_with_payload(payload, context)
                data = tool.json_of(result)
                outcome = self._outcome(result, data)
                if outcome.error is not None:
                    # the run has no output, but the function returned something
                    returned = msgspec.json.decode(data)
                error = None
            except ToolFailedError as failure:
                error = RunError(ErrorType.TOOL_ERROR, str(failure))
                is_last = attempt >= self._retry.attempts or not failure.is_retryable
            finally:
                scope.record(
                    kind=SpanKind.TOOL,
                    name=tool.ref,
                    started_at_us=started_at_us,
                    attempt=attempt,
                    given=given,
                    output=returned,
                    error=error,
                )
            if error is None:
                return outcome
            if is_last:
                return RunOutcome(None, error=error)
            await clock.sleep(retry_delay_s(self._retry, attempt=attempt, random=self._random))
            attempt += 1
            scope.saw_attempt(attempt)

    def _outcome(self, result: Any, data: bytes) -> RunOutcome:
        schema = self._output_schema
        if schema is None and is_plain(result):
            return RunOutcome(result, output_json=data)
        value = msgspec.json.decode(data)
        if schema is not None:
            try:
                schema.check(value)
            except SchemaMismatchError as error:
                return failed(ErrorType.SCHEMA_MISMATCH, str(error))
        return RunOutcome(value, output_json=data)
