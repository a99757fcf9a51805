"""One step from settings of a connector's own to a connection that others can use, too."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kafka_agent_studio.gui.forms.field import TextField
from kafka_agent_studio.gui.theme import GAP, SPACE, Theme
from kafka_agent_studio.gui.widgets.labels import button


class SaveAsConnection(QWidget):
    """A button; pressed, it asks for the name. `asked(name)` once one is given; `check` says what is wrong with it."""

    asked = Signal(str)

    def __init__(self, *, theme: Theme, check: Callable[[str], str]) -> None:
        super().__init__()
        self._check = check
        self.open_button = button("Save as a connection…", self._open)
        self.open_button.setToolTip("Other connectors can then use it, too")
        self.name = TextField(
            title="Name of the connection",
            explanation="The settings above move to connections/<name>.yaml, and this connector names it.",
            theme=theme,
            is_mono=True,
        )
        self.name.edited.connect(self._on_edited)
        self.save_button = button("Save as a connection", self._on_save, kind="primary")
        self.leave = button("Cancel", self.reset)
        self._panel = QWidget()
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self.save_button)
        row.addWidget(self.leave)
        row.addStretch(1)
        inside = QVBoxLayout(self._panel)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(SPACE * 2)
        inside.addWidget(self.name)
        inside.addLayout(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.open_button)
        column.addWidget(self._panel)
        self.reset()

    def reset(self) -> None:
        """Show the button again."""
        self._panel.hide()
        self.open_button.show()

    def allow(self, is_allowed: bool) -> None:
        """Whether the settings are complete enough."""
        self.open_button.setEnabled(is_allowed)
        self.save_button.setEnabled(is_allowed and not self._mistake())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Save with Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.save_button.isEnabled():
            self._on_save()
        else:
            super().keyPressEvent(event)

    def _open(self) -> None:
        self.open_button.hide()
        self._panel.show()
        self.name.show_value(None)
        self.save_button.setEnabled(False)
        self.name.line.setFocus()

    def _mistake(self) -> str:
        name = self.name.current
        return "Give it a name." if name is None else self._check(str(name))

    def _on_edited(self) -> None:
        mistake = self._mistake()
        self.name.show_mistake(mistake)
        self.save_button.setEnabled(not mistake)

    def _on_save(self) -> None:
        self.asked.emit(str(self.name.current))
