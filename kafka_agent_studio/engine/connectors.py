"""All connectors of the engine: brought in line with each new configuration, restarting only what changed."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Hashable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

from kafka_agent_studio.api.events import (
    ConnectorChanged,
    ConnectorFigures,
    ConnectorNoticed,
    ConnectorState,
    ConnectorStatus,
    Event,
    RunChange,
)
from kafka_agent_studio.api.faults import CommandRefused, Fault, FaultCode
from kafka_agent_studio.api.words import one_line
from kafka_agent_studio.engine.agent_pools import AgentPools
from kafka_agent_studio.engine.backoff import Backoff
from kafka_agent_studio.engine.clock import Clock
from kafka_agent_studio.engine.configuration import Configuration
from kafka_agent_studio.engine.connector_log import ConnectorLog
from kafka_agent_studio.engine.counters import Counters, OutboundCounters
from kafka_agent_studio.engine.dispatcher import Dispatcher
from kafka_agent_studio.engine.kafka.cluster import Cluster
from kafka_agent_studio.engine.kafka.producer_pool import ProducerPool
from kafka_agent_studio.engine.kafka.topic_watch import TopicMemory
from kafka_agent_studio.engine.links import Links, OutboundLink
from kafka_agent_studio.engine.ports import FaultError, Inbound, InboundListener, Outbound, RunStoreWriter, StoredRun
from kafka_agent_studio.engine.producer_shares import ProducerShares
from kafka_agent_studio.engine.publisher import Publisher
from kafka_agent_studio.engine.supervisor import Supervisor
from kafka_agent_studio.model.connector import InboundConnector, OnFailure, OutboundConnector
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.run import Run

RESTART_DRAIN_S = 60.0
"""How long runs in flight get to finish on the old version when a changed connector restarts."""


class NewInbound(Protocol):
    """Makes a consumer for a connector."""

    def __call__(
        self,
        *,
        cluster: Cluster,
        connector: InboundConnector,
        group_id: str,
        listener: InboundListener,
        topic_memory: TopicMemory,
    ) -> Inbound:
        """Return a consumer that is not open yet."""
        ...


@dataclass(slots=True)
class _Running:
    """One inbound connector at work."""

    supervisor: Supervisor
    dispatcher: Dispatcher
    publisher: Publisher
    counters: Counters
    reads: Hashable
    """What, when it changes, needs a new consumer."""
    last_messages: int = 0
    rate: float = 0.0


class ConnectorSet:
    """The running inbound connectors and the state of all."""

    def __init__(
        self,
        *,
        store: RunStoreWriter,
        producer_pool: ProducerPool,
        pools: AgentPools,
        new_inbound: NewInbound,
        warm_up: Callable[[AbstractSet[str]], Awaitable[None]],
        clock: Clock,
        publish_event: Callable[[Event], None],
        wants_events: Callable[[], bool],
        traceparent_of: Callable[[Record], str | None],
        on_ended: Callable[[Sequence[StoredRun]], None] | None = None,
        on_published: Callable[[Sequence[tuple[Run, str | None]]], None] | None = None,
    ) -> None:
        self._store = store
        self._shares = ProducerShares(pool=producer_pool, on_waiting=self._on_producer_waiting)
        self._traceparent_of = traceparent_of
        self._on_ended = on_ended
        self._connector_log = ConnectorLog(monotonic_s=clock.monotonic_s)
        self._on_published = on_published
        self._pools = pools
        self._new_inbound = new_inbound
        self._warm_up = warm_up
        self._clock = clock
        self._publish_event = publish_event
        self._wants_events = wants_events
        self._running: dict[str, _Running] = {}
        self._still: dict[str, ConnectorStatus] = {}
        self._outbound: dict[str, OutboundCounters] = {}
        self._configuration: Configuration | None = None
        self._random = random.Random()  # noqa: S311 - jitter, not a secret
        self._lock = asyncio.Lock()
        self._changed = asyncio.Event()

    # configuration

    async def apply(self, configuration: Configuration) -> None:
        """Bring every connector in line. What did not change goes on undisturbed; the rest restarts side by side."""
        async with self._lock:
            self._configuration = configuration
            workspace = configuration.workspace
            self._pools.resize({name: agent.max_concurrent_runs for name, agent in workspace.agents.items()})
            inbound = {c.name: c for c in workspace.inbound}
            gone = [name for name in self._running if name not in inbound]
            await asyncio.gather(*(self._remove(name) for name in gone))
            for name in [n for n in self._still if n not in workspace.connectors]:
                del self._still[name]
            self._show_invalid(configuration)
            await asyncio.gather(*(self._bring_in_line(c, configuration) for c in inbound.values()))
            for outbound in workspace.outbound:
                self._show_outbound(outbound)
            await self._shares.keep(set(workspace.connectors))

    async def _bring_in_line(self, connector: InboundConnector, configuration: Configuration) -> None:
        name = connector.name
        try:
            cluster = configuration.cluster_of(connector)
            links = self._links(connector, configuration)
            configuration.check_trust(connector)
        except FaultError as error:
            await self._remove(name)
            waits = error.fault.code is FaultCode.TOOLS_NOT_TRUSTED
            self._show(ConnectorStatus(name, ConnectorState.PAUSED if waits else ConnectorState.FAILED, error.fault))
            return
        group_id = connector.group(configuration.workspace.name)
        reads = (cluster.identity, connector.topic, group_id, connector.auto_offset_reset, connector.enabled)
        running = self._running.get(name)
        if running is not None and running.reads == reads:
            running.dispatcher.relink(links)
            return
        if running is not None:
            await self._remove(name)
        if not connector.enabled:
            self._show(ConnectorStatus(name, ConnectorState.DISABLED))
            return
        self._still.pop(name, None)
        self._running[name] = self._new(links, reads)
        self._running[name].supervisor.start()

    def _links(self, connector: InboundConnector, configuration: Configuration) -> Links:
        outbound = [
            OutboundLink(o, self._shares.get(o.name, configuration.cluster_of(o)))
            for o in configuration.outbound_of(connector)
        ]
        dead_letter = None
        if connector.on_failure is OnFailure.DEAD_LETTER:
            dead_letter = self._shares.get(connector.name, configuration.cluster_of(connector))
        return Links(
            inbound=connector,
            runners={a: configuration.runners[a] for a in connector.agents if a in configuration.runners},
            outbound=tuple(outbound),
            dead_letter=dead_letter,
            stand_ins=configuration.stand_ins_of(connector),
        )

    def _new(self, links: Links, reads: Hashable) -> _Running:
        name = links.inbound.name
        counters = Counters()
        topic_memory = TopicMemory()

        def announce(change: RunChange, runs: Sequence[Run]) -> None:
            if change is RunChange.FINISHED:
                self._connector_log.note_runs(runs)
            dispatcher.announce(change, runs)

        publisher = Publisher(
            name=name,
            store=self._store,
            clock=self._clock,
            counters=counters,
            outbound_counters=self._outbound_counters,
            announce=announce,
            on_store_trouble=lambda fault: supervisor.note(fault),
            on_ended=self._on_ended,
            on_published=self._on_published,
        )
        dispatcher = Dispatcher(
            links=links,
            pool_of=self._pools.get,
            store=self._store,
            clock=self._clock,
            publish_event=self._publish_event,
            wants_events=self._wants_events,
            on_halt=lambda fault: supervisor.halt(fault),
            on_notice=lambda fault: self.notice(name, fault),
            on_assignment=lambda partitions: supervisor.show_partitions(partitions),
            publisher=publisher,
            counters=counters,
            traceparent_of=self._traceparent_of,
        )
        supervisor = Supervisor(
            name=name,
            dispatcher=dispatcher,
            new_inbound=lambda: self._consumer(dispatcher, topic_memory),
            on_status=self._show,
            requeue=self._requeue,
            backoff=Backoff(source=self._random),
            clock=self._clock,
        )
        publisher.start()
        return _Running(supervisor, dispatcher, publisher, counters, reads)

    async def _consumer(self, dispatcher: Dispatcher, topic_memory: TopicMemory) -> Inbound:
        configuration = self._configuration
        connector = dispatcher.links.inbound
        if configuration is None:
            raise RuntimeError("a consumer was asked for before any configuration was applied")
        # importing a model's library stalls the loop: before the group is joined, never after
        await self._warm_up(configuration.models_behind(connector.agents))
        return self._new_inbound(
            cluster=configuration.cluster_of(connector),
            connector=connector,
            group_id=connector.group(configuration.workspace.name),
            listener=dispatcher,
            topic_memory=topic_memory,
        )

    async def _remove(self, name: str, drain_s: float = RESTART_DRAIN_S) -> None:
        running = self._running.pop(name, None)
        if running is not None:
            await running.supervisor.stop(drain_s)
            await running.supervisor.close()
            await running.publisher.close()

    async def _requeue(self, runs: list[StoredRun]) -> None:
        try:
            await self._store.save(runs)
        except FaultError:
            return  # redelivered all the same; only the list of runs shows them as running

    # state

    def _show(self, status: ConnectorStatus) -> None:
        if status.name not in self._running:
            if self._still.get(status.name) == status:
                return
            self._still[status.name] = status
        self._changed.set()
        self._connector_log.note_status(status)
        self._publish_event(ConnectorChanged(at_us=self._clock.now_us(), status=status))

    def _show_invalid(self, configuration: Configuration) -> None:
        for key, problem in configuration.invalid.items():
            kind, _, name = key.partition("/")
            if kind == "connector" and name not in configuration.workspace.connectors:
                place: dict[str, str | int | float | bool] = {
                    "file": problem.file,
                    "line": problem.line,
                    "column": problem.column,
                    "message": problem.message,
                }
                self._show(ConnectorStatus(name, ConnectorState.FAILED, Fault(FaultCode.CONFIG_INVALID, place)))

    def _show_outbound(self, connector: OutboundConnector, fault: Fault | None = None) -> None:
        state = ConnectorState.DISABLED
        if connector.enabled:
            state = ConnectorState.RUNNING if fault is None else ConnectorState.WAITING
        self._show(ConnectorStatus(connector.name, state, fault))

    def _on_producer_waiting(self, name: str, fault: Fault | None) -> None:
        """A connector's results wait for their broker (or no longer do): say so."""
        running = self._running.get(name)
        if running is not None:
            running.supervisor.note(fault)
            return
        configuration = self._configuration
        connector = None if configuration is None else configuration.workspace.connectors.get(name)
        if isinstance(connector, OutboundConnector):
            self._show_outbound(connector, fault)

    def producer_for(self, outbound: OutboundConnector) -> Outbound:
        """The producer that serves an outbound connector of the present configuration. Raises: FaultError."""
        if self._configuration is None:
            raise RuntimeError("no configuration was applied yet")
        return self._shares.get(outbound.name, self._configuration.cluster_of(outbound))

    def notice(self, name: str, fault: Fault) -> None:
        """Let a connector say something while it goes on."""
        self._connector_log.note_notice(name, fault)
        self._publish_event(ConnectorNoticed(at_us=self._clock.now_us(), connector=name, fault=fault))

    def statuses(self) -> tuple[ConnectorStatus, ...]:
        """The state of every connector, by name."""
        now = {name: running.supervisor.status for name, running in self._running.items()}
        return tuple(status for _, status in sorted({**self._still, **now}.items()))

    def _outbound_counters(self, name: str) -> OutboundCounters:
        counters = self._outbound.get(name)
        if counters is None:
            counters = self._outbound[name] = OutboundCounters()
        return counters

    def figures(self, elapsed_s: float) -> tuple[ConnectorFigures, ...]:
        """Totals of every connector; the rate is over the `elapsed_s` since the last call."""
        return (*self._inbound_figures(elapsed_s), *self._outbound_figures(elapsed_s))

    def _outbound_figures(self, elapsed_s: float) -> list[ConnectorFigures]:
        figures = []
        for name, counters in sorted(self._outbound.items()):
            if elapsed_s > 0:
                counters.rate_per_s = (counters.published - counters.last_published) / elapsed_s
                counters.last_published = counters.published
            figures.append(
                ConnectorFigures(
                    name=name,
                    messages=counters.published,
                    completed=counters.published,
                    published=counters.published,
                    failed=counters.failed,
                    messages_per_s=round(counters.rate_per_s, 1),
                )
            )
        return figures

    def _inbound_figures(self, elapsed_s: float) -> list[ConnectorFigures]:
        figures = []
        for name, running in sorted(self._running.items()):
            counters = running.counters
            if elapsed_s > 0:
                running.rate = (counters.messages - running.last_messages) / elapsed_s
                running.last_messages = counters.messages
            lags = running.supervisor.lags()
            figures.append(
                ConnectorFigures(
                    name=name,
                    messages=counters.messages,
                    in_flight=running.dispatcher.in_flight,
                    completed=counters.completed,
                    failed=counters.failed,
                    published=counters.published,
                    lag=None if lags is None else sum(lags.values()),
                    messages_per_s=round(running.rate, 1),
                    partition_lags={} if lags is None else dict(sorted(lags.items())),
                    tokens=counters.tokens,
                    cost=round(counters.cost, 6),
                    dead_letters=counters.dead_letters,
                )
            )
        return figures

    def counters(self) -> list[Counters]:
        """The counters of all inbound connectors that run."""
        return [running.counters for running in self._running.values()]

    @property
    def has_failed(self) -> bool:
        """Whether a connector stopped because of a fault that needs a person."""
        return any(_needs_a_person(s) for s in self.statuses())

    async def until_none_is_left(self) -> None:
        """Wait until a connector failed and no inbound one works, waits, or will go on by itself."""
        while not (self.has_failed and not any(self._goes_on(r) for r in self._running.values())):
            self._changed.clear()
            await self._changed.wait()

    @staticmethod
    def _goes_on(running: _Running) -> bool:
        return running.supervisor.is_active or not _needs_a_person(running.supervisor.status)

    def dispatchers(self) -> Iterator[Dispatcher]:
        """Yield the pipelines of the running connectors."""
        for running in self._running.values():
            yield running.dispatcher

    # an operator's hand

    def start(self, name: str) -> None:
        """Start a stopped or paused connector; a retrying one tries at once. Raises: CommandRefused."""
        self._named(name).supervisor.start()

    async def stop(self, name: str) -> None:
        """Stop reading; what runs finishes within 10 s and commits. Raises: CommandRefused."""
        await self._named(name).supervisor.stop()

    def halt(self, names: Sequence[str], fault: Fault) -> None:
        """Pause connectors because of a fault that is not theirs (the budget)."""
        for name in names:
            running = self._running.get(name)
            if running is not None and running.supervisor.is_active:
                running.dispatcher.halt(fault)

    async def close(self) -> None:
        """Stop everything, all at once, within the drain time."""
        async with self._lock:
            await asyncio.gather(*(r.supervisor.stop() for r in self._running.values()))
            await asyncio.gather(*(r.supervisor.close() for r in self._running.values()))
            await asyncio.gather(*(r.publisher.close() for r in self._running.values()))
            await self._shares.keep(set())

    def _named(self, name: str) -> _Running:
        running = self._running.get(name)
        if running is None:
            status = self._still.get(name)
            if status is None:
                raise CommandRefused(f"there is no connector called {name}")
            if status.fault is not None and status.fault.code is FaultCode.TOOLS_NOT_TRUSTED:
                raise CommandRefused(f"{name} does not read: {one_line(status.fault)}")
            raise CommandRefused(
                f"{name} is {status.state.value}: enable it or correct its file first"
                if status.state in (ConnectorState.DISABLED, ConnectorState.FAILED)
                else f"{name} is outbound: it works whenever its agents do"
            )
        return running


def _needs_a_person(status: ConnectorStatus) -> bool:
    if status.state is ConnectorState.FAILED:
        return True
    return (
        status.state is ConnectorState.PAUSED
        and status.fault is not None
        and status.fault.code is FaultCode.MODEL_REFUSED
    )
