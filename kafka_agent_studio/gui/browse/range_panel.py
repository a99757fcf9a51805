"""What was read of each partition: a button that says how many there are, and the table that it opens."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from kafka_agent_studio.api.browse import ScannedRange
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.models.columns import Column
from kafka_agent_studio.gui.models.live_table import LiveTableModel
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import ROW_HEIGHT, SPACE, Theme
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.labels import button

_OPEN = "browse/ranges"
_MOST_ROWS = 6
_MOST_PARTITIONS = 100_000


def range_table(theme: Theme) -> LiveTableModel[ScannedRange]:
    """Return the model of what was read, a row a partition."""
    columns: list[Column[ScannedRange]] = [
        _number("partition", "Partition", lambda r: r.partition, width=84),
        _number("oldest", "Oldest", lambda r: r.oldest, is_hidden=True),
        _number("from", "From offset", lambda r: r.first if _is_read(r) else None),
        _number("to", "To offset", lambda r: r.next - 1 if _is_read(r) else None),
        _number("end", "Next", lambda r: r.end),
        _number("messages", "Messages read", lambda r: r.scanned),
        Column(
            "share",
            "Of the partition",
            share_words,
            width=120,
            sort=_share,
            value=lambda r: round(_share(r), 4),
            tip=lambda r: (
                f"Offsets read of those that the partition holds: {formats.count(_length(r))} of "
                f"{formats.count(r.end - r.oldest)}"
            ),
            is_right=True,
        ),
    ]
    return LiveTableModel(
        columns=columns, key_of=lambda r: r.partition, theme=theme, cap=_MOST_PARTITIONS, is_newest_first=False
    )


def share_words(read: ScannedRange) -> str:
    """Return how much of what a partition holds was read, in whole percent; 100% only where it is all of it."""
    share = _share(read)
    if read.end <= read.oldest:
        return "empty"
    return "<1%" if 0 < share < 0.01 else f"{100 * _length(read) // (read.end - read.oldest)}%"


class RangePanel(QWidget):
    """Follows a browse. `toggle` opens and closes it, remembered; it stands where the page puts it."""

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__()
        self._parts = parts
        self._ranges: tuple[ScannedRange, ...] = ()
        self.toggle = button("", self._on_toggled, kind="quiet", tip="From where to where each partition was read")
        self.toggle.setCheckable(True)
        # its row does not move when there is something to count
        policy = self.toggle.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.toggle.setSizePolicy(policy)
        self.toggle.setChecked(bool(parts.preferences.get(_OPEN, False)))
        self._model = range_table(parts.theme)
        self.table = DataTable[ScannedRange](
            name="browse/partitions",
            accessible_name="What was read of each partition",
            model=self._model,
            theme=parts.theme,
            preferences=parts.preferences,
            stretched="",
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, SPACE)
        column.addWidget(self.table)
        self.forget()

    def forget(self) -> None:
        """Show nothing: another topic is about to be read."""
        self._ranges = ()
        self._model.reset(())
        self._show()

    def show_ranges(self, ranges: Sequence[ScannedRange]) -> None:
        """Show how far it is now, ordered by partition."""
        before, self._ranges = self._ranges, tuple(ranges)
        if len(before) != len(self._ranges):
            self._show()
        elif self.toggle.isChecked():
            # ten times a second, of hundreds of partitions: only what moved
            self._model.upsert([now for now, old in zip(self._ranges, before, strict=True) if now != old])

    def _on_toggled(self) -> None:
        self._parts.preferences.put(_OPEN, self.toggle.isChecked())
        self._show()

    def _show(self) -> None:
        count, is_open = len(self._ranges), self.toggle.isChecked()
        self.toggle.setVisible(count > 0)
        self.toggle.setText("1 partition" if count == 1 else f"{formats.count(count)} partitions")
        self.toggle.setAccessibleName(f"{self.toggle.text()}, {'hide' if is_open else 'show'} what was read of each")
        self.toggle.setIcon(self._parts.icons.icon("caret-down" if is_open else "caret-right"))
        if is_open:
            self._model.reset(self._ranges)
            header = self.table.horizontalHeader().sizeHint().height()
            self.setFixedHeight(header + min(count, _MOST_ROWS) * ROW_HEIGHT + 2 * SPACE)
        self.setVisible(is_open and count > 0)


def _is_read(read: ScannedRange) -> bool:
    return read.next > read.first


def _length(read: ScannedRange) -> int:
    return max(0, read.next - read.first)


def _share(read: ScannedRange) -> float:
    whole = read.end - read.oldest
    return _length(read) / whole if whole > 0 else 0.0


def _number(
    key: str, title: str, value: Callable[[ScannedRange], int | None], *, width: int = 120, is_hidden: bool = False
) -> Column[ScannedRange]:
    """A column of whole numbers; where nothing was read there is none, which sorts below all."""

    def sort(row: ScannedRange) -> int:
        number = value(row)
        return -1 if number is None else number

    return Column(
        key,
        title,
        lambda row: formats.count(value(row)),
        width=width,
        sort=sort,
        value=value,
        is_right=True,
        is_hidden=is_hidden,
    )
