"""A part of a message as plain text: raw or in hexadecimal, with what was left out said above it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.messages.hex_dump import hex_dump
from kafka_agent_studio.gui.theme import GAP, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import label

_RAW_CHARACTERS = 128_000
_HEX_BYTES = 16_384


class TextPart(QWidget):
    """Filled when somebody looks: a tab that nobody opens costs nothing."""

    def __init__(self, *, theme: Theme, name: str, is_hex: bool) -> None:
        super().__init__()
        self._is_hex = is_hex
        self._value: bytes | None = b""
        self._is_stale = False
        self._remark = label("", tone=Tone.WAITING)
        self._remark.setContentsMargins(GAP, GAP // 2, GAP, GAP // 2)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setFont(theme.mono)
        self.text.setAccessibleName(name)
        self.text.document().setDocumentMargin(GAP)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        if is_hex:
            self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._remark)
        column.addWidget(self.text, 1)

    @property
    def remark(self) -> str:
        """What is said about it; empty where nothing is."""
        return self._remark.text()

    def show_bytes(self, value: bytes | None) -> None:
        """Show the bytes of a record."""
        self._value = value
        self._is_stale = True
        if self.isVisible():
            self._fill()

    def showEvent(self, event: object) -> None:
        """Fill it now that somebody looks."""
        self._fill()

    def _fill(self) -> None:
        if not self._is_stale:
            return
        self._is_stale = False
        value = self._value
        if value is None:
            self._show("", "Null: a tombstone, which tells that its key is gone.")
        elif self._is_hex:
            rest = f"{formats.size(len(value))}: the first {formats.size(_HEX_BYTES)} are shown."
            self._show(hex_dump(value[:_HEX_BYTES]), rest if len(value) > _HEX_BYTES else "")
        else:
            self._fill_raw(value)

    def _fill_raw(self, value: bytes) -> None:
        part = value[: _RAW_CHARACTERS * 4]
        text = part.decode(errors="replace")[:_RAW_CHARACTERS]
        remark = "" if len(text.encode()) >= len(value) else f"{formats.size(len(value))}: the beginning is shown."
        try:
            # the last character of a part may be cut in two
            part[:-4].decode() if len(part) < len(value) else part.decode()
        except UnicodeDecodeError:
            remark = "Not UTF-8: what is no text is shown as �. See Hex. " + remark
        self._show(text, remark.strip())

    def _show(self, text: str, remark: str) -> None:
        self.text.setPlainText(text)
        self._remark.setText(remark)
        self._remark.setVisible(bool(remark))
