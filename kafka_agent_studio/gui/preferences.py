"""What the window remembers between two starts, on this machine only."""

import hashlib
import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

from kafka_agent_studio.gui.theme import ThemeChoice


class Preferences:
    """Window geometry and theme are the person's; places, filters and columns belong to a workspace.

    Values are JSON text in a settings file, so that a person can read and delete them.
    """

    def __init__(self, *, settings: QSettings, workspace_root: Path) -> None:
        self._settings = settings
        digest = hashlib.sha256(str(workspace_root).encode()).hexdigest()[:12]
        self._scope = f"workspace-{digest}"

    @property
    def theme(self) -> ThemeChoice:
        """The chosen theme; system where none was chosen."""
        value = str(self._settings.value("window/theme", ThemeChoice.SYSTEM.value))
        return ThemeChoice(value) if value in set(ThemeChoice) else ThemeChoice.SYSTEM

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._settings.setValue("window/theme", choice.value)

    @property
    def notifies(self) -> bool:
        """Whether the desktop says it when a connector fails; it does where nothing was chosen."""
        return str(self._settings.value("window/notifies", "true")) != "false"

    @notifies.setter
    def notifies(self, value: bool) -> None:
        self._settings.setValue("window/notifies", "true" if value else "false")

    @property
    def geometry(self) -> QByteArray:
        """Qt's own form of the window's place; empty at the first start."""
        value = self._settings.value("window/geometry")
        return value if isinstance(value, QByteArray) else QByteArray()

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._settings.setValue("window/geometry", value)

    def get(self, name: str, default: Any = None) -> Any:
        """Return what this workspace's `name` holds (`runs/columns`); `default` where nothing readable is there."""
        try:
            return json.loads(str(self._settings.value(f"{self._scope}/{name}")))
        except ValueError:
            return default

    def put(self, name: str, value: Any) -> None:
        """Remember a JSON value under `name` for this workspace."""
        self._settings.setValue(f"{self._scope}/{name}", json.dumps(value))

    def flush(self) -> None:
        """Write to disk now."""
        self._settings.sync()
