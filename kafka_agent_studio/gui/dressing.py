"""The style sheet of a window: put on all of it once it is built, and on one part after another when it changes.

Under a style sheet each widget costs some 0.15 ms to style anew, and a window has thousands. So its parts get the new
sheet over the old one, those in sight first, each in a turn of the event loop. A part of many widgets is taken piece by
piece: what only holds others, and says nothing itself in the sheet, keeps what it wears.
"""

import time
from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QFrame, QScrollArea, QSplitter, QStackedWidget, QTabWidget, QWidget
from shiboken6 import isValid

_BETWEEN_MS = 4
_TURN_S = 0.006
_AT_ONCE = 40
"""Widgets that are styled in one turn at most, where they can be told apart."""
_HOLDERS = (QWidget, QFrame, QScrollArea, QSplitter, QStackedWidget, QTabWidget)


class Dressing(QObject):
    """Keeps what the window and its parts wear. Parts may be added before the window is dressed, and after."""

    def __init__(self) -> None:
        super().__init__()
        self._window: QWidget | None = None
        self._parts: list[QWidget] = []
        self._holders: list[QWidget] = []
        """Those that were taken piece by piece; what comes into them later has to be dressed by itself."""
        self._around: list[QWidget] = []
        self._undressed: list[QWidget] = []
        self._sheet = ""
        self._is_over = False
        """The parts wear another sheet over that of the window."""
        self._turns = QTimer(self)
        self._turns.setInterval(_BETWEEN_MS)
        self._turns.timeout.connect(self._dress_next)

    @property
    def is_settled(self) -> bool:
        """Whether every part wears the sheet that was put on last."""
        return not self._undressed

    def dress(self, window: QWidget, sheet: str) -> None:
        """Put the sheet on a window with all that is in it, at once."""
        self._window = window
        self._sheet = sheet
        window.setStyleSheet(sheet)

    def add_part(self, part: QWidget) -> None:
        """Let a part of the window change by itself. What lies in no part keeps the sheet it was dressed with."""
        self._parts.append(part)
        if self._is_over:
            part.setStyleSheet(self._sheet)

    def add_holder(self, holder: QWidget) -> None:
        """Let a widget of the window change that only holds parts, and has colours of the palette's alone."""
        self._around.append(holder)

    def change(self, sheet: str) -> None:
        """Put on another sheet: at once where there are no parts, else in turns."""
        window = self._window
        if window is None or not isValid(window):
            return
        self._sheet = sheet
        if not self._parts:
            window.setStyleSheet(sheet)
            return
        if not self._is_over:
            self._is_over = True
            window.installEventFilter(self)
        self._parts = [part for part in self._parts if isValid(part)]
        self._holders = [holder for holder in self._holders if isValid(holder)]
        for holder in self._around:
            if isValid(holder):
                _look_again(holder)
        dialogs = [child for child in window.children() if isinstance(child, QWidget) and child.isWindow()]
        self._undressed = _in_sight_last([*self._parts, *dialogs])
        self._turns.start()

    def _dress_next(self) -> None:
        """Dress what comes next, for one turn."""
        until_s = time.perf_counter() + _TURN_S
        while self._undressed:
            part = self._undressed.pop()
            if not isValid(part):
                continue
            if part in self._holders or self._is_taken_apart(part):
                _look_again(part)
                self._undressed += _in_sight_last(child for child in part.children() if isinstance(child, QWidget))
            else:
                part.setStyleSheet(self._sheet)
            if time.perf_counter() > until_s:
                return
        self._turns.stop()

    def _is_taken_apart(self, part: QWidget) -> bool:
        if len(part.findChildren(QWidget)) < _AT_ONCE or not self._only_holds(part):
            return False
        self._holders.append(part)
        part.installEventFilter(self)
        return True

    def _only_holds(self, widget: QWidget) -> bool:
        of_qt = next(kind for kind in type(widget).__mro__ if kind.__module__.startswith("PySide6."))
        return of_qt in _HOLDERS and f"#{widget.objectName()} " not in self._sheet

    def eventFilter(self, holder: QObject, event: QEvent) -> bool:
        """Dress a dialog of the window, and what comes into a holder later, before it is seen."""
        if event.type() == QEvent.Type.ChildPolished:
            child = event.child()  # type: ignore[attr-defined]
            if isinstance(child, QWidget) and (child.isWindow() or holder is not self._window):
                child.setStyleSheet(self._sheet)
        return False


def _look_again(holder: QWidget) -> None:
    """Take the palette's colours anew: the sheet gives it none of its own, but keeps those it had."""
    holder.style().unpolish(holder)
    holder.style().polish(holder)
    holder.update()


def _in_sight_last(widgets: Iterable[QWidget]) -> list[QWidget]:
    return sorted(widgets, key=lambda widget: widget.isVisible())
