"""A page that is one table: filter line above it, an empty state in its place, the selected row in the inspector."""

from typing import Generic, TypeVar

from PySide6.QtWidgets import QStackedWidget

from kafka_agent_studio.gui.models.live_table import LiveTableModel
from kafka_agent_studio.gui.pages.page import Page
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.empty_state import EmptyState
from kafka_agent_studio.gui.widgets.filter_line import FilterLine

RowT = TypeVar("RowT")


class TablePage(Page, Generic[RowT]):
    """A subclass makes model, table and empty state, calls `set_up`, and says what the address of a row is."""

    uses_inspector = True

    def __init__(self, *, parts: WindowParts, title: str) -> None:
        super().__init__(parts=parts, title=title)
        self.filter: FilterLine | None = None

    def set_up(
        self,
        *,
        model: LiveTableModel[RowT],
        table: DataTable[RowT],
        empty: EmptyState,
        filter_line: FilterLine | None = None,
    ) -> None:
        """Put the page together."""
        self.table = table
        self.empty = empty
        self.filter = filter_line
        self._model = model
        self._no_match = EmptyState(
            theme=self.parts.theme,
            icons=self.parts.icons,
            icon="funnel",
            heading="Nothing matches",
            explanation="No row fits the filter above.",
            action="Clear the filter",
            on_action=self.clear_filter,
        )
        self._stack = QStackedWidget()
        for widget in (table, empty, self._no_match):
            self._stack.addWidget(widget)
        self.body.addWidget(self._stack, 1)
        if filter_line is not None:
            self.header.add_wide(filter_line)
            filter_line.changed.connect(self.on_filter_changed)
            table.typed.connect(filter_line.begin_with)
        table.row_selected.connect(lambda row: self.inspected.emit(self.address_of(row)))
        table.row_opened.connect(lambda row: self.parts.navigator.go(self.address_of(row)))
        for signal in (model.modelReset, model.rowsInserted, model.rowsRemoved, model.kept_changed):
            signal.connect(self.show_what_there_is)
        self.show_what_there_is()

    @property
    def is_filtered(self) -> bool:
        """Whether something is left out on purpose."""
        return self.filter is not None and bool(self.filter.text)

    def address_of(self, row: RowT) -> str:
        """Return the address that a row opens."""
        raise TypeError(f"{type(self).__name__} opens no {row!r}")

    def on_filter_changed(self, text: str) -> None:
        """Show what fits the filter."""

    def clear_filter(self) -> None:
        """Show everything again."""
        if self.filter is not None:
            self.filter.set_text("")

    def show_what_there_is(self, *_what: object) -> None:
        """Show the table, or say why there is none."""
        if self._model.rowCount() or self._model.held:
            self._stack.setCurrentWidget(self.table)
        else:
            self._stack.setCurrentWidget(self._no_match if self.is_filtered else self.empty)

    def focus_filter(self) -> None:
        """Put the cursor into the filter line."""
        if self.filter is not None:
            self.filter.setFocus()
            self.filter.field.selectAll()

    def take_focus(self) -> None:
        """Put the focus into the table."""
        widget = self._stack.currentWidget()
        if widget is not None:
            widget.setFocus()
