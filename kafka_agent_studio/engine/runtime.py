"""The engine as front ends see it: it implements EngineClient, and starts and stops its parts in order.

Start: store → files → stand-ins → runners → connectors → watcher and ticker. Stop: the same backwards.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar, cast

import msgspec

from kafka_agent_studio.api.client import Subscription
from kafka_agent_studio.api.cluster_commands import TrustTools
from kafka_agent_studio.api.commands import (
    CancelRun,
    Command,
    GetRun,
    ListRuns,
    PayloadOf,
    RerunRun,
    SetOrderStream,
    SetStandIns,
    StartConnector,
    StopConnector,
    TryAgent,
)
from kafka_agent_studio.api.events import (
    ConnectorFigures,
    ConnectorNoticed,
    EngineStopped,
    FiguresUpdated,
    RunChange,
    RunsChanged,
    Snapshot,
    StandIns,
    StandInsChanged,
    WorkspaceChanged,
)
from kafka_agent_studio.api.faults import CommandRefused, Fault, FaultCode
from kafka_agent_studio.api.queries import RunPage, RunQuery
from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.api.trends import DayUsage
from kafka_agent_studio.engine.agents.parts import Rehearses
from kafka_agent_studio.engine.budget import budget_fault
from kafka_agent_studio.engine.certificate_watch import CertificateWatch
from kafka_agent_studio.engine.clock import Clock
from kafka_agent_studio.engine.configuration import Configuration, all_models, sandbox_is_needed
from kafka_agent_studio.engine.connectors import ConnectorSet
from kafka_agent_studio.engine.event_bus import EventBus
from kafka_agent_studio.engine.logs import EngineLogs
from kafka_agent_studio.engine.manual_runs import RunDesk, RunnerFactory
from kafka_agent_studio.engine.order_streams import OrderStreams
from kafka_agent_studio.engine.ports import FaultError
from kafka_agent_studio.engine.run_store import RunStore
from kafka_agent_studio.engine.trends import Gauges, Trends
from kafka_agent_studio.engine.workspace_source import LoadedVersion, WorkspaceSource
from kafka_agent_studio.model.run import RunDetail
from kafka_agent_studio.model.workspace import Workspace

ReplyT = TypeVar("ReplyT")
Handler = Callable[[Any], Awaitable[Any]]

TICK_S = 1.0
ANNOUNCE_RUNNING_AFTER_US = 150_000
"""A run that takes longer than this is shown and stored as running; quicker ones are written once, when finished."""
RETENTION_EVERY_S = 600.0
RUNS_IN_SNAPSHOT = 200

_log = logging.getLogger(__name__)


class ChooseRehearsal(Protocol):
    """Decides which models the rehearsal model stands in for."""

    async def __call__(self, workspace: Workspace, everything: bool) -> Rehearses:
        """Return the choice for this workspace; `everything`: the switch is on."""
        ...


class Runtime:
    """One engine on one workspace, on the loop that starts it."""

    def __init__(
        self,
        *,
        source: WorkspaceSource,
        begin_watching: Callable[[], Awaitable[AsyncIterator[frozenset[str]]]],
        store: RunStore,
        bus: EventBus,
        connectors: ConnectorSet,
        desk: RunDesk,
        build_runners: RunnerFactory,
        rehearses: ChooseRehearsal,
        sandbox_address: Callable[[], str],
        order_streams: OrderStreams,
        certificates: CertificateWatch,
        handlers: Mapping[type[Command[Any]], Handler],
        logs: EngineLogs,
        closers: tuple[Callable[[], Awaitable[None]], ...],
        on_stopping: Callable[[], None],
        clock: Clock,
        sandbox: bool = False,
        rehearse: bool = False,
    ) -> None:
        self._source = source
        self._begin_watching = begin_watching
        self._store = store
        self._bus = bus
        self._trends = Trends()
        self._connectors = connectors
        self._desk = desk
        self._build_runners = build_runners
        self._rehearses = rehearses
        self._sandbox_address = sandbox_address
        self._order_streams = order_streams
        self._certificates = certificates
        self._logs = logs
        self._closers = closers
        self._on_stopping = on_stopping
        self._clock = clock
        self._stand_ins = StandIns(sandbox=sandbox, rehearse=rehearse)
        self._version: LoadedVersion | None = None
        self._configuration: Configuration | None = None
        self.tasks = TaskGroupOwner(name="runtime")
        """For what a front end on this loop runs beside the engine; awaited after stop() by whoever started it."""
        self._tasks = TaskGroupOwner(name="runtime-own")
        self._reloading = asyncio.Lock()
        self._is_over_budget = False
        self._handlers: dict[type[Command[Any]], Handler] = {
            StartConnector: self._start_connector,
            StopConnector: self._stop_connector,
            SetStandIns: self._set_stand_ins,
            SetOrderStream: self._set_order_stream,
            TrustTools: self._trust_tools,
            GetRun: self._get_run,
            ListRuns: lambda command: store.list_runs(command.query),
            CancelRun: self._cancel_run,
            RerunRun: desk.rerun,
            TryAgent: desk.try_agent,
            PayloadOf: desk.payload_of,
            **handlers,
        }

    # life

    async def start(self) -> None:
        """Begin to work. Raises: OSError where the workspace cannot be read."""
        self._logs.open()
        changes = await self._begin_watching()
        await self.reload()
        await self._desk.end_abandoned()
        self._tasks.start("watch", self._watch_forever(changes))
        self._tasks.start("tick", self._tick_forever())
        self._tasks.start("retention", self._retention_forever())
        self._tasks.start("certificates", self._certificates.run())

    async def stop(self) -> None:
        """Drain, commit, leave the groups, and free everything; what does not finish within 10 s stays uncommitted."""
        self._on_stopping()
        await self._tasks.close()
        await self._order_streams.close()
        await self._connectors.close()
        for close in self._closers:
            await close()
        await asyncio.to_thread(self._store.close)
        self._logs.close()
        self._bus.publish(EngineStopped(at_us=self._clock.now_us()))
        self._bus.close()

    @property
    def problems_are_errors(self) -> bool:
        """Whether the files hold an error."""
        return self._version is not None and any(p.level == "error" for p in self._version.problems)

    @property
    def has_failed_connectors(self) -> bool:
        """Whether a connector stopped because of a fault that needs a person."""
        return self._connectors.has_failed

    async def until_no_connector_is_left(self) -> None:
        """Wait until the last inbound connector failed."""
        await self._connectors.until_none_is_left()

    @property
    def configuration(self) -> Configuration:
        """What runs now. Raises: RuntimeError before start()."""
        if self._configuration is None:
            raise RuntimeError("the engine has not started")
        return self._configuration

    # the seam

    async def execute(self, command: Command[ReplyT]) -> ReplyT:
        """Carry out a command. Raises: CommandRefused, EngineError."""
        handler = self._handlers.get(type(command))
        if handler is None:
            raise CommandRefused(f"this engine does not know {type(command).__name__}")
        return cast(ReplyT, await handler(command))

    def note_store_fault(self, fault: Fault) -> None:
        """The run store has something to say: shown on every connector, since it concerns them all."""
        now_us = self._clock.now_us()
        for status in self._connectors.statuses():
            self._bus.publish(ConnectorNoticed(at_us=now_us, connector=status.name, fault=fault))

    def subscribe(self) -> Subscription:
        """Begin to listen; the first event is a snapshot of this moment, without past runs: ListRuns has those."""
        return self._bus.subscribe(self._snapshot())

    async def snapshot(self) -> Snapshot:
        """Return the state as it is now, with the newest runs."""
        page = await self._store.list_runs(RunQuery(limit=RUNS_IN_SNAPSHOT))
        return self._snapshot(page)

    def _snapshot(self, page: RunPage | None = None) -> Snapshot:
        if self._version is None:
            raise RuntimeError("the engine has not started")
        return Snapshot(
            at_us=self._clock.now_us(),
            workspace=self._version.shown,
            problems=self._version.problems,
            connectors=self._connectors.statuses(),
            figures=self._connectors.figures(0.0),
            runs=() if page is None else page.runs,
            stand_ins=self._stand_ins,
            tools_trusted=self._source.trust_tools,
            trends=self._trends.history.all(),
            today=self._today(),
            certificates=self._certificates.expiring,
        )

    # files

    async def reload(self) -> None:
        """Read the files and bring everything in line; what no longer is valid goes on in its running version."""
        async with self._reloading:
            self._version = await self._source.load()
            await self._apply()
            self._bus.publish(
                WorkspaceChanged(
                    at_us=self._clock.now_us(), workspace=self._version.shown, problems=self._version.problems
                )
            )

    async def _apply(self) -> None:
        version = self._version
        if version is None:
            return
        address = await self._sandbox_for(version)
        rehearses = await self._rehearses(version.running, self._stand_ins.rehearse)
        before = {} if self._configuration is None else self._configuration.runners
        built = self._build_runners(version.valid, tools=version.tools, rehearses=rehearses)
        self._configuration = Configuration(
            workspace=version.running,
            runners={n: r for n, r in before.items() if n in version.running.agents} | dict(built),
            sandbox=self._stand_ins.sandbox,
            rehearses=rehearses,
            tools=version.tools,
            sandbox_address=address,
            invalid=version.invalid,
            trusts_tools=self._source.trust_tools,
        )
        self._say_who_rehearses(self._configuration)
        await self._connectors.apply(self._configuration)
        self._certificates.look_now()

    def _say_who_rehearses(self, configuration: Configuration) -> None:
        models = tuple(sorted(m for m in all_models(configuration.workspace) if configuration.rehearses(m)))
        if models != self._stand_ins.rehearsed_models:
            self._change_stand_ins(msgspec.structs.replace(self._stand_ins, rehearsed_models=models))

    async def _sandbox_for(self, version: LoadedVersion) -> str | None:
        if not sandbox_is_needed(version.running, stand_in=self._stand_ins.sandbox):
            return self._stand_ins.sandbox_address
        address = await asyncio.to_thread(self._sandbox_address)
        if address != self._stand_ins.sandbox_address:
            self._change_stand_ins(msgspec.structs.replace(self._stand_ins, sandbox_address=address))
        return address

    async def _watch_forever(self, changes: AsyncIterator[frozenset[str]]) -> None:
        async for _ in changes:
            try:
                await self.reload()
            except OSError as error:
                _log.error("the workspace cannot be read: %s", error)

    # time

    async def _tick_forever(self) -> None:
        last_s = self._clock.monotonic_s()
        while True:
            await self._clock.sleep(TICK_S)
            now_s = self._clock.monotonic_s()
            figures = self._connectors.figures(now_s - last_s)
            last_s = now_s
            self._publish_figures(figures)
            try:
                await self._announce_slow_runs()
                await self._check_budget()
            except FaultError as error:
                _log.warning("%s", error)

    def _publish_figures(self, figures: tuple[ConnectorFigures, ...]) -> None:
        at_us = self._clock.now_us()
        lags = [f.lag for f in figures if f.lag is not None]
        gauges = Gauges(sum(f.in_flight for f in figures), sum(lags) if lags else None)
        points = self._trends.tick(at_us // 1_000_000, self._connectors.counters(), gauges)
        self._bus.publish(FiguresUpdated(at_us=at_us, figures=figures, points=points, today=self._today()))

    def _today(self) -> DayUsage:
        tokens, cost = self._store.usage_today()
        return DayUsage(tokens, round(cost, 6))

    async def _announce_slow_runs(self) -> None:
        now_us = self._clock.now_us()
        slow = [
            entry
            for dispatcher in self._connectors.dispatchers()
            for entry in dispatcher.slow_runs(now_us - ANNOUNCE_RUNNING_AFTER_US)
        ]
        if slow:
            self._bus.publish(RunsChanged(at_us=now_us, change=RunChange.STARTED, runs=tuple(e.run for e in slow)))
            await self._store.save(slow)

    async def _check_budget(self) -> None:
        configuration = self.configuration
        budget = configuration.workspace.settings.budget
        if budget.tokens_per_day is None and budget.cost_per_day is None and not self._is_over_budget:
            return
        tokens, cost = self._store.usage_today()
        fault = budget_fault(budget, tokens=tokens, cost=cost)
        paid = [c.name for c in configuration.workspace.inbound if configuration.models_behind(c.agents)]
        if fault is not None:
            self._is_over_budget = True
            self._connectors.halt(paid, fault)
        elif self._is_over_budget:
            # a new day, or a larger budget: go on where the budget, and nothing else, had paused
            self._is_over_budget = False
            for status in self._connectors.statuses():
                if status.fault is not None and status.fault.code is FaultCode.BUDGET_REACHED:
                    self._connectors.start(status.name)

    async def _retention_forever(self) -> None:
        while True:
            try:
                workspace = self.configuration.workspace
                await self._store.enforce_retention(
                    workspace.settings.retention, connectors=[c.name for c in workspace.inbound]
                )
            except FaultError as error:
                _log.warning("retention: %s", error)
            await self._clock.sleep(RETENTION_EVERY_S)

    # commands

    async def _start_connector(self, command: StartConnector) -> None:
        self._connectors.start(command.name)

    async def _stop_connector(self, command: StopConnector) -> None:
        await self._connectors.stop(command.name)

    async def _trust_tools(self, _: TrustTools) -> None:
        await self._source.trust()
        await self.reload()

    async def _get_run(self, command: GetRun) -> RunDetail | None:
        found = self._desk.detail_of(command.run_id)
        for dispatcher in self._connectors.dispatchers():
            found = found or dispatcher.detail_of(command.run_id)
        return found or await self._store.get(command.run_id)

    async def _cancel_run(self, command: CancelRun) -> bool:
        if self._desk.cancel(command.run_id):
            return True
        return any(d.cancel_run(command.run_id) for d in self._connectors.dispatchers())

    async def _set_stand_ins(self, command: SetStandIns) -> None:
        now = self._stand_ins
        wanted = msgspec.structs.replace(
            now,
            sandbox=now.sandbox if command.sandbox is None else command.sandbox,
            rehearse=now.rehearse if command.rehearse is None else command.rehearse,
        )
        if wanted != now:
            async with self._reloading:
                self._change_stand_ins(wanted)
                await self._apply()

    def _change_stand_ins(self, stand_ins: StandIns) -> None:
        self._stand_ins = stand_ins
        self._bus.publish(StandInsChanged(at_us=self._clock.now_us(), stand_ins=stand_ins))

    async def _set_order_stream(self, command: SetOrderStream) -> None:
        address = await asyncio.to_thread(self._sandbox_address)
        await self._order_streams.set_rate(
            rate_per_s=command.rate_per_s, topic=command.topic, bootstrap=address, count=command.count
        )
