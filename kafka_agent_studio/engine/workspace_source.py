"""The workspace as the engine runs it: loaded off the loop, loaded again when files change, never half."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kafka_agent_studio.engine.reload import keep_running_versions, shown, valid_part
from kafka_agent_studio.model.workspace import Problem, Workspace
from kafka_agent_studio.workspace.loader import load_workspace
from kafka_agent_studio.workspace.tool_catalogue import ToolCatalogue


@dataclass(frozen=True, slots=True)
class LoadedVersion:
    """One reading of the files."""

    shown: Workspace
    """What a person is shown: `running`, and beside it what the files hold and may not run."""
    running: Workspace
    """What runs: all that is valid, and running versions of what was valid before."""
    valid: Workspace
    """What is valid now."""
    problems: tuple[Problem, ...]
    tools: ToolCatalogue
    invalid: Mapping[str, Problem]
    """`connector/<name>` … → why it is not valid now, its own mistake or that of something it rests on."""


class WorkspaceSource:
    """Reads one folder."""

    def __init__(
        self,
        *,
        root: Path,
        environ: Mapping[str, str],
        trust_tools: bool,
        remember_trust: Callable[[], None] | None = None,
    ) -> None:
        """`remember_trust` keeps for the next start that a person trusts the folder; it may block."""
        self.root = root
        self.trust_tools = trust_tools
        self._remember_trust = remember_trust
        self._environ = environ
        self._current: LoadedVersion | None = None

    async def trust(self) -> None:
        """Import the tools from the next load on, and remember it."""
        self.trust_tools = True
        if self._remember_trust is not None:
            await asyncio.to_thread(self._remember_trust)

    async def load(self) -> LoadedVersion:
        """Read the files, in a thread. Raises: OSError where the folder itself cannot be read."""
        loaded = await asyncio.to_thread(
            load_workspace,
            self.root,
            environ=self._environ,
            trust_tools=self.trust_tools,
            before=None if self._current is None else self._current.shown,
        )
        running = keep_running_versions(
            None if self._current is None else self._current.running, loaded.workspace, loaded.invalid
        )
        self._current = LoadedVersion(
            shown=shown(running, loaded.workspace),
            running=running,
            valid=valid_part(loaded.workspace, loaded.invalid),
            problems=loaded.problems,
            tools=loaded.tools,
            invalid=loaded.invalid,
        )
        return self._current
