"""Two runs side by side."""

import json

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from kafka_agent_studio.api.commands import GetRun
from kafka_agent_studio.api.events import RunChange, RunsChanged
from kafka_agent_studio.gui.pages.compare import ComparePage
from kafka_agent_studio.gui.runs.differences import PairRow, span_rows, text_rows
from kafka_agent_studio.model.run import RunDetail, RunStatus, Span, SpanKind
from tests.helpers.gui_reruns import FAILED, REHEARSED, REPEATED
from tests.helpers.gui_scene import NOW_US
from tests.helpers.gui_window import WindowUnderTest


def show(window: WindowUnderTest, left: RunDetail, right: RunDetail) -> ComparePage:
    known = {d.run.run_id: d for d in (left, right)}
    window.engine.answer(GetRun, lambda command: known.get(command.run_id))
    window.go(f"compare/{left.run.run_id}/{right.run.run_id}")
    page = window.main.page
    assert isinstance(page, ComparePage)
    return page


def rows(page: ComparePage, name: str) -> tuple[PairRow, ...]:
    return page.tables[name].pairs.rows


def test_figures_output_prompt_message_and_spans_are_held_against_each_other(window: WindowUnderTest) -> None:
    page = show(window, FAILED, REPEATED)
    figures = {row.what: row for row in page.figures.pairs.rows}
    assert (figures["Status"].left, figures["Status"].mark, figures["Status"].right) == ("failed", "≠", "completed")
    assert (figures["Tokens"].left, figures["Tokens"].right, figures["Tokens"].remark) == ("434", "410", "−24 (−6%)")
    assert figures["Model"].mark == ""
    assert [page.tabs.tabText(at) for at in range(4)] == [
        "Output: differs",
        "Prompt: differs",
        "Message: the same",
        "Spans: differs",
    ]
    assert [row.mark for row in rows(page, "Prompt")] == ["", "", "", "≠", "+"]
    assert ("tool validate_order", "") in [(row.what, row.mark) for row in rows(page, "Spans")]
    assert "runs the other again" in page.about[1].text()


def test_sides_are_swapped_and_each_leads_to_its_run(window: WindowUnderTest) -> None:
    page = show(window, FAILED, REPEATED)
    window.go(f"compare/{REPEATED.run.run_id}/{FAILED.run.run_id}")
    assert page.figures.pairs.rows[0].left == "completed"
    page.links[1].click()
    assert window.parts.navigator.current == f"run/{FAILED.run.run_id}"


def test_what_stood_in_is_said_once_for_both(window: WindowUnderTest) -> None:
    assert "in place of a model" in show(window, REPEATED, REHEARSED).stand_in.text


def test_a_run_that_goes_on_is_compared_anew_when_it_ends(window: WindowUnderTest) -> None:
    running = msgspec.structs.replace(REPEATED.run, status=RunStatus.RUNNING, output=None)
    page = show(window, FAILED, msgspec.structs.replace(REPEATED, run=running))
    assert page.figures.pairs.rows[0].right == "running"
    window.engine.answer(GetRun, lambda c: {d.run.run_id: d for d in (FAILED, REPEATED)}[c.run_id])
    window.engine.say(RunsChanged(NOW_US, RunChange.FINISHED, (REPEATED.run,)))
    window.bridge.drain()
    assert page.figures.pairs.rows[0].right == "completed"


def test_a_run_that_is_not_kept_is_said_so(window: WindowUnderTest) -> None:
    window.engine.answer(GetRun, lambda command: FAILED if command.run_id == FAILED.run.run_id else None)
    window.go(f"compare/{FAILED.run.run_id}/gone")
    page = window.main.page
    assert isinstance(page, ComparePage)
    assert "gone is not in the run store" in page.missing.text
    assert not page.figures.isVisible()


def test_marked_rows_are_copied(window: WindowUnderTest) -> None:
    page = show(window, FAILED, REPEATED)
    page.figures.selectRow(0)
    QTest.keyClick(page.figures, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Status\tfailed\t≠\tcompleted"


def test_the_table_keeps_qts_rules(window: WindowUnderTest, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(show(window, FAILED, REPEATED).figures.pairs)  # type: ignore[no-untyped-call]


def test_spans_are_paired_call_by_call() -> None:
    def span(number: int, name: str) -> Span:
        return Span(str(number), None, SpanKind.TOOL, name, number, number + 1)

    left = [span(1, "a"), span(2, "b"), span(3, "a")]
    right = [span(1, "a"), span(2, "c"), span(3, "b")]
    assert [(row.what, row.mark) for row in span_rows(left, right)] == [
        ("tool a", ""),
        ("tool b", ""),
        ("tool a", "−"),
        ("tool c", "+"),
    ]


def test_texts_are_compared_line_by_line_with_every_digit() -> None:
    assert text_rows("a\n12345678901234567890123\nz", "a\n12345678901234567890124\ny\nz") == [
        PairRow("", "a", "a", ""),
        PairRow("", "12345678901234567890123", "12345678901234567890124", "≠"),
        PairRow("", "", "y", "+"),
        PairRow("", "z", "z", ""),
    ]


def test_texts_of_any_length_are_compared_in_part_and_say_so() -> None:
    left = json.dumps([{"id": at, "same": True} for at in range(20_000)], indent=1)
    found = text_rows(left, left.replace('"id": 7,', '"id": 8,'))
    assert "longer than is compared here" in found[-1].left
    assert [(row.left.strip(), row.right.strip()) for row in found if row.mark] == [('"id": 7,', '"id": 8,')]


def test_long_outputs_are_compared_off_the_windows_thread(window: WindowUnderTest, qtbot: QtBot) -> None:
    output = [{"id": at, "same": True} for at in range(2_000)]
    other = [{"id": 8 if at == 7 else at, "same": True} for at in range(2_000)]
    left, right = (
        msgspec.structs.replace(REPEATED, run=msgspec.structs.replace(REPEATED.run, run_id=run_id, output=value))
        for run_id, value in (("left", output), ("right", other))
    )
    page = show(window, left, right)
    assert page.tabs.tabText(0) == "Output: comparing…"
    qtbot.waitUntil(lambda: page.tabs.tabText(0) == "Output: differs")
    assert [(row.left.strip(), row.right.strip()) for row in rows(page, "Output") if row.mark] == [
        ('"id": 7,', '"id": 8,')
    ]
