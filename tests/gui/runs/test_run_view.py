"""A run looked at: what happened, what was sent, where it went wrong, where it came from and what came of it."""

import json
import sys
from time import perf_counter
from types import FrameType

import msgspec
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester

from kafka_agent_studio.api.commands import GetRun, ListRuns, RerunRun
from kafka_agent_studio.api.events import RunChange, RunsChanged
from kafka_agent_studio.api.queries import RunPage
from kafka_agent_studio.gui.details.run_detail import RunDetailView
from kafka_agent_studio.gui.models import span_tree
from kafka_agent_studio.gui.models.span_tree import COST, NAME, TOKENS
from kafka_agent_studio.gui.pages.detail_page import DetailPage
from kafka_agent_studio.model.message import Published
from kafka_agent_studio.model.run import (
    ErrorType,
    RunChanges,
    RunDetail,
    RunError,
    RunStatus,
    Span,
    SpanKind,
    TokenUsage,
)
from tests.gui.conftest import OpenWindow
from tests.helpers.gui_reruns import FAILED, REHEARSED, REPEATED
from tests.helpers.gui_scene import NOW_US, make_detail, make_record, make_run
from tests.helpers.gui_window import WindowUnderTest


def show(window: WindowUnderTest, detail: RunDetail, *others: RunDetail) -> RunDetailView:
    known = {d.run.run_id: d for d in (detail, *others)}
    window.engine.answer(GetRun, lambda command: known.get(command.run_id))
    window.engine.answer(ListRuns, RunPage(tuple(d.run for d in reversed(known.values())), None))
    window.go(f"run/{detail.run.run_id}")
    page = window.main.page
    assert isinstance(page, DetailPage)
    assert isinstance(page.detail, RunDetailView)
    return page.detail


def names(view: RunDetailView) -> list[str]:
    spans = view.waterfall.spans
    top = spans.index(0, 0)
    return [spans.index(row, NAME, top).data() for row in range(spans.rowCount(top))]


def test_the_messages_as_sent_are_read_as_a_conversation(window: WindowUnderTest) -> None:
    view = show(window, REPEATED)
    top = view.waterfall.spans.index(0, 0)
    view.waterfall.setCurrentIndex(view.waterfall.spans.index(0, 0, top))
    said = view.span.chat.toPlainText()
    assert view.span.tabs.tabText(view.span.tabs.currentIndex()) == "Messages"
    assert said.startswith("system\nYou receive an order event")
    assert 'user\n{\n  "order_id": "13887"' in said
    assert '"account": 9007199254742535' in said
    assert "assistant calls validate_order\n{" in said
    assert "Tools offered: validate_order, score_risk" in view.span.facts.text
    assert "Cost: $0.0001" in view.span.facts.text
    assert view.waterfall.spans.index(0, COST, top).data() == "$0.0001"
    assert view.waterfall.spans.index(0, TOKENS, top).data() == "310"


def test_attempts_are_counted_and_the_failed_one_is_marked(window: WindowUnderTest) -> None:
    view = show(window, FAILED)
    assert names(view)[-3:] == [f"▲ gemini/gemini-2.5-flash · {attempt}/3" for attempt in (1, 2, 3)]
    assert names(view)[0] == "gemini/gemini-2.5-flash"


def test_a_run_leads_to_where_it_went_wrong_the_innermost_span(window: WindowUnderTest) -> None:
    run = make_run(status=RunStatus.FAILED)
    start = run.started_at_us or 0
    broken = RunError(ErrorType.TOOL_ERROR, "no such customer")
    spans = (
        Span("2", "1", SpanKind.TOOL, "lookup", start + 10, start + 20, error=broken),
        Span("3", "1", SpanKind.TOOL, "tidy", start + 30, start + 40),
        Span("1", None, SpanKind.AGENT, "step", start + 10, start + 50, error=broken),
    )
    view = show(window, RunDetail(run, spans, make_record()))
    assert view.waterfall.spans.span_at(view.waterfall.currentIndex()) == spans[0]
    view.waterfall.setCurrentIndex(view.waterfall.spans.index(0, 0))
    assert view.span.error.action is not None
    view.span.error.action.click()
    assert view.waterfall.spans.span_at(view.waterfall.currentIndex()) == spans[0]
    assert "no such customer" in view.span.error.text
    assert not view.span.error.action.isVisible()


def test_a_run_that_recovered_opens_at_its_output(window: WindowUnderTest) -> None:
    detail = make_detail()
    tool = msgspec.structs.replace(detail.spans[1], error=RunError(ErrorType.TOOL_ERROR, "try again"))
    view = show(window, msgspec.structs.replace(detail, spans=(detail.spans[0], tool, *detail.spans[2:])))
    assert view.waterfall.spans.span_at(view.waterfall.currentIndex()) is None
    assert '"status": "approved"' in view.span.output.shown_text


def test_what_stood_in_is_said_in_words(window: WindowUnderTest) -> None:
    view = show(window, REHEARSED)
    assert "in place of a model" in view.stand_in.text
    assert "from the embedded broker" in view.stand_in.text
    assert show(window, REPEATED).stand_in.text == ""


def test_a_rerun_and_its_parent_lead_to_each_other(window: WindowUnderTest) -> None:
    view = show(window, FAILED, REPEATED)
    assert view.relatives.children_links[0].text() == "● b5d1c2e4"
    view.relatives.children_links[0].click()
    assert window.parts.navigator.current == f"run/{REPEATED.run.run_id}"
    assert "runs again with another prompt" in view.relatives.words
    view.relatives.compare.click()
    assert window.parts.navigator.current == f"compare/{FAILED.run.run_id}/{REPEATED.run.run_id}"
    window.parts.navigator.back()
    view.relatives.parent_link.click()
    assert window.parts.navigator.current == f"run/{FAILED.run.run_id}"


def test_a_rerun_that_begins_elsewhere_appears_under_its_parent(window: WindowUnderTest) -> None:
    view = show(window, FAILED)
    assert not view.relatives.isVisible()
    window.engine.answer(ListRuns, RunPage((REPEATED.run, FAILED.run), None))
    window.engine.say(RunsChanged(NOW_US, RunChange.STARTED, (REPEATED.run,)))
    window.bridge.drain()
    assert view.relatives.children_links[0].isVisible()


def test_a_changed_message_is_shown_instead_of_the_one_in_the_topic(window: WindowUnderTest) -> None:
    changes = RunChanges(payload={"order_id": "changed", "account": 9_007_199_254_740_993})
    run = msgspec.structs.replace(REPEATED.run, changes=changes)
    view = show(window, msgspec.structs.replace(REPEATED, run=run))
    assert '"account": 9007199254740993' in view.span.input.shown_text
    assert view.span.tabs.tabText(1) == "Message, changed for this run"
    assert "with another message" in view.relatives.words


def test_the_whole_run_is_copied_with_every_digit(window: WindowUnderTest) -> None:
    record = make_record(value=b'{"total": 0.10000000000000000000001, "id": 12345678901234567890123}')
    view = show(window, msgspec.structs.replace(make_detail(), record=record))
    view.copy.click()
    text = QGuiApplication.clipboard().text()
    assert '"total": 0.10000000000000000000001' in text
    assert '"id": 12345678901234567890123' in text
    copied = json.loads(text)
    assert copied["published"] == [
        {"connector": "results-out", "topic": "order-results", "partition": 0, "offset": 991}
    ]
    assert [span["kind"] for span in copied["spans"]] == ["model", "tool", "tool", "model", "publish"]
    assert copied["spans"][0]["input"][0]["content"].startswith("You receive an order event")


def test_more_results_than_there_is_room_for_are_counted(window: WindowUnderTest) -> None:
    places = tuple(Published(f"out-{at}", f"topic-{at}", 0, at) for at in range(5))
    run = make_run(published=places)
    view = show(window, msgspec.structs.replace(make_detail(run), run=run))
    assert [link.text() for link in view.results] == ["topic-0/0/0", "topic-1/0/1", "topic-2/0/2"]
    assert view.more_results.text() == "and 2 more"


@pytest.mark.parametrize("is_deep", [False, True])
def test_five_thousand_spans_stay_usable(window: WindowUnderTest, is_deep: bool) -> None:
    start, run = make_run().started_at_us or 0, make_run()
    spans = tuple(
        Span(
            str(at),
            str(at - at % 50) if is_deep and at % 50 else None,
            SpanKind.AGENT if at % 50 == 0 else SpanKind.TOOL,
            f"tools.step_{at % 7}",
            start + at * 300,
            start + at * 300 + 250,
            input={"number": at},
            output={"done": at},
            token_usage=TokenUsage(1, 1, 2),
        )
        for at in range(5_000)
    )
    began_s = perf_counter()
    view = show(window, RunDetail(run, spans, make_record()))
    QApplication.sendPostedEvents()
    view.waterfall.repaint()
    shown_s = perf_counter() - began_s
    last = view.waterfall.spans.index_of("4999")
    began_s = perf_counter()
    view.waterfall.setCurrentIndex(last)
    view.waterfall.repaint()
    moved_s = perf_counter() - began_s
    assert '"number": 4999' in view.span.input.shown_text
    # a row by row build, or one that looks through all spans for each, takes many seconds
    assert (shown_s < 3, moved_s < 1) == (True, True), (shown_s, moved_s)


def calls_of_the_tree(window: WindowUnderTest, count: int) -> int:
    """Return how many functions of the tree's module run until a run with so many spans is on screen."""
    call = Span("", None, SpanKind.TOOL, "orders.find", NOW_US, NOW_US + 1)
    spans = tuple(msgspec.structs.replace(call, span_id=str(at), started_at_us=NOW_US + at) for at in range(count))
    run = msgspec.structs.replace(make_run(), run_id=f"run-{count}")
    calls = 0

    def count_call(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call" and frame.f_code.co_filename == span_tree.__file__

    sys.setprofile(count_call)
    try:
        view = show(window, RunDetail(run, spans, make_record()))
        QApplication.sendPostedEvents()
        view.waterfall.repaint()
    finally:
        sys.setprofile(None)
    assert view.waterfall.spans.rowCount(view.waterfall.spans.index(0, 0)) == count
    return calls


def test_only_what_is_in_sight_is_asked_of_a_long_run(window: WindowUnderTest) -> None:
    few = calls_of_the_tree(window, 400)
    # asked about each of its rows once when it is laid out, a tree of 20,000 keeps the window for a quarter of a second
    assert calls_of_the_tree(window, 20_000) < 2 * few


def test_only_the_tab_in_sight_is_filled(window: WindowUnderTest) -> None:
    view = show(window, make_detail())
    span = view.span
    assert span.tabs.currentWidget() is span.output
    assert '"status": "approved"' in span.output.text.toPlainText()
    assert span.input.text.toPlainText() == ""
    span.tabs.setCurrentWidget(span.input)
    assert '"account"' in span.input.text.toPlainText()
    tree = view.waterfall.spans
    view.waterfall.setCurrentIndex(tree.index(0, 0, tree.index(0, 0)))
    assert span.tabs.currentWidget() is span.chat
    assert span.chat.toPlainText().startswith("system")
    assert '"account"' in span.input.text.toPlainText(), "that of the run, until somebody looks"
    span.tabs.setCurrentWidget(span.input)
    assert "You receive an order event" in span.input.text.toPlainText()


def test_a_run_that_nobody_looks_at_is_asked_about_when_somebody_does(window: WindowUnderTest) -> None:
    detail = make_detail()
    view = show(window, detail)
    window.go("runs")
    asked = len(window.engine.asked(GetRun))
    known = msgspec.structs.replace(detail, run=msgspec.structs.replace(detail.run, attempts=3))
    window.engine.answer(GetRun, known)
    window.engine.say(RunsChanged(NOW_US, RunChange.PUBLISHED, (known.run,)))
    window.bridge.drain()
    assert len(window.engine.asked(GetRun)) == asked
    window.go(f"run/{detail.run.run_id}")
    assert "3 attempts" in view.figures.text()


def test_the_tree_keeps_qts_rules(window: WindowUnderTest, qtmodeltester: ModelTester) -> None:
    view = show(window, FAILED)
    qtmodeltester.check(view.waterfall.spans)  # type: ignore[no-untyped-call]


def test_a_window_that_may_only_look_runs_nothing(open_window: OpenWindow) -> None:
    window = open_window()
    window.bridge.view.read_only = "pid 7"
    view = show(window, FAILED)
    assert not view.again.isEnabled()
    assert not view.change.isEnabled()
    assert window.engine.asked(RerunRun) == []


def test_a_run_that_goes_on_is_followed_until_it_is_over_or_nobody_looks(window: WindowUnderTest) -> None:
    run = make_run(status=RunStatus.RUNNING)
    whole = make_detail()
    view = show(window, RunDetail(run, whole.spans[:1], make_record()))
    assert (names(view), view.ticks.isActive()) == (["gemini/gemini-2.5-flash"], True)
    window.engine.answer(GetRun, RunDetail(run, whole.spans[:3], make_record()))
    view.ticks.timeout.emit()
    assert names(view) == ["gemini/gemini-2.5-flash", "validate_order", "score_risk"]
    window.go("log")
    assert not view.ticks.isActive()
    window.parts.navigator.back()
    assert view.ticks.isActive()
    window.engine.answer(GetRun, whole)
    view.ticks.timeout.emit()
    assert (view.badge.look.word, view.ticks.isActive()) == ("completed", False)
