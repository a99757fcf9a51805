"""Ctrl+K: type a few letters of what you want, press Enter."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from kafka_agent_studio.gui.actions import ActionEntry, Actions
from kafka_agent_studio.gui.theme import GAP, Theme

_WIDTH = 520
_HEIGHT = 360
_FROM_TOP = 96
_ID = Qt.ItemDataRole.UserRole


class CommandPalette(QDialog):
    """All enabled actions, narrowed down while typing; the chosen one runs after the palette is gone."""

    def __init__(self, *, actions: Actions, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._actions = actions
        self.setWindowTitle("Find an action")
        self.setFixedSize(_WIDTH, _HEIGHT)
        self.field = QLineEdit()
        self.field.setPlaceholderText("What do you want to do?")
        self.field.setAccessibleName("Find an action")
        self.field.textChanged.connect(self._narrow)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName("Actions")
        self.list.setFont(theme.font())
        self.list.itemActivated.connect(lambda _item: self._run())
        self.list.itemClicked.connect(lambda _item: self._run())
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.addWidget(self.field)
        column.addWidget(self.list)

    def show_all(self) -> None:
        """Open with nothing typed."""
        self.field.clear()
        self._narrow("")
        parent = self.parentWidget()
        if parent is not None:
            corner = parent.mapToGlobal(parent.rect().topLeft())
            self.move(corner.x() + (parent.width() - _WIDTH) // 2, corner.y() + _FROM_TOP)
        self.open()
        self.field.setFocus()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Let the arrows and Enter work on the list while the cursor is in the field."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                step = 1 if event.key() == Qt.Key.Key_Down else -1
                self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + step)))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run()
                return True
        return False

    def _narrow(self, text: str) -> None:
        self.list.clear()
        words = text.casefold().split()
        for entry in self._actions:
            if self._actions.qt(entry.id).isEnabled() and all(word in _searched(entry) for word in words):
                item = QListWidgetItem(_line(entry))
                item.setData(_ID, entry.id)
                self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _run(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.accept()
            self._actions.qt(item.data(_ID)).trigger()


def _searched(entry: ActionEntry) -> str:
    return f"{entry.group} {entry.text} {entry.keywords}".casefold()


def _line(entry: ActionEntry) -> str:
    shortcut = QKeySequence(entry.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
    return f"{entry.group}: {entry.text}" + (f"    {shortcut}" if shortcut else "")
