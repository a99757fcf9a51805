"""One chart drawn by pyqtgraph. Imported once pyqtgraph is there: loading it takes longer than opening the window."""

from collections.abc import Sequence

import pyqtgraph
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kafka_agent_studio.api.trends import TrendPoint
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.overview.chart_series import ChartKind, Range
from kafka_agent_studio.gui.theme import Theme, Tone

_ROOM_ABOVE = 1.08
"""Of the highest value: its tick is to be readable."""


_TIME_WIDTH = 40
"""What a time of day takes with the space beside it, in px."""


class Plot(QWidget):
    """Lines over time, from zero up. `hovered` brings the point under the mouse, None when it has left."""

    hovered = Signal(object)

    def __init__(self, *, theme: Theme, kind: ChartKind) -> None:
        super().__init__()
        self._theme = theme
        self._kind = kind
        self._points: Sequence[TrendPoint] = ()
        self.view = pyqtgraph.PlotWidget(axisItems={"bottom": _ClockAxis("bottom"), "left": _Axis(kind)})
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setMenuEnabled(False)
        self.view.setMouseEnabled(False, False)
        self.view.hideButtons()
        self.view.setAntialiasing(True)
        self._lines = [self.view.plot([], []) for _ in kind.series]
        self._cursor = pyqtgraph.InfiniteLine(angle=90)
        self._cursor.hide()
        self.view.addItem(self._cursor, ignoreBounds=True)
        self.view.scene().sigMouseMoved.connect(self._on_mouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        theme.changed.connect(self._dress)
        self._dress()

    def show_points(self, points: Sequence[TrendPoint], span: Range, end_s: int) -> None:
        """Draw the points of a range that ends at `end_s` (epoch s)."""
        self._points = points
        highest = 0.0
        for line, series in zip(self._lines, self._kind.series, strict=True):
            known = [(point.at_s, value) for point in points if (value := series.value(point)) is not None]
            line.setData([at for at, _ in known], [value for _, value in known])
            highest = max([highest, *(value for _, value in known)])
        self.view.setXRange(end_s - span.span_s, end_s, padding=0)
        self.view.setYRange(0, max(highest, self._kind.least) * _ROOM_ABOVE, padding=0)

    def _on_mouse(self, at: object) -> None:
        assert isinstance(at, QPointF)
        inside = self.view.sceneBoundingRect().contains(at) and bool(self._points)
        self._cursor.setVisible(inside)
        if not inside:
            self.hovered.emit(None)
            return
        at_s = self.view.getPlotItem().vb.mapSceneToView(at).x()
        nearest = min(self._points, key=lambda point: abs(point.at_s - at_s))
        self._cursor.setValue(nearest.at_s)
        self.hovered.emit(nearest)

    def leave(self) -> None:
        """Forget where the mouse was."""
        self._cursor.hide()
        self.hovered.emit(None)

    def _dress(self) -> None:
        tokens = self._theme.tokens
        self.view.setBackground(QColor(tokens.bg))
        for line, series in zip(self._lines, self._kind.series, strict=True):
            style = Qt.PenStyle.DashLine if series.is_dashed else Qt.PenStyle.SolidLine
            pen = QPen(tokens.color(series.tone), 1.5, style)
            pen.setCosmetic(True)
            line.setPen(pen)
        edge = QPen(QColor(tokens.border), 1)
        edge.setCosmetic(True)
        self._cursor.setPen(edge)
        for side in ("bottom", "left"):
            axis = self.view.getAxis(side)
            axis.setPen(edge)
            axis.setTextPen(tokens.color(Tone.MUTED))
            axis.setStyle(tickFont=self._theme.font(px=-2), tickLength=0, maxTickLevel=0)


class _ClockAxis(pyqtgraph.AxisItem):  # type: ignore[misc]
    """Times of day, without a date: no range is longer than a day."""

    def tickStrings(self, values: Sequence[float], _scale: float, spacing: float) -> list[str]:
        """Return hours and minutes, with seconds where the ticks are closer than a minute."""
        length = 5 if spacing >= 60 else 8
        return [formats.clock(round(value) * 1_000_000)[:length] for value in values]

    def tickSpacing(self, minimum: float, maximum: float, size: float) -> list[tuple[float, float]]:
        """Return a spacing that a clock knows, with room for its times in `size` px and five ticks at most."""
        span_s = maximum - minimum
        most = min(5.0, max(1.0, size / _TIME_WIDTH))
        for step_s in (60, 120, 300, 900, 1_800, 3_600, 14_400, 21_600):
            if span_s / step_s <= most:
                return [(step_s, 0)]
        return [(43_200, 0)]


class _Axis(pyqtgraph.AxisItem):  # type: ignore[misc]
    """Values as the chart writes them."""

    def __init__(self, kind: ChartKind) -> None:
        super().__init__("left")
        self._kind = kind
        self.setWidth(52)

    def tickStrings(self, values: Sequence[float], _scale: float, _spacing: float) -> list[str]:
        """Return the values in words."""
        return [self._kind.written(value) if value else "0" for value in values]

    def tickSpacing(self, minimum: float, maximum: float, _size: float) -> list[tuple[float, float]]:
        """Return half of the range, rounded to one digit."""
        half = (maximum - minimum) / 2.2
        if half <= 0:
            return [(1.0, 0)]
        scale = 10 ** (len(str(int(half))) - 1) if half >= 1 else 0.1 ** len(f"{half:.9f}".split(".")[1].split("1")[0])
        return [(max(half // scale, 1) * scale, 0)]
