"""The panel on the right: whatever is selected on a page, opened beside it; Enter opens it as a page of its own."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from kafka_agent_studio.gui.details.detail import Detail
from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.navigation import Navigator, split
from kafka_agent_studio.gui.shelf import Shelf
from kafka_agent_studio.gui.theme import GAP, HEADER_HEIGHT, MARGIN, SPACE, Theme
from kafka_agent_studio.gui.widgets.empty_state import EmptyState
from kafka_agent_studio.gui.widgets.labels import icon_button, label

_NARROWEST = 300


class Inspector(QFrame):
    """Shows one address at a time; `shown_changed` when there is more or less to show than before."""

    shown_changed = Signal()

    def __init__(self, *, details: Shelf[Detail], navigator: Navigator, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.setMinimumWidth(_NARROWEST)
        self._details = details
        self._navigator = navigator
        self._is_wanted = True
        self.address = ""
        self._title = label("", font=theme.heading)
        self._title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._open = icon_button("Open as a page (Enter)", icons.icon("arrows-out-simple"), self.open_as_page)
        self._fold = icon_button("Close the inspector (Ctrl+I)", icons.icon("x"), self.toggle)
        self._stack = QStackedWidget()
        self._nothing = EmptyState(
            theme=theme,
            icons=icons,
            icon="cursor",
            heading="Nothing selected",
            explanation="Select a row: what it holds opens here, and Enter opens it as a page of its own.",
        )
        self._stack.addWidget(self._nothing)
        details.on_made = self._add
        head = QWidget()
        head.setFixedHeight(HEADER_HEIGHT)
        row = QHBoxLayout(head)
        row.setContentsMargins(MARGIN, 0, GAP, 0)
        row.setSpacing(SPACE)
        row.addWidget(self._title, 1)
        row.addWidget(self._open)
        row.addWidget(self._fold)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self._stack, 1)
        self._theme = theme
        for part in (head, self._nothing):
            theme.dressing.add_part(part)
        self.clear()

    def _add(self, detail: Detail) -> None:
        self._stack.addWidget(detail)
        self._theme.dressing.add_part(detail)

    @property
    def is_wanted(self) -> bool:
        """Whether the person left it open."""
        return self._is_wanted

    @property
    def has_something(self) -> bool:
        """Whether there is something to show."""
        return bool(self.address)

    def toggle(self) -> None:
        """Open or close the panel."""
        self._is_wanted = not self._is_wanted
        self.shown_changed.emit()

    def inspect(self, address: str) -> None:
        """Show what is at an address; one without a view clears the panel."""
        kind, rest = split(address)
        detail = self._details.find(kind)
        if detail is None:
            self.clear()
            return
        self.address = address
        self._title.setText(detail.show_place(rest))
        self._stack.setCurrentWidget(detail)
        self._open.setEnabled(True)
        self.shown_changed.emit()

    def clear(self) -> None:
        """Show that nothing is selected."""
        self.address = ""
        self._title.setText("")
        self._open.setEnabled(False)
        self._stack.setCurrentWidget(self._nothing)
        self.shown_changed.emit()

    def open_as_page(self) -> None:
        """Open what is shown as a page of its own."""
        if self.address:
            self._navigator.go(self.address)
