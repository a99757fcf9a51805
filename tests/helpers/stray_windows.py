"""Notices widgets that come up as windows of their own, though nobody meant them to be windows."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QMenu, QWidget

from kafka_agent_studio.gui.welcome import WelcomeWindow

_MEANT = (QDialog, QMainWindow, QMenu, WelcomeWindow)


class StrayWindows(QObject):
    """`seen` names each widget that was shown before it had a parent: on a desktop it flashes up as a small window."""

    def __init__(self, application: QApplication) -> None:
        super().__init__()
        self.seen: list[str] = []
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at each window that is shown."""
        if event.type() != QEvent.Type.Show or not isinstance(watched, QWidget) or isinstance(watched, _MEANT):
            return False
        if watched.isWindow():
            self.seen.append(f"flashes up as a window: {type(watched).__name__} '{watched.accessibleName()}'")
        return False
