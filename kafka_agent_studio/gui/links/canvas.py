"""The view on the canvas: zoom, pan, selection, and everything by keyboard."""

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsView

from kafka_agent_studio.gui.links.edge_item import EdgeItem
from kafka_agent_studio.gui.links.figures_item import FiguresItem
from kafka_agent_studio.gui.links.layout import GRID, gaps_for
from kafka_agent_studio.gui.links.link_drag import LinkDrag
from kafka_agent_studio.gui.links.node_item import NodeItem
from kafka_agent_studio.gui.links.scene import LinkScene
from kafka_agent_studio.gui.links.steps import first_card, neighbour, next_link
from kafka_agent_studio.gui.models.link_graph import EdgeKey, NodeKey
from kafka_agent_studio.gui.theme import Theme, Tone

SMALLEST_ZOOM = 0.2
LARGEST_ZOOM = 2.0
_ZOOM_STEP = 1.2
_IN_SIGHT = (24, 24)
_DOUBLE_CLICK_MS = 200
"""How long a click waits for a second one before the inspector opens."""
_DOTS_EVERY = 3 * GRID
_HEADINGS = ("Inbound topics", "Agents", "Outbound topics")
_DIRECTIONS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}

Key = NodeKey | EdgeKey


class LinkCanvas(QGraphicsView):
    """`selected` carries the card or link that was chosen or None, `opened` the one to open, `remove_asked` links.

    `menu_asked` carries what is under the pointer (or None) and the place on the screen; `zoomed` the scale.
    """

    selected = Signal(object)
    opened = Signal(object)
    remove_asked = Signal(object)
    menu_asked = Signal(object, object)
    zoomed = Signal(float)

    def __init__(self, *, scene: LinkScene, drag: LinkDrag, theme: Theme) -> None:
        super().__init__(scene)
        self.links = scene
        # The scene goes with its view: going later, it would tell a view that is gone that nothing is selected.
        scene.setParent(self)
        self.drag = drag
        self._theme = theme
        self._follows = True
        self._pan_from: QPoint | None = None
        self._is_pressed = False
        self._said: Key | None = None
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(_DOUBLE_CLICK_MS)
        self._settled.timeout.connect(self._say_selected)
        self.setAccessibleName("Links between topics and agents")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        # A view that grows or shrinks shows the same place in its corner: cards stay under the mouse.
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheBackground)
        scene.selectionChanged.connect(self._on_selection)
        scene.places_changed.connect(self._on_places)
        theme.changed.connect(self._on_theme)

    # what is chosen

    @property
    def current(self) -> Key | None:
        """The card or link with the focus, or the only one chosen."""
        focus = self.links.focusItem()
        if isinstance(focus, NodeItem | EdgeItem) and focus.isSelected():
            return focus.key
        chosen = self.chosen
        return chosen[0] if len(chosen) == 1 else None

    @property
    def chosen(self) -> list[Key]:
        """All that is selected."""
        return [item.key for item in self.links.selectedItems() if isinstance(item, NodeItem | EdgeItem)]

    def choose(self, key: Key | None) -> None:
        """Select a card or link alone and bring it into sight; None selects nothing."""
        self.links.clearSelection()
        item = self.links.item(key)
        if item is None:
            return
        item.setSelected(True)
        item.setFocus(Qt.FocusReason.OtherFocusReason)
        self.ensureVisible(item, *_IN_SIGHT)

    def _on_selection(self) -> None:
        # The inspector that opens makes the view narrower: not while the mouse is down, nor within a double click.
        if not self._is_pressed:
            self._say_selected()

    def _say_selected(self) -> None:
        current = self.current
        if current != self._said:
            self._said = current
            self.selected.emit(current)

    # zoom

    @property
    def zoom(self) -> float:
        """The scale: 1.0 is as large as it was drawn."""
        return self.transform().m11()

    def zoom_to(self, scale: float) -> None:
        """Zoom, within bounds; from then on the view does not follow the cards by itself."""
        self._follows = False
        self._scale_to(scale)

    def zoom_in(self) -> None:
        """One step nearer."""
        self.zoom_to(self.zoom * _ZOOM_STEP)

    def zoom_out(self) -> None:
        """One step away."""
        self.zoom_to(self.zoom / _ZOOM_STEP)

    def fit(self) -> None:
        """Show all cards, never larger than drawn; and keep showing all of them."""
        self._follows = True
        extent = self.links.extent
        if extent.isEmpty() or self.viewport().width() < 2:
            return
        room = self.viewport().size()
        scale = min(room.width() / extent.width(), room.height() / extent.height(), 1.0)
        self._scale_to(scale)
        self.centerOn(extent.center())
        if extent.height() * scale < room.height() * 0.8:
            # A few cards stand in the upper part, where one looks first.
            self.centerOn(extent.center().x(), extent.top() + room.height() / scale * 0.46)

    def _scale_to(self, scale: float) -> None:
        wanted = min(max(scale, SMALLEST_ZOOM), LARGEST_ZOOM)
        self.setTransform(self.transform().fromScale(wanted, wanted))
        self.links.show_from(wanted)
        self.zoomed.emit(wanted)

    def arrange(self) -> None:
        """Lay out what is not pinned for the width of the view, and show it."""
        size = self.viewport().size()
        self.links.lay_out(gaps=gaps_for(self.links.columns, size.width(), size.height()))
        self.fit()

    def follow(self) -> None:
        """Show all cards, unless the person looks somewhere else."""
        if self._follows:
            self.arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show all cards in the new size too, or at least the one that is selected."""
        super().resizeEvent(event)
        item = self.links.item(self.current)
        if self._follows:
            self.arrange()
        elif item is not None:
            self.ensureVisible(item, *_IN_SIGHT)

    def _on_places(self) -> None:
        self.resetCachedContent()
        self.viewport().update()

    # mouse

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl zooms at the mouse; the wheel alone moves the canvas, Shift sideways."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_to(self.zoom * _ZOOM_STEP ** (event.angleDelta().y() / 120))
            event.accept()
            return
        self._follows = False
        delta = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta() / 2
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            delta = QPoint(delta.y(), delta.x())
        self._pan_by(delta)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """On empty ground the mouse moves the canvas; with Shift it draws a frame around cards to select."""
        self._is_pressed = True
        is_on_nothing = self.links.item_key_at(self.mapToScene(event.position().toPoint())) is None
        is_left = event.button() == Qt.MouseButton.LeftButton
        has_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        is_port = self._is_port(event.position().toPoint())
        if event.button() == Qt.MouseButton.MiddleButton or (
            is_left and is_on_nothing and not is_port and not has_shift
        ):
            self._pan_from = event.position().toPoint()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
            if is_left:
                self.setFocus()
                self.links.clearSelection()
            event.accept()
            return
        frame = is_left and is_on_nothing
        self.setDragMode(QGraphicsView.DragMode.RubberBandDrag if frame else QGraphicsView.DragMode.NoDrag)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the canvas with the mouse."""
        if self._pan_from is not None:
            at = event.position().toPoint()
            self._follows = False
            self._pan_by(at - self._pan_from)
            self._pan_from = at
            return
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the canvas."""
        if self._pan_from is not None:
            self._pan_from = None
            self.viewport().unsetCursor()
        else:
            super().mouseReleaseEvent(event)
        self._is_pressed = False
        self._settled.start()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open what is under the mouse."""
        key = self.links.item_key_at(self.mapToScene(event.position().toPoint()))
        if key is not None and event.button() == Qt.MouseButton.LeftButton:
            self._settled.stop()
            self.opened.emit(key)
        else:
            super().mouseDoubleClickEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for what can be done with what is there."""
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            key = self.links.item_key_at(self.mapToScene(event.pos()))
            if key is not None and key not in self.chosen:
                self.choose(key)
            self.menu_asked.emit(key, event.globalPos())
            # The menu keeps the release of the button to itself.
            self._is_pressed = False
            self._settled.start()
            return
        key = self.current
        at = self.viewport().rect().center() if key is None else self.mapFromScene(self._middle(key))
        self.menu_asked.emit(key, self.viewport().mapToGlobal(at))

    def _is_port(self, at: QPoint) -> bool:
        item = self.itemAt(at)
        return item is not None and not isinstance(item, NodeItem | EdgeItem | FiguresItem)

    def _pan_by(self, delta: QPoint) -> None:
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() - delta.x())
        down.setValue(down.value() - delta.y())

    def _middle(self, key: Key) -> QPointF:
        if isinstance(key, NodeKey):
            return self.links.nodes[key].sceneBoundingRect().center()
        return self.links.edges[key].middle

    # keyboard

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Coming by keyboard, begin at the first card."""
        super().focusInEvent(event)
        is_by_key = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if is_by_key and not self.chosen:
            self.choose(first_card(self.links.graph, self.links.places))

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002
        """Tab leaves the canvas: inside it, arrows lead from card to card."""
        return QFrame.focusNextPrevChild(self, next)

    def event(self, event: QEvent) -> bool:
        """Keep Delete, and Esc while there is something here that it ends, from the window's shortcuts."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            is_ours = self.drag.start is not None or bool(self.chosen)
            if event.key() == Qt.Key.Key_Delete or (event.key() == Qt.Key.Key_Escape and is_ours):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from card to card, Enter opens, L links, Delete removes, Esc stops."""
        if self.drag.start is not None:
            self._key_while_linking(event)
        elif not self._key(event):
            super().keyPressEvent(event)

    def _key(self, event: QKeyEvent) -> bool:
        key, current = event.key(), self.current
        if key in _DIRECTIONS:
            self._arrow(_DIRECTIONS[Qt.Key(key)], event)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current is not None:
            self.opened.emit(current)
        elif key == Qt.Key.Key_L and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self.start_link()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_chosen()
        elif key == Qt.Key.Key_Escape and self.chosen:
            self.links.clearSelection()
        elif key == Qt.Key.Key_Home:
            self.choose(first_card(self.links.graph, self.links.places))
        else:
            return False
        return True

    def _arrow(self, direction: tuple[int, int], event: QKeyEvent) -> None:
        dx, dy = direction
        current, places = self.current, self.links.places
        modifiers = event.modifiers()
        if current is None:
            self.choose(first_card(self.links.graph, places))
        elif modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._nudge(dx * GRID, dy * GRID)
        elif isinstance(current, EdgeKey):
            self.choose(next_link(self.links.graph, places, current, dy) if dy else current[1 if dx > 0 else 0])
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            self.choose(next_link(self.links.graph, places, current, dx or dy) or current)
        else:
            self.choose(neighbour(places, current, dx, dy, linked=self._linked(current)) or current)

    def _linked(self, key: NodeKey) -> set[NodeKey]:
        return {end for edge in self.links.graph.at(key) for end in edge}

    def _nudge(self, dx: int, dy: int) -> None:
        places = self.links.places
        chosen = [key for key in self.chosen if isinstance(key, NodeKey)]
        moved = {key: (places[key][0] + dx, places[key][1] + dy) for key in chosen}
        if moved:
            self.links.cards_moved.emit(dict(self.links.pinned), {**places, **moved})

    def start_link(self) -> None:
        """Draw a link from the current card by keyboard: arrows choose, Enter links, Esc stops."""
        current = self.current
        if isinstance(current, NodeKey):
            self.drag.begin(current, None, self._middle(current))

    def remove_chosen(self) -> None:
        """Remove the links that are selected; cards stay."""
        links = [key for key in self.chosen if isinstance(key, EdgeKey)]
        if links:
            self.remove_asked.emit(links)

    def _key_while_linking(self, event: QKeyEvent) -> None:
        start = self.drag.start
        if event.key() == Qt.Key.Key_Escape:
            self.drag.cancel()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_L):
            self.drag.confirm()
        elif event.key() in _DIRECTIONS and start is not None:
            dx, dy = _DIRECTIONS[Qt.Key(event.key())]
            at = self.drag.target or start
            target = neighbour(self.links.places, at, dx, dy, linked=self._linked(at))
            if target is not None:
                self.drag.aim(target)
                self.ensureVisible(self.links.nodes[target], *_IN_SIGHT)

    # ground

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Draw the dots of the grid and the headings of the columns."""
        tokens = self._theme.tokens
        ground = tokens.tint(Tone.TEXT, 0.0)
        painter.fillRect(rect, ground)
        if self.zoom > 0.5:
            painter.setPen(QPen(tokens.tint(Tone.MUTED, 0.3), 1.4 / self.zoom))
            left = rect.left() - rect.left() % _DOTS_EVERY
            top = rect.top() - rect.top() % _DOTS_EVERY
            points = [
                QPointF(left + column * _DOTS_EVERY, top + row * _DOTS_EVERY)
                for column in range(int(rect.width() / _DOTS_EVERY) + 2)
                for row in range(int(rect.height() / _DOTS_EVERY) + 2)
            ]
            painter.drawPoints(points)
        painter.setFont(self._theme.small)
        painter.setPen(tokens.color(Tone.MUTED))
        metrics = QFontMetricsF(self._theme.small)
        for kind, point in self.links.headings().items():
            painter.fillRect(metrics.boundingRect(_HEADINGS[kind]).translated(point), ground)
            painter.drawText(point, _HEADINGS[kind])

    def _on_theme(self) -> None:
        self.resetCachedContent()
        self.viewport().update()
