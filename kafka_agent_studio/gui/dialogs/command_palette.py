"""Ctrl+K: type a few letters of what you want or where you want to go, press Enter."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from kafka_agent_studio.gui.actions import ActionEntry, Actions
from kafka_agent_studio.gui.navigation import Navigator
from kafka_agent_studio.gui.place_finder import FoundPlace, PlaceFinder
from kafka_agent_studio.gui.theme import GAP, ROW_HEIGHT, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import label

_WIDTH = 560
_HEIGHT = 400
_FROM_TOP = 96
_ACTION = Qt.ItemDataRole.UserRole
_PLACE = Qt.ItemDataRole.UserRole + 1
_TYPING_MS = 150
"""Runs are searched for once the person pauses."""


class CommandPalette(QDialog):
    """Enabled actions and places, narrowed down while typing; the chosen one comes after the palette is gone."""

    def __init__(
        self, *, actions: Actions, theme: Theme, parent: QWidget, navigator: Navigator, places: PlaceFinder
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._actions = actions
        self._navigator = navigator
        self._places = places
        self.setWindowTitle("Find an action or a place")
        self.setFixedSize(_WIDTH, _HEIGHT)
        self.field = QLineEdit()
        self.field.setPlaceholderText("An action, a connector, an agent, a run …")
        self.field.setAccessibleName("Find an action or a place")
        self.field.textChanged.connect(self._narrow)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setObjectName("rows")
        self.list.setAccessibleName("Actions and places")
        self.list.setFont(theme.font())
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(lambda _item: self._run())
        self.nothing = label("", tone=Tone.MUTED, is_wrapped=True)
        self.nothing.setContentsMargins(GAP, GAP, GAP, GAP)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self.search_runs)
        # A popup has no frame of the desktop's around it.
        frame = QFrame()
        frame.setObjectName("popup")
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(frame)
        column = QVBoxLayout(frame)
        column.setContentsMargins(GAP, GAP, GAP, GAP)
        column.addWidget(self.field)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)

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

    @property
    def lines(self) -> list[str]:
        """What is offered, from the top."""
        return [self.list.item(row).text() for row in range(self.list.count())]

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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter works on the list as well."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run()
        else:
            super().keyPressEvent(event)

    def search_runs(self) -> None:
        """Ask for the runs that hold what is typed, and add them below the rest."""
        text = self.field.text()

        def add(found: list[FoundPlace]) -> None:
            if self.field.text() == text and self.isVisible():
                self._add_places(found)

        self._places.search_runs(text, add)

    def _narrow(self, text: str) -> None:
        self.list.clear()
        words = text.casefold().split()
        places = self._places.places(words) if words else []
        # Whoever types the beginning of a name means the thing, not an action that mentions it.
        named = [place for place in places if place.name.casefold().startswith(text.casefold().strip())]
        self._add_places(named)
        for entry in self._actions:
            if self._actions.qt(entry.id).isEnabled() and all(word in _searched(entry) for word in words):
                item = QListWidgetItem(self._line(entry))
                item.setData(_ACTION, entry.id)
                item.setSizeHint(QSize(0, ROW_HEIGHT))
                self.list.addItem(item)
        self._add_places([place for place in places if place not in named])
        self.list.setCurrentRow(0)
        self._say_nothing(text)
        self._typing.start()

    def _add_places(self, places: list[FoundPlace]) -> None:
        for place in places:
            item = QListWidgetItem(f"{place.kind}: {place.name}")
            item.setData(_PLACE, place.address)
            item.setSizeHint(QSize(0, ROW_HEIGHT))
            self.list.addItem(item)
        if self.list.currentRow() < 0:
            self.list.setCurrentRow(0)
        self._say_nothing(self.field.text())

    def _say_nothing(self, text: str) -> None:
        self.nothing.setText("" if self.list.count() else f"No action, place or run fits “{text}”.")
        self.nothing.setVisible(bool(self.nothing.text()))

    def _run(self) -> None:
        if self.list.currentRow() < 0:
            return
        item = self.list.currentItem()
        self.accept()
        if item.data(_PLACE):
            self._navigator.go(item.data(_PLACE))
        else:
            self._actions.qt(item.data(_ACTION)).trigger()

    def _line(self, entry: ActionEntry) -> str:
        shortcut = QKeySequence(entry.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
        mark = "  ✓" if self._actions.qt(entry.id).isChecked() else ""
        return f"{entry.group}: {entry.text}{mark}" + (f"    {shortcut}" if shortcut else "")


def _searched(entry: ActionEntry) -> str:
    return f"{entry.group} {entry.text} {entry.keywords}".casefold()
