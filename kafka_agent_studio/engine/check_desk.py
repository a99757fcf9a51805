"""Does it connect? The check of a saved connection, of a form that is not saved, or of a text in an editor."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from kafka_agent_studio.api.checks import CheckReport
from kafka_agent_studio.api.cluster_commands import ConnectionDraft, TestConnection
from kafka_agent_studio.api.commands import Command
from kafka_agent_studio.api.events import CheckStageFinished, Event
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.engine.clock import Clock
from kafka_agent_studio.engine.cluster_names import ClusterNames
from kafka_agent_studio.engine.job_threads import JobThreads
from kafka_agent_studio.engine.kafka.client_config import SecretSource
from kafka_agent_studio.engine.kafka.connection_check import CheckTarget, check_connection
from kafka_agent_studio.model.base import SANDBOX
from kafka_agent_studio.model.connection import Connection
from kafka_agent_studio.model.connector import Direction, InboundConnector
from kafka_agent_studio.model.workspace import AnyConnector, Workspace
from kafka_agent_studio.workspace.draft import load_draft
from kafka_agent_studio.workspace.problems import ProblemLog
from kafka_agent_studio.workspace.save import SaveError
from kafka_agent_studio.workspace.yaml_source import parse_yaml

DRAFT = "draft"


class CheckDesk:
    """Answers to TestConnection."""

    def __init__(
        self,
        *,
        root: Path,
        environ: Mapping[str, str],
        names: ClusterNames,
        secrets: SecretSource,
        jobs: JobThreads,
        clock: Clock,
        publish_event: Callable[[Event], None],
    ) -> None:
        self._root = root
        self._environ = environ
        self._names = names
        self._secrets = secrets
        self._jobs = jobs
        self._clock = clock
        self._publish = publish_event

    def handlers(self) -> dict[type[Command[Any]], Callable[[Any], Awaitable[Any]]]:
        """What this answers to."""
        return {TestConnection: self.check}

    async def check(self, command: TestConnection) -> CheckReport:
        """Go through the stages. Raises: CommandRefused, EngineError (before the first stage only)."""
        name, target = await self._target(command)
        secrets = _TypedSecrets(command.secrets, self._secrets)
        stages = []
        with self._jobs.named(command.job_id) as cancelled:
            async for stage in check_connection(target, secrets):
                if cancelled.is_set():
                    break
                stages.append(stage)
                self._publish(CheckStageFinished(at_us=self._clock.now_us(), job_id=command.job_id, stage=stage))
        return CheckReport(name, tuple(stages))

    async def _target(self, command: TestConnection) -> tuple[str, CheckTarget]:
        given = [value for value in (command.name, command.draft, command.text) if value is not None]
        if len(given) != 1:
            raise CommandRefused("Give the name of a connection, a form, or a text to check: one of them.")
        if command.draft is not None:
            return DRAFT, await self._target_of_form(command.draft)
        if command.text is not None:
            source, workspace = await asyncio.to_thread(self._read, command.text)
            return source.name, await self._target_of(source, workspace)
        name = command.name or ""
        workspace = self._names.workspace
        found = workspace.connectors.get(name)
        if found is not None:
            return name, await self._target_of(found, workspace)
        return name, CheckTarget(cluster=await self._names.cluster(name))

    async def _target_of_form(self, draft: ConnectionDraft) -> CheckTarget:
        try:
            connection = Connection.model_validate(
                {
                    "version": "1.0",
                    "name": DRAFT,
                    "bootstrap_servers": draft.bootstrap_servers,
                    "security": dict(draft.security),
                }
            )
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(step) for step in first["loc"])
            raise CommandRefused(f"{place}: {first['msg'].removeprefix('Value error, ')}.") from None
        cluster = await self._names.cluster_of(connection)
        if draft.topic is None:
            return CheckTarget(cluster=cluster)
        direction = Direction.INBOUND if draft.reads else Direction.OUTBOUND
        group = (draft.group_id or f"kafka-agent-studio.{self._names.workspace.name}.{DRAFT}") if draft.reads else None
        return CheckTarget(cluster=cluster, direction=direction, topic=draft.topic, group=group)

    async def _target_of(self, source: AnyConnector | Connection, workspace: Workspace) -> CheckTarget:
        cluster = await self._names.cluster_of(source, workspace)
        if isinstance(source, Connection):
            return CheckTarget(cluster=cluster)
        group = source.group(workspace.name) if isinstance(source, InboundConnector) else None
        return CheckTarget(cluster=cluster, direction=source.direction, topic=source.topic, group=group)

    def _read(self, text: str) -> tuple[AnyConnector | Connection, Workspace]:
        node = parse_yaml(text, DRAFT, ProblemLog())
        fields = {} if node is None else node.fields
        name = (fields["name"].text if "name" in fields else None) or DRAFT
        kind = "connectors" if {"direction", "topic"} & fields.keys() else "connections"
        path = f"{kind}/{name}.yaml"
        try:
            loaded = load_draft(self._root, {path: text}, environ=self._environ)
        except SaveError as error:
            raise CommandRefused(str(error)) from None
        workspace = loaded.workspace
        source = workspace.connectors.get(name) if kind == "connectors" else workspace.connections.get(name)
        if source is None or name == SANDBOX:
            problem = next((p for p in loaded.problems if p.file == path and p.level == "error"), None)
            raise CommandRefused(
                "The text is neither a connection nor a connector."
                if problem is None
                else f"Line {problem.line}, column {problem.column}: {problem.message}."
            )
        # relative certificate paths begin at the workspace itself
        return source, Workspace(
            root=self._root,
            settings=workspace.settings,
            connections=workspace.connections,
            connectors=workspace.connectors,
            files=workspace.files,
        )


class _TypedSecrets:
    """Secrets that were typed for one check, before those that are stored."""

    def __init__(self, typed: Mapping[str, str], stored: SecretSource) -> None:
        self._typed = {name: SecretStr(value) for name, value in typed.items()}
        self._stored = stored

    async def get(self, name: str) -> SecretStr | None:
        """Return the secret of that name."""
        return self._typed.get(name) or await self._stored.get(name)
