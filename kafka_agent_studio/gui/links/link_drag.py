"""Drawing a link from card to card, by mouse or by keyboard: what fits glows, what does not says why."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from kafka_agent_studio.gui.links.edge_item import curve
from kafka_agent_studio.gui.links.port_item import PortItem
from kafka_agent_studio.gui.links.scene import LinkScene
from kafka_agent_studio.gui.models.link_graph import NodeKey
from kafka_agent_studio.gui.models.link_rules import Side, edge_between
from kafka_agent_studio.gui.theme import GAP, READING_WIDTH, SPACE, Theme, Tone

Judge = Callable[[NodeKey, Side | None, NodeKey], str | None]
"""Why a link from a card (and its port, None: either) cannot end in another card; None where it can."""

_NEAR = 6.0
"""A mouse that moved less, in px, was a click and no drag."""


class LinkDrag(QObject):
    """`asked` carries the link to make, `dropped_on_nothing` where it ended (start, side, point), `said` words.

    `said("")` means that there is nothing to say any more.
    """

    asked = Signal(object)
    dropped_on_nothing = Signal(object, object, object)
    said = Signal(str)

    def __init__(self, *, scene: LinkScene, theme: Theme, judge: Judge) -> None:
        super().__init__()
        self.is_editable = True
        self._scene = scene
        self._judge = judge
        self._start: NodeKey | None = None
        self._side: Side | None = None
        self._target: NodeKey | None = None
        self._origin = QPointF()
        self._refusals: dict[NodeKey, str] = {}
        self._thread = _Thread(theme=theme)
        self._words = _Words(theme=theme)
        scene.addItem(self._thread)
        scene.addItem(self._words)

    @property
    def start(self) -> NodeKey | None:
        """The card that the link leaves; None while none is drawn."""
        return self._start

    @property
    def target(self) -> NodeKey | None:
        """The card that it would end in now."""
        return self._target

    @property
    def refusal(self) -> str:
        """Why it cannot end there; empty where it can."""
        return "" if self._target is None else self._refusals.get(self._target, "")

    def begin(self, start: NodeKey, side: Side | None, at: QPointF) -> None:
        """Draw a link from a card's port (None: from either, by keyboard)."""
        if not self.is_editable:
            return
        self._start, self._side, self._target, self._origin = start, side, None, at
        ends = [key for key in self._scene.nodes if key != start]
        verdicts = {key: self._judge(start, side, key) for key in ends}
        self._refusals = {key: words for key, words in verdicts.items() if words is not None}
        fitting = verdicts.keys() - self._refusals.keys()
        self._scene.emphasize({start, *fitting})
        for key in fitting:
            edge = edge_between(start, key)
            if edge is not None:
                self._port(key, Side.LEFT if edge.target == key else Side.RIGHT).offer(True)
        self.said.emit(_invitation(start, len(fitting)))

    def move(self, at: QPointF) -> None:
        """Draw it to a point of the scene."""
        if self._start is None:
            return
        found = self._scene.item_key_at(at)
        target = found if isinstance(found, NodeKey) and found != self._start else self._near_port(at)
        self._point_at(target, at)

    def aim(self, target: NodeKey) -> None:
        """Draw it to a card, by keyboard."""
        if self._start is not None and target != self._start:
            self._point_at(target, self._scene.nodes[target].port_at(Side.LEFT))

    def drop(self, at: QPointF) -> None:
        """End it at a point of the scene: in a card, on nothing, or where it began."""
        start, side = self._start, self._side
        if start is None:
            return
        self.move(at)
        target, refusal = self._target, self.refusal
        has_moved = (at - self._origin).manhattanLength() > _NEAR
        self.cancel()
        if target is None:
            if has_moved and not self._scene.nodes[start].contains(self._scene.nodes[start].mapFromScene(at)):
                self.dropped_on_nothing.emit(start, side, at)
        elif refusal:
            self.said.emit(refusal)
        else:
            self.asked.emit(edge_between(start, target))

    def confirm(self) -> None:
        """Make the link to the card that it points at, by keyboard."""
        start, target, refusal = self._start, self._target, self.refusal
        if start is None or target is None:
            return
        if refusal:
            self.said.emit(refusal)
            return
        self.cancel()
        self.asked.emit(edge_between(start, target))

    def cancel(self) -> None:
        """Draw no link any more."""
        if self._start is None:
            return
        self._start = self._target = None
        self._thread.hide()
        self._words.hide()
        for node in self._scene.nodes.values():
            for port in node.ports.values():
                port.offer(False)
        self._scene.restore_light()
        self.said.emit("")

    def _point_at(self, target: NodeKey | None, at: QPointF) -> None:
        assert self._start is not None
        start = self._scene.nodes[self._start]
        is_backwards = self._side is Side.LEFT
        if self._side is None and target is not None:
            edge = edge_between(self._start, target)
            is_backwards = edge is not None and edge.target == self._start
        changed = target != self._target
        self._target = target
        refusal = self.refusal
        end = at
        if target is not None and not refusal:
            end = self._scene.nodes[target].port_at(Side.RIGHT if is_backwards else Side.LEFT)
        own = start.port_at(Side.LEFT if is_backwards else Side.RIGHT)
        self._thread.draw(curve(end, own) if is_backwards else curve(own, end), is_refused=bool(refusal))
        self._words.say(refusal, at)
        if changed and target is not None:
            self.said.emit(refusal or f"Let go to link {self._start.name} and {target.name}.")

    def _near_port(self, at: QPointF) -> NodeKey | None:
        """Return the card whose offered port is close: nobody has to hit a ring of ten px."""
        for key, node in self._scene.nodes.items():
            for side, port in node.ports.items():
                if port.is_offered and (node.port_at(side) - at).manhattanLength() < 4 * _NEAR:
                    return key
        return None

    def _port(self, key: NodeKey, side: Side) -> PortItem:
        return self._scene.nodes[key].ports[side]


def _invitation(start: NodeKey, count: int) -> str:
    if not count:
        return f"Nothing that is here can be linked to {start.name} any more."
    return f"{count} {'card fits' if count == 1 else 'cards fit'} {start.name}: choose one."


class _Thread(QGraphicsItem):
    """The curve between a port and the mouse."""

    def __init__(self, *, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._path = QPainterPath()
        self._is_refused = False
        self.setZValue(5)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.hide()

    def draw(self, path: QPainterPath, *, is_refused: bool) -> None:
        self.prepareGeometryChange()
        self._path, self._is_refused = path, is_refused
        self.show()

    def boundingRect(self) -> QRectF:
        return self._path.boundingRect().adjusted(-8, -8, 8, 8)

    def shape(self) -> QPainterPath:
        return QPainterPath()

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self._theme.tokens.color(Tone.FAILED if self._is_refused else Tone.ACCENT)
        pen = QPen(color, 2.5)
        if self._is_refused:
            pen.setDashPattern([3, 3])
        painter.strokePath(self._path, pen)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        for end in (0.0, 1.0):
            painter.drawEllipse(self._path.pointAtPercent(end), 4, 4)


class _Words(QGraphicsItem):
    """Why not, beside the mouse, as large as text is anywhere in the window."""

    def __init__(self, *, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._text = ""
        self._rect = QRectF()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(6)
        self.hide()

    def say(self, text: str, at: QPointF) -> None:
        self.setVisible(bool(text))
        if not text:
            return
        self.setPos(at)
        if text != self._text:
            self.prepareGeometryChange()
            self._text = text
            flags = int(Qt.TextFlag.TextWordWrap)
            room = QFontMetricsF(self._theme.font()).boundingRect(QRectF(0, 0, READING_WIDTH * 0.6, 400), flags, text)
            self._rect = QRectF(16, 18, room.width() + 3 * GAP, room.height() + 2 * GAP)

    def boundingRect(self) -> QRectF:
        return self._rect.adjusted(-1, -1, 1, 1)

    def shape(self) -> QPainterPath:
        return QPainterPath()

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = self._theme.tokens
        painter.setPen(QPen(tokens.color(Tone.FAILED), 1))
        painter.setBrush(tokens.tint(Tone.FAILED, 0.1))
        painter.drawRoundedRect(self._rect, SPACE + 2, SPACE + 2)
        painter.setFont(self._theme.font())
        painter.setPen(tokens.color(Tone.TEXT))
        text = self._rect.adjusted(GAP + SPACE, GAP, -GAP, -GAP)
        painter.drawText(text, int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft), self._text)
