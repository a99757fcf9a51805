"""Commands about workspace files and secrets. What was saved is noticed by the watcher, as any edit is."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from kafka_agent_studio.api.commands import (
    CheckText,
    Command,
    DeleteSecret,
    EditFields,
    HasKeyring,
    ListSecrets,
    ParseFields,
    ReadFile,
    SaveFields,
    SaveFiles,
    SetSecret,
)
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.api.queries import SecretStatus
from kafka_agent_studio.engine.configuration import Configuration
from kafka_agent_studio.model.workspace import Problem, Workspace
from kafka_agent_studio.workspace.draft import load_draft
from kafka_agent_studio.workspace.loader import load_workspace
from kafka_agent_studio.workspace.problems import ProblemLog
from kafka_agent_studio.workspace.save import SaveError, read_files, save_files
from kafka_agent_studio.workspace.secrets import SecretStore, SecretStoreError
from kafka_agent_studio.workspace.tool_catalogue import ToolCatalogue
from kafka_agent_studio.workspace.yaml_edit import YamlEditError, edited_yaml
from kafka_agent_studio.workspace.yaml_source import parse_yaml


class WorkspaceFiles:
    """Reads, checks and saves the files of one workspace, off the loop."""

    def __init__(self, *, root: Path, environ: Mapping[str, str]) -> None:
        self._root = root
        self._environ = environ

    async def read(self, command: ReadFile) -> str | None:
        """Return a file's text. Raises: CommandRefused."""
        try:
            return (await asyncio.to_thread(read_files, self._root, [command.path]))[command.path]
        except SaveError as error:
            raise CommandRefused(str(error)) from None

    async def save(self, command: SaveFiles) -> Mapping[str, str | None]:
        """Write files, all or none. Raises: CommandRefused."""
        try:
            return await asyncio.to_thread(save_files, self._root, command.changes, expected=command.expected)
        except SaveError as error:
            raise CommandRefused(str(error)) from None

    async def save_fields(self, command: SaveFields) -> Mapping[str, str | None]:
        """Write fields into a YAML file, keeping comments and order. Raises: CommandRefused."""
        before = await self.read(ReadFile(command.path))
        try:
            text = await asyncio.to_thread(edited_yaml, before or "", command.values)
        except YamlEditError as error:
            raise CommandRefused(f"{command.path}: {error}") from None
        return await self.save(SaveFiles({command.path: text}, expected={command.path: before}))

    async def check(self, command: CheckText) -> tuple[Problem, ...]:
        """Return what would be wrong in a file that held this text. Raises: CommandRefused."""
        try:
            loaded = await asyncio.to_thread(
                load_draft, self._root, {command.path: command.text}, environ=self._environ
            )
        except SaveError as error:
            raise CommandRefused(str(error)) from None
        return tuple(p for p in loaded.problems if p.file == command.path)

    async def parse(self, command: ParseFields) -> Mapping[str, Any]:
        """Return the fields of a text as written. Raises: CommandRefused."""
        problems = ProblemLog()
        node = await asyncio.to_thread(parse_yaml, command.text, "", problems)
        if node is None or (node.value is not None and not isinstance(node.value, dict)):
            problem = next(iter(problems.sorted()), None)
            where = "" if problem is None else f"line {problem.line}, column {problem.column}: {problem.message}"
            raise CommandRefused(where or "the file does not hold fields (name: value)")
        return {name: part.plain() for name, part in node.fields.items()}

    async def edit(self, command: EditFields) -> str:
        """Return a text with fields set. Raises: CommandRefused."""
        try:
            return await asyncio.to_thread(edited_yaml, command.text, command.values)
        except YamlEditError as error:
            raise CommandRefused(str(error)) from None

    def read_draft(self, agent: str, text: str, running: Configuration) -> tuple[Workspace, ToolCatalogue]:
        """Return the workspace with a draft in place of an agent's file, and the tools that run; blocks.

        Raises: SaveError.
        """
        path = running.workspace.files.get(f"agent/{agent}", f"agents/{agent}.yaml")
        return load_draft(self._root, {path: text}, environ=self._environ).workspace, running.tools

    def handlers(self) -> dict[type[Command[Any]], Callable[[Any], Awaitable[Any]]]:
        """What this answers to."""
        return {
            ReadFile: self.read,
            SaveFiles: self.save,
            SaveFields: self.save_fields,
            CheckText: self.check,
            ParseFields: self.parse,
            EditFields: self.edit,
        }


class SecretDesk:
    """Sets, deletes and lists secrets; a value goes in and never comes out."""

    def __init__(self, *, root: Path, environ: Mapping[str, str], secrets: SecretStore) -> None:
        self._root = root
        self._environ = environ
        self._secrets = secrets

    def handlers(self) -> dict[type[Command[Any]], Callable[[Any], Awaitable[Any]]]:
        """What this answers to."""
        return {
            SetSecret: self.set,
            DeleteSecret: self.delete,
            ListSecrets: self.list,
            HasKeyring: self.has_keyring,
        }

    async def set(self, command: SetSecret) -> None:
        """Store a secret. Raises: CommandRefused."""
        try:
            await self._secrets.set(command.name, SecretStr(command.value), session_only=command.session_only)
        except SecretStoreError as error:
            raise CommandRefused(str(error)) from None

    async def delete(self, command: DeleteSecret) -> None:
        """Forget a secret. Raises: CommandRefused."""
        try:
            await self._secrets.delete(command.name)
        except SecretStoreError as error:
            raise CommandRefused(str(error)) from None

    async def has_keyring(self, _command: HasKeyring) -> bool:
        """Return whether there is a keyring to store in."""
        return await self._secrets.has_keyring()

    async def list(self, command: ListSecrets) -> tuple[SecretStatus, ...]:
        """Return the names that the workspace mentions, and those asked for, and where each is found."""
        loaded = await asyncio.to_thread(load_workspace, self._root, environ=self._environ, trust_tools=False)
        statuses = []
        for name in sorted({*command.names, *(use.name for use in loaded.secret_uses)}):
            try:
                found = (await self._secrets.where(name)).value
            except SecretStoreError:
                found = "unknown"
            statuses.append(SecretStatus(name, found))
        return tuple(statuses)
