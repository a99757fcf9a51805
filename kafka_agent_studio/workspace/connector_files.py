"""connections/*.yaml and connectors/*.yaml: one file, one model, every mistake at its place."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from kafka_agent_studio.model.base import SANDBOX, FileModel
from kafka_agent_studio.model.connection import Connection
from kafka_agent_studio.model.connector import Direction, InboundConnector, OutboundConnector
from kafka_agent_studio.model.security import Security, SecurityProtocol
from kafka_agent_studio.model.workspace import AnyConnector
from kafka_agent_studio.workspace.entries import Entry, check_name, file_stem
from kafka_agent_studio.workspace.field_checks import FieldChecks, shown
from kafka_agent_studio.workspace.folder import Folder
from kafka_agent_studio.workspace.interpolation import Interpolation
from kafka_agent_studio.workspace.passwords import has_credentials, without_passwords
from kafka_agent_studio.workspace.problems import Place, ProblemLog, did_you_mean
from kafka_agent_studio.workspace.yaml_source import Node

ModelT = TypeVar("ModelT", bound=FileModel)

_EITHER = "give either connection, or bootstrap_servers and security, never both"
_NEITHER = "name a connection (connection: sandbox needs nothing), or give bootstrap_servers"
_TWICE = "agents names one agent twice"
_DEAD_LETTER = "on_failure: dead_letter needs dead_letter_topic"
_DEAD_LETTER_LOOP = "dead_letter_topic is the topic that is read: every dead letter would come back"
_ALL_OUTPUTS = "publish: all needs payload: envelope, since a failed run has no output"
_PEM_LABEL = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----")
_KEY_LABEL, _CERT_LABEL = b"PRIVATE KEY", b"CERTIFICATE"
_RULES = frozenset((_EITHER, _NEITHER, _TWICE, _DEAD_LETTER, _DEAD_LETTER_LOOP, _ALL_OUTPUTS))


class ConnectorFiles(msgspec.Struct, frozen=True):
    """Reads the two folders of cluster settings."""

    folder: Folder
    environ: Mapping[str, str]

    def connections(self) -> Iterator[Entry[Connection]]:
        """Yield an entry for each file of connections/ that is YAML."""
        for file in self.folder.files("connections", ".yaml"):
            mark = self.folder.problems.mark()
            node = self._read(file)
            model: Connection | None = None
            if node is not None:
                model = self._checks("a connection").model(node, Connection)
                self._check_security(node.find(("security",)))
            yield self._entry(file, node, model, mark)

    def connectors(self) -> Iterator[Entry[AnyConnector]]:
        """Yield an entry for each file of connectors/ that is YAML."""
        for file in self.folder.files("connectors", ".yaml"):
            mark = self.folder.problems.mark()
            node = self._read(file)
            model = self._connector(node) if node is not None else None
            yield self._entry(file, node, model, mark)

    def _read(self, file: str) -> Node | None:
        node = self.folder.read_yaml(file)
        if node is None:
            return None
        problems = self.folder.problems
        node = Interpolation(environ=self.environ, problems=problems).fill(without_passwords(node, problems))
        check_name(node, file, problems, reserved=SANDBOX)
        servers = node.find(("bootstrap_servers",))
        if servers is not None and servers.text and has_credentials(servers.text):
            problems.error(servers.place, "'bootstrap_servers' holds a user name or password; security is their place")
            harmless = msgspec.structs.replace(servers, value="localhost:9092")
            return node.with_fields({**node.fields, "bootstrap_servers": harmless})
        return node

    def _connector(self, node: Node) -> AnyConnector | None:
        problems = self.folder.problems
        direction = node.find(("direction",))
        inbound, outbound = set(InboundConnector.model_fields), set(OutboundConnector.model_fields)
        self._check_security(node.find(("security",)))
        _check_rules(node, problems)
        if direction is not None and direction.value == Direction.INBOUND:
            elsewhere = dict.fromkeys(outbound - inbound, "an outbound connector")
            return self._checks("an inbound connector", elsewhere).model(node, InboundConnector)
        if direction is not None and direction.value == Direction.OUTBOUND:
            elsewhere = dict.fromkeys(inbound - outbound, "an inbound connector")
            return self._checks("an outbound connector", elsewhere).model(node, OutboundConnector)
        if not isinstance(node.value, dict):
            self._checks("a connector").model(node, Security)
            return None
        if direction is None:
            problems.error(node.place, "the field 'direction' is missing: a connector needs it (inbound or outbound)")
        elif not direction.is_unset:
            hint = did_you_mean(direction.text, list(Direction)) if direction.text and not direction.source else ""
            problems.error(direction.place, f"'direction' must be inbound or outbound, not {shown(direction)}{hint}")
        for name, field in node.fields.items():
            if name not in inbound | outbound:
                problems.error(field.name_place, f"unknown field '{name}'{did_you_mean(name, inbound | outbound)}")
        return None

    def _check_security(self, security: Node | None) -> None:
        if security is None:
            return
        problems = self.folder.problems
        for name in ("ca_file", "client_cert_file", "client_key_file"):
            file = security.find((name,))
            if file is None or file.text is None:
                continue
            if not file.text or not self.folder.exists(file.text):
                where = "" if Path(file.text).is_absolute() else " in the workspace"
                problems.error(file.place, f"'security.{name}': there is no file {shown(file)}{where}")
            elif words := _pem_mistake(self._start_of(file.text), is_key=name == "client_key_file"):
                problems.error(file.place, f"'security.{name}': {shown(file)} {words}")
        self._check_login(security)

    def _check_login(self, security: Node) -> None:
        """Say what the protocol needs in the words of the model, whose own check gives way to other mistakes."""
        problems = self.folder.problems
        protocol = security.find(("protocol",))
        word = str(protocol.value) if protocol is not None else SecurityProtocol.PLAINTEXT.value
        if word in (SecurityProtocol.SASL_PLAINTEXT.value, SecurityProtocol.SASL_SSL.value):
            fields = {name: security.find((name,)) for name in ("sasl_mechanism", "username", "password_secret")}
            missing = [name for name, field in fields.items() if field is None or not field.value]
            if missing and not any(field is not None and field.is_unset for field in fields.values()):
                problems.error(security.place, f"'security': {word} needs {', '.join(missing)}")
        if word in (SecurityProtocol.PLAINTEXT.value, SecurityProtocol.SSL.value):
            for name in ("sasl_mechanism", "username", "password_secret"):
                field = security.find((name,))
                if field is not None and field.value is not None:
                    meant = "SASL_SSL" if word == "SSL" else "SASL_SSL or SASL_PLAINTEXT"
                    words = f"'security.{name}' has no meaning with protocol {word}; is {meant} meant?"
                    problems.warning(field.name_place, words)

    def _start_of(self, file: str) -> bytes:
        try:
            return (self.folder.root / file).read_bytes()[:1_000_000]
        except OSError:
            return b""

    def _checks(self, noun: str, elsewhere: Mapping[str, str] | None = None) -> FieldChecks:
        return FieldChecks(noun=noun, problems=self.folder.problems, elsewhere=elsewhere or {}, said_already=_RULES)

    def _entry(self, file: str, node: Node | None, model: ModelT | None, mark: int) -> Entry[ModelT]:
        declared = node.find(("name",)) if node is not None else None
        return Entry(
            file=file,
            name=(declared.text if declared is not None else None) or file_stem(file),
            node=node or Node(None, Place(file)),
            model=model,
            fault=self.folder.problems.first_error_since(mark),
        )


def _pem_mistake(start: bytes, *, is_key: bool) -> str:
    """Return why a file is not what the field asks for, empty where it is; whether it is whole shows only in use."""
    if b"-----BEGIN " not in start:
        return "is no PEM file (it has no -----BEGIN)"
    labels = _PEM_LABEL.findall(start)
    has_key, has_certificate = (any(label.endswith(kind) for label in labels) for kind in (_KEY_LABEL, _CERT_LABEL))
    if is_key and not has_key:
        other = ", it holds a certificate" if has_certificate else ""
        return f"holds no private key (-----BEGIN PRIVATE KEY-----){other}"
    if not is_key and not has_certificate:
        other = ", it holds a private key" if has_key else ""
        return f"holds no certificate (-----BEGIN CERTIFICATE-----){other}"
    return ""


def _check_rules(node: Node, problems: ProblemLog) -> None:
    """Report what the models' validators check between fields, at the field that is in the way."""
    given = {name: field for name, field in node.fields.items() if field.value is not None}
    own = [given[name] for name in ("bootstrap_servers", "security") if name in given]
    if "connection" in given and own:
        problems.error(own[0].name_place, _EITHER)
    if "connection" not in given and "bootstrap_servers" not in given and isinstance(node.value, dict):
        problems.error(node.place, _NEITHER)
    seen: set[str] = set()
    for link in node.fields["agents"].items if "agents" in node.fields else []:
        if link.text in seen:
            problems.error(link.place, f"{_TWICE}: '{link.text}'")
        seen.add(link.text or "")
    _check_failure_rules(given, problems)


def _check_failure_rules(given: Mapping[str, Node], problems: ProblemLog) -> None:
    def value(name: str) -> object:
        return given[name].value if name in given else None

    if value("on_failure") == "dead_letter" and "dead_letter_topic" not in given:
        problems.error(given["on_failure"].place, _DEAD_LETTER)
    if value("dead_letter_topic") is not None and value("dead_letter_topic") == value("topic"):
        problems.error(given["dead_letter_topic"].place, _DEAD_LETTER_LOOP)
    if value("publish") == "all" and value("payload") == "output":
        problems.error(given["publish"].place, _ALL_OUTPUTS)
