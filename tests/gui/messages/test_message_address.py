"""Two clusters have a topic of one name: each message is read, listed and led to on its own."""

import msgspec
import pytest

from kafka_agent_studio.api.browse import BrowseProgress, BrowseReport, BrowseTopic, EndedBy, GetMessage
from kafka_agent_studio.api.cluster_commands import ListTopics
from kafka_agent_studio.api.commands import ListRuns
from kafka_agent_studio.api.events import BrowseProgressed, MessagesReceived
from kafka_agent_studio.api.queries import RunPage
from kafka_agent_studio.gui.details.message_detail import MessageDetail
from kafka_agent_studio.gui.details.run_detail import RunDetailView
from kafka_agent_studio.gui.navigation import MessageSpot, split_message
from kafka_agent_studio.gui.pages.browse import BrowsePage
from kafka_agent_studio.gui.pages.detail_page import DetailPage
from kafka_agent_studio.gui.pages.messages import MessagesPage
from kafka_agent_studio.model.connection import Connection
from kafka_agent_studio.model.message import Published, Record
from tests.gui.conftest import OpenWindow
from tests.helpers.gui_scene import NOW_US, make_record, make_run, make_snapshot, make_workspace
from tests.helpers.gui_window import WindowUnderTest

STAGING_RUN = make_run(77)
LIVE_RUN = make_run(
    77, run_id="11111111-0000-5000-8000-000000000001", connector="live-in",
    published=(Published("live-out", "order-results", 0, 5),),
)  # fmt: skip


@pytest.fixture
def window(open_window: OpenWindow) -> WindowUnderTest:
    workspace = make_workspace()
    connectors = dict(workspace.connectors)
    for name, source in (("live-in", "orders-in"), ("live-out", "results-out")):
        connectors[name] = connectors[source].model_copy(update={"name": name, "connection": "live"})
    live = Connection(version="1.0", name="live", bootstrap_servers="live-1:9092")
    connections = {**workspace.connections, "live": live}
    snapshot = make_snapshot(
        workspace=make_workspace(connections=connections, connectors=connectors), runs=(STAGING_RUN, LIVE_RUN)
    )
    made = open_window(snapshot)
    made.engine.answer(GetMessage, lambda asked: make_record(asked.offset, value=asked.connection.encode()))
    return made


def shown(window: WindowUnderTest) -> MessageDetail:
    page = window.main.page
    assert isinstance(page, DetailPage)
    assert isinstance(page.detail, MessageDetail)
    return page.detail


@pytest.mark.parametrize("cluster", ["staging", "live"])
def test_the_cluster_of_the_address_is_read(window: WindowUnderTest, cluster: str) -> None:
    window.go(f"message/{cluster}/orders/2/9")
    assert window.engine.asked(GetMessage) == [GetMessage(cluster, "orders", 2, 9)]
    assert shown(window).value.shown_text == cluster
    assert f"Cluster: {cluster}" in shown(window).facts.text.splitlines()


@pytest.mark.parametrize(("cluster", "run"), [("staging", STAGING_RUN), ("live", LIVE_RUN)])
def test_only_the_runs_of_that_cluster_are_listed(window: WindowUnderTest, cluster: str, run: object) -> None:
    window.go(f"message/{cluster}/orders/2/77")
    runs = shown(window).runs
    assert [runs.row_at(at) for at in range(runs.model().rowCount())] == [run]


def test_what_arrived_from_one_is_not_shown_as_the_others(window: WindowUnderTest) -> None:
    window.engine.say(MessagesReceived(NOW_US, "orders-in", (make_record(9, value=b"from staging"),)))
    window.engine.say(MessagesReceived(NOW_US, "live-in", (make_record(9, value=b"from live"),)))
    window.bridge.drain()
    window.go("messages")
    page = window.main.page
    assert isinstance(page, MessagesPage)
    page.table.select_key(("live-in", "orders/2/9"))
    assert window.main.inspector.address == "message/live/orders/2/9"
    inspected = window.main.inspector.findChild(MessageDetail)
    assert inspected is not None
    assert inspected.value.shown_text == "from live"
    page.table.select_key(("orders-in", "orders/2/9"))
    assert inspected.value.shown_text == "from staging"


def test_what_was_found_belongs_to_the_cluster_that_was_read(window: WindowUnderTest) -> None:
    window.engine.answer(ListTopics, ())
    window.engine.answer(BrowseTopic, BrowseReport(EndedBy.END, BrowseProgress()))
    window.go("browse?connection=live&topic=orders")
    page = window.main.page
    assert isinstance(page, BrowsePage)
    page.bar.connection.setCurrentText("staging")
    (asked,) = window.engine.asked(BrowseTopic)
    window.engine.say(BrowseProgressed(NOW_US, asked.job_id, (make_record(9),), BrowseProgress()))
    window.bridge.drain()
    assert page.address_of(page.table.row_at(0)) == "message/live/orders/2/9"


def test_a_run_leads_to_its_message_and_result_on_its_own_cluster(window: WindowUnderTest) -> None:
    window.go(f"run/{LIVE_RUN.run_id}")
    page = window.main.page
    assert isinstance(page, DetailPage)
    assert isinstance(page.detail, RunDetailView)
    page.detail.results[0].click()
    assert window.parts.navigator.current == "message/live/order-results/0/5"
    window.parts.navigator.back()
    page.detail.message.click()
    assert window.parts.navigator.current == "message/live/orders/2/77"


def test_a_result_leads_to_the_message_on_the_cluster_where_its_run_read_it(window: WindowUnderTest) -> None:
    headers = (("studio.run_id", LIVE_RUN.run_id.encode()), ("studio.source", b"orders/2/77"))
    window.engine.answer(GetMessage, Record("order-results", 0, 9, 1, None, b"{}", headers))
    window.engine.answer(ListRuns, RunPage((STAGING_RUN, LIVE_RUN), None))
    window.go("message/staging/order-results/0/9")
    shown(window).origin.source.click()
    assert window.parts.navigator.current == "message/live/orders/2/77"


def test_an_address_without_a_cluster_says_that_there_are_two(window: WindowUnderTest) -> None:
    window.go("message/orders/2/9")
    assert "Cluster: live; staging has a topic of this name, too" in shown(window).facts.text.splitlines()


def test_the_command_that_reads_it_names_its_own_brokers(window: WindowUnderTest) -> None:
    window.go("message/live/orders/2/9")
    forms = dict(shown(window)._copy_choices())
    assert "live-1:9092" in forms["kcat command that reads it"]()


def test_a_connector_that_is_gone_leads_to_no_other_cluster(window: WindowUnderTest) -> None:
    gone = msgspec.structs.replace(STAGING_RUN, connector="old-in")
    window.engine.answer(ListRuns, RunPage((gone, STAGING_RUN), None))
    window.go("message/old-in/orders/2/77")
    assert window.engine.asked(GetMessage) == [GetMessage("old-in", "orders", 2, 77)]
    runs = shown(window).runs
    assert [runs.row_at(at) for at in range(runs.model().rowCount())] == [gone]


@pytest.mark.parametrize(
    ("rest", "spot"),
    [
        ("live/orders/2/9", MessageSpot("live", "orders", 2, 9)),
        ("orders/2/9", MessageSpot("", "orders", 2, 9)),
        ("orders/2", None),
        ("live/orders/2/x", None),
        ("a/live/orders/2/9", None),
        ("orders/2/\N{SUPERSCRIPT TWO}", None),
    ],
)
def test_addresses_are_read(rest: str, spot: MessageSpot | None) -> None:
    assert split_message(rest) == spot
