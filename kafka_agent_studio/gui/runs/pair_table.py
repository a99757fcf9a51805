"""Two columns held against each other: what, left, right, the difference; as many rows as there are."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from kafka_agent_studio.gui.runs.differences import CHANGED, LEFT_ONLY, RIGHT_ONLY, SAME, PairRow
from kafka_agent_studio.gui.theme import Theme, Tone
from kafka_agent_studio.gui.widgets.selected_rows import mark_selected_rows

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
WHAT, LEFT, MARK, RIGHT, REMARK = range(5)
_TITLES = ("", "Left", "", "Right", "Difference")
_TONES = {CHANGED: Tone.WAITING, LEFT_ONLY: Tone.FAILED, RIGHT_ONLY: Tone.OK}
_SPOKEN = {SAME: "the same", CHANGED: "different", LEFT_ONLY: "only left", RIGHT_ONLY: "only right"}


class PairModel(QAbstractTableModel):
    """Rows of a comparison; a row that differs has a sign between the columns and a tint."""

    def __init__(self, *, theme: Theme, is_mono: bool) -> None:
        super().__init__()
        self._theme = theme
        self._font = theme.mono if is_mono else theme.figures
        self.rows: tuple[PairRow, ...] = ()

    def show_rows(self, rows: Sequence[PairRow]) -> None:
        """Show these rows and no others."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return five: what, left, the sign, right, difference."""
        return 0 if parent.isValid() else len(_TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's title."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_TITLES):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return (row.what, row.left, row.mark, row.right, row.remark)[column]
        if role == Qt.ItemDataRole.AccessibleTextRole and column == MARK:
            return _SPOKEN[row.mark]
        if role == Qt.ItemDataRole.FontRole:
            return self._font if column in (LEFT, RIGHT, REMARK) else None
        if role == Qt.ItemDataRole.BackgroundRole and row.mark:
            return self._theme.tokens.tint(_TONES[row.mark], 0.1)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._theme.tokens.color(Tone.MUTED) if column == WHAT else None
        if role == Qt.ItemDataRole.ToolTipRole and column in (LEFT, RIGHT):
            return row.left if column == LEFT else row.right
        if role == Qt.ItemDataRole.TextAlignmentRole and column == MARK:
            return Qt.AlignmentFlag.AlignCenter
        return None


class PairTable(QTableView):
    """`is_text` leaves out names and differences: two texts, line by line."""

    def __init__(self, *, theme: Theme, accessible_name: str, is_text: bool = False, what_width: int = 110) -> None:
        super().__init__()
        self.pairs = PairModel(theme=theme, is_mono=is_text)
        self.setModel(self.pairs)
        self.setAccessibleName(accessible_name)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(theme.base_px + (7 if is_text else 11))
        header = self.horizontalHeader()
        header.setFont(theme.small)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(24)
        for column in (LEFT, RIGHT):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.setColumnWidth(WHAT, what_width)
        self.setColumnWidth(MARK, 28)
        self.setColumnWidth(REMARK, 130)
        self.setColumnHidden(WHAT, is_text)
        self.setColumnHidden(REMARK, is_text)

    def show_rows(self, rows: Sequence[PairRow]) -> None:
        """Show these rows and no others."""
        self.pairs.show_rows(rows)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Mark the selected rows at their left, too."""
        super().paintEvent(event)
        mark_selected_rows(self, column=LEFT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the marked rows, the columns apart by tabs."""
        if event.matches(QKeySequence.StandardKey.Copy):
            numbers = sorted({index.row() for index in self.selectionModel().selectedRows()})
            rows = [self.pairs.rows[number] for number in numbers]
            text = "\n".join(f"{r.what}\t{r.left}\t{r.mark}\t{r.right}\t{r.remark}".strip("\t") for r in rows)
            QGuiApplication.clipboard().setText(text)
        else:
            super().keyPressEvent(event)
