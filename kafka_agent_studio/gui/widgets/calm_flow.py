"""Paints a table at most ten times a second for rows that flow in; whatever else happens to it is painted at once.

Nobody reads faster, and each painting of a full table takes the interpreter from the engine for some milliseconds.
"""

from time import monotonic
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QTableView

PAINT_EVERY_MS = 100


class CalmFlow(QObject):
    """Stands between a LiveTableModel and the painting of its table. The first row after a pause is painted at once."""

    def __init__(self, *, table: QTableView, model: Any) -> None:
        super().__init__(table)
        self._table = table
        self._is_holding = False
        self._painted_s = 0.0
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._paint)
        model.flow_began.connect(self._hold)
        model.flow_ended.connect(self._release)

    def _hold(self) -> None:
        self._is_holding = self._table.isVisible()
        if self._is_holding:
            self._table.viewport().setAttribute(Qt.WidgetAttribute.WA_UpdatesDisabled, True)

    def _release(self) -> None:
        if not self._is_holding:
            return
        self._is_holding = False
        # else it follows in a moment of its own, and asks for a painting then
        self._table.executeDelayedItemsLayout()
        self._table.viewport().setAttribute(Qt.WidgetAttribute.WA_UpdatesDisabled, False)
        rest_ms = PAINT_EVERY_MS - (monotonic() - self._painted_s) * 1000
        if rest_ms <= 0:
            self._paint()
        elif not self._later.isActive():
            self._later.start(round(rest_ms))

    def _paint(self) -> None:
        self._later.stop()
        self._painted_s = monotonic()
        self._table.viewport().update()
