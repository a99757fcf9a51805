"""Everything a person can do, once: the menus, the shortcut sheet and the command palette are made from this list."""

from collections.abc import Callable, Iterator

import msgspec
from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


class ActionEntry(msgspec.Struct, frozen=True):
    """`id` is `group.verb`; `group` names the menu; `keywords` are further words the palette finds it by."""

    id: str
    group: str
    text: str
    handler: Callable[[], object]
    shortcut: str = ""
    keywords: str = ""
    is_in_menu: bool = True
    is_checkable: bool = False
    """It shows a state, which whoever knows that state sets by `qt(id).setChecked`."""


class Actions(QObject):
    """The actions of one window, in the order in which they were added."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: dict[str, ActionEntry] = {}
        self._qt_actions: dict[str, QAction] = {}

    def add(self, entry: ActionEntry) -> QAction:
        """Add an action. Raises: ValueError where its id or shortcut is taken."""
        if entry.id in self._entries:
            raise ValueError(f"two actions are called {entry.id}")
        taken = next((e.id for e in self if entry.shortcut and e.shortcut == entry.shortcut), None)
        if taken:
            raise ValueError(f"{entry.id} and {taken} have one shortcut, {entry.shortcut}")
        action = QAction(entry.text, self)
        action.setCheckable(entry.is_checkable)
        if entry.shortcut:
            action.setShortcut(QKeySequence(entry.shortcut))
        action.triggered.connect(lambda _checked=False: entry.handler())
        self._entries[entry.id] = entry
        self._qt_actions[entry.id] = action
        return action

    def __iter__(self) -> Iterator[ActionEntry]:
        return iter(self._entries.values())

    def qt(self, action_id: str) -> QAction:
        """Return Qt's side of an action, for menus, buttons and enabling."""
        return self._qt_actions[action_id]

    def work_in(self, window: QWidget) -> None:
        """Make every shortcut work wherever the focus is in `window`."""
        window.addActions(list(self._qt_actions.values()))

    def groups(self) -> dict[str, list[ActionEntry]]:
        """Return the entries by group, in order."""
        groups: dict[str, list[ActionEntry]] = {}
        for entry in self:
            groups.setdefault(entry.group, []).append(entry)
        return groups
