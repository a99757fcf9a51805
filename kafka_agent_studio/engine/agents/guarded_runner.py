"""What holds for a run of any type of agent: its timeout, its concurrency key, and that every failure is an outcome."""

import asyncio
import logging
from typing import Any, Protocol

from kafka_agent_studio.engine.agents.concurrency import ConcurrencyGates, value_at
from kafka_agent_studio.engine.agents.run_scope import RunScope, context_of
from kafka_agent_studio.engine.clock import Clock
from kafka_agent_studio.engine.ports import RunOutcome, RunRecorder, RunRequest
from kafka_agent_studio.model.agent import ConcurrencyKey
from kafka_agent_studio.model.run import ErrorType, RunError

_log = logging.getLogger(__name__)


def failed(type_: ErrorType, message: str) -> RunOutcome:
    """Return the outcome of a run that failed."""
    return RunOutcome(None, error=RunError(type_, message))


class AgentBody(Protocol):
    """What an agent of one type does with a payload."""

    async def work(self, payload: dict[str, Any], scope: RunScope) -> RunOutcome:
        """Return the outcome; what is raised counts as internal."""
        ...


class GuardedRunner:
    """Implements AgentRunner around a body."""

    def __init__(
        self,
        *,
        name: str,
        body: AgentBody,
        timeout_s: float | None,
        concurrency: ConcurrencyKey | None,
        gates: ConcurrencyGates,
        clock: Clock,
    ) -> None:
        self.name = name
        self._body = body
        self._timeout_s = timeout_s
        self._concurrency = concurrency
        self._gates = gates
        self._clock = clock

    async def run(self, request: RunRequest, recorder: RunRecorder) -> RunOutcome:
        """Run to the end. Only CancelledError is raised."""
        scope = RunScope(clock=self._clock, context=context_of(request), recorder=recorder)
        return await self.run_within(request.payload, scope)

    async def run_within(self, payload: dict[str, Any], scope: RunScope) -> RunOutcome:
        """Run as a part of another agent's run, or as the whole of one's own. Only CancelledError is raised."""
        if self._concurrency is None:
            return await self._run_in_time(payload, scope)
        value = value_at(payload, self._concurrency.key)
        if value is None:
            return await self._run_in_time(payload, scope)
        key = self._gates.key_of(self.name, value)
        if self._concurrency.on_conflict == "drop" and self._gates.is_taken(key):
            shown = key[1].decode(errors="replace")
            return failed(ErrorType.DROPPED, f"a run with {self._concurrency.key} = {shown} is under way")
        await self._gates.enter(key)
        try:
            return await self._run_in_time(payload, scope)
        finally:
            self._gates.leave(key)

    async def _run_in_time(self, payload: dict[str, Any], scope: RunScope) -> RunOutcome:
        try:
            if self._timeout_s is None:
                return await self._body.work(payload, scope)
            try:
                async with asyncio.timeout(self._timeout_s) as limit:
                    return await self._body.work(payload, scope)
            except TimeoutError:
                if not limit.expired():
                    raise
            return failed(ErrorType.TIMEOUT, f"{self.name} took longer than its timeout of {self._timeout_s:g} s")
        except Exception as error:  # noqa: BLE001 - no failure may end the worker
            _log.exception("agent %s", self.name)
            return failed(ErrorType.INTERNAL, f"{type(error).__name__}: {error}")
