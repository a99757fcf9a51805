"""The menus of the canvas: what fits where a link was let go, and what can be done with a card or link."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.models.link_graph import LinkGraph, NodeKey, NodeKind

_ICONS = {NodeKind.INBOUND: "sign-in", NodeKind.AGENT: "sparkle", NodeKind.OUTBOUND: "sign-out"}

Entry = tuple[str, str, Callable[[], object] | None]
"""Text, icon, and what it does; None: it cannot be done now."""


def menu_of_fitting(
    *,
    parent: QWidget,
    icons: Icons,
    graph: LinkGraph,
    start: NodeKey,
    fitting: Sequence[NodeKey],
    on_chosen: Callable[[NodeKey], object],
    more: Sequence[Entry] = (),
) -> QMenu:
    """Return a menu of the cards that a link from `start` may end in; without any it says so."""
    menu = _menu(parent)
    heading = menu.addAction(f"Link {start.name} to" if fitting else f"Nothing here fits {start.name}")
    heading.setEnabled(False)
    for key in fitting:
        node = graph.nodes[key]
        action = menu.addAction(icons.icon(_ICONS[key.kind]), f"{key.name}    {node.caption}")
        action.triggered.connect(lambda _checked=False, key=key: on_chosen(key))
    if more:
        menu.addSeparator()
        _add(menu, icons, more)
    return menu


def menu_of(*, parent: QWidget, icons: Icons, entries: Sequence[Entry]) -> QMenu:
    """Return a menu of these entries."""
    menu = _menu(parent)
    _add(menu, icons, entries)
    return menu


def show_menu(menu: QMenu, at: QPoint) -> None:
    """Show a menu at a place on the screen, without waiting for it."""
    menu.popup(at)


def _menu(parent: QWidget) -> QMenu:
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu


def _add(menu: QMenu, icons: Icons, entries: Sequence[Entry]) -> None:
    for text, icon, handler in entries:
        action = menu.addAction(icons.icon(icon), text)
        action.setEnabled(handler is not None)
        if handler is not None:
            action.triggered.connect(lambda _checked=False, handler=handler: handler())
