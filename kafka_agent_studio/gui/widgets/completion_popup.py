"""The list under a field of what fits, in the colours of the window."""

from PySide6.QtWidgets import QListView, QWidget


class CompletionPopup(QListView):
    """For QCompleter.setPopup(), which leaves it without a parent, and so without the window's style sheet."""

    def __init__(self, field: QWidget, *, name: str = "What fits here") -> None:
        super().__init__()
        self._field = field
        self.setObjectName("completions")
        self.setAccessibleName(name)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setUniformItemSizes(True)

    def sizeHintForRow(self, row: int) -> int:
        """Put on what the field wears, before the completer asks how high it will be."""
        dressed: QWidget | None = self._field
        while dressed is not None and not dressed.styleSheet():
            dressed = dressed.parentWidget()
        if dressed is not None and dressed.styleSheet() != self.styleSheet():
            self.setStyleSheet(dressed.styleSheet())
        return super().sizeHintForRow(row)
