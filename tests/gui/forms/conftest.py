"""A window on a folder: what forms save is there, what somebody else writes there is noticed."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from kafka_agent_studio.gui.forms.connection_form import ConnectionForm
from kafka_agent_studio.gui.forms.connector_form import ConnectorForm
from kafka_agent_studio.gui.pages.connections import ConnectionsPage
from kafka_agent_studio.gui.pages.connectors import ConnectorsPage
from kafka_agent_studio.gui.theme import ThemeChoice
from tests.helpers.fake_engine import FakeEngineClient
from tests.helpers.gui_scene import make_snapshot
from tests.helpers.gui_window import WindowUnderTest, make_window
from tests.helpers.workspace_desk import WorkspaceDesk

_REPOSITORY = Path(__file__).parents[3]

STAGING = """\
# the cluster of the team
version: "1.0"
name: staging
bootstrap_servers: kafka-1:9092,kafka-2:9092  # two are enough
security:
  protocol: SASL_SSL
  sasl_mechanism: SCRAM-SHA-256
  username: svc-orders
  password_secret: staging
"""
ORDERS_IN = """\
version: "1.0"
name: orders-in
direction: inbound
connection: staging
# the web shop writes here
topic: orders
agents: [order-processor]
"""
RESULTS_OUT = """\
version: "1.0"
name: results-out
direction: outbound
connection: staging
topic: order-results
agents: [order-processor]
inputs: [orders-in]
"""


@dataclass(frozen=True)
class FormsWindow:
    """The window, the folder, and its forms."""

    window: WindowUnderTest
    desk: WorkspaceDesk

    @property
    def engine(self) -> FakeEngineClient:
        """What the window asks."""
        return self.window.engine

    @property
    def connections(self) -> ConnectionsPage:
        """The page of connections."""
        page = self.window.main.page
        assert isinstance(page, ConnectionsPage)
        return page

    @property
    def connectors(self) -> ConnectorsPage:
        """The page of connectors."""
        page = self.window.main.page
        assert isinstance(page, ConnectorsPage)
        return page

    @property
    def connection_form(self) -> ConnectionForm:
        """The form of the connections page."""
        form = self.connections.form
        assert isinstance(form, ConnectionForm)
        return form

    @property
    def connector_form(self) -> ConnectorForm:
        """The form of the connectors page."""
        form = self.connectors.form
        assert isinstance(form, ConnectorForm)
        return form

    def go(self, address: str) -> None:
        """Go to a place."""
        self.window.go(address)
        self.drain()

    def drain(self) -> None:
        """Let the window hear what happened."""
        self.window.bridge.drain()

    def someone_writes(self, files: dict[str, str]) -> None:
        """Change files from outside, as an editor does."""
        self.desk.write(files)
        self.desk.changed()
        self.drain()


OpenForms = Callable[..., FormsWindow]


@pytest.fixture
def open_forms(qtbot: QtBot, tmp_path: Path) -> Iterator[OpenForms]:
    """Return a function that opens a window on a folder with the sample's agents and these files."""
    opened: list[WindowUnderTest] = []

    def make(files: dict[str, str] | None = None, theme: ThemeChoice = ThemeChoice.LIGHT) -> FormsWindow:
        root = tmp_path / "orders"
        for folder in ("agents", "tools", "schemas"):
            shutil.copytree(_REPOSITORY / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
        desk = WorkspaceDesk(root)
        desk.write(
            {
                "connections/staging.yaml": STAGING,
                "connectors/orders-in.yaml": ORDERS_IN,
                "connectors/results-out.yaml": RESULTS_OUT,
            }
            if files is None
            else files
        )
        snapshot = make_snapshot(workspace=desk.workspace(), figures=())
        window = make_window(
            snapshot,
            settings_file=tmp_path / "window.ini",
            first_place="connectors",
            theme=theme,
            prepare=desk.answer_for,
        )
        window.main.resize(1280, 800)
        opened.append(window)
        with qtbot.waitActive(window.main):
            window.main.show()
            window.main.activateWindow()
        forms = FormsWindow(window, desk)
        forms.drain()
        return forms

    yield make
    for window in opened:
        window.main.close_without_asking()
        window.close()


@pytest.fixture
def forms(open_forms: OpenForms) -> FormsWindow:
    """A window on a workspace with a connection and two connectors."""
    return open_forms()
