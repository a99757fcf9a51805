"""Fields that belong together, under a heading; a section shows itself only where it is needed."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kafka_agent_studio.gui.theme import GAP, SPACE, Theme
from kafka_agent_studio.gui.widgets.labels import hairline, label


class Section(QWidget):
    """A heading with fields below it, in the order in which they were added; that is also the order of Tab."""

    def __init__(self, *, heading: str, theme: Theme) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GAP + SPACE)
        if heading:
            self._column.addWidget(hairline())
            self._column.addWidget(label(heading, font=theme.font(px=1, weight=theme.heading.weight())))

    def add(self, widget: QWidget) -> None:
        """Add a field over the whole width."""
        self._column.addWidget(widget)

    def add_pair(self, left: QWidget, right: QWidget) -> None:
        """Add two short fields side by side."""
        row = QHBoxLayout()
        row.setSpacing(GAP * 2)
        for widget in (left, right):
            cell = QVBoxLayout()
            cell.addWidget(widget)
            cell.addStretch(1)
            row.addLayout(cell, 1)
        self._column.addLayout(row)
