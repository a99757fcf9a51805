"""Where a cluster is and how to log in to it: shared by connections and by connectors that carry their own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kafka_agent_studio.api.presets import ConnectionPreset, connection_presets
from kafka_agent_studio.api.snippets import Snippet
from kafka_agent_studio.gui.forms.choice_fields import ChoiceField, SwitchField
from kafka_agent_studio.gui.forms.field import Field, TextField
from kafka_agent_studio.gui.forms.file_field import FileField
from kafka_agent_studio.gui.forms.password_field import PasswordField
from kafka_agent_studio.gui.forms.section import Section
from kafka_agent_studio.gui.forms.start_row import StartRow
from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.theme import GAP, SPACE, Theme
from kafka_agent_studio.model.security import SecurityProtocol

_PROTOCOLS = (
    ("PLAINTEXT", "PLAINTEXT: no encryption, no login"),
    ("SSL", "SSL: encrypted"),
    ("SASL_PLAINTEXT", "SASL_PLAINTEXT: login, not encrypted"),
    ("SASL_SSL", "SASL_SSL: encrypted, with login (recommended)"),
)
_MECHANISMS = (("PLAIN", "PLAIN"), ("SCRAM-SHA-256", "SCRAM-SHA-256"), ("SCRAM-SHA-512", "SCRAM-SHA-512"))
_DEFAULT_MECHANISM = "SCRAM-SHA-256"
_TLS_KEYS = ("ca_file", "verify_hostname", "client_cert_file", "client_key_file", "client_key_password_secret")
_LOGIN_KEYS = ("sasl_mechanism", "username", "password_secret")


class ConnectionFields(QWidget):
    """The fields `bootstrap_servers` and `security.…`; those of TLS and login appear when the protocol needs them."""

    edited = Signal()

    def __init__(self, *, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.suggested_secret = ""
        self._found: dict[str, str] = {}
        self._has_keyring = True
        self._preset: ConnectionPreset | None = None
        self.start = StartRow(theme=theme, icons=icons)
        self.start.preset_chosen.connect(self._on_preset)
        self.start.snippet_taken.connect(self.take_snippet)
        self._make_fields(theme, icons)
        self.fields: dict[str, Field] = {
            "bootstrap_servers": self.servers,
            "security.protocol": self.protocol,
            "security.sasl_mechanism": self.mechanism,
            "security.username": self.username,
            "security.password_secret": self.password_secret,
            "security.ca_file": self.ca_file,
            "security.verify_hostname": self.verify_hostname,
            "security.client_cert_file": self.client_cert,
            "security.client_key_file": self.client_key,
            "security.client_key_password_secret": self.key_secret,
        }
        self._lay_out(theme)
        for field in (*self.fields.values(), self.password, self.key_password):
            field.edited.connect(self._on_edited)
        self._show_what_is_needed()

    def _make_fields(self, theme: Theme, icons: Icons) -> None:
        self.servers = TextField(
            title="Bootstrap servers",
            explanation="One or more brokers to begin with, separated by commas; they tell of the others.",
            theme=theme,
            placeholder="kafka-1:9092,kafka-2:9092",
            is_mono=True,
        )
        self.protocol = ChoiceField(
            title="Security protocol",
            explanation="What the listener behind that port speaks. Managed clusters speak SASL_SSL.",
            theme=theme,
            options=_PROTOCOLS,
            default="PLAINTEXT",
        )
        self.mechanism = ChoiceField(
            title="SASL mechanism", explanation="How the password is proven.", theme=theme, options=_MECHANISMS
        )
        self.username = TextField(title="User name", explanation="Or the API key.", theme=theme, is_mono=True)
        self.password = PasswordField(
            title="Password", explanation="Goes into the keyring with Save, never into a file.", theme=theme
        )
        self.password_secret = TextField(
            title="Name of the password",
            explanation="The file holds this name only; the password is kept under it.",
            theme=theme,
            is_mono=True,
        )
        self.ca_file = FileField(
            title="CA certificate",
            explanation="Who may sign the broker's certificate. Empty: whoever this machine trusts.",
            theme=theme,
            icons=icons,
            placeholder="certs/ca.pem",
        )
        self.verify_hostname = SwitchField(
            title="The certificate must be for the name that is connected to",
            explanation="Turn it off for a test only: then whoever has a trusted certificate passes for the broker.",
            theme=theme,
            default=True,
        )
        self.client_cert = FileField(
            title="Client certificate",
            explanation="Only where the broker asks for one (mutual TLS).",
            theme=theme,
            icons=icons,
            placeholder="certs/me.pem",
        )
        self.client_key = FileField(
            title="Client key",
            explanation="The private key of the client certificate, where it is a file of its own.",
            theme=theme,
            icons=icons,
            placeholder="certs/me.key",
        )
        self.key_secret = TextField(
            title="Name of the key's password",
            explanation="Only for an encrypted key.",
            theme=theme,
            is_mono=True,
        )
        self.key_password = PasswordField(
            title="The key's password", explanation="Goes into the keyring with Save.", theme=theme
        )

    def _lay_out(self, theme: Theme) -> None:
        where = Section(heading="", theme=theme)
        where.add(self.start)
        where.add(self.servers)
        where.add(self.protocol)
        self.login = Section(heading="Login", theme=theme)
        self.login.add_pair(self.mechanism, self.username)
        self.login.add_pair(self.password, self.password_secret)
        self.tls = Section(heading="Encryption", theme=theme)
        self.tls.add(self.ca_file)
        self.tls.add(self.verify_hostname)
        self.tls.add(self.client_cert)
        self.client_key_part = Section(heading="", theme=theme)
        self.client_key_part.add(self.client_key)
        self.client_key_part.add_pair(self.key_password, self.key_secret)
        self.tls.add(self.client_key_part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP * 2 - SPACE)
        for part in (where, self.login, self.tls):
            column.addWidget(part)

    # values

    def show_values(self, values: Mapping[str, Any], *, folder: Path, secret: str) -> None:
        """Show what a file holds. `secret` is the name suggested for a password that has none yet."""
        raw = values.get("security")
        security = raw if isinstance(raw, Mapping) else {}
        self.suggested_secret = secret
        self.servers.show_value(values.get("bootstrap_servers"))
        for key, field in self.fields.items():
            part = key.removeprefix("security.")
            if part != key:
                field.show_value(security.get(part))
        for field in (self.ca_file, self.client_cert, self.client_key):
            field.folder = folder
        for password in (self.password, self.key_password):
            password.show_value(None)
        self.start.reset()
        self._preset = None
        self._show_what_is_needed()

    def written_security(self) -> dict[str, Any] | None:
        """The security block as it belongs into the file; None where there is none."""
        security = {
            key.removeprefix("security."): field.written
            for key, field in self.fields.items()
            if key.startswith("security.") and self.is_needed(key)
        }
        security = {key: value for key, value in security.items() if value is not None}
        if security == {"protocol": "PLAINTEXT"} and self.protocol.is_changed:
            return None
        return security or None

    def is_needed(self, key: str) -> bool:
        """Whether the field of a key has a meaning with the protocol chosen."""
        part = key.removeprefix("security.")
        if part in _LOGIN_KEYS:
            return self._chosen_protocol.uses_sasl
        if part in ("client_key_file", "client_key_password_secret"):
            return self._chosen_protocol.uses_tls and bool(self.client_cert.current)
        return part not in _TLS_KEYS or self._chosen_protocol.uses_tls

    def missing(self) -> dict[str, str]:
        """What has to be filled in and is not, in words."""
        words = {
            "bootstrap_servers": "Give at least one broker, for example kafka-1:9092.",
            "security.sasl_mechanism": "Choose how the password is proven.",
            "security.username": "A login needs a user name.",
            "security.password_secret": "Give the password a name to be kept under.",
        }
        return {key: text for key, text in words.items() if self.is_needed(key) and self.fields[key].current is None}

    @property
    def is_changed(self) -> bool:
        """Whether a field was changed or a password typed."""
        return any(field.is_changed for field in self.fields.values()) or bool(self.typed_secrets())

    def typed_secrets(self) -> dict[str, PasswordField]:
        """The password fields with something in them, by the secret's name."""
        pairs = ((self.password_secret, self.password), (self.key_secret, self.key_password))
        keys = ("security.password_secret", "security.client_key_password_secret")
        return {
            str(name.current): password
            for key, (name, password) in zip(keys, pairs, strict=True)
            if password.is_typed and name.current and self.is_needed(key)
        }

    def secret_names(self) -> tuple[str, ...]:
        """Return the names of passwords that stand in the form; a reference to the environment is none yet."""
        keys = ("security.password_secret", "security.client_key_password_secret")
        names = (str(self.fields[key].current or "") for key in keys if self.is_needed(key))
        return tuple(name for name in names if name and "${" not in name)

    def secret_of(self, password: PasswordField) -> str:
        """Return the name under which a password is kept; empty where it has none yet."""
        field = self.password_secret if password is self.password else self.key_secret
        return str(field.current or "")

    def say_where_secrets_are(self, found: Mapping[str, str]) -> None:
        """Say of each secret whether it is stored; `found` is what ListSecrets replied, by name."""
        self._found = dict(found)
        for password in (self.password, self.key_password):
            password.say_where(self.secret_of(password), self._found, has_keyring=self._has_keyring)

    def say_whether_there_is_a_keyring(self, has_keyring: bool) -> None:
        """Say beside each password what a save can do with it."""
        self._has_keyring = has_keyring
        self.say_where_secrets_are(self._found)

    # filling in

    def take_snippet(self, snippet: Snippet) -> None:
        """Fill in what was understood of a pasted text; the rest stays as it is."""
        if snippet.bootstrap_servers:
            self.servers.fill(snippet.bootstrap_servers)
        for part, value in snippet.security.items():
            self.fields[f"security.{part}"].fill(value)
        if snippet.password:
            self._name_secret(self.password_secret)
            self.password.line.setText(snippet.password)
        if snippet.key_password:
            self._name_secret(self.key_secret, suffix="-key")
            self.key_password.line.setText(snippet.key_password)
        self._on_edited()
        self._focus_first_missing()

    def suggest_secret(self, name: str) -> None:
        """Follow the name of the connection with the name of a password that was typed and has none of its own."""
        before, self.suggested_secret = self.suggested_secret, name
        pairs = ((self.password, self.password_secret, ""), (self.key_password, self.key_secret, "-key"))
        for password, field, suffix in pairs:
            is_ours = field.current is None or (field.is_changed and field.current == f"{before}{suffix}")
            if password.is_typed and is_ours:
                field.line.setText(f"{name}{suffix}" if name else "")

    def _on_preset(self, number: int) -> None:
        preset, before = connection_presets()[number], self._preset
        self._preset = preset
        if before is not None:
            # What the preset before it filled in was meant for another kind of cluster.
            if self.servers.current == before.bootstrap_servers:
                self.servers.fill(None)
            if self.ca_file.current == before.security.get("ca_file"):
                self.ca_file.fill(None)
        if preset.bootstrap_servers:
            self.servers.fill(preset.bootstrap_servers)
        self.servers.line.setPlaceholderText(preset.servers_hint)
        for part in ("protocol", "sasl_mechanism"):
            if part in preset.security:
                self.fields[f"security.{part}"].fill(preset.security[part])
        if "ca_file" in preset.security and self.ca_file.current is None:
            self.ca_file.fill(preset.security["ca_file"])
        self._focus_first_missing()

    def _focus_first_missing(self) -> None:
        missing = self.missing()
        if missing:
            self.fields[next(iter(missing))].editor.setFocus()
        elif self.is_needed("security.password_secret") and not self.password.is_typed:
            self.password.editor.setFocus()

    def _name_secret(self, field: TextField, *, suffix: str = "") -> None:
        if field.current is None and self.suggested_secret:
            field.fill(f"{self.suggested_secret}{suffix}")

    @property
    def _chosen_protocol(self) -> SecurityProtocol:
        value = self.protocol.current
        return SecurityProtocol(value) if value in set(SecurityProtocol) else SecurityProtocol.SASL_SSL

    def _on_edited(self) -> None:
        if self._chosen_protocol.uses_sasl:
            if self.mechanism.current is None:
                self.mechanism.fill(_DEFAULT_MECHANISM)
                return
            if self.password.is_typed:
                self._name_secret_quietly(self.password_secret, "")
        if self.key_password.is_typed:
            self._name_secret_quietly(self.key_secret, "-key")
        self._show_what_is_needed()
        self.say_where_secrets_are(self._found)
        self.edited.emit()

    def _name_secret_quietly(self, field: TextField, suffix: str) -> None:
        if field.current is None and self.suggested_secret:
            field.line.setText(f"{self.suggested_secret}{suffix}")

    def _show_what_is_needed(self) -> None:
        protocol = self._chosen_protocol
        self.login.setVisible(protocol.uses_sasl)
        self.tls.setVisible(protocol.uses_tls)
        self.client_key_part.setVisible(bool(self.client_cert.current))
