"""A person's walk through a window whose loop runs: each step waits for what it needs to see, then acts."""

import time
from collections.abc import Callable, Iterable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QWidget

from kafka_agent_studio.gui.main_window import MainWindow

_LOOK_EVERY_MS = 20
_PATIENCE_S = 60.0

Step = tuple[Callable[[MainWindow], object], Callable[[MainWindow], object]]


class Walk:
    """Give `on_ready` to run_window(). `windows` are the titles of those that were shown, in order."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._steps = list(steps)
        self._deadline_s = time.monotonic() + _PATIENCE_S
        self._timer = QTimer()
        self._timer.setInterval(_LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._main: MainWindow | None = None
        self.windows: list[str] = []
        self.stuck_at: int | None = None
        """The step that was waited for in vain; None: all were gone."""
        self._at = 0

    def on_ready(self, main: MainWindow) -> None:
        """Take over a window."""
        self._main = main
        self.windows.append(main.windowTitle())
        self._timer.start()

    def _look(self) -> None:
        main = self._main
        assert main is not None
        # A window has its name only once it has heard of its workspace.
        self.windows[-1] = main.windowTitle()
        if self._at == len(self._steps):
            self._timer.stop()
            main.close_without_asking()
        elif time.monotonic() > self._deadline_s:
            self._timer.stop()
            self.stuck_at = self._at
            main.close_without_asking()
        elif self._steps[self._at][0](main):
            self._at += 1
            self._steps[self._at - 1][1](main)


def action(main: MainWindow, beginning: str) -> QAction:
    """Return the action whose text begins so."""
    return next(found for found in main.actions() if found.text().startswith(beginning))


def press(widget: QWidget, name: str) -> bool:
    """Click a button by its accessible name; False where there is none that can be pressed."""
    for found in widget.findChildren(QPushButton):
        if found.accessibleName() == name and found.isVisible() and found.isEnabled():
            found.click()
            return True
    return False


def can_press(widget: QWidget, name: str) -> bool:
    """Whether there is such a button now."""
    return any(
        found.accessibleName() == name and found.isVisible() and found.isEnabled()
        for found in widget.findChildren(QPushButton)
    )
