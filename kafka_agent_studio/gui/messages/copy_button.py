"""Everything of a message that can be taken along: its parts, the row, a command, a fixture for a test."""

from collections.abc import Callable

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QPushButton

from kafka_agent_studio.api import copy_forms
from kafka_agent_studio.gui.engine_view import EngineView
from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.widgets.labels import button
from kafka_agent_studio.model.base import SANDBOX
from kafka_agent_studio.model.message import Record

CopyForm = tuple[str, Callable[[], str]]


def copy_choices(record: Record, view: EngineView, source: str) -> tuple[CopyForm, ...]:
    """Return what can be copied, each with what makes it. `source` is the connector or connection it came by."""
    servers, protocol = _cluster(view, source)

    def kcat(make: Callable[..., str]) -> Callable[[], str]:
        return lambda: make(record, bootstrap_servers=servers, security_protocol=protocol)

    return (
        ("Key", lambda: copy_forms.copied_bytes(record.key)),
        ("Value", lambda: copy_forms.copied_bytes(record.value)),
        ("Headers", lambda: copy_forms.copied_headers(record)),
        ("Row as JSON", lambda: copy_forms.json_row(record)),
        ("kcat command that reads it", kcat(copy_forms.kcat_command)),
        ("kcat command that writes it", kcat(copy_forms.kcat_produce_command)),
        ("pytest fixture", lambda: copy_forms.pytest_fixture(record)),
    )


def copy_button(icons: Icons, choices: Callable[[], tuple[CopyForm, ...]]) -> QPushButton:
    """Return a button whose menu copies what is chosen of it."""

    def pop_up() -> None:
        menu = QMenu(made)
        for words, make in choices():
            menu.addAction(words).triggered.connect(
                lambda _checked=False, make=make: QGuiApplication.clipboard().setText(make())
            )
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(made.mapToGlobal(made.rect().bottomLeft()))

    made = button("Copy", pop_up, icon=icons.icon("copy"), tip="Key, value, headers, the row, a command, a fixture")
    return made


def _cluster(view: EngineView, source: str) -> tuple[str, str]:
    """Return bootstrap servers and security protocol of where a message lies."""
    connector = view.connector(source)
    name = source if connector is None else connector.connection
    address = view.stand_ins.sandbox_address or "localhost:9092"
    if view.stand_ins.sandbox or name == SANDBOX:
        return address, "PLAINTEXT"
    connection = view.workspace.connections.get(name or "")
    if connection is not None:
        return connection.bootstrap_servers, connection.security.protocol.value
    if connector is not None and connector.bootstrap_servers:
        protocol = "PLAINTEXT" if connector.security is None else connector.security.protocol.value
        return connector.bootstrap_servers, protocol
    return address, "PLAINTEXT"
