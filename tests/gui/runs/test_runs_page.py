"""The runs page: one filter line, live, pages by scrolling, and what is done with many runs at once."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from kafka_agent_studio.api.commands import CancelRun, ListRuns, RerunRun
from kafka_agent_studio.api.events import RunChange, RunsChanged
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.api.queries import RunPage, RunQuery
from kafka_agent_studio.gui.pages.runs import RunsPage
from kafka_agent_studio.model.run import RunStatus
from tests.gui.conftest import OpenWindow
from tests.helpers.gui_scene import NOW_US, make_run, make_runs, make_snapshot
from tests.helpers.gui_window import WindowUnderTest


def page_of(window: WindowUnderTest) -> RunsPage:
    window.go("runs")
    page = window.main.page
    assert isinstance(page, RunsPage)
    return page


def asked(window: WindowUnderTest) -> RunQuery:
    query = window.engine.asked(ListRuns)[-1].query
    assert isinstance(query, RunQuery)
    return query


def offsets(page: RunsPage) -> list[int]:
    return [page.table.row_at(row).offset for row in range(page.table.model().rowCount())]


def test_runs_of_an_earlier_start_are_there_at_once(open_window: OpenWindow) -> None:
    # the engine's first snapshot brings no past runs: the page asks the store
    window = open_window(make_snapshot(runs=()), "overview")
    window.engine.answer(ListRuns, RunPage((make_run(7, status=RunStatus.FAILED),), None))
    page = page_of(window)
    window.engine.say(window.engine.current)
    window.bridge.drain()
    assert offsets(page) == [7]
    assert page.table.isVisible()
    assert page.header.remark == "1"


def test_a_filter_is_typed_with_completion_and_taken_away_by_its_chip(window: WindowUnderTest) -> None:
    page = page_of(window)
    page.focus_filter()
    QTest.keyClicks(page.line.field, "stat")
    assert page.line.completer.words == ["status:"]
    page.line.completer.take("status:")
    assert "status:failed" in page.line.completer.words
    page.line.completer.take("status:failed")
    QTest.keyClicks(page.line.field, "overloaded")
    QTest.keyClick(page.line.field, Qt.Key.Key_Return)
    assert asked(window) == RunQuery(status=RunStatus.FAILED, text="overloaded")
    assert page.line.chips.terms == ["status:failed", "overloaded"]
    page.line.chips.chips[0].click()
    assert page.line.text == "overloaded"
    assert asked(window) == RunQuery(text="overloaded")
    page.line.chips.clear.click()
    assert not page.line.chips.isVisible()
    assert asked(window) == RunQuery()


def test_a_mistake_is_said_and_the_list_stays(window: WindowUnderTest) -> None:
    page = page_of(window)
    before = offsets(page)
    page.line.set_text("status:done")
    assert "There is no status 'done'" in page.line.chips.mistake.text()
    assert offsets(page) == before
    assert window.engine.asked(ListRuns)[-1].query == RunQuery()


def test_filters_are_chosen_from_a_menu_saved_and_forgotten(open_window: OpenWindow) -> None:
    window = open_window()
    page = page_of(window)
    menu = page.line.make_menu()
    parts = {action.text(): action.menu() for action in menu.actions()}
    agent = parts["Agent"]
    assert isinstance(agent, QMenu)
    next(a for a in agent.actions() if a.text() == "event-correlator").trigger()
    page.line.add_term("tokens>100")
    assert asked(window) == RunQuery(agent="event-correlator", min_tokens=101)
    page.line.chips.save.click()
    assert not page.line.chips.save.isVisible()
    page.clear_filter()
    kept = next(a for a in page.line.make_menu().actions() if a.text() == "agent:event-correlator tokens>100")
    kept.trigger()
    assert asked(window).min_tokens == 101
    again = page_of(open_window(first_place="runs"))
    assert again.line.saved.texts == ["agent:event-correlator tokens>100"]
    page.line.saved.forget("agent:event-correlator tokens>100")
    assert page.line.saved.texts == []


def test_a_run_leaves_a_filter_that_it_fits_no_longer(window: WindowUnderTest) -> None:
    page = page_of(window)
    running = make_run(9, status=RunStatus.RUNNING)
    window.engine.answer(ListRuns, RunPage((running, make_run(8, status=RunStatus.RUNNING)), None))
    page.line.set_text("status:running")
    assert offsets(page) == [9, 8]
    window.engine.say(RunsChanged(NOW_US, RunChange.FINISHED, (make_run(9),)))
    window.bridge.drain()
    assert offsets(page) == [8]
    assert page.header.remark == "1"


def test_limits_hold_for_what_arrives(window: WindowUnderTest) -> None:
    page = page_of(window)
    window.engine.answer(ListRuns, RunPage((), None))
    page.line.set_text("tokens>415 cost>0.0001 since:1h")
    small, large = make_run(2), make_run(9)
    assert small.token_usage.total_tokens < 416 < large.token_usage.total_tokens
    window.engine.say(RunsChanged(NOW_US, RunChange.FINISHED, (small, large)))
    window.bridge.drain()
    assert offsets(page) == [9]


def test_what_happens_while_the_store_is_asked_is_not_lost(window: WindowUnderTest) -> None:
    page = page_of(window)

    def answer(_command: ListRuns) -> RunPage:
        page.parts.bridge.runs_changed.emit([make_run(8), make_run(9)])
        return RunPage((make_run(8, status=RunStatus.RUNNING), make_run(7)), None)

    window.engine.answer(ListRuns, answer)
    page.ask_anew()
    assert offsets(page) == [9, 8, 7]
    assert page.table.row_at(1).status is RunStatus.COMPLETED


def test_a_hundred_thousand_runs_are_scrolled_through(window: WindowUnderTest) -> None:
    page = page_of(window)
    first = make_run(0)
    size, count = 5_000, 100_000

    def answer(command: ListRuns) -> RunPage:
        newest = count if command.query.cursor is None else int(command.query.cursor)
        runs = (msgspec.structs.replace(first, run_id=f"r{at}", offset=at) for at in range(newest, newest - size, -1))
        return RunPage(tuple(runs), None if newest == size else str(newest - size))

    window.engine.answer(ListRuns, answer)
    page.ask_anew()
    assert page.header.remark == "5,000 newest, older below"
    bar = page.table.verticalScrollBar()
    for _ in range(count // size):
        page.table.scrollToBottom()
        bar.setValue(bar.maximum())
        QApplication.sendPostedEvents()
    assert page.header.remark == "100,000"
    assert offsets(page)[::25_000] == [100_000, 75_000, 50_000, 25_000]


def test_rows_that_a_busy_table_forgot_are_asked_for_again(window: WindowUnderTest) -> None:
    page = page_of(window)
    window.engine.answer(ListRuns, RunPage(make_runs(20), None))
    page.ask_anew()
    assert page.header.remark == "20"
    arrived = tuple(make_run(at) for at in range(2_000, 11_990))
    page.parts.bridge.runs_changed.emit(list(arrived))
    assert page.header.remark == "10,000 newest, older below"
    bottom = page.table.row_at(page.table.model().rowCount() - 1)
    page.table.end_reached.emit()
    assert asked(window).started_before_us == (bottom.started_at_us or 0) + 1
    assert page.header.remark == "10,010"


def test_selected_failed_runs_are_run_again_after_an_ask(window: WindowUnderTest) -> None:
    page = page_of(window)
    runs = [make_run(at, status=RunStatus.FAILED if at % 2 else RunStatus.COMPLETED) for at in range(8)]
    window.engine.answer(ListRuns, RunPage(tuple(runs), None))
    page.ask_anew()
    page.table.selectAll()
    bar = page.selection
    assert bar.said.text() == "8 runs selected · 4 failed"
    bar.failed.click()
    assert "Run 4 failed runs again?" in bar.ask.text
    assert "published, to order-results, only if you say so" in bar.ask.text
    assert window.engine.asked(RerunRun) == []
    bar.ask.press("Run 4 again")
    assert window.engine.asked(RerunRun) == [RerunRun(run.run_id) for run in runs if run.error is not None]
    assert bar.said.text() == "4 of 4 started again"


def test_a_refusal_among_many_is_counted_and_said(window: WindowUnderTest) -> None:
    page = page_of(window)
    window.engine.answer(RerunRun, CommandRefused("agent order-processor does not exist any more"))
    page.table.selectAll()
    page.selection.again.click()
    page.selection.ask.press("Run 55 again and publish")
    assert all(command.publish for command in window.engine.asked(RerunRun))
    assert page.selection.said.text() == (
        "0 of 55 started again, to publish · 55 refused: agent order-processor does not exist any more"
    )


def test_many_are_cancelled_after_an_ask_and_esc_lets_them_run(window: WindowUnderTest) -> None:
    page = page_of(window)
    page.table.selectAll()
    page.selection.cancel.click()
    assert "Cancel 5 runs?" in page.selection.ask.text
    QTest.keyClick(page.selection.ask.buttons[-1], Qt.Key.Key_Escape)
    assert page.selection.ask.text == ""
    assert window.engine.asked(CancelRun) == []
    page.selection.cancel.click()
    page.selection.ask.press("Cancel 5 runs")
    assert len(window.engine.asked(CancelRun)) == 5


def test_two_selected_runs_are_compared_the_older_one_left(window: WindowUnderTest) -> None:
    page = page_of(window)
    page.table.selectRow(8)
    assert not page.selection.isVisible()
    index = page.table.model().index(6, 0)
    page.table.selectionModel().select(
        index, page.table.selectionModel().SelectionFlag.Select | page.table.selectionModel().SelectionFlag.Rows
    )
    older, newer = page.table.row_at(8), page.table.row_at(6)
    page.selection.compare.click()
    assert window.parts.navigator.current == f"compare/{older.run_id}/{newer.run_id}"


@pytest.mark.parametrize("address", ["runs?status=failed&connector=orders-in", "runs?message=orders/2/1542"])
def test_an_address_filters(window: WindowUnderTest, address: str, qtbot: QtBot) -> None:
    window.go(address)
    query = asked(window)
    assert (query.status, query.connector, query.place) in [
        (RunStatus.FAILED, "orders-in", None),
        (None, None, "orders/2/1542"),
    ]


def _choose(menu: QMenu, *path: str) -> None:
    for words in path[:-1]:
        below = next(action.menu() for action in menu.actions() if action.text() == words)
        assert isinstance(below, QMenu)
        menu = below
    next(action for action in menu.actions() if action.text() == path[-1]).trigger()


def test_the_menu_of_a_row_leads_on_runs_again_and_filters(window: WindowUnderTest) -> None:
    page = page_of(window)
    page.table.selectRow(6)
    run = page.table.row_at(6)
    _choose(page.table.make_menu(), f"Open the result {run.published[0].place}")
    assert window.parts.navigator.current == f"message/staging/{run.published[0].place}"
    window.parts.navigator.back()
    _choose(page.table.make_menu(), "Run again")
    assert window.engine.asked(RerunRun) == [RerunRun(run.run_id)]
    window.parts.navigator.back()
    _choose(page.table.make_menu(), "Only runs with the same", f"key:{run.key}")
    assert asked(window).key == run.key
    _choose(page.table.make_menu(), "Change and run…")
    assert window.parts.navigator.current == f"rerun/{run.run_id}"
