"""A port of a card: what a link is drawn from."""

from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsSceneHoverEvent,
    QGraphicsSceneMouseEvent,
    QStyleOptionGraphicsItem,
    QWidget,
)

from kafka_agent_studio.gui.links.layout import CARD_HEIGHT, CARD_WIDTH
from kafka_agent_studio.gui.models.link_graph import NodeKey
from kafka_agent_studio.gui.models.link_rules import Side
from kafka_agent_studio.gui.theme import Theme, Tone

_RADIUS = 5.0
_REACH = 13.0
"""How far from its middle a port can be caught, in px of the canvas."""


class PortListener(Protocol):
    """Who draws the link while the mouse is down."""

    is_editable: bool

    def begin(self, start: NodeKey, side: Side | None, at: QPointF) -> None:
        """A link leaves this port."""

    def move(self, at: QPointF) -> None:
        """The mouse is here, in the scene."""

    def drop(self, at: QPointF) -> None:
        """The mouse was let go here."""


class PortItem(QGraphicsItem):
    """A ring on the edge of a card; it fills where a link may end in it."""

    def __init__(self, *, owner: QGraphicsItem, key: NodeKey, side: Side, theme: Theme, listener: PortListener) -> None:
        super().__init__(owner)
        self.key = key
        self.side = side
        self._theme = theme
        self._listener = listener
        self._is_hovered = False
        self._is_offered = False
        self.setPos(CARD_WIDTH if side is Side.RIGHT else 0, CARD_HEIGHT / 2)
        self.setAcceptHoverEvents(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        words = "starts" if side is Side.LEFT else "takes what leaves"
        self.setToolTip(f"Drag from here to what {words} {key.name}")

    def offer(self, is_offered: bool) -> None:
        """Show that the link that is being drawn may end here."""
        if is_offered is not self._is_offered:
            self._is_offered = is_offered
            self.update()

    @property
    def is_offered(self) -> bool:
        """Whether the link that is being drawn may end here."""
        return self._is_offered

    def boundingRect(self) -> QRectF:
        """Return what can be caught."""
        return QRectF(-_REACH, -_REACH, 2 * _REACH, 2 * _REACH)

    def shape(self) -> QPainterPath:
        """Return what can be caught: outside the card more than inside, where the card itself is moved."""
        path = QPainterPath()
        path.addEllipse(QPointF(3 if self.side is Side.RIGHT else -3, 0), _REACH - 3, _REACH - 2)
        return path

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Draw the ring, larger where it can be used."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self._theme.tokens
        is_awake = self._is_offered or (self._is_hovered and self._listener.is_editable)
        radius = _RADIUS + 2 if is_awake else _RADIUS
        if self._is_offered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens.tint(Tone.ACCENT, 0.28))
            painter.drawEllipse(QPointF(0, 0), radius + 5, radius + 5)
        painter.setPen(QPen(tokens.color(Tone.ACCENT if is_awake else Tone.MUTED), 1.6))
        painter.setBrush(tokens.color(Tone.ACCENT) if is_awake else tokens.tint(Tone.TEXT, 0.0))
        painter.drawEllipse(QPointF(0, 0), radius, radius)

    def hoverEnterEvent(self, _event: QGraphicsSceneHoverEvent) -> None:
        """Grow."""
        self._is_hovered = True
        self.update()

    def hoverLeaveEvent(self, _event: QGraphicsSceneHoverEvent) -> None:
        """Shrink."""
        self._is_hovered = False
        self.update()

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        """Begin a link."""
        if event.button() is not Qt.MouseButton.LeftButton or not self._listener.is_editable:
            event.ignore()
            return
        self._listener.begin(self.key, self.side, event.scenePos())
        event.accept()

    def mouseMoveEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        """Draw it to the mouse."""
        self._listener.move(event.scenePos())

    def mouseReleaseEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        """End it."""
        self._listener.drop(event.scenePos())
