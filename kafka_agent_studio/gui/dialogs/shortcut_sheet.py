"""F1: every shortcut, made from the actions there are."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShowEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from kafka_agent_studio.gui.actions import Actions
from kafka_agent_studio.gui.theme import GAP, MARGIN, SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import button, label

_SIZE = (840, 580)
_ELSEWHERE = {
    "In tables": (
        ("Enter", "open the selected row as a page"),
        ("Ctrl+C", "copy the selected rows as JSON"),
        ("any letter", "filter the table"),
        ("Esc", "back to the table"),
    ),
    "On the canvas of links": (
        ("arrows", "to the next card; with Ctrl to its links; with Shift they move it"),
        ("Enter", "open the runs of a card, the messages of a link"),
        ("L", "link the card: arrows choose, Enter links, Esc stops"),
        ("Delete", "remove the link"),
        ("Ctrl+Z, Ctrl+Shift+Z", "undo, redo"),
        ("Ctrl+0, Ctrl+wheel", "show all, zoom"),
    ),
    "Connectors and connections": (
        ("Ctrl+N", "a new connection, a new inbound connector"),
        ("F2, Ctrl+D, Delete", "edit, duplicate, delete the selected one"),
        ("Ctrl+Z, Ctrl+Shift+Z", "undo, redo"),
        ("Ctrl+S", "save the form"),
        ("Esc", "leave the form; asks only where something would be lost"),
    ),
    "Agents": (
        ("Ctrl+N", "a new agent, tool or schema"),
        ("Ctrl+Space", "what can stand here"),
        ("F8", "to the next mistake"),
        ("Ctrl+M", "let Tab indent, or move on"),
    ),
    "Everywhere": (
        ("Tab", "to the next control"),
        ("Shift+F10", "the menu of what has the focus"),
    ),
}


class ShortcutSheet(QDialog):
    """Reads the actions each time it opens."""

    def __init__(self, *, actions: Actions, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.resize(*_SIZE)
        self._actions = actions
        self._theme = theme
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setAccessibleName("Keyboard shortcuts")
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(button("Close", self.close))
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(GAP)
        column.addWidget(self._area, 1)
        column.addLayout(foot)

    def showEvent(self, event: QShowEvent) -> None:
        """Show the shortcuts as they are now."""
        self._area.setWidget(self._sheet())
        super().showEvent(event)

    @property
    def sections(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """By heading: keys, and what they do."""
        from_actions = {
            group: tuple(
                (QKeySequence(entry.shortcut).toString(QKeySequence.SequenceFormat.NativeText), entry.text)
                for entry in entries
                if entry.shortcut
            )
            for group, entries in self._actions.groups().items()
        }
        return {heading: lines for heading, lines in (from_actions | _ELSEWHERE).items() if lines}

    def _sheet(self) -> QWidget:
        """Two columns of sections, of about the same height."""
        sheet = QWidget()
        across = QHBoxLayout(sheet)
        across.setContentsMargins(0, 0, GAP, 0)
        across.setSpacing(MARGIN * 2)
        columns = [QGridLayout(), QGridLayout()]
        for heading, lines in self.sections.items():
            self._add_section(min(columns, key=QGridLayout.rowCount), heading, lines)
        for column in columns:
            column.setHorizontalSpacing(MARGIN)
            column.setVerticalSpacing(SPACE)
            column.setColumnStretch(1, 1)
            column.setRowStretch(column.rowCount(), 1)
            across.addLayout(column, 1)
        return sheet

    def _add_section(self, column: QGridLayout, heading: str, lines: tuple[tuple[str, str], ...]) -> None:
        top = Qt.AlignmentFlag.AlignTop
        row = column.rowCount()
        column.addWidget(label(heading, font=self._theme.heading), row, 0, 1, 2)
        for below, (keys, text) in enumerate(lines, 1):
            column.addWidget(label(keys, font=self._theme.mono, tone=Tone.ACCENT), row + below, 0, top)
            column.addWidget(label(text, is_wrapped=True), row + below, 1, top)
        column.setRowMinimumHeight(row + len(lines) + 1, MARGIN)
