"""The parts of one message as fields: key, value, headers, partition. What stands in it is bytes, exactly."""

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from kafka_agent_studio.api.transfers import NewMessage, bytes_of
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.clusters.byte_text import ByteForm, text_of
from kafka_agent_studio.gui.clusters.header_rows import HeaderRows
from kafka_agent_studio.gui.forms.choice_fields import QuietComboBox
from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.theme import GAP, SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import label, set_tone

_LARGEST_CHECKED = 1_000_000
"""Larger values are not looked at while one types."""


class MessageForm(QWidget):
    """`edited` with each change. `message` is what would be written."""

    edited = Signal()

    def __init__(self, *, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.key = QLineEdit()
        self.key.setFont(theme.mono)
        self.key.setPlaceholderText("none: spread over the partitions")
        self.key_form = _forms()
        self.value = QPlainTextEdit()
        self.value.setFont(theme.mono)
        self.value.setTabChangesFocus(True)
        self.value.setProperty("kind", "field")
        self.value.setMinimumHeight(140)
        self.value.setAccessibleName("Value")
        self.value_form = _forms()
        self.partition = QLineEdit()
        self.partition.setPlaceholderText("by the key")
        self.headers = HeaderRows(icons=icons)
        self.about_value = label("", font=theme.small, tone=Tone.MUTED, is_wrapped=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        top = QHBoxLayout()
        top.setSpacing(GAP)
        top.addLayout(_field("Key", self.key), 4)
        top.addLayout(_field("Key is", self.key_form), 1)
        top.addLayout(_field("Partition", self.partition), 1)
        column.addLayout(top)
        middle = QHBoxLayout()
        middle.setSpacing(GAP)
        name = label("Value", tone=Tone.MUTED)
        name.setBuddy(self.value)
        middle.addWidget(name)
        middle.addStretch(1)
        about = label("Value is", tone=Tone.MUTED)
        about.setBuddy(self.value_form)
        middle.addWidget(about)
        middle.addWidget(self.value_form)
        column.addSpacing(SPACE)
        column.addLayout(middle)
        column.addWidget(self.value, 1)
        column.addWidget(self.about_value)
        column.addWidget(label("Headers", tone=Tone.MUTED))
        column.addWidget(self.headers)
        self.key.textEdited.connect(self._on_key_typed)
        for signal in (
            self.key.textChanged,
            self.key_form.currentTextChanged,
            self.value.textChanged,
            self.value_form.currentTextChanged,
            self.partition.textChanged,
            self.headers.edited,
        ):
            signal.connect(self._on_edited)
        self.show_message(NewMessage(value=b""))

    def show_message(self, message: NewMessage) -> None:
        """Show a message to begin with."""
        key, key_form = text_of(message.key)
        self.key.setText(key)
        self.key_form.setCurrentText(key_form.value)
        value, value_form = text_of(message.value)
        self.value.setPlainText(value)
        self.value_form.setCurrentText(value_form.value)
        self.partition.setText("" if message.partition is None else str(message.partition))
        self.headers.show_headers(message.headers)

    @property
    def message(self) -> NewMessage:
        """What would be written. Raises: ValueError with a sentence."""
        partition = self.partition.text().strip()
        if partition and not (partition.isascii() and partition.isdecimal()):
            raise ValueError(f"A partition is a number, not '{partition}'; empty: by the key.")
        return NewMessage(
            key=_bytes("Key", self.key.text(), self.key_form),
            value=_bytes("Value", self.value.toPlainText(), self.value_form),
            headers=self.headers.headers,
            partition=int(partition) if partition else None,
        )

    def _on_key_typed(self, text: str) -> None:
        if text and self.key_form.currentText() == ByteForm.NULL.value:
            self.key_form.setCurrentText(ByteForm.TEXT.value)
        elif not text and self.key_form.currentText() == ByteForm.TEXT.value:
            self.key_form.setCurrentText(ByteForm.NULL.value)

    def _on_edited(self, *_what: object) -> None:
        self.value.setEnabled(self.value_form.currentText() != ByteForm.NULL.value)
        text, tone = self._about()
        self.about_value.setText(text)
        set_tone(self.about_value, tone)
        self.edited.emit()

    def _about(self) -> tuple[str, Tone]:
        form = ByteForm(self.value_form.currentText())
        if form is ByteForm.NULL:
            return "A tombstone: a compacted topic forgets what it had under this key.", Tone.WAITING
        text = self.value.toPlainText()
        if form is ByteForm.BASE64 or len(text) > _LARGEST_CHECKED:
            return "", Tone.MUTED
        size = formats.size(len(text.encode(errors="replace")))
        if text.lstrip()[:1] not in ("{", "["):
            return f"Text, {size}.", Tone.MUTED
        try:
            msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError) as error:
            return f"Not JSON: {error}. It can be written as it is, and counts as text.", Tone.WAITING
        return f"JSON, {size}.", Tone.OK


def _bytes(name: str, text: str, form: QComboBox) -> bytes | None:
    chosen = ByteForm(form.currentText())
    if chosen is ByteForm.NULL:
        return None
    try:
        return bytes_of(text, is_base64=chosen is ByteForm.BASE64)
    except ValueError as error:
        raise ValueError(f"{name}: {error}.") from None


def _forms() -> QComboBox:
    box = QuietComboBox()
    box.addItems([form.value for form in ByteForm])
    return box


def _field(name: str, field: QWidget) -> QVBoxLayout:
    text = label(name, tone=Tone.MUTED)
    text.setBuddy(field)
    field.setAccessibleName(name)
    column = QVBoxLayout()
    column.setSpacing(SPACE)
    column.addWidget(text)
    column.addWidget(field)
    return column
