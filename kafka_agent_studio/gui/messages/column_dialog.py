"""A column more: which place inside the messages it shows."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from kafka_agent_studio.gui.messages.value_path import PathMistakeError, value_path
from kafka_agent_studio.gui.theme import GAP, MARGIN, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import button, label, set_tone

_WIDTH = 420
_ABOUT = "A place in JSON, or a header: value.customer, value.items[0].sku, headers.trace, key.id"


class ColumnDialog(QDialog):
    """`chosen` carries the path as typed, once it is one."""

    chosen = Signal(str)

    def __init__(self, *, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Add a column")
        self.setMinimumWidth(_WIDTH)
        self.path = QLineEdit("value.")
        self.path.setFont(theme.mono)
        name = label("Shows")
        name.setBuddy(self.path)
        self.path.setAccessibleName("Place inside the messages")
        self.says = label(_ABOUT, tone=Tone.MUTED, is_wrapped=True)
        self.add = button("Add the column", self._on_add, kind="primary")
        self.add.setDefault(True)
        foot = QHBoxLayout()
        foot.setSpacing(GAP)
        foot.addStretch(1)
        foot.addWidget(button("Cancel", self.close))
        foot.addWidget(self.add)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(GAP)
        column.addWidget(name)
        column.addWidget(self.path)
        column.addWidget(self.says)
        column.addLayout(foot)
        self.path.textChanged.connect(lambda _text: self._say(_ABOUT, Tone.MUTED))

    def _say(self, words: str, tone: Tone) -> None:
        self.says.setText(words)
        set_tone(self.says, tone)

    def _on_add(self) -> None:
        try:
            path = value_path(self.path.text())
        except PathMistakeError as mistake:
            self._say(str(mistake), Tone.FAILED)
            return
        self.accept()
        self.chosen.emit(path.text)
