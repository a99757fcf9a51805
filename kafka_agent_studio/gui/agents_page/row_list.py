"""A list of lines in the rhythm of the tables; Enter or a double click opens the line with the cursor."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidget


class RowList(QListWidget):
    """`opened(row)` carries the number of the row."""

    opened = Signal(int)

    def __init__(self, *, accessible_name: str) -> None:
        super().__init__()
        self.setObjectName("rows")
        self.setAccessibleName(accessible_name)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.itemDoubleClicked.connect(lambda _item: self.opened.emit(self.currentRow()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentRow() >= 0:
            self.opened.emit(self.currentRow())
        else:
            super().keyPressEvent(event)
