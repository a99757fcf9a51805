"""Understands what people paste: client.properties, a JAAS line, a librdkafka configuration, a Confluent key file."""

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kafka_agent_studio.model.connection import check_bootstrap_servers

_PREFIXES = ("spring.kafka.properties.", "spring.kafka.", "producer.", "consumer.", "admin.", "kafka.")
_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
_LINE = re.compile(r"""^\s*(?:export\s+|-\s+)?["']?([A-Za-z][\w.\-]*)["']?\s*[:=]\s*(.*)$""")
_QUOTED = re.compile(r"""^(["'])((?:\\.|(?!\1).)*)\1\s*[,;]?\s*(?:#.*)?$""")
_JAAS = re.compile(r"(\w+)LoginModule\s+(?:required|requisite|sufficient|optional)\b(.*)", re.DOTALL)
_OPTION = re.compile(r"""(\w+)\s*=\s*("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s;"']+)""")
_KEY_FILE = {
    "api key": "sasl.username",
    "api secret": "sasl.password",
    "bootstrap server": "bootstrap.servers",
    "bootstrap servers": "bootstrap.servers",
}
_ENDINGS_OF_JAVA_STORES = (".jks", ".p12", ".pfx", ".keystore", ".truststore")


@dataclass(frozen=True, slots=True)
class Snippet:
    """What was understood. `security` holds fields of the security block, without a secret's name.

    `password` and `key_password` are for the keyring alone: never into a file, a repr or an undo history.
    """

    bootstrap_servers: str | None = None
    security: Mapping[str, str | bool] = field(default_factory=dict)
    group_id: str | None = None
    password: str | None = field(default=None, repr=False)
    key_password: str | None = field(default=None, repr=False)
    remarks: tuple[str, ...] = ()
    """Sentences about what was assumed or cannot be used."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was recognised."""
        return not self.bootstrap_servers and not self.security and self.password is None


def parse_snippet(text: str) -> Snippet:
    """Return the fields that a pasted text means; what is not understood is left out, never an error."""
    settings = {_plain_name(name): value for name, value in _settings(text)}
    reading = _Reading(settings)
    if "sasl.jaas.config" not in settings and (jaas := _JAAS.search(text)):
        reading.jaas(jaas.group(0))
    return reading.snippet()


class _Reading:
    """Settings on their way to fields."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._settings = settings
        self._security: dict[str, str | bool] = {}
        self._remarks: list[str] = []
        self._username = self._first("sasl.username", "sasl.user", "username")
        self._password = self._first("sasl.password", "password")
        self._mechanism = self._first("sasl.mechanism", "sasl.mechanisms")
        if "sasl.jaas.config" in settings:
            self.jaas(settings["sasl.jaas.config"])

    def jaas(self, text: str) -> None:
        """Take user name and password out of a login module's line."""
        found = _JAAS.search(text)
        if found is None:
            return
        module = found[1].lower()
        options = {name: _unquoted(value) for name, value in _OPTION.findall(found[2])}
        self._username = options.get("username", self._username)
        self._password = options.get("password", self._password)
        if module == "plain":
            self._mechanism = self._mechanism or "PLAIN"
        elif module == "scram":
            if self._mechanism is None:
                self._mechanism = "SCRAM-SHA-512"
                self._remarks.append("The login line does not say which SCRAM it is: SCRAM-SHA-512 is assumed.")
        else:
            self._remarks.append(f"{found[1]}LoginModule is not offered here: choose PLAIN or SCRAM.")

    def snippet(self) -> Snippet:
        """Return everything that was found."""
        self._protocol_and_login()
        self._certificates()
        servers = self._servers()
        return Snippet(
            bootstrap_servers=servers,
            security=self._security,
            group_id=self._first("group.id"),
            password=self._password,
            key_password=self._first("ssl.key.password"),
            remarks=tuple(self._remarks),
        )

    def _first(self, *names: str) -> str | None:
        return next((self._settings[name] for name in names if self._settings.get(name)), None)

    def _servers(self) -> str | None:
        servers = self._first("bootstrap.servers", "bootstrap.server", "metadata.broker.list", "brokers", "broker.list")
        if servers is None:
            return None
        # a listener's name may stand before the address: SASL_SSL://host:9092
        servers = ",".join(re.sub(r"^\w+://", "", part.strip().strip("\"'")) for part in servers.strip("[]").split(","))
        try:
            return check_bootstrap_servers(servers)
        except ValueError as error:
            self._remarks.append(f"bootstrap.servers: {error}.")
            return servers

    def _protocol_and_login(self) -> None:
        protocol = (self._first("security.protocol") or "").upper()
        mechanism = (self._mechanism or "").upper()
        if protocol and protocol not in _PROTOCOLS:
            self._remarks.append(f"security.protocol {protocol} is not known: {', '.join(_PROTOCOLS)}.")
            protocol = ""
        if mechanism and mechanism not in _MECHANISMS:
            self._remarks.append(f"The mechanism {mechanism} is not offered here: {', '.join(_MECHANISMS)}.")
            mechanism = ""
        if self._username and not protocol:
            protocol = "SASL_SSL"
            self._remarks.append("There is a login but no security.protocol: SASL_SSL is assumed.")
        if self._username and not mechanism and not self._mechanism:
            mechanism = "PLAIN"
            self._remarks.append("There is a login but no mechanism: PLAIN is assumed.")
        for name, value in (("protocol", protocol), ("sasl_mechanism", mechanism), ("username", self._username)):
            if value:
                self._security[name] = value

    def _certificates(self) -> None:
        settings = self._settings
        self._file("ca_file", self._first("ssl.ca.location", "ssl.cafile", "ssl.truststore.location"))
        self._file("client_cert_file", self._first("ssl.certificate.location", "ssl.certfile", "ssl.keystore.location"))
        self._file("client_key_file", self._first("ssl.key.location", "ssl.keyfile"))
        if any(settings.get(name, "").startswith("-----BEGIN") for name in settings):
            self._remarks.append("A certificate stands in the text itself: save it as a PEM file and choose that.")
        algorithm = settings.get("ssl.endpoint.identification.algorithm")
        if algorithm is not None and algorithm.lower() in ("", "none"):
            self._security["verify_hostname"] = False

    def _file(self, name: str, path: str | None) -> None:
        if path is None:
            return
        if path.lower().endswith(_ENDINGS_OF_JAVA_STORES):
            self._remarks.append(f"{path} is a Java key store: export it as PEM (keytool, openssl) and choose that.")
        else:
            self._security[name] = path


def _settings(text: str) -> Iterable[tuple[str, str]]:
    literal = _literal(text)
    if literal is not None:
        yield from literal.items()
        return
    lines = _joined_lines(text)
    for number, line in enumerate(lines):
        title = line.strip().rstrip(":").strip().lower()
        if title in _KEY_FILE and line.strip().endswith(":"):
            following = next((after.strip() for after in lines[number + 1 :] if after.strip()), "")
            yield _KEY_FILE[title], following
            continue
        found = _LINE.match(line)
        if found and not line.lstrip().startswith(("#", "!", "//")):
            yield found[1], _value(found[2])


def _literal(text: str) -> dict[str, str] | None:
    """A Python or JSON object, the first pair of braces of the text."""
    found = re.search(r"\{.*\}", text, re.DOTALL)
    if found is None:
        return None
    for source in (found[0], re.sub(r"\btrue\b", "True", re.sub(r"\bfalse\b", "False", found[0]))):
        try:
            value: Any = ast.literal_eval(source)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(value, dict):
            return {str(name): "" if item is None else str(item) for name, item in value.items()}
    return None


def _joined_lines(text: str) -> list[str]:
    """The lines, with those that a backslash at the end continues made one."""
    return re.sub(r"\\\r?\n\s*", "", text).splitlines()


def _value(text: str) -> str:
    text = text.strip()
    quoted = _QUOTED.match(text)
    if quoted:
        return _unescaped(quoted[2])
    # `key: value,` of a configuration in code; a properties value may end with a comma or semicolon of its own
    return text


def _unquoted(text: str) -> str:
    return _unescaped(text[1:-1]) if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _plain_name(name: str) -> str:
    name = name.lower().replace("_", ".").replace("-", ".")
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return name
