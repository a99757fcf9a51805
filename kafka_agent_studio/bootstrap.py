"""The one place that builds an engine and hands it its parts."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kafka_agent_studio.api.commands import (
    CheckText,
    Command,
    DeleteSecret,
    ListSecrets,
    ReadFile,
    SaveFields,
    SaveFiles,
    SetSecret,
)
from kafka_agent_studio.api.faults import Fault
from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.engine.agent_pools import AgentPools
from kafka_agent_studio.engine.agents.builder import build_runners
from kafka_agent_studio.engine.agents.parts import AgentParts, Rehearses, rehearses_all, rehearses_none
from kafka_agent_studio.engine.backoff import Backoff
from kafka_agent_studio.engine.clock import SystemClock
from kafka_agent_studio.engine.connectors import ConnectorSet
from kafka_agent_studio.engine.event_bus import EventBus
from kafka_agent_studio.engine.kafka.admin import AdminPool
from kafka_agent_studio.engine.kafka.cluster import Cluster
from kafka_agent_studio.engine.kafka.inbound import KafkaInbound
from kafka_agent_studio.engine.kafka.outbound import KafkaOutbound
from kafka_agent_studio.engine.kafka.producer_pool import ProducerPool
from kafka_agent_studio.engine.kafka.topic_watch import TopicMemory
from kafka_agent_studio.engine.manual_runs import RunDesk
from kafka_agent_studio.engine.order_streams import OrderStreams
from kafka_agent_studio.engine.ports import AgentRunner, InboundListener
from kafka_agent_studio.engine.run_store import STORE_FILE, RunStore
from kafka_agent_studio.engine.runtime import Runtime
from kafka_agent_studio.engine.workspace_files import SecretDesk, WorkspaceFiles
from kafka_agent_studio.engine.workspace_source import WorkspaceSource
from kafka_agent_studio.model.connector import InboundConnector
from kafka_agent_studio.model.workspace import Workspace
from kafka_agent_studio.sandbox.broker import SandboxBroker
from kafka_agent_studio.sandbox.rehearsal_model import RehearsalModel
from kafka_agent_studio.workspace.lock import EngineLock
from kafka_agent_studio.workspace.secrets import SecretStore
from kafka_agent_studio.workspace.state_dir import open_state_dir
from kafka_agent_studio.workspace.tool_catalogue import ToolCatalogue
from kafka_agent_studio.workspace.watcher import WorkspaceWatcher


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """What a command line asks of an engine. `state_dir` None: `.studio` in the workspace."""

    root: Path
    environ: Mapping[str, str]
    state_dir: Path | None = None
    sandbox: bool = False
    rehearse: bool = False
    rehearse_keyless: bool = False
    """Models whose key is nowhere rehearse, the others answer for themselves (the demo)."""
    rehearsal_latency_s: float = 0.0
    trust_tools: bool = True


def engine_lock(options: EngineOptions) -> EngineLock:
    """Return the lock of the options' state folder, not yet held. Raises: StateDirError."""
    state_dir = open_state_dir(options.root, options.state_dir)
    return EngineLock(state_dir=state_dir, name=options.root.resolve().name)


async def build_engine(options: EngineOptions) -> Runtime:
    """Return an engine that is not started, built on the running loop. Its lock is the caller's to hold.

    Raises:
        FaultError: the run store cannot be opened.
        StateDirError: the state folder cannot be written.
    """
    root = options.root.resolve()
    loop = asyncio.get_running_loop()
    clock = SystemClock()
    secrets = SecretStore(environ=options.environ)
    bus = EventBus(now_us=clock.now_us)
    state_dir = open_state_dir(root, options.state_dir)

    def on_store_thread_fault(fault: Fault) -> None:
        loop.call_soon_threadsafe(on_store_fault, fault)

    store = await asyncio.to_thread(
        RunStore.open,
        state_dir / STORE_FILE,
        on_fault=on_store_thread_fault,
    )
    sandbox = SandboxBroker()
    admins = AdminPool(secrets=secrets)
    producers = ProducerPool(new_outbound=_NewOutbound(secrets=secrets, admins=admins))
    agent_parts = AgentParts(
        secrets=secrets, clock=clock, rehearsal=RehearsalModel(latency_s=options.rehearsal_latency_s)
    )
    agent_tasks = TaskGroupOwner(name="agents")
    connectors = ConnectorSet(
        store=store,
        producer_pool=producers,
        pools=AgentPools(tasks=agent_tasks),
        new_inbound=_NewInbound(secrets=secrets, admins=admins),
        warm_up=agent_parts.warm_up,
        clock=clock,
        publish_event=bus.publish,
        wants_events=lambda: bus.has_subscribers,
        traceparent_of=lambda _: None,
    )
    files = WorkspaceFiles(root=root, environ=options.environ)
    secret_desk = SecretDesk(root=root, environ=options.environ, secrets=secrets)
    desk_tasks = TaskGroupOwner(name="manual-runs")

    def on_store_fault(fault: Fault) -> None:
        runtime.note_store_fault(fault)

    def runners(workspace: Workspace, *, tools: ToolCatalogue, rehearses: Rehearses) -> Mapping[str, AgentRunner]:
        return build_runners(workspace=workspace, tools=tools, parts=agent_parts, rehearses=rehearses)

    def read_draft(agent: str, text: str) -> tuple[Workspace, ToolCatalogue]:
        path = runtime.configuration.workspace.files.get(f"agent/{agent}", f"agents/{agent}.yaml")
        return files.read_draft(path, text), runtime.configuration.tools

    desk = RunDesk(
        store=store,
        producer_for=connectors.producer_for,
        configuration=lambda: runtime.configuration,
        build_runners=runners,
        read_draft=read_draft,
        clock=clock,
        publish_event=bus.publish,
        tasks=desk_tasks,
    )
    handlers: dict[type[Command[Any]], Callable[[Any], Awaitable[Any]]] = {
        ReadFile: files.read,
        SaveFiles: files.save,
        SaveFields: files.save_fields,
        CheckText: files.check,
        SetSecret: secret_desk.set,
        DeleteSecret: secret_desk.delete,
        ListSecrets: secret_desk.list,
    }

    async def close_clients() -> None:
        await desk_tasks.close()
        await agent_tasks.close()
        await producers.close()
        admins.close()
        await agent_parts.close()
        await asyncio.to_thread(sandbox.close)

    def watch() -> AsyncIterator[frozenset[str]]:
        return WorkspaceWatcher(root=root).changes()

    runtime = Runtime(
        source=WorkspaceSource(root=root, environ=options.environ, trust_tools=options.trust_tools),
        watch=watch,
        store=store,
        bus=bus,
        connectors=connectors,
        desk=desk,
        build_runners=runners,
        rehearses=_RehearsalChoice(parts=agent_parts, keyless=options.rehearse_keyless),
        sandbox_address=sandbox.address,
        order_streams=OrderStreams(),
        handlers=handlers,
        closers=(close_clients,),
        clock=clock,
        sandbox=options.sandbox,
        rehearse=options.rehearse,
    )
    return runtime


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
