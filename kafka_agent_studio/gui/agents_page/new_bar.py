"""A name for something new, asked for in place."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout

from kafka_agent_studio.gui.agents_page.templates import NewKind, name_mistake
from kafka_agent_studio.gui.theme import GAP, MARGIN, SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import button, label


class NewBar(QFrame):
    """Hidden while nothing is asked. `named(name)` comes with Enter, `left` with Esc."""

    named = Signal(str)
    left = Signal()

    def __init__(self, *, theme: Theme) -> None:
        super().__init__()
        self._kind = NewKind.LLM
        self._taken: frozenset[str] = frozenset()
        self.line = QLineEdit()
        self._title = QLabel()
        self._title.setFont(theme.heading)
        self._title.setBuddy(self.line)
        self._mistake = label("", font=theme.small, tone=Tone.FAILED, is_wrapped=True)
        self.create_button = button("Create", self._on_create, kind="primary")
        cancel = button("Cancel", self._leave)
        self.line.textChanged.connect(lambda _text: self._say())
        self.line.returnPressed.connect(self._on_create)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self._title)
        row.addWidget(self.line, 1)
        row.addWidget(self.create_button)
        row.addWidget(cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, GAP, GAP, GAP)
        column.setSpacing(SPACE)
        column.addLayout(row)
        column.addWidget(self._mistake)
        self.hide()

    @property
    def mistake(self) -> str:
        """What is wrong with the name; empty where nothing is."""
        return "" if self._mistake.isHidden() else self._mistake.text()

    def ask(self, kind: NewKind, title: str, *, suggestion: str, taken: frozenset[str]) -> None:
        """Ask for a name that is not `taken`."""
        self._kind, self._taken = kind, taken
        self._title.setText(title)
        self.line.setAccessibleName(title)
        self.line.setText(suggestion)
        self._say()
        self.show()
        self.line.selectAll()
        self.line.setFocus()

    def _say(self) -> None:
        name = self.line.text()
        words = f"There is a “{name}” already." if name in self._taken else name_mistake(self._kind, name)
        self._mistake.setText(words)
        self._mistake.setVisible(bool(words) and bool(name))
        self.line.setProperty("mistake", "true" if words and name else "false")
        self.line.style().unpolish(self.line)
        self.line.style().polish(self.line)
        self.line.setAccessibleDescription(words)
        self.create_button.setEnabled(not words)

    def _on_create(self) -> None:
        if self.create_button.isEnabled():
            self.hide()
            self.named.emit(self.line.text())

    def _leave(self) -> None:
        self.hide()
        self.left.emit()

    def event(self, event: QEvent) -> bool:
        """Keep Esc for the bar while the focus is in it."""
        is_shortcut = event.type() == QEvent.Type.ShortcutOverride
        if is_shortcut and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc makes nothing."""
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)
