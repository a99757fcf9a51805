"""Lets a fake engine answer for a real folder: files, checks and secrets as the engine itself would, only at once."""

import asyncio
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any

from kafka_agent_studio.api.cluster_commands import ListGroups, ListTopics
from kafka_agent_studio.api.commands import (
    CheckText,
    DeleteSecret,
    EditFields,
    HasKeyring,
    ListSecrets,
    ParseFields,
    ReadFile,
    SaveFiles,
    SetSecret,
)
from kafka_agent_studio.api.events import WorkspaceChanged
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.api.queries import SecretStatus
from kafka_agent_studio.engine.workspace_files import WorkspaceFiles
from kafka_agent_studio.model.workspace import Workspace
from kafka_agent_studio.workspace.loader import load_workspace
from tests.helpers.fake_engine import FakeEngineClient
from tests.helpers.gui_scene import NOW_US


class WorkspaceDesk:
    """A folder behind a FakeEngineClient. `secrets` holds what SetSecret stored; `has_keyring` False: it refuses."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.secrets: dict[str, str] = {}
        self.session: dict[str, str] = {}
        self.has_keyring = True
        self.engine: FakeEngineClient | None = None
        self._files = WorkspaceFiles(root=root, environ={})

    def write(self, files: Mapping[str, str]) -> None:
        """Put files there as somebody else would."""
        for path, text in files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text)

    def read(self, path: str) -> str:
        """The text of a file."""
        return (self.root / path).read_text()

    def workspace(self) -> Workspace:
        """The folder as it is now."""
        return load_workspace(self.root, environ={}).workspace

    def answer_for(self, engine: FakeEngineClient) -> None:
        """Make the engine answer from the folder."""
        self.engine = engine
        files = self._files
        for kind, method in (
            (ReadFile, files.read),
            (CheckText, files.check),
            (ParseFields, files.parse),
            (EditFields, files.edit),
        ):
            engine.answer(kind, lambda command, method=method: _now(method(command)))  # type: ignore[misc]
        engine.answer(SaveFiles, self._save)
        engine.answer(SetSecret, self._set_secret)
        engine.answer(DeleteSecret, lambda command: self.secrets.pop(command.name, None) and None)
        engine.answer(ListSecrets, self._secrets)
        engine.answer(HasKeyring, lambda _command: self.has_keyring)
        engine.answer(ListTopics, ())
        engine.answer(ListGroups, ())

    def changed(self) -> None:
        """Tell of the folder as the watcher does."""
        assert self.engine is not None
        loaded = load_workspace(self.root, environ={})
        self.engine.say(WorkspaceChanged(NOW_US, loaded.workspace, loaded.problems))

    def _save(self, command: SaveFiles) -> Mapping[str, str | None]:
        before: Mapping[str, str | None] = _now(self._files.save(command))
        self.changed()
        return before

    def _set_secret(self, command: SetSecret) -> None:
        if command.session_only:
            self.session[command.name] = command.value
        elif not self.has_keyring:
            variable = f"KAFKA_AGENT_STUDIO_SECRET_{command.name.upper().replace('-', '_')}"
            raise CommandRefused(
                f"this machine has no keyring; set {variable}, or keep the secret for this session only"
            )
        else:
            self.secrets[command.name] = command.value

    def _secrets(self, command: ListSecrets) -> tuple[SecretStatus, ...]:
        uses = load_workspace(self.root, environ={}).secret_uses
        names = {*command.names, *(use.name for use in uses)}
        return tuple(SecretStatus(name, self._where(name)) for name in sorted(names))

    def _where(self, name: str) -> str:
        return "session" if name in self.session else "keyring" if name in self.secrets else "missing"


def _now(work: Coroutine[Any, Any, Any]) -> Any:
    """Run to its end on a loop of its own: the engine's methods read files on threads."""
    with asyncio.Runner() as runner:
        return runner.run(work)
