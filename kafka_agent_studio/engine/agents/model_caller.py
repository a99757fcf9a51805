"""Asks a model until it answers: retries, then the fallback model, a recorded span per attempt."""

from collections.abc import Callable
from typing import Any

import msgspec

from kafka_agent_studio.engine.agents.completion import Completion
from kafka_agent_studio.engine.agents.retry import UniformRandom, retry_delay_s
from kafka_agent_studio.engine.agents.run_scope import RunScope
from kafka_agent_studio.model.agent import RetryOptions
from kafka_agent_studio.model.model_call import (
    REHEARSAL,
    REHEARSAL_MODEL,
    ChatMessage,
    ModelAnswer,
    ModelCallError,
    ModelRequest,
)
from kafka_agent_studio.model.run import NO_TOKENS, ErrorType, RunError, SpanKind

_GIVEN_UP = RunError(ErrorType.CANCELLED, "given up before an answer came")


class ModelChoice:
    """Which models there are and who answers for each."""

    def __init__(self, *, completion: Completion, rehearsal: Completion, rehearses: Callable[[str], bool]) -> None:
        """`rehearses` says whether the stand-in answers for a model."""
        self._completion = completion
        self._rehearsal = rehearsal
        self._rehearses = rehearses

    def of(self, model: str) -> tuple[str, Completion]:
        """Return the model that really answers for `model`, and the way to it."""
        if model == REHEARSAL_MODEL or self._rehearses(model):
            return REHEARSAL_MODEL, self._rehearsal
        return model, self._completion


class ModelCaller:
    """Retries repeat one request, never the tools already called."""

    def __init__(self, *, choice: ModelChoice, retry: RetryOptions, random: UniformRandom) -> None:
        self._choice = choice
        self._retry = retry
        self._random = random

    async def ask(self, request: ModelRequest, scope: RunScope, *, models: list[str]) -> ModelAnswer:
        """Return the answer of the first of `models`, or of the next once its attempts are spent.

        A model that failed is taken off the list, so that the rest of the run stays with the one that answers.
        Raises: ModelCallError.
        """
        failures: list[ModelCallError] = []
        while models:
            try:
                return await self._ask_model(models[0], request, scope)
            except ModelCallError as error:
                failures.append(error)
            models.pop(0)
        raise _all_of(failures)

    async def _ask_model(self, model: str, request: ModelRequest, scope: RunScope) -> ModelAnswer:
        name, completion = self._choice.of(model)
        if name == REHEARSAL_MODEL:
            scope.recorder.stand_ins.add(REHEARSAL)
        request = await completion.adapt(msgspec.structs.replace(request, model=name))
        given = {
            "messages": request.messages,
            "tools": [tool["function"]["name"] for tool in request.tools],
        }
        attempt = 1
        while True:
            scope.saw_attempt(attempt)
            try:
                return await self._attempt(completion, request, scope, attempt=attempt, given=given)
            except ModelCallError as error:
                if not error.is_retryable or attempt >= self._retry.attempts:
                    raise
                delay_s = retry_delay_s(
                    self._retry, attempt=attempt, random=self._random, retry_after_s=error.retry_after_s
                )
            await scope.clock.sleep(delay_s)
            attempt += 1

    async def _attempt(
        self, completion: Completion, request: ModelRequest, scope: RunScope, *, attempt: int, given: dict[str, Any]
    ) -> ModelAnswer:
        started_at_us = scope.clock.now_us()
        output: ChatMessage | None = None
        error: RunError | None = _GIVEN_UP
        used, cost = NO_TOKENS, None
        try:
            answer = await completion.complete(request)
            output, error, used, cost = answer.message, None, answer.token_usage, answer.cost
        except ModelCallError as failure:
            error, used, cost = RunError(failure.type, str(failure)), failure.token_usage, failure.cost
            raise
        finally:
            recorder = scope.recorder
            recorder.token_usage += used
            if cost is not None:
                recorder.cost = (recorder.cost or 0.0) + cost
            scope.record(
                kind=SpanKind.MODEL,
                name=request.model,
                started_at_us=started_at_us,
                attempt=attempt,
                given=given,
                output=output,
                error=error,
                token_usage=used,
                cost=cost,
            )
        return answer


def _all_of(failures: list[ModelCallError]) -> ModelCallError:
    """Return one error for all models: refused only where every one refused, so that an outage is not taken for it."""
    if len(failures) == 1:
        return failures[0]
    is_refused = all(f.type is ErrorType.MODEL_REFUSED for f in failures)
    return ModelCallError(
        ErrorType.MODEL_REFUSED if is_refused else ErrorType.MODEL_ERROR,
        "; then the fallback: ".join(str(f) for f in failures),
    )
