"""The pages, as a person uses them."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kafka_agent_studio.api.commands import (
    CancelRun,
    ListRuns,
    RerunRun,
    StartConnector,
    StopConnector,
)
from kafka_agent_studio.api.events import (
    ConnectorChanged,
    ConnectorState,
    ConnectorStatus,
    MessagesReceived,
    RunChange,
    RunsChanged,
)
from kafka_agent_studio.api.queries import RunPage
from kafka_agent_studio.gui.details.connector_detail import ConnectorDetail
from kafka_agent_studio.gui.details.message_detail import MessageDetail
from kafka_agent_studio.gui.details.run_detail import RunDetailView
from kafka_agent_studio.gui.pages.connectors import ConnectorsPage
from kafka_agent_studio.gui.pages.detail_page import DetailPage
from kafka_agent_studio.gui.pages.messages import MessagesPage
from kafka_agent_studio.gui.pages.overview import OverviewPage
from kafka_agent_studio.gui.pages.runs import RunsPage
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.run import RunStatus
from tests.gui.conftest import OpenWindow
from tests.helpers.gui_scene import (
    NOW_US,
    make_record,
    make_run,
    make_runs,
    make_snapshot,
    make_troubled_snapshot,
)
from tests.helpers.gui_window import WindowUnderTest, let_messages_arrive


def _messages_page(window: WindowUnderTest) -> MessagesPage:
    window.go("messages")
    page = window.main.page
    assert isinstance(page, MessagesPage)
    return page


def _runs_page(window: WindowUnderTest) -> RunsPage:
    window.go("runs")
    page = window.main.page
    assert isinstance(page, RunsPage)
    return page


def _run_view(window: WindowUnderTest) -> RunDetailView:
    page = window.main.page
    assert isinstance(page, DetailPage)
    assert isinstance(page.detail, RunDetailView)
    return page.detail


# overview


def test_the_overview_shows_figures_and_says_what_needs_attention_first(open_window: OpenWindow) -> None:
    page = open_window(make_troubled_snapshot()).main.page
    assert isinstance(page, OverviewPage)
    assert page.tiles["completed"].text == "159,587"
    assert page.tiles["failed"].text == "25"
    assert page.attention.isVisible()
    assert page.attention.count == 2


def test_nothing_needs_attention_where_nothing_is_wrong(window: WindowUnderTest) -> None:
    page = window.main.page
    assert isinstance(page, OverviewPage)
    assert not page.attention.isVisible()


def test_a_figure_leads_to_what_it_counts(window: WindowUnderTest) -> None:
    page = window.main.page
    assert isinstance(page, OverviewPage)
    page.tiles["failed"].setFocus()
    QTest.keyClick(page.tiles["failed"], Qt.Key.Key_Return)
    assert isinstance(window.main.page, RunsPage)
    assert window.engine.asked(ListRuns)[-1].query.status is RunStatus.FAILED


# connectors


def test_connectors_are_stopped_and_started_when_the_button_is_hit_and_change_when_the_event_comes(
    window: WindowUnderTest,
) -> None:
    window.go("connectors")
    page = window.main.page
    assert isinstance(page, ConnectorsPage)
    page.stop.click()
    assert window.engine.asked(StopConnector) == [StopConnector("orders-in"), StopConnector("shipments-in")]
    assert page.header.remark == "4 of 4 running"
    window.engine.say(ConnectorChanged(NOW_US, ConnectorStatus("orders-in", ConnectorState.STOPPED)))
    window.bridge.drain()
    assert page.header.remark == "3 of 4 running"
    page.start.click()
    assert window.engine.asked(StartConnector) == [StartConnector("orders-in")]


def test_a_connector_in_trouble_says_why_and_can_try_now(open_window: OpenWindow) -> None:
    window = open_window(make_troubled_snapshot(), "connector/orders-in")
    page = window.main.page
    assert isinstance(page, DetailPage)
    detail = page.detail
    assert isinstance(detail, ConnectorDetail)
    assert "kafka-1:9092 cannot be reached" in detail.error.text
    assert detail.error.action is not None
    detail.error.action.click()
    assert window.engine.asked(StartConnector) == [StartConnector("orders-in")]


def test_a_window_that_may_only_look_offers_nothing_to_press(open_window: OpenWindow) -> None:
    window = open_window(make_snapshot(read_only="engine 4711 on host a has it"), "connectors")
    page = window.main.page
    assert isinstance(page, ConnectorsPage)
    assert not page.start.isEnabled()
    assert not page.stop.isEnabled()
    assert "READ ONLY" in window.main.strip.text


# messages


def test_messages_appear_as_they_arrive_and_are_counted(window: WindowUnderTest) -> None:
    page = _messages_page(window)
    assert page.empty.isVisible()
    let_messages_arrive(window, 40)
    assert page.table.isVisible()
    assert page.header.remark == "kept 40 of 40"


@pytest.mark.parametrize(
    ("text", "offsets"),
    [
        ("", [1600, 1599, 1598, 1597]),
        ("key:order-13943", [1598]),
        ("grace@example.com", [1597]),
        ("GRACE", [1597]),
        ("partition:2 offset:1599", [1599]),
        ("partition:3", []),
        ("topic:orders key:13945", [1600]),
    ],
)
def test_messages_are_filtered(window: WindowUnderTest, text: str, offsets: list[int]) -> None:
    page = _messages_page(window)
    let_messages_arrive(window, 4)
    assert page.filter is not None
    page.filter.set_text(text)
    model = page.table.model()
    assert [page.table.row_at(row).record.offset for row in range(model.rowCount())] == offsets


def test_a_message_opens_beside_the_table_with_its_value_headers_and_runs(window: WindowUnderTest) -> None:
    page = _messages_page(window)
    let_messages_arrive(window, 10)
    page.table.selectRow(4)
    assert window.main.inspector.address == "message/staging/orders/2/1596"
    detail = window.main.inspector.findChild(MessageDetail)
    assert detail is not None
    assert '"account": 9007199254742589' in detail.value.shown_text
    assert "source: web-shop" in detail.headers.text
    assert window.engine.asked(ListRuns)[-1].query.place == "orders/2/1596"
    assert detail.runs.model().rowCount() == 1


def test_a_message_that_is_not_kept_comes_from_the_run_store(open_window: OpenWindow) -> None:
    window = open_window(make_snapshot(), "message/orders/2/1590")
    page = window.main.page
    assert isinstance(page, DetailPage)
    detail = page.detail
    assert isinstance(detail, MessageDetail)
    assert '"order_id": "13935"' in detail.value.shown_text


def test_a_message_that_nobody_has_is_said_so(open_window: OpenWindow) -> None:
    window = open_window(make_snapshot(), "message/orders/0/1")
    page = window.main.page
    assert isinstance(page, DetailPage)
    assert isinstance(page.detail, MessageDetail)
    assert "no longer kept" in page.detail.error.text


@pytest.mark.parametrize(
    ("value", "shown", "remark"),
    [
        (None, "", "tombstone"),
        (b"plain text", "plain text", ""),
        (b"\xff\xfe\x00", "ff fe 00", "not text"),
        (b'{"n": 12345678901234567890123}', '{\n  "n": 12345678901234567890123\n}', ""),
        (b'{"x": NaN}', '{"x": NaN}', ""),
    ],
)
def test_any_value_can_be_looked_at(window: WindowUnderTest, value: bytes | None, shown: str, remark: str) -> None:
    window.engine.say(MessagesReceived(NOW_US, "orders-in", (make_record(9, value=value),)))
    window.bridge.drain()
    window.go("message/orders/2/9")
    page = window.main.page
    assert isinstance(page, DetailPage)
    assert isinstance(page.detail, MessageDetail)
    assert page.detail.value.shown_text == shown
    assert remark in page.detail.value.remark


def test_a_large_value_is_read_off_the_thread_and_a_huge_one_shown_in_part(
    window: WindowUnderTest, qtbot: QtBot
) -> None:
    large = json.dumps({"numbers": list(range(30_000))}).encode()
    huge = json.dumps({"numbers": list(range(300_000))}).encode()
    for offset, value in ((1, large), (2, huge)):
        window.engine.say(MessagesReceived(NOW_US, "orders-in", (make_record(offset, value=value),)))
    window.bridge.drain()
    window.go("message/orders/2/1")
    page = window.main.page
    assert isinstance(page, DetailPage)
    assert isinstance(page.detail, MessageDetail)
    view = page.detail.value
    qtbot.waitUntil(lambda: view.shown_text.startswith('{\n  "numbers": [\n    0,'), timeout=10_000)
    assert view.remark == ""
    window.go("message/orders/2/2")
    qtbot.waitUntil(lambda: "are shown" in view.remark, timeout=10_000)
    assert view.shown_text.startswith('{\n  "numbers": [\n    0,')
    assert len(view.shown_text) <= 128_000


def test_reading_further_down_keeps_the_rows_still_and_counts_the_new_ones(
    window: WindowUnderTest, qtbot: QtBot
) -> None:
    page = _messages_page(window)
    let_messages_arrive(window, 200)
    bar = page.table.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 20)
    bar.setValue(20)
    records = tuple(Record("orders", 0, at, None, None, b"{}") for at in range(128))
    window.engine.say(MessagesReceived(NOW_US, "orders-in", records))
    window.bridge.drain()
    assert page.table.pill.isVisible()
    assert "128 new" in page.table.pill.text()
    assert page.table.row_at(0).record.offset == 1600
    page.table.pill.click()
    assert not page.table.pill.isVisible()
    assert page.table.row_at(0).record.offset == 127


def test_a_letter_typed_over_the_table_begins_a_filter(window: WindowUnderTest) -> None:
    page = _messages_page(window)
    let_messages_arrive(window, 5)
    QTest.keyClick(page.table, Qt.Key.Key_X)
    assert page.filter is not None
    assert page.filter.text == "x"
    assert page.filter.field.hasFocus()


def test_rows_are_copied_as_json_and_csv(window: WindowUnderTest) -> None:
    page = _messages_page(window)
    let_messages_arrive(window, 5)
    page.table.selectRow(1)
    page.table.copy_as_json()
    copied = json.loads(QGuiApplication.clipboard().text())
    assert (copied["topic"], copied["offset"], copied["key"]) == ("orders", 1599, "order-13944")
    page.table.copy_as_csv()
    assert QGuiApplication.clipboard().text().splitlines()[0] == "Time,Topic,Partition,Offset,Key,Value,Size"


# runs


def test_runs_are_searched_in_the_store(window: WindowUnderTest) -> None:
    page = _runs_page(window)
    window.engine.answer(ListRuns, RunPage((make_run(3),), None))
    assert page.filter is not None
    page.filter.set_text("overloaded model")
    assert window.engine.asked(ListRuns)[-1].query.text == "overloaded model"
    assert page.table.model().rowCount() == 1
    page.line.add_term("status:failed")
    assert window.engine.asked(ListRuns)[-1].query.status is RunStatus.FAILED


def test_a_filtered_list_takes_in_what_fits_and_leaves_the_rest(window: WindowUnderTest) -> None:
    page = _runs_page(window)
    window.engine.answer(ListRuns, RunPage((), None))
    page.line.add_term("status:failed")
    window.engine.say(RunsChanged(NOW_US, RunChange.FINISHED, (make_run(1), make_run(2, status=RunStatus.FAILED))))
    window.bridge.drain()
    assert [page.table.row_at(row).offset for row in range(page.table.model().rowCount())] == [2]


def test_older_runs_are_fetched_when_the_end_comes_in_sight(window: WindowUnderTest, qtbot: QtBot) -> None:
    page = _runs_page(window)
    older = make_runs(260)[60:]
    pages = {None: RunPage(make_runs(60), "one"), "one": RunPage(older[:100], "two"), "two": RunPage(older[100:], None)}
    window.engine.answer(ListRuns, lambda command: pages[command.query.cursor])
    page.ask_anew()
    assert page.header.remark == "60 newest, older below"
    bar = page.table.verticalScrollBar()

    def all_are_there() -> bool:
        bar.setValue(0)
        bar.setValue(bar.maximum())
        return page.table.model().rowCount() == 260

    qtbot.waitUntil(all_are_there)
    assert page.header.remark == "260"


def test_selection_survives_what_arrives(window: WindowUnderTest) -> None:
    page = _runs_page(window)
    page.table.selectRow(6)
    selected = page.table.selected
    window.engine.say(RunsChanged(NOW_US, RunChange.FINISHED, tuple(make_run(at) for at in range(2000, 2040))))
    window.bridge.drain()
    assert page.table.selected == selected
    page.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert page.table.selected == selected


def test_a_run_leads_to_its_message_and_to_its_result(window: WindowUnderTest) -> None:
    run = make_runs()[6]
    window.go(f"run/{run.run_id}")
    view = _run_view(window)
    assert view.badge.look.word == "completed"
    assert "447 tokens" in view.figures.text() or "446 tokens" in view.figures.text()
    view.results[0].click()
    assert window.parts.navigator.current == f"message/staging/order-results/0/{run.offset - 551}"
    window.parts.navigator.back()
    view.message.click()
    assert window.parts.navigator.current == f"message/staging/{run.place}"


def test_a_failed_run_opens_where_it_failed(window: WindowUnderTest) -> None:
    run = next(run for run in make_runs() if run.status is RunStatus.FAILED)
    window.go(f"run/{run.run_id}")
    view = _run_view(window)
    assert "The model gave no usable answer. 503" in view.span.error.text


def test_the_output_of_the_selected_span_is_shown(window: WindowUnderTest) -> None:
    window.go(f"run/{make_runs()[6].run_id}")
    view = _run_view(window)
    top = view.waterfall.spans.index(0, 0)
    view.waterfall.setCurrentIndex(view.waterfall.spans.index(2, 0, top))
    assert '"risk_score": 0.02' in view.span.output.shown_text
    assert '"customer"' in view.span.input.shown_text


def test_a_run_is_cancelled_and_run_again(window: WindowUnderTest) -> None:
    running = make_runs()[3]
    window.go(f"run/{running.run_id}")
    view = _run_view(window)
    assert view.cancel.isVisible()
    view.cancel.click()
    assert window.engine.asked(CancelRun) == [CancelRun(running.run_id)]
    view.again.click()
    assert window.engine.asked(RerunRun) == [RerunRun(running.run_id)]
    assert window.parts.navigator.current == "run/a-new-run"


def test_a_run_that_is_not_kept_is_said_so(open_window: OpenWindow) -> None:
    view = _run_view(open_window(first_place="run/nobody-knows"))
    assert "not in the run store" in view.missing.text
    assert not view.again.isVisible()


# log


def test_a_line_of_the_log_leads_to_its_run(window: WindowUnderTest) -> None:
    let_messages_arrive(window, 1)
    window.go("line/3")
    assert window.main.page.header.title.startswith("Error")
    window.go("log")
    assert window.main.page.header.title == "Log"
