"""How the keys and values of a topic are read: chosen here, remembered for the topic."""

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from kafka_agent_studio.api.browse import AUTO_DECODERS, Decoders, Format, SchemaRegistry
from kafka_agent_studio.gui.forms.choice_fields import QuietComboBox
from kafka_agent_studio.gui.preferences import Preferences
from kafka_agent_studio.gui.theme import GAP, SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import label

_WORDS = {
    Format.AUTO: "automatic",
    Format.JSON: "JSON",
    Format.TEXT: "text",
    Format.INT32: "32-bit integer",
    Format.INT64: "64-bit integer",
    Format.FLOAT32: "32-bit float",
    Format.FLOAT64: "64-bit float",
    Format.BASE64: "base64",
    Format.HEX: "hexadecimal",
    Format.MESSAGEPACK: "MessagePack",
    Format.AVRO: "Avro (registry)",
    Format.JSON_SCHEMA: "JSON Schema (registry)",
}
_WITH_REGISTRY = (Format.AVRO, Format.JSON_SCHEMA)


def remembered_decoders(preferences: Preferences, topic: str) -> Decoders:
    """Return how a topic is read, as it was chosen last; automatic where it never was."""
    try:
        return msgspec.convert(preferences.get(f"decoders/{topic}", {}), Decoders)
    except msgspec.ValidationError:
        return AUTO_DECODERS


class DecoderBar(QWidget):
    """`changed` carries the Decoders chosen for the topic shown."""

    changed = Signal(object)

    def __init__(self, *, theme: Theme, preferences: Preferences) -> None:
        super().__init__()
        self._preferences = preferences
        self._topic = ""
        self._is_showing = False
        self.key, self.value = QuietComboBox(), QuietComboBox()
        self.registry = QLineEdit()
        self.registry.setPlaceholderText("http://localhost:8081")
        self.registry.setAccessibleName("Schema registry")
        self.user = QLineEdit()
        self.user.setPlaceholderText("user")
        self.user.setAccessibleName("User of the schema registry")
        self.secret = QLineEdit()
        self.secret.setPlaceholderText("name of its secret")
        self.secret.setAccessibleName("Name of the secret with the registry's password")
        row = QHBoxLayout()
        row.setSpacing(GAP)
        for words, box in (("Key as", self.key), ("Value as", self.value)):
            for format_, said in _WORDS.items():
                box.addItem(said, format_)
            name = label(words, font=theme.small, tone=Tone.MUTED)
            name.setBuddy(box)
            row.addWidget(name)
            row.addWidget(box, 1)
            box.activated.connect(lambda _index: self._on_chosen())
        self._registry_row = QWidget()
        below = QHBoxLayout(self._registry_row)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(SPACE)
        for field, share in ((self.registry, 3), (self.user, 1), (self.secret, 2)):
            below.addWidget(field, share)
            field.editingFinished.connect(self._on_chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(row)
        column.addWidget(self._registry_row)
        self.show_topic("")

    @property
    def decoders(self) -> Decoders:
        """What is chosen."""
        key, value = Format(self.key.currentData()), Format(self.value.currentData())
        url = self.registry.text().strip()
        needs = key in _WITH_REGISTRY or value in _WITH_REGISTRY
        user, secret = self.user.text().strip() or None, self.secret.text().strip() or None
        registry = SchemaRegistry(url, user, secret) if needs and url else None
        return Decoders(key, value, registry)

    def show_topic(self, topic: str) -> None:
        """Show what is chosen for a topic."""
        self._topic = topic
        known = remembered_decoders(self._preferences, topic)
        self._is_showing = True
        self.key.setCurrentIndex(self.key.findData(known.key))
        self.value.setCurrentIndex(self.value.findData(known.value))
        if known.registry is not None:
            self.registry.setText(known.registry.url)
            self.user.setText(known.registry.username or "")
            self.secret.setText(known.registry.password_secret or "")
        self._is_showing = False
        self._show_registry()

    def _on_chosen(self) -> None:
        if self._is_showing:
            return
        self._show_registry()
        decoders = self.decoders
        self._preferences.put(f"decoders/{self._topic}", msgspec.to_builtins(decoders))
        self.changed.emit(decoders)

    def _show_registry(self) -> None:
        chosen = (self.key.currentData(), self.value.currentData())
        self._registry_row.setVisible(any(format_ in _WITH_REGISTRY for format_ in chosen))
