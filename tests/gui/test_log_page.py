"""The log page: narrowed by connector, and its lines lead to their run and their connector."""

import pytest
from pytestqt.qtbot import QtBot

from kafka_agent_studio.api.events import Logged
from kafka_agent_studio.gui.details.log_detail import LogDetail
from kafka_agent_studio.gui.pages.log import LogPage
from kafka_agent_studio.gui.widgets.place_link import PlaceLink
from tests.gui.conftest import OpenWindow
from tests.helpers.gui_scene import NOW_US
from tests.helpers.gui_window import WindowUnderTest

RUN_ID = "6f3c1a52-0000-5000-8000-000000000000"


@pytest.fixture
def page(open_window: OpenWindow) -> tuple[WindowUnderTest, LogPage]:
    window = open_window(first_place="log")
    page = window.main.page
    assert isinstance(page, LogPage)
    window.engine.say(
        Logged(NOW_US, "INFO", "kafka_agent_studio.engine", "files read"),
        Logged(NOW_US, "INFO", "kafka_agent_studio.engine", "orders-in is running", connector="orders-in"),
        Logged(NOW_US, "WARNING", "kafka_agent_studio.engine", "it failed", run_id=RUN_ID, connector="orders-in"),
        Logged(NOW_US, "WARNING", "kafka_agent_studio.engine", "waits", connector="results-out"),
    )
    window.bridge.drain()
    return window, page


def test_it_is_narrowed_to_a_connector_and_widened_again(page: tuple[WindowUnderTest, LogPage]) -> None:
    _, log = page
    model = log.table.model()
    assert model.rowCount() == 4
    offered = [log.connector.itemText(at) for at in range(log.connector.count())]
    assert {"All connectors", "orders-in", "results-out"} <= set(offered)
    log.connector.setCurrentText("orders-in")
    assert model.rowCount() == 2
    assert log.is_filtered
    log.clear_filter()
    assert model.rowCount() == 4
    assert log.connector.currentText() == "All connectors"


def test_a_line_leads_to_its_run_and_its_connector(page: tuple[WindowUnderTest, LogPage], qtbot: QtBot) -> None:
    window, _ = page
    window.go("line/2")
    detail = window.main.findChildren(LogDetail)[-1]
    assert isinstance(detail.run, PlaceLink)
    assert detail.connector.isVisible()
    assert detail.run.isVisible()
    detail.connector.click()
    assert window.parts.navigator.current == "connector/orders-in"
    window.go("line/2")
    detail.run.click()
    assert window.parts.navigator.current == f"run/{RUN_ID}"
    window.go("line/0")
    assert not detail.run.isVisible()
    assert not detail.connector.isVisible()
