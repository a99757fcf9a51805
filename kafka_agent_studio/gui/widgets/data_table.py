"""A table as it is everywhere: columns remembered, rows copied, keys that work, and new rows that wait their turn."""

from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView

from kafka_agent_studio.gui.models.live_table import LiveTableModel
from kafka_agent_studio.gui.preferences import Preferences
from kafka_agent_studio.gui.theme import GAP, ROW_HEIGHT, Theme
from kafka_agent_studio.gui.widgets.calm_flow import CalmFlow
from kafka_agent_studio.gui.widgets.column_folding import ColumnFolding
from kafka_agent_studio.gui.widgets.copying import rows_as_csv, rows_as_json
from kafka_agent_studio.gui.widgets.labels import button
from kafka_agent_studio.gui.widgets.row_painter import RowPainter

RowT = TypeVar("RowT")

_NARROWEST_COLUMN = 48
_REMEMBER_AFTER_MS = 400
_END_WITHIN = 40


class DataTable(QTableView, Generic[RowT]):
    """Rows of a LiveTableModel. `name` is what its columns are remembered under.

    `stretched` is the key of the column that takes the room that is left; `shown` are keys of columns that are shown
    at first although they are hidden elsewhere.

    `row_selected` carries the row or None, `row_opened` (Enter, double click) the row, `typed` the first letter of a
    filter, `end_reached` comes when the last rows are in sight.
    """

    row_selected = Signal(object)
    row_opened = Signal(object)
    typed = Signal(str)
    end_reached = Signal()

    def __init__(
        self,
        *,
        name: str,
        accessible_name: str,
        model: LiveTableModel[RowT],
        theme: Theme,
        preferences: Preferences,
        stretched: str,
        shown: Collection[str] = (),
        is_live: bool = False,
    ) -> None:
        super().__init__()
        self._name = f"{name}/columns"
        self._rows = model
        self._preferences = preferences
        self._selected_key: Hashable = None
        self._scroll_before = 0
        self.menu_actions: tuple[tuple[str, Callable[[], object]], ...] = ()
        """What the menu of the rows offers besides opening and copying."""
        self.header_actions: Callable[[], Sequence[tuple[str, Callable[[], object]]]] = tuple
        """What the menu of the header offers besides showing and hiding columns."""
        self.setAccessibleName(accessible_name)
        self.setModel(model)
        self._set_up()
        self._folding = ColumnFolding(table=self, columns=lambda: model.columns, stretched=stretched)
        self._set_up_columns(theme, stretched, shown)
        self._painter = RowPainter(table=self, model=model, theme=theme)
        model.modelAboutToBeReset.connect(self._on_about_to_reset)
        model.modelReset.connect(self._on_reset)
        model.columnsInserted.connect(self._on_columns_inserted)
        self._remember = QTimer(self)
        self._remember.setSingleShot(True)
        self._remember.setInterval(_REMEMBER_AFTER_MS)
        self._remember.timeout.connect(self._remember_columns)
        self.pill = button("", self.let_new_in, kind="pill")
        self.pill.setParent(self)
        self.pill.hide()
        model.held_changed.connect(self._on_held)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self._is_live = is_live
        self._calm = CalmFlow(table=self, model=model) if is_live else None
        self._is_paused = False
        self.fill_menu: Callable[[QMenu], object] = lambda _menu: None
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.doubleClicked.connect(lambda index: self.row_opened.emit(self._rows.row(index.row())))

    # what pages use

    @property
    def selected(self) -> RowT | None:
        """The row with the cursor; None where there is none."""
        index = self.currentIndex()
        return self._rows.row(index.row()) if index.isValid() else None

    def row_at(self, row: int) -> RowT:
        """Return the row shown at a place, 0 the top."""
        return self._rows.row(row)

    def select_key(self, key: Hashable) -> bool:
        """Put the cursor on the row of a key; False where it is not shown."""
        row = self._rows.row_of(key)
        if row is None:
            return False
        self.selectRow(row)
        self.scrollTo(self._rows.index(row, 0))
        return True

    def let_new_in(self) -> None:
        """Show the rows that waited, from the top; a paused table stays paused."""
        self._rows.hold(False)
        self.scrollToTop()
        self._rows.hold(self._is_paused)

    def set_paused(self, is_paused: bool) -> None:
        """Hold new rows back, or let them in as they come."""
        self._is_paused = is_paused
        self._rows.hold(is_paused or self.verticalScrollBar().value() > 0)

    def selected_rows(self) -> list[RowT]:
        """Return all marked rows, from the top."""
        numbers = sorted({index.row() for index in self.selectionModel().selectedRows()})
        return [self._rows.row(number) for number in numbers]

    def copy_as_json(self) -> None:
        """Copy the marked rows as JSON, the visible columns by key."""
        _copy(rows_as_json(self._visible_columns(), self.selected_rows()))

    def copy_as_csv(self) -> None:
        """Copy the marked rows as CSV with a heading."""
        _copy(rows_as_csv(self._visible_columns(), self.selected_rows()))

    def copy_cell(self) -> None:
        """Copy the text of the cell with the cursor."""
        index = self.currentIndex()
        if index.isValid():
            _copy(str(index.data()))

    # set-up

    def _set_up(self) -> None:
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(ROW_HEIGHT)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)

    def _set_up_columns(self, theme: Theme, stretched: str, shown: Collection[str]) -> None:
        header = self.horizontalHeader()
        header.setFont(theme.small)
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setMinimumSectionSize(_NARROWEST_COLUMN)
        header.setSortIndicatorClearable(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        remembered: dict[str, Any] = self._preferences.get(self._name, {})
        for number, column in enumerate(self._rows.columns):
            kept = remembered.get(column.key, {})
            self.setColumnWidth(number, int(kept.get("width", column.width)))
            self.setColumnHidden(number, bool(kept.get("hidden", column.is_hidden and column.key not in shown)))
            if column.key == stretched:
                header.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)
        by_place = sorted(
            range(len(self._rows.columns)),
            key=lambda number: remembered.get(self._rows.columns[number].key, {}).get("place", number),
        )
        for place, number in enumerate(by_place):
            header.moveSection(header.visualIndex(number), place)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._on_header_menu)
        header.sectionResized.connect(lambda *_: self._remember.start())
        header.sectionMoved.connect(lambda *_: self._remember.start())

    def _on_columns_inserted(self, _parent: object, first: int, last: int) -> None:
        remembered: dict[str, Any] = self._preferences.get(self._name, {})
        for number in range(first, last + 1):
            column = self._rows.columns[number]
            self.setColumnWidth(number, int(remembered.get(column.key, {}).get("width", column.width)))

    def _remember_columns(self) -> None:
        header = self.horizontalHeader()
        self._preferences.put(
            self._name,
            {
                column.key: {
                    "width": self._folding.width(number),
                    "hidden": self._folding.is_hidden(number),
                    "place": header.visualIndex(number),
                }
                for number, column in enumerate(self._rows.columns)
            },
        )

    def _visible_columns(self) -> list[Any]:
        header = self.horizontalHeader()
        numbers = [n for n in range(len(self._rows.columns)) if not self._folding.is_hidden(n)]
        return [self._rows.columns[n] for n in sorted(numbers, key=header.visualIndex)]

    # menus

    def _on_header_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for number, column in enumerate(self._rows.columns):
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(number))
            action.toggled.connect(lambda is_shown, number=number: self.show_column(number, is_shown))
        further = self.header_actions()
        if further:
            menu.addSeparator()
        for text, handler in further:
            menu.addAction(text).triggered.connect(lambda _checked=False, handler=handler: handler())
        menu.popup(self.horizontalHeader().mapToGlobal(at))

    def show_column(self, number: int, is_shown: bool) -> None:
        """Show or hide a column; the last visible one stays."""
        if is_shown or len(self._visible_columns()) > 1:
            self._folding.show(number, is_shown)
            self._remember.start()

    def _on_menu(self, at: QPoint) -> None:
        if self.selectionModel().hasSelection():
            self.make_menu().popup(self.viewport().mapToGlobal(at))

    def make_menu(self) -> QMenu:
        """Return the menu of the marked rows: what every table does, then what the page adds."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, handler in (
            ("Open", lambda: self._open_current()),
            ("Copy cell", self.copy_cell),
            ("Copy as JSON", self.copy_as_json),
            ("Copy as CSV", self.copy_as_csv),
            *self.menu_actions,
        ):
            menu.addAction(text).triggered.connect(lambda _checked=False, handler=handler: handler())
        self.fill_menu(menu)
        return menu

    # what happens

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Ctrl+C copies as JSON, a letter begins a filter."""
        is_plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open_current()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_as_json()
        elif is_plain and event.text().isprintable() and event.text().strip():
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Who comes with the keyboard sees where the cursor is."""
        super().focusInEvent(event)
        by_key = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if by_key and self._rows.rowCount() and not self.selectionModel().hasSelection():
            self.selectRow(max(0, self.currentIndex().row()))

    def _open_current(self) -> None:
        row = self.selected
        if row is not None:
            self.row_opened.emit(row)

    def _on_selection_changed(self, *_what: object) -> None:
        # Not when the cursor moves: Qt puts it on the first row as soon as a table gets the focus.
        current = self.currentIndex()
        if current.isValid() and self.selectionModel().isRowSelected(current.row()):
            key = self._rows.key_at(current.row())
            if key != self._selected_key:
                self._selected_key = key
                self.row_selected.emit(self._rows.row(current.row()))

    def _on_about_to_reset(self) -> None:
        self._scroll_before = self.verticalScrollBar().value()

    def _on_reset(self) -> None:
        if self._selected_key is not None:
            row = self._rows.row_of(self._selected_key)
            if row is not None:
                self.selectRow(row)
        self.verticalScrollBar().setValue(self._scroll_before)

    def _on_scrolled(self, value: int) -> None:
        bar = self.verticalScrollBar()
        if self._is_live:
            self._rows.hold(value > 0 or self._is_paused)
        if bar.maximum() and value >= bar.maximum() - _END_WITHIN:
            self.end_reached.emit()

    def _on_held(self, count: int) -> None:
        text = f"↑ {count:,} new"
        self.pill.setVisible(count > 0)
        self.pill.setText(text)
        self.pill.setAccessibleName(f"{count:,} new rows, show them")
        self._place_pill()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows."""
        painter = QPainter(self.viewport())
        self._painter.paint(painter, event.rect())
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make room for the columns that matter, and keep the pill at the top in the middle."""
        super().resizeEvent(event)
        self._folding.fit()
        self._place_pill()

    def _place_pill(self) -> None:
        self.pill.adjustSize()
        left = (self.width() - self.pill.width()) // 2
        self.pill.move(left, self.horizontalHeader().height() + GAP)


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
