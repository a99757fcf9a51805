"""The specification's whole example by clicks and keys alone, on Apache Kafka with SASL_SSL and SCRAM."""

import asyncio
import json
import shutil
import uuid
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QWidget
from qasync import QEventLoop

from kafka_agent_studio.api.events import ConnectorState
from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.bootstrap import build_engine
from kafka_agent_studio.engine.host import EngineHost
from kafka_agent_studio.engine.options import EngineOptions
from kafka_agent_studio.gui.forms.connection_form import ConnectionForm
from kafka_agent_studio.gui.forms.connector_form import ConnectorForm
from kafka_agent_studio.gui.forms.file_form import FileForm
from kafka_agent_studio.gui.main_window import MainWindow
from kafka_agent_studio.gui.pages.connections import ConnectionsPage
from kafka_agent_studio.gui.pages.connectors import ConnectorsPage
from kafka_agent_studio.gui.window import open_window
from tests.helpers.apache_kafka import ADMIN_USER, USER_PASSWORDS, ApacheKafka
from tests.helpers.kafka_listeners import Listener
from tests.helpers.memory_keyring import MemoryKeyring

_REPOSITORY = Path(__file__).parents[3]
_PATIENCE_S = 40.0
_TURN_S = 0.02
_ORDER = {"order_id": "12345", "customer": "john@example.com", "items": ["widget-a", "widget-b"], "total": 42.5}


class Person:
    """Looks at the window, clicks and types; never calls what a click would call."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window

    async def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait for something to be seen."""
        deadline = asyncio.get_running_loop().time() + _PATIENCE_S
        while not holds():
            if asyncio.get_running_loop().time() > deadline:
                page = self.window.page
                note = getattr(getattr(page, "form", None), "note", "")
                raise AssertionError(f"waited in vain until {what}; the form says: {note}")
            await asyncio.sleep(_TURN_S)

    async def click(self, button: QAbstractButton) -> None:
        """Click a button once it can be clicked."""
        await self.until(
            lambda: button.isVisible() and button.isEnabled(), f"'{button.accessibleName()}' can be clicked"
        )
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        await asyncio.sleep(0)

    async def type_into(self, line: QLineEdit, text: str) -> None:
        """Click into a field, and type over what is there."""
        await self.until(line.isVisible, f"'{line.accessibleName()}' is there")
        QTest.mouseClick(line, Qt.MouseButton.LeftButton)
        line.selectAll()
        QTest.keyClicks(line, text)
        await asyncio.sleep(0)

    async def choose(self, box: QComboBox, words: str) -> None:
        """Choose in a combo box by the first letters."""
        await self.until(box.isVisible, f"'{words}' can be chosen")
        box.setFocus()
        QTest.keyClicks(box, words)
        await asyncio.sleep(0)

    def form(self) -> FileForm:
        """The form that is open."""
        page = self.window.page
        assert isinstance(page, ConnectorsPage | ConnectionsPage)
        return page.form

    async def save(self) -> None:
        """Click Save and wait until nothing is left to save."""
        form = self.form()
        await self.click(form.save)
        await self.until(lambda: form.is_open and not form.is_new and not form.is_changed, "the form is saved")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A folder with the sample's agents, tools and schemas, and nothing else."""
    root = tmp_path / "orders"
    for folder in ("agents", "tools", "schemas"):
        shutil.copytree(_REPOSITORY / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "studio.yaml").write_text(f"name: clicks-{uuid.uuid4().hex[:8]}\n")
    return root


@pytest.fixture
def engine(workspace: Path) -> Iterator[EngineHost]:
    """The real engine on a thread of its own; every model rehearses."""
    host = EngineHost(lambda: build_engine(EngineOptions(root=workspace, environ={}, rehearse=True)))
    host.start()
    yield host
    assert host.close()


def test_the_example_of_the_specification_by_clicks(
    qapp: QApplication,
    kafka: ApacheKafka,
    engine: EngineHost,
    workspace: Path,
    tmp_path: Path,
    unique_name: Callable[[str], str],
    memory_keyring: MemoryKeyring,
) -> None:
    orders, results = unique_name("orders"), unique_name("results")
    kafka.admin.create_topic(orders)
    password = USER_PASSWORDS[ADMIN_USER]

    async def connection(person: Person) -> None:
        page = person.window.page
        assert isinstance(page, ConnectionsPage)
        await person.click(page.new)
        form = page.form
        assert isinstance(form, ConnectionForm)
        await person.until(form.isVisible, "the form is there")
        await person.type_into(form.name_field.line, "secured")
        fields = form.cluster_fields
        await person.type_into(fields.servers.line, kafka.bootstrap(Listener.SASL_SSL))
        await person.choose(fields.protocol.box, "SASL_SSL")
        await person.choose(fields.mechanism.box, "SCRAM-SHA-256")
        await person.type_into(fields.username.line, ADMIN_USER)
        await person.type_into(fields.password.line, password)
        # without its authority the certificate is not trusted: the check says so, and what to do
        await person.click(form.check_button)
        await person.until(lambda: not form.check.is_running and "✗" in form.check.text, "the check fails")
        assert "✗ TLS" in form.check.text
        await person.type_into(fields.ca_file.line, str(kafka.ca_file))
        await person.click(form.check_button)
        await person.until(lambda: "everything is in order" in form.check.text, "the check is content")
        await person.save()
        await person.until(lambda: page.table.model().rowCount() == 1, "the connection is in the list")

    async def connector(person: Person, *, is_inbound: bool, topic: str) -> None:
        page = person.window.page
        assert isinstance(page, ConnectorsPage)
        await person.click(page.new_inbound if is_inbound else page.new_outbound)
        form = page.form
        assert isinstance(form, ConnectorForm)
        await person.until(lambda: form.is_open and form.is_new, "the form is there")
        assert form.cluster.current == "secured"
        await person.until(lambda: orders in form.topic.field.offered, "the broker's topics are offered")
        await person.type_into(form.topic.field.line, topic)
        await person.type_into(form.name_field.line, "orders-in" if is_inbound else "results-out")
        if is_inbound:
            await person.choose(form.parts_of.reset.box, "the earliest")
        else:
            await person.click(form.topic.field.action)
            await person.click(form.topic.panel.create_button)
            await person.until(lambda: "On secured, with 1 partition" in form.topic.field.about, "the topic is there")
            await person.choose(form.parts_of.payload.box, "the output alone")
        await person.click(form.parts_of.agents.boxes["order-processor"])
        await person.save()

    async def walk(window: MainWindow) -> None:
        person = Person(window)
        rail = next(
            b for b in window.rail.findChildren(QAbstractButton) if "Connectors" in (b.text(), b.accessibleName())
        )
        await person.click(rail)
        page = window.page
        assert isinstance(page, ConnectorsPage)
        QTest.mouseClick(page.tabs, Qt.MouseButton.LeftButton, pos=page.tabs.tabRect(1).center())
        await person.until(lambda: isinstance(window.page, ConnectionsPage), "the connections are shown")
        await connection(person)
        await person.click(rail)
        await connector(person, is_inbound=False, topic=results)
        await connector(person, is_inbound=True, topic=orders)
        view = page.parts.bridge.view
        await person.until(lambda: view.state("orders-in") is ConnectorState.RUNNING, "orders-in runs")
        kafka.records.produce(orders, json.dumps(_ORDER), key="order-12345")
        (result,) = await kafka.records.arrived(results, count=1)
        assert result.key == b"order-12345"
        assert json.loads(result.value or b"")["order_id"] == "12345"
        assert all(password not in text for text in texts_of(window))

    with asyncio.Runner(loop_factory=lambda: QEventLoop(qapp)) as runner:
        runner.run(in_a_window(qapp, engine, workspace, tmp_path / "window.ini", walk))
    assert memory_keyring.get_password("kafka-agent-studio", "secured") == password
    written = "".join(file.read_text() for file in workspace.rglob("*.yaml"))
    assert "password_secret: secured" in written
    assert password not in written


async def in_a_window(
    application: QApplication,
    engine: EngineHost,
    root: Path,
    settings_file: Path,
    walk: Callable[[MainWindow], Awaitable[None]],
) -> None:
    """Show the window on the engine for as long as somebody walks through it."""
    tasks = TaskGroupOwner(name="window")
    window = open_window(
        application=application,
        client=engine,
        tasks=tasks,
        settings=QSettings(str(settings_file), QSettings.Format.IniFormat),
        workspace_root=root,
    )
    application.setQuitOnLastWindowClosed(False)
    window.main.show()
    try:
        await walk(window.main)
    finally:
        window.main.close_without_asking()
        window.parts.bridge.close()
        await tasks.close()
        window.main.deleteLater()


def texts_of(window: QWidget) -> list[str]:
    """Everything that stands in the window, also what a screen reader is told."""
    texts = []
    for widget in [window, *window.findChildren(QWidget)]:
        texts += [widget.accessibleName(), widget.accessibleDescription(), widget.toolTip(), repr(widget)]
        for read in ("text", "placeholderText", "toPlainText", "currentText"):
            method = getattr(widget, read, None)
            if callable(method):
                texts.append(str(method()))
    return texts
