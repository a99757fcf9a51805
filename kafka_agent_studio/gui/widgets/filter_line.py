"""One text field that filters what is below it."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.preferences import Preferences

_AFTER_MS = 120
_NARROWEST = 140
_WIDEST = 480


class FilterLine(QWidget):
    """Says `changed(text)` a moment after the last key. What stands in it is remembered under `name`."""

    changed = Signal(str)

    def __init__(self, *, name: str, placeholder: str, icons: Icons, preferences: Preferences) -> None:
        super().__init__()
        self._preferences = preferences
        self._name = f"{name}/filter"
        self.field = QLineEdit(str(preferences.get(self._name, "")))
        self.field.setPlaceholderText(placeholder)
        self.field.setAccessibleName(placeholder)
        self.field.setClearButtonEnabled(True)
        self.field.setMinimumWidth(_NARROWEST)
        self.setMaximumWidth(_WIDEST)
        look = QAction(icons.icon("magnifying-glass"), "Filter", self.field)
        look.triggered.connect(lambda: self.field.setFocus())
        self.field.addAction(look, QLineEdit.ActionPosition.LeadingPosition)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.field)
        self.setFocusProxy(self.field)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AFTER_MS)
        self._timer.timeout.connect(self._on_settled)
        self.field.textChanged.connect(lambda _text: self._timer.start())
        self.field.returnPressed.connect(self._on_settled)

    @property
    def text(self) -> str:
        """What stands in it."""
        return self.field.text()

    def set_text(self, text: str) -> None:
        """Put a filter in, at once."""
        self.field.setText(text)
        self._on_settled()

    def begin_with(self, text: str) -> None:
        """Continue a filter that somebody began to type over the table."""
        self.field.setFocus()
        self.field.setText(self.field.text() + text)

    def _on_settled(self) -> None:
        self._timer.stop()
        self._preferences.put(self._name, self.field.text())
        self.changed.emit(self.field.text())
