"""A link of the canvas: a curve as wide as its rate, in the colour of its worst state, with its figures on it."""

import math
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPainterPathStroker, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsObject,
    QGraphicsSceneHoverEvent,
    QStyleOptionGraphicsItem,
    QWidget,
)

from kafka_agent_studio.gui.links.figures_item import FiguresItem
from kafka_agent_studio.gui.links.link_label import LinkLabel
from kafka_agent_studio.gui.links.node_item import Emphasis
from kafka_agent_studio.gui.models.link_graph import EdgeKey, LinkEdge
from kafka_agent_studio.gui.theme import Theme, Tone

_THINNEST = 1.6
_WIDEST = 7.0
_REACH = 14.0
"""How wide a curve is for the mouse."""
FAR = 0.6
"""Zoomed out below this, a link shows its figures only while it is lit."""
_DIM = 0.13
_QUIET = 0.55
_SEEN = 0.2
"""A change of width in px that somebody would notice."""


def width_of(rate_per_s: float) -> float:
    """Return the width of a curve in px: it grows with the logarithm, so that 1/s and 10,000/s both can be seen."""
    return min(_WIDEST, _THINNEST + 1.3 * math.log10(1 + max(rate_per_s, 0.0)))


def curve(source: QPointF, target: QPointF) -> QPainterPath:
    """Return the curve from a right port to a left port; it swings out where the target stands further left."""
    path = QPainterPath(source)
    away = target.x() - source.x()
    reach = away * 0.5 if away > 80 else 40 + min(abs(away) * 0.35, 120)
    path.cubicTo(source + QPointF(reach, 0), target - QPointF(reach, 0), target)
    return path


class EdgeItem(QGraphicsObject):
    """Shows a LinkEdge between two points that the scene gives it."""

    def __init__(self, *, edge: LinkEdge, theme: Theme, on_hovered: Callable[[EdgeKey | None], None]) -> None:
        super().__init__()
        self.edge = edge
        self.key = edge.key
        self._theme = theme
        self._on_hovered = on_hovered
        self._emphasis = Emphasis.NORMAL
        self._pens: dict[tuple[Emphasis, bool], QPen] = {}
        self._is_far = False
        self._path = QPainterPath()
        self._shape = QPainterPath()
        self._bounds = QRectF()
        self._figures = LinkLabel(edge=edge, theme=theme)
        self.figures_item = FiguresItem(self._draw_figures)
        """To be put into the scene beside it."""
        self._label = QRectF()
        self._label_share = 0.5
        flags = QGraphicsItem.GraphicsItemFlag
        self.setFlags(flags.ItemIsSelectable | flags.ItemIsFocusable)
        self.setAcceptHoverEvents(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setZValue(0)

    # what the scene tells it

    def show_edge(self, edge: LinkEdge) -> None:
        """Show new figures; nothing is drawn where they look the same."""
        if edge == self.edge:
            return
        looked = (self.edge.look, self.edge.is_pending, self.edge.is_leaving)
        has_new_width = abs(width_of(edge.rate_per_s) - width_of(self.edge.rate_per_s)) > _SEEN
        self.edge = edge
        if has_new_width or looked != (edge.look, edge.is_pending, edge.is_leaving):
            self._pens.clear()
            self.update()
        if not self._is_far or self._is_bright:
            self._take_figures()

    def set_far(self, is_far: bool) -> None:
        """Draw no figures, seen from afar, and take none in until one comes nearer."""
        self._is_far = is_far
        if not is_far:
            self._take_figures()

    def _take_figures(self) -> None:
        if self._figures.show_edge(self.edge):
            self._place_label()
            self.figures_item.update()

    def stretch(self, source: QPointF, target: QPointF) -> None:
        """Run between two ports."""
        self._path = curve(source, target)
        stroker = QPainterPathStroker()
        stroker.setWidth(_REACH)
        self._shape = stroker.createStroke(self._path)
        self._place_label()

    def put_label(self, share: float) -> None:
        """Put the figures at a share of the way, 0 to 1."""
        if share != self._label_share:
            self._label_share = share
            self._place_label()

    def label_at(self, share: float) -> QRectF:
        """Return where the figures would be at a share of the way."""
        rect = QRectF(QPointF(), self._figures.size)
        rect.moveCenter(self._path.pointAtPercent(share) if not self._path.isEmpty() else QPointF())
        return rect

    def set_emphasis(self, emphasis: Emphasis) -> None:
        """Stand out, stand back, or neither."""
        if emphasis is not self._emphasis:
            self._emphasis = emphasis
            if emphasis is Emphasis.LIT:
                self._take_figures()
            self.setZValue(1 if emphasis is Emphasis.LIT else 0)
            self.figures_item.set_back(emphasis is Emphasis.DIM)
            self.figures_item.update()
            self.update()

    @property
    def emphasis(self) -> Emphasis:
        """How it stands out now."""
        return self._emphasis

    @property
    def middle(self) -> QPointF:
        """A point of the curve, where its figures are."""
        return self._label.center()

    def redraw(self) -> None:
        """Draw again in another theme."""
        self._pens.clear()
        self._figures.measure()
        self._place_label()
        self.figures_item.update()
        self.update()

    # what Qt asks

    def boundingRect(self) -> QRectF:
        """Return the curve at its widest and its figures."""
        return self._bounds

    def shape(self) -> QPainterPath:
        """Return what the mouse finds: the curve, some px wide, and the figures."""
        path = QPainterPath(self._shape)
        path.addRect(self._label)
        return path

    def is_at(self, point: QPointF) -> bool:
        """Whether the mouse is on it; asked of every link, so the cheap question comes first."""
        return self._bounds.contains(point) and (self._label.contains(point) or self._shape.contains(point))

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Draw the curve."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isSelected():
            halo = QPen(self._theme.tokens.tint(Tone.ACCENT, 0.32), width_of(self.edge.rate_per_s) + 6)
            halo.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.strokePath(self._path, halo)
        look = (self._emphasis, self.isSelected())
        if look not in self._pens:
            self._pens[look] = self._make_pen()
        painter.strokePath(self._path, self._pens[look])

    def _draw_figures(self, painter: QPainter, option: QStyleOptionGraphicsItem) -> None:
        if option.levelOfDetailFromTransform(painter.worldTransform()) >= FAR or self._is_bright:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setOpacity(2 * _DIM if self._emphasis is Emphasis.DIM else 1.0)
            self._figures.paint(painter, self._label, self.edge.look.tone)

    def _color(self) -> QColor:
        tokens, tone = self._theme.tokens, self.edge.look.tone
        if self._emphasis is Emphasis.DIM:
            # Mixed, not drawn with an opacity: two hundred translucent curves take four times as long.
            return tokens.tint(tone, _DIM)
        if self._is_bright or tone in (Tone.FAILED, Tone.WAITING, Tone.PAUSED):
            return tokens.color(tone)
        return tokens.tint(tone, _QUIET)

    @property
    def _is_bright(self) -> bool:
        return self._emphasis is Emphasis.LIT or self.isSelected()

    def _make_pen(self) -> QPen:
        pen = QPen(self._color(), width_of(self.edge.rate_per_s))
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if self.edge.is_pending or self.edge.is_leaving:
            pen.setDashPattern([3, 3])
        elif self.edge.look.tone is Tone.OFF:
            pen.setDashPattern([5, 4])
        return pen

    # its figures

    def _place_label(self) -> None:
        self.prepareGeometryChange()
        self._label = self.label_at(self._label_share)
        self.figures_item.put(self._label)
        room = _WIDEST / 2 + 4
        self._bounds = (
            self._path.boundingRect().adjusted(-room, -room, room, room).united(self._label.adjusted(-2, -2, 2, 2))
        )

    def _say(self) -> None:
        self.setToolTip(self.edge.text.replace(", ", "\n"))

    def hoverEnterEvent(self, _event: QGraphicsSceneHoverEvent) -> None:
        """Light the whole path."""
        self._say()
        self._on_hovered(self.key)

    def hoverLeaveEvent(self, _event: QGraphicsSceneHoverEvent) -> None:
        """Leave it."""
        self._on_hovered(None)
