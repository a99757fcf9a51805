"""How a front end asks for another workspace: one engine at a time, and the front end gets a client for each."""

from pathlib import Path
from typing import Protocol

import msgspec

from kafka_agent_studio.api.client import HostedClient


class OpenWorkspace(msgspec.Struct, frozen=True):
    """A workspace with an engine (or an onlooker) on it.

    `identity` is the same for every window on it and tells it from all others; `remark` is what the person should know
    about how it was opened, empty where all went as asked.
    """

    client: HostedClient
    identity: str
    remark: str = ""


class WorkspaceOpener(Protocol):
    """Opens folders. What it opened last is the only engine that runs; the one before is stopped in good order."""

    def recent(self) -> tuple[Path, ...]:
        """Return the workspaces opened last, newest first; it looks at the disk and may block."""
        ...

    def forget(self, root: Path) -> None:
        """Take a workspace off the list of recent ones."""
        ...

    def identity(self, root: Path) -> str:
        """Return what a window on `root` has as its identity."""
        ...

    async def open(self, root: Path) -> OpenWorkspace:
        """Stop the engine that runs, and start one on `root`.

        Where another process holds `root`, the client looks on; its snapshot says whose it is. Where the engine does
        not start, the workspace before is opened again, and `remark` says why.

        Raises:
            CommandRefused: the folder cannot be opened; the engine that ran goes on.
        """
        ...

    async def create(self, root: Path, *, with_sample: bool) -> OpenWorkspace:
        """Make a folder with a studio.yaml, and the sample's agents where `with_sample`, and open it.

        Raises:
            CommandRefused: there is something at `root` already, or it cannot be written.
        """
        ...
