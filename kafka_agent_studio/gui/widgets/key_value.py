"""Names and values in two columns; values can be selected and copied."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from kafka_agent_studio.gui.theme import GAP, SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import label


class KeyValue(QWidget):
    """Shows pairs; `columns` of them side by side. The rows are reused, so that showing the next thing is cheap."""

    def __init__(self, *, theme: Theme, columns: int = 1) -> None:
        super().__init__()
        self._theme = theme
        self._columns = columns
        self._pairs: list[tuple[QLabel, QLabel]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(GAP + SPACE)
        self._grid.setVerticalSpacing(SPACE)
        for column in range(columns):
            self._grid.setColumnStretch(column * 2 + 1, 1)

    def show_pairs(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Show these pairs and no others."""
        while len(self._pairs) < len(pairs):
            self._add()
        for number, (name, value) in enumerate(self._pairs):
            is_used = number < len(pairs)
            name.setVisible(is_used)
            value.setVisible(is_used)
            if is_used:
                name.setText(pairs[number][0])
                value.setText(pairs[number][1])
                value.setToolTip(pairs[number][1])
                value.setAccessibleName(f"{pairs[number][0]}: {pairs[number][1]}")

    @property
    def text(self) -> str:
        """All that is shown, for tests."""
        return "\n".join(f"{n.text()}: {v.text()}" for n, v in self._pairs if not n.isHidden())

    def _add(self) -> None:
        row, column = divmod(len(self._pairs), self._columns)
        name = label("", tone=Tone.MUTED)
        value = label("", is_wrapped=True)
        value.setFont(self._theme.figures)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        top = Qt.AlignmentFlag.AlignTop
        self._grid.addWidget(name, row, column * 2, top)
        self._grid.addWidget(value, row, column * 2 + 1, top)
        self._pairs.append((name, value))
