"""A capped table that thousands of rows a second run through: newest on top, filtered, sorted, held still on request.

The store and what is shown are kept apart: filtering never forgets a row, and the cap is counted, never silent.
Rows have ascending sequence numbers; `_shown` holds the numbers of the rows on screen, ascending in arrival order.
"""

from bisect import bisect_left
from collections.abc import Callable, Container, Hashable, Iterable, Sequence
from operator import itemgetter
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal

from kafka_agent_studio.gui.models.columns import Column
from kafka_agent_studio.gui.theme import Theme

CAP = 10_000
_RESORT_AFTER_MS = 500

RowT = TypeVar("RowT")
Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class LiveTableModel(QAbstractTableModel, Generic[RowT]):
    """Rows by key. `held_changed` says how many rows wait behind "128 new"; `kept_changed`, that counts changed.

    What happens between `flow_began` and `flow_ended` is rows coming in.
    """

    held_changed = Signal(int)
    kept_changed = Signal()
    flow_began = Signal()
    flow_ended = Signal()

    def __init__(
        self,
        *,
        columns: Sequence[Column[RowT]],
        key_of: Callable[[RowT], Hashable],
        theme: Theme,
        cap: int = CAP,
        is_newest_first: bool = True,
    ) -> None:
        super().__init__()
        self.columns = list(columns)
        self._own_columns = len(self.columns)
        self.seen = 0
        self._key_of = key_of
        self._theme = theme
        self._cap = cap
        self._is_newest_first = is_newest_first
        self._rows: dict[int, RowT] = {}
        self._number_of: dict[Hashable, int] = {}
        self._keys: dict[int, Hashable] = {}
        self._first = 0
        self._next = 0
        self._shown: list[int] = []
        self._held: list[int] = []
        self._is_held = False
        self._accepts: Callable[[RowT], bool] | None = None
        self._wanted: Container[Hashable] | None = None
        self._sort: tuple[Column[RowT], bool] | None = None
        self._sort_keys: list[Any] = []
        self._mono, self._figures = theme.mono, theme.figures
        self._resort = QTimer(self)
        self._resort.setSingleShot(True)
        self._resort.setInterval(_RESORT_AFTER_MS)
        self._resort.timeout.connect(self._show_all)

    # what Qt asks

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of rows shown."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return the number of columns, hidden ones too."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(self.row(index.row()))
        if role == Qt.ItemDataRole.FontRole:
            return self._mono if column.is_mono else self._figures if column.is_right else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.is_right else _LEFT
        if role == Qt.ItemDataRole.ForegroundRole:
            return None if column.tone is None else self._theme.tokens.color(column.tone)
        if role == Qt.ItemDataRole.ToolTipRole:
            return None if column.tip is None else column.tip(self.row(index.row()))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's title."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if self.columns[section].is_right else _LEFT
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 goes back to the order of arrival."""
        by = self.columns[column] if 0 <= column < len(self.columns) else None
        self._sort = None if by is None else (by, order == Qt.SortOrder.DescendingOrder)
        self._show_all()

    # what a page asks

    @property
    def kept(self) -> int:
        """Rows in the store, shown or not."""
        return len(self._rows)

    @property
    def held(self) -> int:
        """Rows that wait behind "128 new"."""
        return len(self._held)

    @property
    def oldest(self) -> RowT | None:
        """The row at the bottom in the order of arrival, shown or not; None where there is none."""
        while self._first not in self._rows and self._first < self._next:
            self._first += 1
        return self._rows.get(self._first)

    @property
    def cap(self) -> int:
        """How many rows are kept at most; older ones that were added by hand count on top."""
        return self._cap

    def kept_rows(self) -> list[RowT]:
        """Return all rows in the store, shown or not, oldest first."""
        return [self._rows[number] for number in sorted(self._rows)]

    def shown_rows(self) -> list[RowT]:
        """Return the rows on screen or to be scrolled to, in the order of arrival or that of the sorting."""
        return [self._rows[number] for number in self._shown]

    def row(self, row: int) -> RowT:
        """Return the row shown at `row`."""
        return self._rows[self._shown[self._position(row)]]

    def find(self, key: Hashable) -> RowT | None:
        """Return the row of a key, shown or not; None where it is not kept."""
        number = self._number_of.get(key)
        return None if number is None else self._rows[number]

    def row_of(self, key: Hashable) -> int | None:
        """Return where a key is shown; None where it is not."""
        number = self._number_of.get(key)
        if number is None:
            return None
        if self._sort is not None:
            try:
                return self._shown.index(number)
            except ValueError:
                return None
        at = bisect_left(self._shown, number)
        return self._position(at) if at < len(self._shown) and self._shown[at] == number else None

    def key_at(self, row: int) -> Hashable:
        """Return the key of the row shown at `row`."""
        return self._key_of(self.row(row))

    def reset(self, rows: Iterable[RowT], *, seen: int | None = None) -> None:
        """Begin anew with `rows`, oldest first."""
        self.beginResetModel()
        self._rows, self._number_of, self._keys, self._shown, self._held = {}, {}, {}, [], []
        self._first = self._next = 0
        for row in rows:
            self._store(self._key_of(row), row)
        self._forget_beyond_cap()
        self._shown = self._sorted(self._accepted(self._rows))
        self.seen = len(self._rows) if seen is None else seen
        self.endResetModel()
        self.held_changed.emit(0)
        self.kept_changed.emit()

    def upsert(self, rows: Sequence[RowT]) -> None:
        """Take in rows, oldest first: a known key is updated in place, a new one arrives on top."""
        self.flow_began.emit()
        self._take_in(rows)
        self.flow_ended.emit()

    def _take_in(self, rows: Sequence[RowT]) -> None:
        changed: list[int] = []
        fresh: dict[Hashable, RowT] = {}
        for row in rows:
            key = self._key_of(row)
            number = self._number_of.get(key)
            if number is None:
                fresh[key] = row
            else:
                self._rows[number] = row
                changed.append(number)
        self.seen += len(fresh)
        # what this very batch would push out again need not come in
        new = [self._store(key, row) for key, row in list(fresh.items())[-self._cap :]]
        if self._sort is None and changed:
            self._say_changed(changed)
        if self._sort is None:
            self._arrive(self._accepted(new))
            self._forget_beyond_cap()
        elif not self._resort.isActive():
            self._resort.start()
        if new:
            self.kept_changed.emit()

    def add_older(self, rows: Sequence[RowT]) -> int:
        """Take in rows older than all kept (newest first), at the bottom; the cap grows by them. Returns how many."""
        fresh = [row for row in rows if self._key_of(row) not in self._number_of]
        self._cap += len(fresh)
        numbers = []
        for row in fresh:
            self._first -= 1
            self._rows[self._first] = row
            key = self._keys[self._first] = self._key_of(row)
            self._number_of[key] = self._first
            numbers.append(self._first)
        self.seen += len(fresh)
        if self._sort is None:
            self._insert(sorted(self._accepted(numbers)), at=0)
        elif self._held or self._resort.isActive() or len(self._sort_keys) != len(self._shown):
            self._show_all()
        else:
            self._merge(sorted(self._accepted(numbers)), *self._sort)
        self.kept_changed.emit()
        return len(fresh)

    def drop(self, keys: Iterable[Hashable]) -> None:
        """Take rows out that no longer belong here; unknown keys do not matter."""
        numbers = sorted(n for n in (self._number_of.pop(key, None) for key in keys) if n is not None)
        for number in reversed(numbers):
            at = bisect_left(self._shown, number) if self._sort is None else None
            if at is not None and at < len(self._shown) and self._shown[at] == number:
                row = self._position(at)
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._shown[at]
                self.endRemoveRows()
        gone = set(numbers)
        for number in numbers:
            del self._keys[number]
        for number in numbers if self._sort is None else ():
            del self._rows[number]
        if self._sort is not None and numbers:
            # one reset for all of them: sorted, each stands somewhere else
            self._rows = {number: row for number, row in self._rows.items() if number not in gone}
            self._show_all()
        if gone & set(self._held):
            self._held = [number for number in self._held if number not in gone]
            self.held_changed.emit(len(self._held))
        if numbers:
            self.kept_changed.emit()

    def set_filter(self, accepts: Callable[[RowT], bool] | None) -> None:
        """Show only what `accepts` says; None shows all."""
        self._accepts = accepts
        self._wanted = None
        self._show_all()

    def show_only(self, keys: Container[Hashable]) -> None:
        """Show only rows of these keys, and of those that are put among them later as they arrive."""
        self._accepts = None
        self._wanted = keys
        self._show_all()

    def set_extra_columns(self, columns: Sequence[Column[RowT]]) -> None:
        """Show these behind the columns it was made with, and no others there."""
        first = self._own_columns
        if len(self.columns) > first:
            self.beginRemoveColumns(QModelIndex(), first, len(self.columns) - 1)
            if self._sort is not None and self._sort[0] in self.columns[first:]:
                self._sort = None
            del self.columns[first:]
            self.endRemoveColumns()
        if columns:
            self.beginInsertColumns(QModelIndex(), first, first + len(columns) - 1)
            self.columns.extend(columns)
            self.endInsertColumns()

    def hold(self, is_held: bool) -> None:
        """Keep what is on screen still: new rows wait, counted, until they are let in."""
        self._is_held = is_held
        if not is_held and self._held:
            held, self._held = self._held, []
            self._arrive([number for number in held if number >= self._first])
            self.held_changed.emit(0)

    # within

    def _position(self, at: int) -> int:
        is_reversed = self._is_newest_first and self._sort is None
        return len(self._shown) - 1 - at if is_reversed else at

    def _store(self, key: Hashable, row: RowT) -> int:
        number = self._next
        self._rows[number] = row
        self._keys[number] = key
        self._number_of[key] = number
        self._next += 1
        return number

    def _accepted(self, numbers: Iterable[int]) -> list[int]:
        accepts, rows, wanted, keys = self._accepts, self._rows, self._wanted, self._keys
        if wanted is not None:
            return [number for number in numbers if keys[number] in wanted]
        return list(numbers) if accepts is None else [number for number in numbers if accepts(rows[number])]

    def _arrive(self, numbers: list[int]) -> None:
        if self._is_held and numbers:
            self._held.extend(numbers)
            self.held_changed.emit(len(self._held))
        else:
            self._insert(numbers, at=len(self._shown))

    def _insert(self, numbers: list[int], *, at: int) -> None:
        # `at` is a place in `_shown`; newest first, its end is the top of the table.
        if not numbers:
            return
        first = len(self._shown) - at if self._is_newest_first else at
        self.beginInsertRows(QModelIndex(), first, first + len(numbers) - 1)
        self._shown[at:at] = numbers
        self.endInsertRows()

    def _merge(self, older: list[int], by: Column[RowT], is_descending: bool) -> None:
        """Put rows, older than all shown, where a sorting has them; those that are there are not looked at again."""
        sort = by.sort or by.text
        fresh = [(sort(self._rows[number]), number) for number in older]
        fresh.sort(key=itemgetter(0), reverse=is_descending)
        shown: list[int] = []
        keys: list[Any] = []
        before = 0
        for key, number in fresh:
            # before its equals, as the order of arrival has it
            at = _first_not_before(self._sort_keys, key, before, is_descending=is_descending)
            shown += self._shown[before:at]
            keys += self._sort_keys[before:at]
            shown.append(number)
            keys.append(key)
            before = at
        self.beginResetModel()
        self._shown = shown + self._shown[before:]
        self._sort_keys = keys + self._sort_keys[before:]
        self.endResetModel()

    def _say_changed(self, numbers: list[int]) -> None:
        places = [
            self._position(at)
            for number in numbers
            if (at := bisect_left(self._shown, number)) < len(self._shown) and self._shown[at] == number
        ]
        if places:
            self.dataChanged.emit(self.index(min(places), 0), self.index(max(places), len(self.columns) - 1))

    def _forget_beyond_cap(self) -> None:
        excess = len(self._rows) - self._cap
        if excess <= 0:
            return
        while excess:
            first = self._first
            row = self._rows.pop(first, None)
            self._first += 1
            if row is not None:
                del self._number_of[self._keys.pop(first)]
                excess -= 1
        gone = bisect_left(self._shown, self._first)
        if gone:
            top = len(self._shown) - gone if self._is_newest_first else 0
            self.beginRemoveRows(QModelIndex(), top, top + gone - 1)
            del self._shown[:gone]
            self.endRemoveRows()

    def _show_all(self) -> None:
        # A reset, not a layout change: the view puts selection and scroll position back by key.
        self._resort.stop()
        self.beginResetModel()
        self._held, self._shown = [], []
        self._forget_beyond_cap()
        self._shown = self._sorted(self._accepted(sorted(self._rows)))
        self.endResetModel()
        self.held_changed.emit(0)
        self.kept_changed.emit()

    def _sorted(self, numbers: list[int]) -> list[int]:
        """Return numbers, given in the order of arrival, as the sorting has them, and note by what."""
        if self._sort is None:
            self._sort_keys = []
            return numbers
        by, is_descending = self._sort
        sort = by.sort or by.text
        keys = {number: sort(self._rows[number]) for number in numbers}
        in_order = sorted(numbers, key=keys.__getitem__, reverse=is_descending)
        self._sort_keys = [keys[number] for number in in_order]
        return in_order


def _first_not_before(keys: Sequence[Any], key: Any, low: int, *, is_descending: bool) -> int:
    """Return the first place from `low` on whose key is not sorted before `key`."""
    high = len(keys)
    while low < high:
        middle = (low + high) // 2
        if keys[middle] > key if is_descending else keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low
