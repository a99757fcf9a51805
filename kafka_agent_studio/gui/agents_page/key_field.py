"""The key of one model: where it is found, and a field through which it goes into the keyring and never comes back."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from kafka_agent_studio.api.commands import ListSecrets, SetSecret
from kafka_agent_studio.gui.engine_bridge import EngineBridge
from kafka_agent_studio.gui.theme import GAP, SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import button, label, set_tone
from kafka_agent_studio.model.model_provider import key_variable, needs_key

_FOUND: Mapping[str, tuple[str, Tone]] = {
    "keyring": ("● {name} is in the keyring. Type to replace it.", Tone.OK),
    "session": ("● {name} is kept for this session only. Type to replace it.", Tone.OK),
    "environment": ("● {name} comes from the environment; what is typed here would not be used.", Tone.OK),
    "missing": ("▲ {name} is missing: until it is stored, no model answers.", Tone.WAITING),
}
_NOT_NEEDED = "This model needs no key."
_UNKNOWN = "Where {name} is kept is not known yet."


class KeyField(QWidget):
    """`stored` comes when a key went in. What is typed is forgotten at once."""

    stored = Signal()

    def __init__(self, *, model: str, bridge: EngineBridge, theme: Theme, has_own_server: bool) -> None:
        super().__init__()
        self._bridge = bridge
        self.model = model
        self.name = key_variable(model)
        is_needed = needs_key(model)
        self.line = QLineEdit()
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.line.textChanged.connect(lambda text: self._on_typed(text))
        self.line.returnPressed.connect(self.store)
        title = QLabel(model)
        title.setFont(theme.heading)
        title.setBuddy(self.line)
        self.line.setAccessibleName(f"Key for {model}, stored as {self.name}")
        self.line.setPlaceholderText(self.name)
        self.keep = button("Store in keyring", self.store, kind="primary")
        self.session = button("This session only", lambda: self.store(session_only=True))
        self._state = label(_UNKNOWN.format(name=self.name), font=theme.small, is_wrapped=True)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self.keep)
        row.addWidget(self.session)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(title)
        column.addWidget(self._state)
        column.addWidget(self.line)
        column.addLayout(row)
        for widget in (self.line, self.keep, self.session):
            widget.setVisible(is_needed)
        if not is_needed:
            self._say(_NOT_NEEDED, Tone.OK)
        self._has_own_server = has_own_server
        self._on_typed("")

    @property
    def state(self) -> str:
        """Where the key is, in words."""
        return self._state.text()

    def show_found(self, found: Mapping[str, str]) -> None:
        """Say where the key is; `found` holds what ListSecrets said."""
        if not needs_key(self.model):
            return
        place = found.get(self.name, "")
        words, tone = _FOUND.get(place, (_UNKNOWN, Tone.MUTED))
        if place == "missing" and self._has_own_server:
            words, tone = "{name} is missing; the server that studio.yaml names may need none.", Tone.MUTED
        self._say(words.format(name=self.name), tone)

    def store(self, *, session_only: bool = False) -> None:
        """Store what is typed; the field is emptied whatever comes of it."""
        value = self.line.text().strip()
        if not value:
            return
        # Set, not undone: a line edit keeps what was typed in its history otherwise.
        self.line.setText("")
        self._bridge.submit(
            SetSecret(self.name, value, session_only=session_only),
            lambda _nothing: self._on_stored(),
            lambda words: self._say(f"▲ It was not stored: {words}", Tone.FAILED),
        )

    def _on_stored(self) -> None:
        self._bridge.submit(ListSecrets(), lambda known: self.show_found({s.name: s.found for s in known or ()}))
        self.stored.emit()

    def _on_typed(self, text: str) -> None:
        self.keep.setEnabled(bool(text.strip()))
        self.session.setEnabled(bool(text.strip()))

    def _say(self, words: str, tone: Tone) -> None:
        self._state.setText(words)
        set_tone(self._state, tone)
        self.line.setAccessibleDescription(words)
