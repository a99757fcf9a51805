"""Runs that a person starts: a stored message again, with another prompt, model or payload; or an agent tried out."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from kafka_agent_studio.api.commands import PayloadOf, RerunRun, TryAgent
from kafka_agent_studio.api.events import Event, RunChange, RunsChanged
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.api.queries import RunQuery, ToolTrace
from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.engine.agents.parts import Rehearses
from kafka_agent_studio.engine.clock import Clock
from kafka_agent_studio.engine.configuration import Configuration
from kafka_agent_studio.engine.kafka.codec import payload_of
from kafka_agent_studio.engine.ports import (
    AgentRunner,
    Outbound,
    RecordTooLargeError,
    RunOutcome,
    RunRecorder,
    RunRequest,
    StoredRun,
)
from kafka_agent_studio.engine.results import is_published, result_record
from kafka_agent_studio.engine.run_ids import new_run_id
from kafka_agent_studio.engine.run_store import RunStore
from kafka_agent_studio.engine.span_contents import detail_in_full, in_full, payload_for
from kafka_agent_studio.model.agent import LlmAgent
from kafka_agent_studio.model.base import SANDBOX
from kafka_agent_studio.model.connector import OutboundConnector
from kafka_agent_studio.model.message import Published, Record
from kafka_agent_studio.model.run import NO_TOKENS, ErrorType, Run, RunChanges, RunDetail, RunError, RunStatus
from kafka_agent_studio.model.workspace import AnyAgent, Workspace
from kafka_agent_studio.workspace.tool_catalogue import ToolCatalogue

_MOST_ABANDONED = 1_000


class RunnerFactory(Protocol):
    """Builds the runners of a workspace."""

    def __call__(
        self, workspace: Workspace, *, tools: ToolCatalogue, rehearses: Rehearses
    ) -> Mapping[str, AgentRunner]:
        """Return a runner per agent."""
        ...


class DraftReader(Protocol):
    """Reads the workspace as if a file held another text."""

    def __call__(self, agent: str, text: str) -> tuple[Workspace, ToolCatalogue]:
        """Return the workspace with `text` in the place of the agent's file."""
        ...


class RunDesk:
    """Runs by hand, each in a task of its own."""

    def __init__(
        self,
        *,
        store: RunStore,
        producer_for: Callable[[OutboundConnector], Outbound],
        configuration: Callable[[], Configuration],
        build_runners: RunnerFactory,
        read_draft: DraftReader,
        clock: Clock,
        publish_event: Callable[[Event], None],
        tasks: TaskGroupOwner,
    ) -> None:
        self._store = store
        self._producer_for = producer_for
        self._configuration = configuration
        self._build_runners = build_runners
        self._read_draft = read_draft
        self._clock = clock
        self._publish_event = publish_event
        self._tasks = tasks
        self._running: dict[str, asyncio.Task[None]] = {}
        self._details: dict[str, tuple[Run, RunRecorder, Record | None]] = {}
        self._rooms: dict[tuple[str, int], asyncio.Semaphore] = {}

    async def rerun(self, command: RerunRun) -> str:
        """Start a stored message again; returns the new run's id at once. Raises: CommandRefused."""
        detail = await self._store.get(command.run_id)
        if detail is None:
            raise CommandRefused(f"run {command.run_id} is not in the run store any more")
        changes = _changes(detail.run, command)
        if detail.record is None and changes.payload is None:
            raise CommandRefused("the message of this run was forgotten (retention), give its payload to run it again")
        if detail.record is None and command.publish:
            raise CommandRefused(
                "the message of this run was forgotten (retention): its result has no key to publish with"
            )
        configuration = self._configuration()
        agent = configuration.workspace.agents.get(detail.run.agent_name)
        if agent is None:
            raise CommandRefused(f"agent {detail.run.agent_name} does not exist any more, or its file is not valid")
        runner = self._runner(configuration, _overridden(agent, changes))
        payload = payload_for(detail.record, changes.payload)
        room = self._room_of(agent)
        run = msgspec.structs.replace(
            detail.run,
            run_id=new_run_id(),
            status=RunStatus.QUEUED,
            output=None,
            error=None,
            started_at_us=None,
            ended_at_us=None,
            token_usage=NO_TOKENS,
            cost=None,
            attempts=1,
            published=(),
            # the message came from the embedded broker all the same
            stand_ins=tuple(name for name in detail.run.stand_ins if name == SANDBOX),
            parent_run_id=command.run_id,
            changes=msgspec.UNSET if changes == RunChanges() else changes,
        )
        run = run if room.locked() else self._begun(run)
        await self._store.save([StoredRun(run=run, record=detail.record)])
        self._announce(RunChange.STARTED, run)
        work = self._run(run, runner, payload, detail.record, command.publish, room)
        task = self._tasks.start(f"rerun-{run.run_id}", work)
        self._running[run.run_id] = task
        task.add_done_callback(lambda _: self._forget(run.run_id))
        return run.run_id

    def _forget(self, run_id: str) -> None:
        self._running.pop(run_id, None)
        self._details.pop(run_id, None)

    def _room_of(self, agent: AnyAgent) -> asyncio.Semaphore:
        # so many at once as of messages: a thousand failed runs started again must not become a thousand requests
        key = (agent.name, agent.max_concurrent_runs)
        return self._rooms.setdefault(key, asyncio.Semaphore(agent.max_concurrent_runs))

    def _begun(self, run: Run) -> Run:
        return msgspec.structs.replace(run, status=RunStatus.RUNNING, started_at_us=self._clock.now_us())

    async def end_abandoned(self) -> None:
        """Say of reruns that an earlier process left unfinished that nobody goes on with them. Raises: FaultError.

        The others come again with their messages.
        """
        for status in (RunStatus.QUEUED, RunStatus.RUNNING):
            page = await self._store.list_runs(RunQuery(status=status, limit=_MOST_ABANDONED))
            error = RunError(ErrorType.CANCELLED, "the program ended before the run did: run it again")
            left = [
                msgspec.structs.replace(run, status=RunStatus.CANCELLED, error=error, ended_at_us=run.started_at_us)
                for run in page.runs
                if run.parent_run_id is not None
            ]
            if left:
                await self._store.save([StoredRun(run=run) for run in left])

    def detail_of(self, run_id: str) -> RunDetail | None:
        """Return a rerun that goes on now, with the spans that are over so far; None where it is none."""
        known = self._details.get(run_id)
        if known is None:
            return None
        run, recorder, record = known
        run = msgspec.structs.replace(
            run, token_usage=recorder.token_usage, cost=recorder.cost, attempts=recorder.attempts
        )
        return detail_in_full(RunDetail(run=run, spans=tuple(recorder.spans), record=record))

    def cancel(self, run_id: str) -> bool:
        """Cancel a run started by hand. False: it is none, or over."""
        task = self._running.get(run_id)
        return task is not None and task.cancel()

    async def payload_of(self, command: PayloadOf) -> Mapping[str, Any]:
        """Return what an agent gets for a record."""
        return payload_of(command.record)

    async def try_agent(self, command: TryAgent) -> ToolTrace:
        """Run an agent on a payload and return what happened; nothing is stored. Raises: CommandRefused."""
        configuration = self._configuration()
        workspace, tools = configuration.workspace, configuration.tools
        if command.draft is not None:
            workspace, tools = await asyncio.to_thread(self._read_draft, command.agent, command.draft)
        runners = self._build_runners(workspace, tools=tools, rehearses=configuration.rehearses)
        runner = runners.get(command.agent)
        if runner is None:
            raise CommandRefused(f"agent {command.agent} is not valid yet: correct the mistakes that are marked")
        recorder = RunRecorder()
        began_s = self._clock.monotonic_s()
        request = RunRequest(
            run_id=new_run_id(),
            agent_name=command.agent,
            connector="try-it",
            timestamp_ms=self._clock.now_us() // 1000,
            payload=msgspec.json.decode(msgspec.json.encode(command.payload)),
        )
        outcome = await runner.run(request, recorder)
        return ToolTrace(
            output=outcome.output,
            error=outcome.error,
            spans=in_full(tuple(recorder.spans), payload=lambda: command.payload, output=outcome.output),
            token_usage=recorder.token_usage,
            cost=recorder.cost,
            stand_ins=tuple(sorted(recorder.stand_ins)),
            duration_s=self._clock.monotonic_s() - began_s,
        )

    def _runner(self, configuration: Configuration, agent: AnyAgent) -> AgentRunner:
        agents = {**configuration.workspace.agents, agent.name: agent}
        workspace = msgspec.structs.replace(configuration.workspace, agents=agents)
        return self._build_runners(workspace, tools=configuration.tools, rehearses=configuration.rehearses)[agent.name]

    async def _run(
        self,
        run: Run,
        runner: AgentRunner,
        payload: dict[str, Any],
        record: Record | None,
        publish: bool,
        room: asyncio.Semaphore,
    ) -> None:
        recorder = RunRecorder()
        self._details[run.run_id] = (run, recorder, record)
        request = RunRequest(
            run_id=run.run_id,
            agent_name=run.agent_name,
            connector=run.connector,
            timestamp_ms=run.timestamp_ms,
            payload=payload,
        )
        try:
            async with room:
                if run.status is RunStatus.QUEUED:
                    run = self._begun(run)
                    self._details[run.run_id] = (run, recorder, record)
                    await self._store.save([StoredRun(run=run)])
                    self._announce(RunChange.STARTED, run)
                outcome = await runner.run(request, recorder)
        except asyncio.CancelledError:
            outcome = RunOutcome(None, error=RunError(ErrorType.CANCELLED, "cancelled by an operator"))
        run = self._ended(run, outcome, recorder)
        await self._store.save([StoredRun(run=run, spans=tuple(recorder.spans), is_text=outcome.is_text)])
        self._details.pop(run.run_id, None)
        self._announce(RunChange.FINISHED, run)
        if publish and record is not None:
            await self._publish(run, recorder, record, is_text=outcome.is_text)

    def _ended(self, run: Run, outcome: RunOutcome, recorder: RunRecorder) -> Run:
        if outcome.error is None:
            status = RunStatus.COMPLETED
        elif outcome.error.type is ErrorType.CANCELLED:
            status = RunStatus.CANCELLED
        else:
            status = RunStatus.FAILED
        return msgspec.structs.replace(
            run,
            status=status,
            output=outcome.output if outcome.error is None else None,
            error=outcome.error,
            ended_at_us=self._clock.now_us(),
            token_usage=recorder.token_usage,
            cost=recorder.cost,
            attempts=recorder.attempts,
            stand_ins=tuple(sorted({*run.stand_ins, *recorder.stand_ins})),
        )

    async def _publish(self, run: Run, recorder: RunRecorder, record: Record, *, is_text: bool) -> None:
        configuration = self._configuration()
        places: list[Published] = []
        refusal: RecordTooLargeError | None = None
        for outbound in configuration.workspace.outbound:
            if not outbound.takes(agent=run.agent_name, inbound=run.connector):
                continue
            if not is_published(run, outbound, is_text=is_text):
                continue
            producer = self._producer_for(outbound)
            sent_at_us = self._clock.now_us()
            result = result_record(run, outbound, source=record, is_text=is_text, traceparent=None)
            (place,) = await producer.send([result])
            if isinstance(place, RecordTooLargeError):
                refusal = place
                continue
            now_us = self._clock.now_us()
            places.append(Published(outbound.name, place.topic, place.partition, place.offset, sent_at_us, now_us))
        if refusal is not None:
            error = RunError(ErrorType.RESULT_TOO_LARGE, str(refusal))
            # the result that is not the run's any more stays with the call that returned it
            spans = in_full(tuple(recorder.spans), payload=lambda: None, output=run.output)
            run = msgspec.structs.replace(run, status=RunStatus.FAILED, output=None, error=error)
            await self._store.save([StoredRun(run=run, spans=spans)])
            self._announce(RunChange.FINISHED, run)
        if places:
            await self._store.mark_published([(run.run_id, tuple(places))])
            self._announce(RunChange.PUBLISHED, msgspec.structs.replace(run, published=tuple(places)))

    def _announce(self, change: RunChange, run: Run) -> None:
        self._publish_event(RunsChanged(at_us=self._clock.now_us(), change=change, runs=(run,)))


def _changes(run: Run, command: RerunRun) -> RunChanges:
    """Return what the new run is given: what the command replaces, else what the run before was given."""
    before = RunChanges() if run.changes is msgspec.UNSET else run.changes
    return RunChanges(
        system_prompt=before.system_prompt if command.system_prompt is None else command.system_prompt,
        model=before.model if command.model is None else command.model,
        payload=before.payload if command.payload is None else dict(command.payload),
    )


def _overridden(agent: AnyAgent, given: RunChanges) -> AnyAgent:
    changes = {
        name: value
        for name, value in (("system_prompt", given.system_prompt), ("model", given.model))
        if value is not None
    }
    if not changes:
        return agent
    if not isinstance(agent, LlmAgent):
        raise CommandRefused(f"{agent.name} is a {agent.type} agent: it has no prompt and no model to replace")
    return agent.model_copy(update=changes)
