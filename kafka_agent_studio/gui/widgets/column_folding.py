"""Columns of a table that step aside while there is no room for all of them."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QTableView

from kafka_agent_studio.gui.models.columns import Column


class ColumnFolding:
    """Folds the columns that `yield` first until the others have the width they need, and unfolds them again.

    A folded column is not a hidden one: it is neither remembered as hidden nor left out of a copy.
    """

    def __init__(self, *, table: QTableView, columns: Callable[[], Sequence[Column[Any]]], stretched: str) -> None:
        self._table = table
        self._columns = columns
        self._stretched = stretched
        self._folded: dict[int, int] = {}
        self._kept: set[int] = set()

    def is_hidden(self, number: int) -> bool:
        """Whether a person hid a column."""
        return self._table.isColumnHidden(number) and number not in self._folded

    def width(self, number: int) -> int:
        """The width of a column as a person left it, in px."""
        return self._folded.get(number) or self._table.columnWidth(number) or self._columns()[number].width

    def show(self, number: int, is_shown: bool) -> None:
        """Do what a person asks for: what is shown on purpose stays, however narrow the table gets."""
        if is_shown:
            self._kept.add(number)
        self._folded.pop(number, None)
        self._table.setColumnHidden(number, not is_shown)
        self.fit()

    def fit(self) -> None:
        """Fold or unfold for the width that the table has now."""
        columns = self._columns()
        shown = [number for number in range(len(columns)) if not self.is_hidden(number)]
        needed = sum(self._needed(number) for number in shown)
        room = self._table.viewport().width()
        may_go = [number for number in shown if columns[number].yields and number not in self._kept]
        going: set[int] = set()
        for number in sorted(may_go, key=lambda number: -columns[number].yields):
            if needed > room:
                going.add(number)
                needed -= self._needed(number)
        for number in shown:
            if number in going and number not in self._folded:
                self._folded[number] = self._table.columnWidth(number)
                self._table.hideColumn(number)
            elif number not in going and number in self._folded:
                width = self._folded.pop(number)
                self._table.showColumn(number)
                self._table.setColumnWidth(number, width)

    def _needed(self, number: int) -> int:
        column = self._columns()[number]
        return column.width if column.key == self._stretched else self.width(number)
