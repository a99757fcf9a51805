"""The message that stopped a connector, as a person deals with it."""

import msgspec
import pytest

from kafka_agent_studio.api.events import ConnectorState, ConnectorStatus
from kafka_agent_studio.api.faults import CommandRefused, Fault, FaultCode
from kafka_agent_studio.api.transfers import MessagePlace, MoveOn
from kafka_agent_studio.gui.details.connector_detail import ConnectorDetail
from kafka_agent_studio.gui.details.poison_bar import PoisonBar
from kafka_agent_studio.gui.pages.detail_page import DetailPage
from tests.gui.conftest import OpenWindow
from tests.helpers.gui_scene import make_snapshot
from tests.helpers.gui_window import WindowUnderTest

FAULT = Fault(FaultCode.RUN_FAILED_STOP, {"place": "orders/2/77", "agent": "order-processor", "detail": "no total"})


@pytest.fixture
def stopped(open_window: OpenWindow) -> tuple[WindowUnderTest, PoisonBar]:
    snapshot = make_snapshot()
    statuses = tuple(
        ConnectorStatus(s.name, ConnectorState.FAILED, FAULT) if s.name == "orders-in" else s
        for s in snapshot.connectors
    )
    window = open_window(msgspec.structs.replace(snapshot, connectors=statuses))
    window.go("connector/orders-in")
    page = window.main.page
    assert isinstance(page, DetailPage)
    assert isinstance(page.detail, ConnectorDetail)
    return window, page.detail.poison


def test_it_is_shown_and_skipped_after_a_question(stopped: tuple[WindowUnderTest, PoisonBar]) -> None:
    window, bar = stopped
    assert bar.message.text() == "orders/2/77"
    bar.skip.click()
    assert bar.ask.text.startswith("Go on past orders/2/77?")
    assert window.engine.asked(MoveOn) == []
    bar.ask.press("Skip it")
    assert window.engine.asked(MoveOn) == [MoveOn("orders-in", None)]


def test_it_is_parked_in_a_topic_that_is_named(stopped: tuple[WindowUnderTest, PoisonBar]) -> None:
    window, bar = stopped
    assert not bar.park.isEnabled()
    bar.topic.setText("orders.parked")
    window.engine.answer(MoveOn, MessagePlace("orders.parked", 0, 9))
    bar.park.click()
    assert "Write orders/2/77 to orders.parked on staging" in bar.ask.text
    bar.ask.press("Park it")
    assert window.engine.asked(MoveOn) == [MoveOn("orders-in", "orders.parked")]
    assert bar.says.text() == "Parked at orders.parked/0/9."


def test_a_refusal_is_said(stopped: tuple[WindowUnderTest, PoisonBar]) -> None:
    window, bar = stopped
    window.engine.answer(MoveOn, CommandRefused("There is no topic orders.parked."))
    bar.topic.setText("orders.parked")
    bar.park.click()
    bar.ask.press("Park it")
    assert bar.says.text() == "There is no topic orders.parked."


def test_a_connector_that_stopped_for_another_reason_has_no_message_to_blame(open_window: OpenWindow) -> None:
    window = open_window()
    window.go("connector/orders-in")
    page = window.main.page
    assert isinstance(page, DetailPage)
    assert isinstance(page.detail, ConnectorDetail)
    assert page.detail.poison.isHidden()
