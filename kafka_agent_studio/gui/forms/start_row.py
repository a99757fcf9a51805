"""Two ways to begin a connection: a preset of a kind of cluster, or the settings that somebody has already."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from kafka_agent_studio.api.presets import connection_presets
from kafka_agent_studio.api.snippets import Snippet, parse_snippet
from kafka_agent_studio.gui.forms.choice_fields import QuietComboBox
from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.theme import GAP, SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import button, label, set_tone

_NONE = "A preset…"
_PASTE_HEIGHT = 120
_EXAMPLE = "bootstrap.servers=…\nsecurity.protocol=SASL_SSL\nsasl.jaas.config=…"


_OPENING_KEYS = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)


class PresetBox(QuietComboBox):
    """Arrows and letters open the list rather than take what lies next: a preset fills the form, and the focus goes."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the list, at the entry that the letter begins."""
        typed = event.text().strip()
        is_plain = not event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if is_plain and (event.key() in _OPENING_KEYS or (typed and typed.isprintable())):
            self.showPopup()
            if typed:
                self.view().keyboardSearch(typed)
        else:
            super().keyPressEvent(event)


class StartRow(QWidget):
    """A preset to choose, and a place to paste client.properties, a JAAS line or a Confluent snippet into."""

    preset_chosen = Signal(int)
    snippet_taken = Signal(object)

    def __init__(self, *, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.presets = PresetBox()
        self.presets.addItem(_NONE)
        for preset in connection_presets():
            self.presets.addItem(preset.title)
        self.presets.activated.connect(self._on_preset)
        title = QLabel("Start from")
        title.setFont(theme.heading)
        title.setBuddy(self.presets)
        self.paste = button("Paste settings…", self._toggle, icon=icons.icon("clipboard-text"))
        self._hint = label("", font=theme.small, tone=Tone.MUTED, is_wrapped=True)
        self._hint.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(title)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self.presets, 1)
        row.addWidget(self.paste)
        column.addLayout(row)
        column.addWidget(self._hint)
        column.addWidget(self._paste_panel(theme))

    def _paste_panel(self, theme: Theme) -> QWidget:
        self.panel = QWidget()
        self.text = QPlainTextEdit()
        self.text.setProperty("kind", "field")
        self.text.setFont(theme.mono)
        self.text.setFixedHeight(_PASTE_HEIGHT)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName("Settings to fill in from")
        self.text.setPlaceholderText(_EXAMPLE)
        about = (
            "client.properties, a JAAS line, a librdkafka configuration or a Confluent key file. The password in it "
        )
        about += "goes into the keyring with Save; the text itself is forgotten."
        explanation = label(about, font=theme.small, tone=Tone.MUTED, is_wrapped=True)
        self.text.setAccessibleDescription(about)
        self.take = button("Fill in", self._take, kind="primary")
        leave = button("Cancel", self._close)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self.take)
        row.addWidget(leave)
        row.addStretch(1)
        column = QVBoxLayout(self.panel)
        column.setContentsMargins(0, SPACE, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(self.text)
        column.addWidget(explanation)
        column.addLayout(row)
        self.panel.hide()
        return self.panel

    @property
    def hint(self) -> str:
        """What is said about the preset or the pasted text."""
        return "" if self._hint.isHidden() else self._hint.text()

    def reset(self) -> None:
        """Begin anew, with nothing chosen and nothing pasted."""
        self.presets.setCurrentIndex(0)
        self._say("")
        self._forget()

    def _say(self, text: str, *, tone: Tone = Tone.MUTED) -> None:
        self._hint.setText(text)
        set_tone(self._hint, tone)
        self._hint.setVisible(bool(text))
        self.presets.setAccessibleDescription(text)

    def _on_preset(self, index: int) -> None:
        if index == 0:
            self._say("")
            return
        self._say(connection_presets()[index - 1].hint)
        self.preset_chosen.emit(index - 1)

    def _toggle(self) -> None:
        if self.panel.isHidden():
            self.panel.show()
            self.text.setFocus()
        else:
            self._close()

    def _close(self) -> None:
        self._forget()
        self.paste.setFocus()

    def _forget(self) -> None:
        # setPlainText also empties the undo history, which would hold the password.
        self.text.setPlainText("")
        self.panel.hide()

    def _take(self) -> None:
        snippet: Snippet = parse_snippet(self.text.toPlainText())
        if snippet.is_empty:
            self._say(
                "Nothing of that was understood: it has lines like bootstrap.servers=kafka:9092.", tone=Tone.FAILED
            )
            return
        self._forget()
        self.presets.setCurrentIndex(0)
        self._say(" ".join(("Filled in.", *snippet.remarks)), tone=Tone.WAITING if snippet.remarks else Tone.OK)
        self.snippet_taken.emit(snippet)
