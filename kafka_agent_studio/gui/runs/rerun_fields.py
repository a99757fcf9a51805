"""A field of a run to come: prefilled with what was, marked once it is something else, put back with a click."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from kafka_agent_studio.gui.theme import GAP, SPACE, Tone
from kafka_agent_studio.gui.widgets.labels import button, label


class ChangedField(QWidget):
    """Wraps a line or a text. `original` is what it held; an `always_given` field counts even unchanged."""

    changed = Signal()

    def __init__(self, *, title: str, editor: QLineEdit | QPlainTextEdit, help_text: str = "") -> None:
        super().__init__()
        self.editor = editor
        self.original = ""
        self.always_given = False
        self._mark = label("", tone=Tone.WAITING)
        self.put_back = button("Put back", self._on_put_back, kind="link", tip=f"The {title.lower()} as it was")
        self.put_back.setAccessibleName(f"Put back the {title.lower()}")
        head = QHBoxLayout()
        head.setSpacing(GAP)
        name = label(title)
        name.setBuddy(editor)
        head.addWidget(name)
        head.addWidget(self._mark)
        head.addWidget(self.put_back)
        head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(head)
        column.addWidget(editor, 1)
        if help_text:
            column.addWidget(label(help_text, tone=Tone.MUTED, is_wrapped=True))
        editor.textChanged.connect(self._on_edited)
        self._on_edited()

    @property
    def text(self) -> str:
        """What stands in it."""
        return self.editor.text() if isinstance(self.editor, QLineEdit) else self.editor.toPlainText()

    @property
    def is_changed(self) -> bool:
        """Whether it differs from what it was."""
        return self.text.strip() != self.original.strip()

    @property
    def given(self) -> str | None:
        """What the run is to be given in the place of the original; None: nothing."""
        return self.text if self.is_changed or self.always_given else None

    def show_original(self, text: str, *, shown: str | None = None, always_given: bool = False) -> None:
        """Begin with `shown` (None: the original)."""
        self.original = text
        self.always_given = always_given
        self.put(text if shown is None else shown)
        self._on_edited()

    def put(self, text: str) -> None:
        """Let `text` stand in it; what it held stays known."""
        if isinstance(self.editor, QLineEdit):
            self.editor.setText(text)
        else:
            self.editor.setPlainText(text)

    def _on_put_back(self) -> None:
        self.put(self.original)
        self.editor.setFocus()

    def _on_edited(self) -> None:
        self._mark.setText("● changed" if self.is_changed else "")
        self.put_back.setVisible(self.is_changed)
        self.changed.emit()
