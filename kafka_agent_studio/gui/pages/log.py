"""What the program says of itself, from the same logging that goes to stderr; lines lead to their run and connector."""

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QLabel

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.forms.choice_fields import QuietComboBox
from kafka_agent_studio.gui.models.log_table import LogRow, LogTableModel, level_look
from kafka_agent_studio.gui.navigation import log_address
from kafka_agent_studio.gui.pages.table_page import TablePage
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.empty_state import EmptyState
from kafka_agent_studio.gui.widgets.filter_line import FilterLine

_LEVELS = {"All levels": 9, "Information and worse": 3, "Warnings and worse": 2, "Errors": 1}

_ALL_CONNECTORS = "All connectors"


class LogPage(TablePage[LogRow]):
    """Filtered by words, level and connector."""

    rail_address = "log"

    def __init__(self, *, parts: WindowParts, model: LogTableModel) -> None:
        super().__init__(parts=parts, title="Log")
        self._lines = model
        self.level = QuietComboBox()
        self.level.addItems(list(_LEVELS))
        self.connector = QuietComboBox()
        self.connector.addItem(_ALL_CONNECTORS)
        self.connector.setMinimumContentsLength(len(_ALL_CONNECTORS) + 2)
        # the name of a choice is that of its label, seen or not
        self._names = [QLabel("Level"), QLabel("Connector")]
        for name, choice in zip(self._names, (self.level, self.connector), strict=True):
            name.setBuddy(choice)
            name.hide()
            self.header.add_beside(name)
            self.header.add_beside(choice)
        self.set_up(
            model=self._lines,
            table=DataTable[LogRow](
                name="log",
                accessible_name="Log",
                model=self._lines,
                theme=parts.theme,
                preferences=parts.preferences,
                stretched="message",
                is_live=True,
            ),
            empty=EmptyState(
                theme=parts.theme,
                icons=parts.icons,
                icon="article",
                heading="Nothing to report",
                explanation="Warnings, reconnects, reloads and failures are written here as they happen.",
            ),
            filter_line=FilterLine(
                name="log", placeholder="Filter the log: words", icons=parts.icons, preferences=parts.preferences
            ),
        )
        self.level.currentTextChanged.connect(lambda _text: self._narrow())
        self.connector.currentTextChanged.connect(lambda _text: self._narrow())
        for signal in (parts.bridge.rebuilt, parts.bridge.workspace_changed):
            signal.connect(self._offer_connectors)
        self._offer_connectors()
        self._lines.kept_changed.connect(self._say_counts)
        self._narrow()

    @property
    def is_filtered(self) -> bool:
        """Whether words or the level leave lines out."""
        return super().is_filtered or self.level.currentIndex() > 0 or self.connector.currentIndex() > 0

    def address_of(self, row: LogRow) -> str:
        """Return the line's own address."""
        return log_address(row.number)

    def on_filter_changed(self, text: str) -> None:
        """Show the lines with all words."""
        self._narrow()

    def clear_filter(self) -> None:
        """Show all lines."""
        self.connector.setCurrentIndex(0)
        self.level.setCurrentIndex(0)
        super().clear_filter()

    def _offer_connectors(self) -> None:
        """Offer those of the workspace; what is chosen stays chosen."""
        names = [_ALL_CONNECTORS, *sorted(self.parts.bridge.view.workspace.connectors)]
        chosen = self.connector.currentText()
        if names == [self.connector.itemText(at) for at in range(self.connector.count())]:
            return
        with QSignalBlocker(self.connector):
            self.connector.clear()
            self.connector.addItems(names)
            self.connector.setCurrentText(chosen)
        self._narrow()

    def _narrow(self) -> None:
        words = self.filter.text.casefold().split() if self.filter is not None else []
        worst = _LEVELS[self.level.currentText()]
        connector = self.connector.currentText() if self.connector.currentIndex() > 0 else None

        def accepts(row: LogRow) -> bool:
            text = f"{row.line.message} {row.line.logger}".casefold()
            if connector is not None and row.line.connector != connector:
                return False
            return level_look(row.line.level).order <= worst and all(word in text for word in words)

        self._lines.set_filter(accepts if self.is_filtered else None)
        self._say_counts()

    def _say_counts(self) -> None:
        kept, seen = self._lines.kept, self._lines.seen
        self.header.set_remark(f"{formats.count(kept)} of {formats.count(seen)} lines" if seen > kept else "")
