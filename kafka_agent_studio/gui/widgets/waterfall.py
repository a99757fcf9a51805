"""What happened inside a run, over time: a tree whose second column is a time line."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.models.span_tree import (
    BAR_ROLE,
    COST,
    DURATION,
    NAME,
    TIME_LINE,
    TOKENS,
    Bar,
    SpanTreeModel,
)
from kafka_agent_studio.gui.runs.culprit import culprit
from kafka_agent_studio.gui.state_look import SPAN_TONES
from kafka_agent_studio.gui.theme import ROW_HEIGHT, Theme
from kafka_agent_studio.gui.widgets.selected_rows import mark_selected_rows
from kafka_agent_studio.model.run import Run, Span, SpanKind

_NAME_WIDTH = 270
_NARROW_NAME = 190
_NAME_SHARE = 0.42
_TOKENS_FROM, _COST_FROM = 440, 520
_ICONS = {
    SpanKind.AGENT: "robot",
    SpanKind.MODEL: "sparkle",
    SpanKind.TOOL: "wrench",
    SpanKind.PUBLISH: "paper-plane-tilt",
}
_FIGURE_WIDTH = 78
_BAR_HEIGHT = 10
_NARROWEST_BAR = 3
_OPEN_ALL_BELOW = 500


class BarDelegate(QStyledItemDelegate):
    def __init__(self, *, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        self.initStyleOption(option, index)
        option.text = ""
        option.widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        bar = index.data(BAR_ROLE)
        if not isinstance(bar, Bar):
            return
        room = option.rect.adjusted(8, 0, -8, 0)
        left = room.left() + bar.begin * room.width()
        width = max(_NARROWEST_BAR, (bar.end - bar.begin) * room.width())
        left = min(left, room.right() - _NARROWEST_BAR)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.tokens.tint(bar.tone, 0.09))
        painter.drawRoundedRect(QRectF(room.left(), room.center().y() - 0.5, room.width(), 2), 1, 1)
        painter.setBrush(self._theme.tokens.color(bar.tone))
        top = room.center().y() - _BAR_HEIGHT / 2 + 0.5
        painter.drawRoundedRect(QRectF(left, top, width, _BAR_HEIGHT), 2, 2)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(super().sizeHint(option, index).width(), ROW_HEIGHT)


class Waterfall(QTreeView):
    """`span_selected` carries the span with the cursor, None for the run itself."""

    span_selected = Signal(object)

    def __init__(self, *, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._run_id = ""
        self._is_narrow = False
        self._failed: Span | None = None
        kinds = {kind: icons.icon(name, SPAN_TONES[kind]) for kind, name in _ICONS.items()}
        self.spans = SpanTreeModel(theme=theme, icons=kinds)
        self.setModel(self.spans)
        self.setAccessibleName("What happened in the run")
        self.setUniformRowHeights(True)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setIndentation(14)
        self.setItemDelegateForColumn(TIME_LINE, BarDelegate(theme=theme, parent=self))
        header = self.header()
        header.setFont(theme.small)
        header.setStretchLastSection(False)
        header.setSectionResizeMode(TIME_LINE, QHeaderView.ResizeMode.Stretch)
        header.setSectionsMovable(False)
        self.setColumnWidth(NAME, _NAME_WIDTH)
        self.setColumnWidth(DURATION, _FIGURE_WIDTH)
        self.setColumnWidth(TOKENS, _FIGURE_WIDTH - 10)
        self.setColumnWidth(COST, _FIGURE_WIDTH - 10)
        self.selectionModel().currentRowChanged.connect(
            lambda current, _previous: self.span_selected.emit(self.spans.span_at(current))
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Mark the selected row at its left, too."""
        super().paintEvent(event)
        mark_selected_rows(self)

    def show_run(self, run: Run, spans: Sequence[Span]) -> None:
        """Show a run; the cursor stays on its span, else it is where a failed run went wrong, or on the run."""
        before = self.spans.span_at(self.currentIndex())
        is_same = self._run_id == run.run_id
        self._run_id = run.run_id
        self._failed = culprit(spans)
        self.spans.show_run(run, spans)
        if len(spans) < _OPEN_ALL_BELOW:
            self.expandAll()
        else:
            self.expandToDepth(0)
        wanted = before if is_same and before is not None else self._failed if run.error is not None else None
        self._go_to(wanted)

    @property
    def has_failed_span(self) -> bool:
        """Whether there is a span to go to where it went wrong."""
        return self._failed is not None

    def go_to_error(self) -> None:
        """Put the cursor on the span in which it went wrong."""
        if self._failed is not None:
            self._go_to(self._failed)
            self.setFocus()

    def _go_to(self, span: Span | None) -> None:
        index = self.spans.index(0, 0) if span is None else self.spans.index_of(span.span_id)
        self.setCurrentIndex(index)
        self.scrollTo(index)

    def show_narrow(self, is_narrow: bool) -> None:
        """Leave out what a narrow panel has no room for."""
        self._is_narrow = is_narrow
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep room for the time line."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width = self.viewport().width()
        self.setColumnHidden(TOKENS, self._is_narrow or width < _TOKENS_FROM)
        self.setColumnHidden(COST, self._is_narrow or width < _COST_FROM)
        self.setColumnWidth(NAME, _NARROW_NAME if self._is_narrow else min(_NAME_WIDTH, round(width * _NAME_SHARE)))
