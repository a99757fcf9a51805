"""A card of the canvas: a connector or an agent with its state, its rate, and the ports that links begin and end at."""

from collections.abc import Callable
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QIcon, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsObject,
    QGraphicsSceneHoverEvent,
    QGraphicsSceneMouseEvent,
    QStyle,
    QStyleOptionGraphicsItem,
    QWidget,
)

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.links.layout import CARD_HEIGHT, CARD_WIDTH, GRID
from kafka_agent_studio.gui.links.port_item import PortItem, PortListener
from kafka_agent_studio.gui.models.link_graph import LinkNode, NodeKey
from kafka_agent_studio.gui.models.link_rules import Side, sides
from kafka_agent_studio.gui.theme import GAP, RAIL_ICON_SIZE, Theme, Tone
from kafka_agent_studio.gui.widgets.state_badge import GLYPH_SIZE, paint_glyph

_RADIUS = 8.0
_TILE = 36.0
_TILE_LEFT = 12.0
_TEXT_LEFT = _TILE_LEFT + _TILE + 10
_TEXT_RIGHT = CARD_WIDTH - 14.0
FAR = 0.45
"""Zoomed out below this, only the name is drawn."""
_DIM = 0.26
_HEALTHY = (Tone.OK, Tone.ACCENT, Tone.OFF)


class Emphasis(Enum):
    """How a part of the canvas stands out while something else is looked at."""

    NORMAL = "normal"
    LIT = "lit"
    DIM = "dim"


class NodeItem(QGraphicsObject):
    """Shows a LinkNode; says by callbacks that it moved and whether the mouse is over it."""

    def __init__(
        self,
        *,
        node: LinkNode,
        theme: Theme,
        icons: Icons,
        ports: PortListener,
        on_moved: Callable[[NodeKey], None],
        on_hovered: Callable[[NodeKey | None], None],
    ) -> None:
        super().__init__()
        self.node = node
        self.key = node.key
        self._theme = theme
        self._icons = icons
        self._icon = _icon(icons, node)
        self._on_moved = on_moved
        self._on_hovered = on_hovered
        self._emphasis = Emphasis.NORMAL
        self.is_hovered = False
        self._is_far = False
        flags = QGraphicsItem.GraphicsItemFlag
        self.setFlags(
            flags.ItemIsMovable | flags.ItemIsSelectable | flags.ItemIsFocusable | flags.ItemSendsGeometryChanges
        )
        self.setAcceptHoverEvents(True)
        # A card is drawn once and copied while it moves or something passes under it.
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.setZValue(2)
        self.ports = {
            side: PortItem(owner=self, key=self.key, side=side, theme=theme, listener=ports)
            for side in sides(self.key.kind)
        }

    # what the scene tells it

    def show_node(self, node: LinkNode) -> None:
        """Show new figures; nothing is drawn where they are the same."""
        if node == self.node:
            return
        has_new_look = node.look != self.node.look
        if node.icon != self.node.icon or has_new_look:
            self._icon = _icon(self._icons, node)
        self.node = node
        if has_new_look or not self._is_far:
            self.update()

    def set_far(self, is_far: bool) -> None:
        """Seen from afar, only name and state are drawn."""
        if is_far is not self._is_far:
            self._is_far = is_far
            self.update()

    def set_emphasis(self, emphasis: Emphasis) -> None:
        """Stand out, stand back, or neither."""
        if emphasis is not self._emphasis:
            self._emphasis = emphasis
            # The picture of the card stays as it was drawn: only its opacity changes.
            self.setOpacity(_DIM if emphasis is Emphasis.DIM else 1.0)

    @property
    def emphasis(self) -> Emphasis:
        """How it stands out now."""
        return self._emphasis

    def port_at(self, side: Side) -> QPointF:
        """Return where links of a side meet the card, in the scene."""
        return self.pos() + QPointF(CARD_WIDTH if side is Side.RIGHT else 0.0, CARD_HEIGHT / 2)

    def redraw(self) -> None:
        """Draw again in another theme."""
        self.update()
        for port in self.ports.values():
            port.update()

    def _say(self) -> None:
        self.setToolTip(self.node.text.replace(", ", "\n"))

    # what Qt asks

    def boundingRect(self) -> QRectF:
        """Return the card with room for the ring of the focus."""
        return QRectF(-3, -3, CARD_WIDTH + 6, CARD_HEIGHT + 6)

    def shape(self) -> QPainterPath:
        """Return the card itself."""
        path = QPainterPath()
        path.addRoundedRect(QRectF(0, 0, CARD_WIDTH, CARD_HEIGHT), _RADIUS, _RADIUS)
        return path

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Draw ground, tile, name and figures."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        has_focus = bool(option.state & QStyle.StateFlag.State_HasFocus)
        self._paint_ground(painter, has_focus=has_focus)
        if self._is_far:
            self._paint_far(painter)
        else:
            self._paint_tile(painter)
            self._paint_texts(painter)

    def _paint_ground(self, painter: QPainter, *, has_focus: bool) -> None:
        tokens, tone = self._theme.tokens, self.node.look.tone
        rect = QRectF(0.5, 0.5, CARD_WIDTH - 1, CARD_HEIGHT - 1)
        edge = tokens.color(tone) if tone not in _HEALTHY else tokens.color(Tone.MUTED)
        if tone in _HEALTHY:
            edge = tokens.tint(Tone.MUTED, 0.75 if self.is_hovered else 0.42)
        width = 1.0
        if self.isSelected():
            edge, width = tokens.color(Tone.ACCENT), 2.0
            rect.adjust(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(edge, width))
        painter.setBrush(self._ground())
        painter.drawRoundedRect(rect, _RADIUS, _RADIUS)
        if has_focus and self.isSelected():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(tokens.tint(Tone.ACCENT, 0.45), 2))
            painter.drawRoundedRect(QRectF(-2, -2, CARD_WIDTH + 4, CARD_HEIGHT + 4), _RADIUS + 2, _RADIUS + 2)

    def _paint_tile(self, painter: QPainter) -> None:
        tokens, look = self._theme.tokens, self.node.look
        tile = QRectF(_TILE_LEFT, (CARD_HEIGHT - _TILE) / 2, _TILE, _TILE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.tint(look.tone, 0.16) if look.tone not in _HEALTHY else tokens.tint(Tone.MUTED, 0.14))
        painter.drawRoundedRect(tile, _RADIUS, _RADIUS)
        icon = QRectF(0, 0, RAIL_ICON_SIZE, RAIL_ICON_SIZE)
        icon.moveCenter(tile.center())
        self._icon.paint(painter, icon.toRect())
        # The state sits on the corner of the tile, on a ring of the card's ground.
        corner = tile.bottomRight() - QPointF(2, 2)
        painter.setBrush(self._ground())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(corner, GLYPH_SIZE / 2 + 3, GLYPH_SIZE / 2 + 3)
        paint_glyph(painter, look.glyph, tokens.color(look.tone), corner)

    def _ground(self) -> QColor:
        tokens = self._theme.tokens
        return tokens.tint(Tone.ACCENT, 0.08) if self.isSelected() else tokens.tint(Tone.TEXT, 0.035 * tokens.is_dark)

    def _paint_texts(self, painter: QPainter) -> None:
        theme, node = self._theme, self.node
        width = _TEXT_RIGHT - _TEXT_LEFT
        _paint_line(painter, QRectF(_TEXT_LEFT, 7, width, 18), node.key.name, theme.heading, theme, Tone.TEXT)
        _paint_line(painter, QRectF(_TEXT_LEFT, 24, width, 16), node.caption, theme.small, theme, Tone.MUTED)
        figures = theme.figures
        figures.setPixelSize(theme.small.pixelSize())
        left = _TEXT_LEFT
        for text, tone in self._figures():
            left += GAP + _paint_line(painter, QRectF(left, 40, _TEXT_RIGHT - left, 16), text, figures, theme, tone)

    def _figures(self) -> list[tuple[str, Tone]]:
        """Return what the last line says: the state where it is not as it should be, else the figures that count."""
        node = self.node
        if node.look.tone not in (Tone.OK, Tone.ACCENT):
            return [(node.look.word, node.look.tone)]
        figures = [(formats.rate(node.rate_per_s or 0.0), Tone.TEXT)]
        if node.lag is not None:
            figures.append((f"lag {formats.count(node.lag)}", Tone.MUTED))
        elif node.in_flight:
            figures.append((f"{formats.count(node.in_flight)} in flight", Tone.MUTED))
        return figures

    def _paint_far(self, painter: QPainter) -> None:
        tokens, look = self._theme.tokens, self.node.look
        paint_glyph(painter, look.glyph, tokens.color(look.tone), QPointF(22, CARD_HEIGHT / 2), 2 * GLYPH_SIZE)
        font = self._theme.font(px=7, weight=self._theme.heading.weight())
        painter.setFont(font)
        painter.setPen(tokens.color(Tone.TEXT))
        room = QRectF(42, 0, CARD_WIDTH - 50, CARD_HEIGHT)
        text = QFontMetricsF(font).elidedText(self.key.name, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), text)

    # what happens

    def itemChange(self, change: QGraphicsItem.GraphicsItemChange, value: object) -> object:
        """Keep to the grid; tell that it moved."""
        if change is QGraphicsItem.GraphicsItemChange.ItemPositionChange and isinstance(value, QPointF):
            return QPointF(round(value.x() / GRID) * GRID, round(value.y() / GRID) * GRID)
        if change is QGraphicsItem.GraphicsItemChange.ItemPositionHasChanged:
            self._on_moved(self.key)
        return super().itemChange(change, value)

    def hoverEnterEvent(self, _event: QGraphicsSceneHoverEvent) -> None:
        """Light the whole path."""
        self.is_hovered = True
        self._say()
        self.update()
        self._on_hovered(self.key)

    def hoverLeaveEvent(self, _event: QGraphicsSceneHoverEvent) -> None:
        """Leave it."""
        self.is_hovered = False
        self.update()
        self._on_hovered(None)

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        """Come to the front, so that a card that is moved is never under another."""
        self.setZValue(3)
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        """Stay where it was put."""
        self.setZValue(2)
        super().mouseReleaseEvent(event)


def _icon(icons: Icons, node: LinkNode) -> QIcon:
    return icons.icon(node.icon, node.look.tone if node.look.tone not in _HEALTHY else Tone.MUTED)


def _paint_line(painter: QPainter, room: QRectF, text: str, font: QFont, theme: Theme, tone: Tone) -> float:
    """Draw one line of text, cut where there is no room; returns how wide it is."""
    metrics = QFontMetricsF(font)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    painter.setFont(font)
    painter.setPen(theme.tokens.color(tone))
    painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)
    return metrics.horizontalAdvance(shown)
