"""What a screen reader hears of the canvas: a list of its cards and links, each with its words.

Items of a graphics scene are silent by themselves. Qt asks the factory below for an interface of each object; the
cards and links answer as items of a list, in the order of the columns.
"""

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface, QAccessibleObject, QWindow
from PySide6.QtWidgets import QAccessibleWidget, QApplication

from kafka_agent_studio.gui.links.canvas import LinkCanvas
from kafka_agent_studio.gui.links.edge_item import EdgeItem
from kafka_agent_studio.gui.links.node_item import NodeItem

_INSTALLED = "linkCanvasAccessible"

Item = NodeItem | EdgeItem


def make_canvas_accessible(canvas: LinkCanvas, application: QApplication) -> None:
    """Let screen readers into a canvas, and tell them where the focus is."""
    if not application.property(_INSTALLED):
        QAccessible.installFactory(_interface)
        application.setProperty(_INSTALLED, True)
    canvas.selected.connect(lambda _key: _tell_focus(canvas))


def words_of(item: Item) -> str:
    """Return what is read out for a card or link."""
    return item.node.text if isinstance(item, NodeItem) else f"link {item.edge.text}"


def _interface(_class_name: str, thing: QObject) -> QAccessibleInterface | None:
    if isinstance(thing, LinkCanvas):
        return _CanvasInterface(thing)
    if isinstance(thing, NodeItem | EdgeItem):
        return _ItemInterface(thing)
    return None


def _tell_focus(canvas: LinkCanvas) -> None:
    item = canvas.links.focusItem()
    if QAccessible.isActive() and isinstance(item, NodeItem | EdgeItem):
        QAccessible.updateAccessibility(QAccessibleEvent(item, QAccessible.Event.Focus))


def _items(canvas: LinkCanvas) -> list[Item]:
    return [*canvas.links.nodes.values(), *canvas.links.edges.values()]


class _CanvasInterface(QAccessibleWidget):
    def __init__(self, canvas: LinkCanvas) -> None:
        super().__init__(canvas, QAccessible.Role.List, canvas.accessibleName())
        self._canvas = canvas

    def childCount(self) -> int:
        return len(_items(self._canvas))

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        items = _items(self._canvas)
        return QAccessible.queryAccessibleInterface(items[index]) if 0 <= index < len(items) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        thing = child.object()
        items = _items(self._canvas)
        return next((number for number, item in enumerate(items) if item is thing), -1)

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        at = self._canvas.viewport().mapFromGlobal(QRect(x, y, 1, 1).topLeft())
        key = self._canvas.links.item_key_at(self._canvas.mapToScene(at))
        item = self._canvas.links.item(key)
        return None if item is None else QAccessible.queryAccessibleInterface(item)


class _ItemInterface(QAccessibleObject):
    # Overriding interface_cast crashes PySide6 6.11: items have words and a place, but no actions of their own.
    def __init__(self, item: Item) -> None:
        super().__init__(item)
        self._item = item

    def _canvas(self) -> LinkCanvas | None:
        scene = self._item.scene()
        views = scene.views() if scene is not None else []
        return next((view for view in views if isinstance(view, LinkCanvas)), None)

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        state.selectable = 1
        state.focusable = 1
        state.selected = int(self._item.isSelected())
        state.focused = int(self._item.hasFocus())
        return state

    def text(self, kind: QAccessible.Text) -> str:
        if kind == QAccessible.Text.Name:
            return words_of(self._item)
        if kind == QAccessible.Text.Description:
            is_card = isinstance(self._item, NodeItem)
            return "Enter opens its runs, L links it" if is_card else "Enter opens its messages, Delete removes it"
        return ""

    def rect(self) -> QRect:
        canvas = self._canvas()
        if canvas is None:
            return QRect()
        seen = canvas.mapFromScene(self._item.sceneBoundingRect()).boundingRect()
        return QRect(canvas.viewport().mapToGlobal(seen.topLeft()), seen.size())

    def parent(self) -> QAccessibleInterface | None:  # type: ignore[override]
        canvas = self._canvas()
        return None if canvas is None else QAccessible.queryAccessibleInterface(canvas)

    def child(self, _index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def childCount(self) -> int:
        return 0

    def childAt(self, _x: int, _y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def indexOfChild(self, _child: QAccessibleInterface) -> int:
        return -1

    def window(self) -> QWindow | None:  # type: ignore[override]
        return None
