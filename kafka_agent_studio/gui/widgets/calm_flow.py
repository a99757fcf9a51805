"""Paints a table at most ten times a second for rows that flow in; whatever else happens to it is painted at once.

Four times a second where more come than are in sight: what one painting shows is gone with the next. Nobody reads
faster, and each painting of a full table takes the interpreter from the engine for some milliseconds. Where rows keep
coming it is painted in strips, a turn of the event loop each, so that none keeps the window waiting.
"""

from time import monotonic
from typing import Any

from PySide6.QtCore import QObject, QRect, Qt, QTimer
from PySide6.QtWidgets import QTableView

PAINT_EVERY_MS = 100
FLOOD_EVERY_MS = 250
STRIPS = 4
_BETWEEN_MS = 4
_FLOWS_WITHIN_S = 0.5


class CalmFlow(QObject):
    """Stands between a LiveTableModel and the painting of its table. The first row after a pause is painted at once."""

    def __init__(self, *, table: QTableView, model: Any) -> None:
        super().__init__(table)
        self._table = table
        self._model = model
        self._is_holding = False
        self._painted_s = 0.0
        self._seen = 0
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._paint)
        self._strips: list[QRect] = []
        self._next = QTimer(self)
        self._next.setInterval(_BETWEEN_MS)
        self._next.timeout.connect(self._paint_strip)
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
        in_sight = self._table.viewport().height() // max(1, self._table.verticalHeader().defaultSectionSize())
        every_ms = FLOOD_EVERY_MS if self._model.seen - self._seen > in_sight else PAINT_EVERY_MS
        rest_ms = every_ms - (monotonic() - self._painted_s) * 1000
        if rest_ms <= 0:
            self._paint()
        elif not self._later.isActive():
            self._later.start(round(rest_ms))

    def _paint(self) -> None:
        self._later.stop()
        self._seen = self._model.seen
        now_s = monotonic()
        keeps_coming = now_s - self._painted_s < _FLOWS_WITHIN_S
        self._painted_s = now_s
        whole = self._table.viewport().rect()
        if not keeps_coming:
            self._table.viewport().update()
            return
        height = whole.height() // STRIPS + 1
        self._strips = [QRect(0, at * height, whole.width(), height) for at in range(STRIPS)]
        self._paint_strip()
        self._next.start()

    def _paint_strip(self) -> None:
        if self._strips:
            self._table.viewport().update(self._strips.pop(0))
        else:
            self._next.stop()
