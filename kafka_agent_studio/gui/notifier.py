"""Says on the desktop that a connector fails, once for each trouble, and only while the window is not in front."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QSystemTrayIcon

from kafka_agent_studio.api.events import ConnectorState, ConnectorStatus
from kafka_agent_studio.gui.engine_bridge import EngineBridge
from kafka_agent_studio.gui.navigation import connector_address
from kafka_agent_studio.gui.preferences import Preferences
from kafka_agent_studio.gui.trouble import in_words

_GATHER_MS = 1_000
"""One broker that goes away takes many connectors with it: they are said together."""
_PATIENCE_ATTEMPTS = 5
"""A connector that tries again is no news before it failed this often in a row, some 15 s."""


class Tray(Protocol):
    """What shows a message on the desktop."""

    def show(self, title: str, text: str) -> None:
        """Show it; nothing happens where the desktop offers no such thing."""
        ...

    def close(self) -> None:
        """Take away what stands on the desktop."""
        ...


class DesktopTray:
    """The desktop's own notifications, through a tray icon that is there only once something was said."""

    def __init__(self, *, icon: QIcon, on_click: Callable[[], object]) -> None:
        self._icon = icon
        self._on_click = on_click
        self._tray: QSystemTrayIcon | None = None

    def show(self, title: str, text: str) -> None:
        """Show a message."""
        if not (QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()):
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._icon)
            self._tray.setToolTip("Kafka Agent Studio")
            self._tray.messageClicked.connect(lambda: self._on_click())
            self._tray.activated.connect(lambda _reason: self._on_click())
            self._tray.show()
        self._tray.showMessage(title, text, QSystemTrayIcon.MessageIcon.Warning)

    def close(self) -> None:
        """Take the icon away."""
        if self._tray is not None:
            self._tray.hide()
            self._tray.deleteLater()
            self._tray = None


class Notifier(QObject):
    """Hears of connectors; `place` is where the last message leads."""

    said = Signal(str)

    def __init__(
        self, *, bridge: EngineBridge, preferences: Preferences, tray: Tray, is_in_front: Callable[[], bool]
    ) -> None:
        super().__init__()
        self.place = "overview"
        self._preferences = preferences
        self._tray = tray
        self._is_in_front = is_in_front
        self._told: set[str] = set()
        self._gathered: dict[str, ConnectorStatus] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_GATHER_MS)
        self._timer.timeout.connect(self.tell)
        bridge.connector_changed.connect(self._on_changed)

    def close(self) -> None:
        """Say nothing more."""
        self._timer.stop()
        self._tray.close()

    def tell(self) -> None:
        """Say what was gathered."""
        gathered, self._gathered = self._gathered, {}
        if not gathered or self._is_in_front() or not self._preferences.notifies:
            return
        names = sorted(gathered)
        if len(names) == 1:
            fault = gathered[names[0]].fault
            title, text = f"{names[0]} fails", "" if fault is None else in_words(fault).what
            self.place = connector_address(names[0])
        else:
            title, text = f"{len(names)} connectors fail", ", ".join(names)
            self.place = "overview"
        self._tray.show(title, text)
        self.said.emit(title)

    def _on_changed(self, status: ConnectorStatus) -> None:
        if status.state is ConnectorState.RUNNING:
            self._told.discard(status.name)
            self._gathered.pop(status.name, None)
        elif _is_failing(status) and status.name not in self._told:
            self._told.add(status.name)
            self._gathered[status.name] = status
            self._timer.start()


def _is_failing(status: ConnectorStatus) -> bool:
    match status.state:
        case ConnectorState.FAILED:
            return True
        case ConnectorState.PAUSED:
            return status.fault is not None
        case ConnectorState.RETRYING:
            return status.attempt >= _PATIENCE_ATTEMPTS
        case _:
            return False
