"""The one place that builds an engine and hands it its parts."""

import asyncio
import random
from collections.abc import Callable, Mapping
from pathlib import Path

from kafka_agent_studio.api.browse import GetMessage
from kafka_agent_studio.api.faults import Fault
from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.api.transfers import ProduceMessages
from kafka_agent_studio.engine.agent_pools import AgentPools
from kafka_agent_studio.engine.agents.builder import build_runners
from kafka_agent_studio.engine.agents.parts import AgentParts, Rehearses, rehearses_all, rehearses_none
from kafka_agent_studio.engine.backoff import Backoff
from kafka_agent_studio.engine.certificate_watch import CertificateWatch
from kafka_agent_studio.engine.clock import SystemClock
from kafka_agent_studio.engine.clusters import Clusters
from kafka_agent_studio.engine.collector import look_less_often
from kafka_agent_studio.engine.connectors import ConnectorSet
from kafka_agent_studio.engine.draft_desk import DraftDesk
from kafka_agent_studio.engine.event_bus import EventBus
from kafka_agent_studio.engine.kafka.admin import AdminPool
from kafka_agent_studio.engine.kafka.cluster import Cluster
from kafka_agent_studio.engine.kafka.inbound import KafkaInbound
from kafka_agent_studio.engine.kafka.outbound import KafkaOutbound
from kafka_agent_studio.engine.kafka.producer_pool import ProducerPool
from kafka_agent_studio.engine.kafka.topic_watch import TopicMemory
from kafka_agent_studio.engine.logs import EngineLogs
from kafka_agent_studio.engine.manual_runs import RunDesk
from kafka_agent_studio.engine.options import EngineOptions
from kafka_agent_studio.engine.order_streams import OrderStreams
from kafka_agent_studio.engine.poison_desk import PoisonDesk
from kafka_agent_studio.engine.ports import AgentRunner, InboundListener
from kafka_agent_studio.engine.read_only import ReadOnlyEngine
from kafka_agent_studio.engine.run_store import STORE_FILE, RunStore, RunStoreReader
from kafka_agent_studio.engine.runtime import Runtime
from kafka_agent_studio.engine.tracing import open_tracing, traceparent_of
from kafka_agent_studio.engine.workspace_files import SecretDesk, WorkspaceFiles
from kafka_agent_studio.engine.workspace_source import WorkspaceSource
from kafka_agent_studio.model.connector import InboundConnector
from kafka_agent_studio.model.workspace import Workspace
from kafka_agent_studio.sandbox.broker import SandboxBroker
from kafka_agent_studio.sandbox.rehearsal_model import RehearsalModel
from kafka_agent_studio.workspace.secrets import SecretStore
from kafka_agent_studio.workspace.state_dir import STATE_DIR, open_state_dir
from kafka_agent_studio.workspace.tool_catalogue import ToolCatalogue
from kafka_agent_studio.workspace.watcher import WorkspaceWatcher


class _Clients:
    """What reaches outside the process, shared by all parts of one engine, and closed with it."""

    def __init__(self, options: EngineOptions, *, clock: SystemClock) -> None:
        self.secrets = SecretStore(environ=options.environ)
        self.admins = AdminPool(secrets=self.secrets)
        self.producers = ProducerPool(new_outbound=_NewOutbound(secrets=self.secrets, admins=self.admins))
        self.sandbox = SandboxBroker()
        self.agents = AgentParts(
            secrets=self.secrets, clock=clock, rehearsal=RehearsalModel(latency_s=options.rehearsal_latency_s)
        )
        self.export = open_tracing(options.environ)
        self.agent_tasks = TaskGroupOwner(name="agents")
        self.desk_tasks = TaskGroupOwner(name="manual-runs")

    def hurry(self) -> None:
        """The engine begins to stop."""
        if self.export is not None:
            self.export.hurry()

    async def close(self) -> None:
        """Free everything; nothing may use it any more."""
        await self.desk_tasks.close()
        await self.agent_tasks.close()
        exported = None if self.export is None else asyncio.to_thread(self.export.close)
        await asyncio.gather(self.producers.close(), *([] if exported is None else [exported]))
        self.admins.close()
        await self.agents.close()
        await asyncio.to_thread(self.sandbox.close)


async def build_engine(options: EngineOptions) -> Runtime:
    """Return an engine that is not started, built on the running loop. Its lock is the caller's to hold.

    Raises:
        FaultError: the run store cannot be opened.
        StateDirError: the state folder cannot be written.
    """
    runtime: Runtime
    look_less_often()
    root = options.root.resolve()
    clock = SystemClock()
    clients = _Clients(options, clock=clock)
    bus = EventBus(now_us=clock.now_us)
    state_dir = open_state_dir(root, options.state_dir)
    logs = EngineLogs(state_dir=state_dir, publish_event=bus.publish)
    store = await _open_store(state_dir, on_fault=lambda fault: runtime.note_store_fault(fault))
    connectors = ConnectorSet(
        store=store,
        producer_pool=clients.producers,
        pools=AgentPools(tasks=clients.agent_tasks),
        new_inbound=_NewInbound(secrets=clients.secrets, admins=clients.admins),
        warm_up=clients.agents.warm_up,
        clock=clock,
        publish_event=bus.publish,
        wants_events=lambda: bus.has_subscribers,
        traceparent_of=traceparent_of,
        on_ended=None if clients.export is None else clients.export.take,
        on_published=None if clients.export is None else clients.export.take_published,
    )
    files = WorkspaceFiles(root=root, environ=options.environ)
    runners = _Runners(parts=clients.agents)
    desk = RunDesk(
        store=store,
        producer_for=connectors.producer_for,
        configuration=lambda: runtime.configuration,
        build_runners=runners,
        read_draft=lambda agent, text: files.read_draft(agent, text, runtime.configuration),
        clock=clock,
        publish_event=bus.publish,
        tasks=clients.desk_tasks,
    )
    clusters = Clusters(
        root=root,
        environ=options.environ,
        configuration=lambda: runtime.configuration,
        statuses=connectors.statuses,
        sandbox_address=clients.sandbox.address,
        admins=clients.admins,
        secrets=clients.secrets,
        clock=clock,
        publish_event=bus.publish,
    )
    of_clusters = clusters.handlers()
    poison = PoisonDesk(
        store=store,
        statuses=connectors.statuses,
        start=connectors.start,
        get_message=of_clusters[GetMessage],
        produce=of_clusters[ProduceMessages],
        publish_event=bus.publish,
        clock=clock,
    )
    drafts = DraftDesk(
        state_dir=state_dir, retention=lambda: runtime.configuration.workspace.settings.retention, clock=clock
    )
    runtime = Runtime(
        source=WorkspaceSource(
            root=root,
            environ=options.environ,
            trust_tools=options.trust_tools,
            remember_trust=options.remember_trust,
        ),
        begin_watching=WorkspaceWatcher(root=root).begin,
        store=store,
        bus=bus,
        connectors=connectors,
        desk=desk,
        build_runners=runners,
        rehearses=_RehearsalChoice(parts=clients.agents, keyless=options.rehearse_keyless),
        sandbox_address=clients.sandbox.address,
        order_streams=OrderStreams(),
        certificates=CertificateWatch(
            configuration=lambda: runtime.configuration,
            secrets=clients.secrets,
            clock=clock,
            publish_event=bus.publish,
            notice=connectors.notice,
        ),
        handlers={
            **files.handlers(),
            **SecretDesk(root=root, environ=options.environ, secrets=clients.secrets).handlers(),
            **of_clusters,
            **poison.handlers(),
            **drafts.handlers(),
        },
        logs=logs,
        closers=(clusters.close, clients.close),
        on_stopping=clients.hurry,
        clock=clock,
        sandbox=options.sandbox,
        rehearse=options.rehearse,
    )
    return runtime


async def build_onlooker(options: EngineOptions, *, reason: str) -> ReadOnlyEngine:
    """Return what a window looks through while another engine holds the state folder."""
    root = options.root.resolve()
    clock = SystemClock()
    state_dir = root / STATE_DIR if options.state_dir is None else options.state_dir
    return ReadOnlyEngine(
        reason=reason,
        source=WorkspaceSource(root=root, environ=options.environ, trust_tools=False),
        files=WorkspaceFiles(root=root, environ=options.environ),
        store=RunStoreReader(state_dir / STORE_FILE),
        bus=EventBus(now_us=clock.now_us),
        clock=clock,
    )


async def _open_store(state_dir: Path, *, on_fault: Callable[[Fault], None]) -> RunStore:
    loop = asyncio.get_running_loop()

    def on_thread(fault: Fault) -> None:
        loop.call_soon_threadsafe(on_fault, fault)

    return await asyncio.to_thread(RunStore.open, state_dir / STORE_FILE, on_fault=on_thread)


class _Runners:
    """Builds the runners of a workspace."""

    def __init__(self, *, parts: AgentParts) -> None:
        self._parts = parts

    def __call__(
        self, workspace: Workspace, *, tools: ToolCatalogue, rehearses: Rehearses
    ) -> Mapping[str, AgentRunner]:
        return build_runners(workspace=workspace, tools=tools, parts=self._parts, rehearses=rehearses)


class _NewInbound:
    """Makes consumers."""

    def __init__(self, *, secrets: SecretStore, admins: AdminPool) -> None:
        self._secrets = secrets
        self._admins = admins

    def __call__(
        self,
        *,
        cluster: Cluster,
        connector: InboundConnector,
        group_id: str,
        listener: InboundListener,
        topic_memory: TopicMemory,
    ) -> KafkaInbound:
        return KafkaInbound(
            cluster=cluster,
            secrets=self._secrets,
            admins=self._admins,
            topic=connector.topic,
            group_id=group_id,
            auto_offset_reset=connector.auto_offset_reset,
            listener=listener,
            topic_memory=topic_memory,
        )


class _NewOutbound:
    """Makes producers."""

    def __init__(self, *, secrets: SecretStore, admins: AdminPool) -> None:
        self._secrets = secrets
        self._admins = admins

    def __call__(self, *, cluster: Cluster, on_waiting: Callable[[Fault | None], None]) -> KafkaOutbound:
        return KafkaOutbound(
            cluster=cluster,
            secrets=self._secrets,
            admins=self._admins,
            on_waiting=on_waiting,
            backoff=Backoff(source=random.Random()),  # noqa: S311 - jitter, not a secret
        )


class _RehearsalChoice:
    """Which models rehearse: all by the switch; otherwise, in a demo, those whose key is nowhere."""

    def __init__(self, *, parts: AgentParts, keyless: bool) -> None:
        self._parts = parts
        self._keyless = keyless

    async def __call__(self, workspace: Workspace, everything: bool) -> Rehearses:
        if everything:
            return rehearses_all
        if not self._keyless:
            return rehearses_none
        without = await self._parts.models_without_key(workspace)
        return without.__contains__
