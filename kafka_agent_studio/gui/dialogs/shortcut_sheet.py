"""F1: every shortcut, made from the actions there are."""

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from kafka_agent_studio.gui.actions import Actions
from kafka_agent_studio.gui.theme import GAP, MARGIN, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import button, label

_IN_TABLES = (
    ("Enter", "open the selected row as a page"),
    ("Ctrl+C", "copy the selected rows as JSON"),
    ("any letter", "filter the table"),
    ("Esc", "back to the table"),
)


class ShortcutSheet(QDialog):
    """Reads the actions each time it opens."""

    def __init__(self, *, actions: Actions, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self._actions = actions
        self._theme = theme
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(MARGIN * 2)
        self._grid.setVerticalSpacing(GAP)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(button("Close", self.close))
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(MARGIN)
        column.addLayout(self._grid)
        column.addLayout(foot)
        self._fill()

    def _fill(self) -> None:
        lines = [
            (QKeySequence(entry.shortcut).toString(QKeySequence.SequenceFormat.NativeText), f"{group}: {entry.text}")
            for group, entries in self._actions.groups().items()
            for entry in entries
            if entry.shortcut
        ]
        for row, (keys, text) in enumerate([*lines, *((keys, f"In tables: {text}") for keys, text in _IN_TABLES)]):
            self._grid.addWidget(label(keys, font=self._theme.mono, tone=Tone.ACCENT), row, 0)
            self._grid.addWidget(label(text), row, 1)
