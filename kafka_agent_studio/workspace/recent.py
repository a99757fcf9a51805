"""What this person opened last, and which folders' tools they trust: in the user's own configuration folder."""

import json
import logging
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from kafka_agent_studio.workspace.save import write_atomically

_LOG = logging.getLogger(__name__)

MAX_RECENT = 20


class RecentWorkspaces:
    """Recent workspaces and trusted folders.

    A file that cannot be read counts as empty, one that cannot be written stays as it is: remembering is a convenience.
    """

    def __init__(self, *, file: Path | None = None) -> None:
        """`file` None is the user's own."""
        self._file = file or user_config_path("kafka-agent-studio", appauthor=False) / "workspaces.json"

    def recent(self) -> list[Path]:
        """Return the workspaces opened last that still exist, newest first."""
        return [path for path in self._paths("recent") if path.is_dir()]

    def last(self) -> Path | None:
        """Return the workspace opened last, None where there is none left."""
        return next(iter(self.recent()), None)

    def opened(self, root: Path) -> None:
        """Note that a workspace was opened."""
        path = root.resolve()
        self._write("recent", [path, *(p for p in self._paths("recent") if p != path)][:MAX_RECENT])

    def forget(self, root: Path) -> None:
        """Take a workspace off the list."""
        self._write("recent", [p for p in self._paths("recent") if p != root.resolve()])

    def is_trusted(self, root: Path) -> bool:
        """Whether the person said that this folder's tools may run."""
        return root.resolve() in self._paths("trusted")

    def trust(self, root: Path) -> None:
        """Remember that this folder's tools may run."""
        if not self.is_trusted(root):
            self._write("trusted", [*self._paths("trusted"), root.resolve()])

    def _paths(self, key: str) -> list[Path]:
        items = self._read().get(key)
        return [Path(item) for item in items if isinstance(item, str)] if isinstance(items, list) else []

    def _read(self) -> dict[str, Any]:
        try:
            data = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}

    def _write(self, key: str, paths: list[Path]) -> None:
        data = {**self._read(), key: [str(path) for path in paths]}
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._file, (json.dumps(data, indent=2) + "\n").encode("utf-8"))
        except OSError as error:
            _LOG.warning("%s cannot be written: %s", self._file, error)
