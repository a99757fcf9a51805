"""The mistakes of the text in the editor, one a line; Enter or a click goes there."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidgetItem

from kafka_agent_studio.gui.agents_page.mistakes import Mistake
from kafka_agent_studio.gui.agents_page.row_list import RowList
from kafka_agent_studio.gui.theme import ROW_HEIGHT, SPACE, Theme

_MOST_ROWS = 4


class MistakeList(RowList):
    """Hidden while there is none. `asked(mistake)` asks to go there."""

    asked = Signal(object)

    def __init__(self, *, theme: Theme) -> None:
        super().__init__(accessible_name="Mistakes")
        self._theme = theme
        self._mistakes: list[Mistake] = []
        self.itemClicked.connect(lambda _item: self._open())
        self.opened.connect(lambda _row: self._open())
        theme.changed.connect(lambda: self.show_mistakes(self._mistakes))
        self.hide()

    @property
    def lines(self) -> list[str]:
        """What is listed."""
        return [] if self.isHidden() else [self.item(row).text() for row in range(self.count())]

    def show_mistakes(self, mistakes: Sequence[Mistake]) -> None:
        """List these; the row with the cursor stays where it is."""
        row = self.currentRow()
        self._mistakes = list(mistakes)
        self.clear()
        for mistake in mistakes:
            glyph = "▲" if mistake.is_error else "◌"
            item = QListWidgetItem(f"{glyph}  {mistake.block_number + 1}:{mistake.problem.column}  {mistake.words}")
            item.setForeground(self._theme.tokens.color(mistake.tone))
            item.setToolTip(mistake.words)
            word = "Error" if mistake.is_error else "Warning"
            spoken = f"{word} in line {mistake.block_number + 1}: {mistake.words}"
            item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
            self.addItem(item)
        self.setCurrentRow(min(row, len(mistakes) - 1))
        self.setFixedHeight(ROW_HEIGHT * min(max(len(mistakes), 1), _MOST_ROWS) + SPACE)
        self.setVisible(bool(mistakes))

    def show_current(self, mistake: Mistake | None) -> None:
        """Mark the line of the mistake at the editor's cursor."""
        self.setCurrentRow(self._mistakes.index(mistake) if mistake in self._mistakes else -1)

    def _open(self) -> None:
        if 0 <= self.currentRow() < len(self._mistakes):
            self.asked.emit(self._mistakes[self.currentRow()])
