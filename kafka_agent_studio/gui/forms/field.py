"""A field of a form: its label above, what it is for in one line, and under it in words what is wrong with it."""

from typing import Any

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from kafka_agent_studio.gui.left_open import LeftOpenError
from kafka_agent_studio.gui.theme import GAP, SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import label, set_tone


class Field(QWidget):
    """Base of all fields. A value is what a file holds: text, number, true or false, a list; None: not in the file.

    `edited` comes with each change by a person, `left` when the focus goes elsewhere; `is_touched` says whether there
    was a change. What was shown and not changed is written as it stood, so that a default spelled out stays spelled out
    and `${NAME}` stays a reference.
    """

    edited = Signal()
    left = Signal()

    def __init__(
        self, *, title: str, explanation: str, theme: Theme, default: Any = None, has_own_label: bool = False
    ) -> None:
        super().__init__()
        self.title = title
        self.is_touched = False
        self.edited.connect(self._on_edited)
        self._explanation_text = explanation
        self._mistake_text = ""
        self._default = default
        self._raw: Any = None
        self._effective: Any = None
        self._editor: QWidget | None = None
        self._label = label(title, font=theme.heading)
        if has_own_label:
            self._label.hide()
        self._explanation = label(explanation, font=theme.small, tone=Tone.MUTED, is_wrapped=True)
        if not explanation:
            self._explanation.hide()
        self._mistake = label("", font=theme.small, tone=Tone.FAILED, is_wrapped=True)
        self._mistake.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE)
        self._column.addWidget(self._label)
        self._row = QHBoxLayout()
        self._row.setSpacing(GAP)
        self._column.addLayout(self._row)
        self._column.addWidget(self._mistake)
        self._column.addWidget(self._explanation)

    # what forms use

    @property
    def current(self) -> Any:
        """What the editor holds now; None where that is nothing."""
        raise LeftOpenError(self)

    @property
    def written(self) -> Any:
        """What belongs into the file: what stood there where nothing was changed, else what the editor holds."""
        return self._raw if self.current == self._effective else self.current

    @property
    def is_changed(self) -> bool:
        """Whether the person changed what was shown."""
        return bool(self.current != self._effective)

    @property
    def mistake(self) -> str:
        """What is said to be wrong with it; empty where nothing is."""
        return self._mistake_text

    @property
    def editor(self) -> QWidget:
        """The widget that takes the focus."""
        assert self._editor is not None
        return self._editor

    def show_value(self, raw: Any) -> None:
        """Show what a file holds (None: nothing, so the default) as not changed."""
        self.is_touched = False
        self._raw = raw
        self._put(self._default if raw is None else raw)
        self._effective = self.current
        self.show_mistake("")

    def fill(self, value: Any) -> None:
        """Put a value in as if the person had typed it."""
        self._put(self._default if value is None else value)
        self.edited.emit()

    def show_mistake(self, text: str, *, tone: Tone = Tone.FAILED) -> None:
        """Say what is wrong, for the eye and for a screen reader; empty: nothing is."""
        self._mistake_text = text if tone is Tone.FAILED else ""
        self._mistake.setText(text)
        set_tone(self._mistake, tone)
        self._mistake.setVisible(bool(text))
        editor = self.editor
        is_wrong = bool(self._mistake_text)
        if bool(editor.property("mistake")) != is_wrong:
            editor.setProperty("mistake", is_wrong)
            editor.style().unpolish(editor)
            editor.style().polish(editor)
        self._describe()

    def explain(self, text: str, *, tone: Tone = Tone.MUTED) -> None:
        """Say something else in the line under the field."""
        self._explanation_text = text
        set_tone(self._explanation, tone)
        self._explanation.setText(text)
        self._explanation.setVisible(bool(text))
        self._describe()

    @property
    def explanation(self) -> str:
        """The line under the field."""
        return self._explanation_text

    # what fields use

    def _put(self, value: Any) -> None:
        raise LeftOpenError(self)

    def _set_editor(self, editor: QWidget, *, is_stretched: bool = True) -> None:
        """Put the editor in and name it for screen readers."""
        self._editor = editor
        editor.setAccessibleName(self.title)
        self._label.setBuddy(editor)
        self._row.addWidget(editor, 1 if is_stretched else 0)
        editor.installEventFilter(self)
        self._describe()

    def _describe(self) -> None:
        # The mistake first: who hears the field again wants to know why it is marked.
        texts = [f"Mistake: {self._mistake_text}" if self._mistake_text else "", self._explanation_text]
        self.editor.setAccessibleDescription(" ".join(text for text in texts if text))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice that the focus goes elsewhere."""
        if event.type() == QEvent.Type.FocusOut and watched is self._editor:
            self.left.emit()
        return False

    def _on_edited(self) -> None:
        self.is_touched = True


class TextField(Field):
    """One line of text; `is_mono` for addresses, names and paths."""

    def __init__(
        self, *, title: str, explanation: str, theme: Theme, placeholder: str = "", is_mono: bool = False
    ) -> None:
        super().__init__(title=title, explanation=explanation, theme=theme)
        self.line = QLineEdit()
        self.line.setPlaceholderText(placeholder)
        if is_mono:
            self.line.setFont(theme.mono)
        self.line.textEdited.connect(lambda _text: self.edited.emit())
        self._set_editor(self.line)

    @property
    def current(self) -> Any:
        """The text without the space around it; None for none."""
        return self.line.text().strip() or None

    def _put(self, value: Any) -> None:
        self.line.setText("" if value is None else str(value))
        self.line.setCursorPosition(0)


class NumberField(TextField):
    """A whole number in a line of text; anything else stays as typed, for the check to speak about."""

    def __init__(self, *, title: str, explanation: str, theme: Theme, default: int) -> None:
        super().__init__(title=title, explanation=explanation, theme=theme, placeholder=str(default))
        self._default = default
        self.line.setFont(theme.figures)

    @property
    def current(self) -> Any:
        """The number, the text where it is none, None where nothing stands there."""
        text = self.line.text().strip()
        digits = text.removeprefix("-")
        return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 20 else text or None
