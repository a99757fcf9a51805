"""Charts side by side, as many as there is room for, and how far back they reach.

What draws them is loaded while nobody waits for it.
"""

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from kafka_agent_studio.api.trends import TrendPoint
from kafka_agent_studio.gui.overview.chart_series import CHARTS, RANGES, ChartKind, Range, at_moment, described
from kafka_agent_studio.gui.overview.plot_loading import load_pyqtgraph
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import CHART_HEIGHT, GAP, SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import button, label

if TYPE_CHECKING:
    from kafka_agent_studio.gui.overview.plot import Plot

_RANGE = "overview/range"
_BETWEEN_MS = 6
_LONG_LINE = "p50 888  p95 888  p99 888"


class ChartBoard(QWidget):
    """Shows the trends of the engine's view. A chart nobody sees is not drawn; each has its turn of the loop."""

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__()
        self._parts = parts
        self._range = _remembered(parts)
        self.cards = [ChartCard(theme=parts.theme, kind=kind) for kind in CHARTS]
        self.buttons: list[QPushButton] = []
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(label("Trends", font=parts.theme.heading))
        head.addStretch(1)
        for span in RANGES:
            made = button(span.words, lambda span=span: self.choose(span), kind="quiet")  # type: ignore[misc]
            made.setCheckable(True)
            made.setChecked(span is self._range)
            made.setAccessibleName(f"Show {span.words}")
            self.buttons.append(made)
            head.addWidget(made)
        self._grid = QGridLayout()
        self._grid.setSpacing(GAP + SPACE)
        self._place(len(self.cards))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(head)
        column.addLayout(self._grid)
        self._can_draw = False
        self._undrawn: list[ChartCard] = []
        self._turns = QTimer(self)
        self._turns.setInterval(_BETWEEN_MS)
        self._turns.timeout.connect(self._draw_next)

    async def load(self) -> None:
        """Load what draws, in turns, then draw."""
        await load_pyqtgraph()
        self.draw()

    @property
    def span(self) -> Range:
        """How far back the charts reach."""
        return self._range

    def choose(self, span: Range) -> None:
        """Reach further back, or less far."""
        self._range = span
        self._parts.preferences.put(_RANGE, span.words)
        for made, known in zip(self.buttons, RANGES, strict=True):
            made.setChecked(known is span)
        self.show_now()

    def show_now(self) -> None:
        """Show what the engine's view knows now."""
        if not self.isVisible():
            return
        points = self._parts.bridge.view.trends.of(self._range.step_s)
        end_s = points[-1].at_s if points else 0
        shown = [point for point in points if point.at_s > end_s - self._range.span_s]
        for card in self.cards:
            card.show_points(shown, self._range, end_s)
        if self._can_draw:
            self._undrawn = list(self.cards)
            self._turns.start()

    @property
    def is_drawn(self) -> bool:
        """Whether every chart shows what is said beside it."""
        return self._can_draw and not self._undrawn

    def _draw_next(self) -> None:
        if self._undrawn and self.isVisible():
            self._undrawn.pop(0).draw()
        else:
            self._turns.stop()

    def draw(self) -> None:
        """Put the charts into their cards, in turns; until then these show figures alone."""
        self._can_draw = True
        self.show_now()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take more rows rather than cut the figures off; rows as even as can be."""
        super().resizeEvent(event)
        least = QFontMetrics(self._parts.theme.small).horizontalAdvance(_LONG_LINE) + 2 * GAP
        room = self.width() + self._grid.spacing()
        beside = min(max(1, room // (least + self._grid.spacing())), len(self.cards))
        self._place(ceil(len(self.cards) / ceil(len(self.cards) / beside)))

    def _place(self, columns: int) -> None:
        for number, card in enumerate(self.cards):
            self._grid.addWidget(card, *divmod(number, columns))
        for column in range(len(self.cards)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while nobody looked."""
        super().showEvent(event)
        self.show_now()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let the page be there at once when it is shown again, and its charts a moment later."""
        super().hideEvent(event)
        for card in self.cards:
            card.blank()


class ChartCard(QFrame):
    """Title and figures, then the chart. The figures are those of now, or of the moment under the mouse."""

    def __init__(self, *, theme: Theme, kind: ChartKind) -> None:
        super().__init__()
        self._theme = theme
        self._kind = kind
        self._points: Sequence[TrendPoint] = ()
        self._span = RANGES[0]
        self._end_s = 0
        self.setObjectName("card")
        self.setFixedHeight(CHART_HEIGHT)
        # All of one width, however long their figures are.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._figures = [label("", font=theme.small, tone=series.tone) for series in kind.series]
        self._moment = label("", font=theme.small, tone=Tone.MUTED)
        self._plot: Plot | None = None
        figures = QHBoxLayout()
        figures.setSpacing(GAP)
        for figure in self._figures:
            figures.addWidget(figure)
        figures.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(GAP, GAP, GAP, SPACE)
        self._column.setSpacing(SPACE // 2)
        self._column.addWidget(label(kind.title, tone=Tone.MUTED))
        self._column.addLayout(figures)
        self._column.addStretch(1)
        self._say()

    @property
    def words(self) -> str:
        """The figures as they stand in the card."""
        return "  ".join(figure.text() for figure in self._figures if figure.text())

    def draw(self) -> None:
        """Draw what is said, in a chart that is put in when there is none."""
        plot = self._plot or self._put_in()
        plot.show_points(self._points, self._span, self._end_s)
        plot.setUpdatesEnabled(True)

    def _put_in(self) -> "Plot":
        from kafka_agent_studio.gui.overview.plot import Plot

        plot = self._plot = Plot(theme=self._theme, kind=self._kind)
        plot.hovered.connect(self._say)
        plot.installEventFilter(self)
        self._column.takeAt(self._column.count() - 1)
        self._column.addWidget(plot, 1)
        return plot

    def show_points(self, points: Sequence[TrendPoint], span: Range, end_s: int) -> None:
        """Say these; draw() draws them."""
        self._points, self._span, self._end_s = points, span, end_s
        self._say()

    def blank(self) -> None:
        """Paint no chart until it is drawn anew."""
        if self._plot is not None:
            self._plot.setUpdatesEnabled(False)

    def _say(self, hovered: object = None) -> None:
        looked_at = hovered if isinstance(hovered, TrendPoint) else None
        point = looked_at or (self._points[-1] if self._points else None)
        for figure, series in zip(self._figures, self._kind.series, strict=True):
            value = None if point is None else series.value(point)
            figure.setText(f"{series.name} {self._kind.written(value)}" if value is not None else "")
        if point is None:
            self._figures[0].setText("nothing yet")
        for figure in self._figures:
            figure.setVisible(bool(figure.text()))
        self.setToolTip("" if looked_at is None else at_moment(self._kind, looked_at))
        self.setAccessibleName(described(self._kind, self._points, self._span))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go back to the figures of now when the mouse has left."""
        if event.type() == QEvent.Type.Leave and self._plot is not None and watched is self._plot:
            self._plot.leave()
        return False


def _remembered(parts: WindowParts) -> Range:
    words = parts.preferences.get(_RANGE, RANGES[0].words)
    return next((span for span in RANGES if span.words == words), RANGES[0])
