"""A message is followed by clicks and keys, from its topic over its run to the result and back.

After a restart the run that failed beside it is found by full text, changed, run again and compared.
"""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication
from qasync import QEventLoop

from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.bootstrap import build_engine
from kafka_agent_studio.engine.host import EngineHost
from kafka_agent_studio.engine.options import EngineOptions
from kafka_agent_studio.gui.details.message_detail import MessageDetail
from kafka_agent_studio.gui.details.run_detail import RunDetailView
from kafka_agent_studio.gui.details.topic_detail import TopicDetail
from kafka_agent_studio.gui.pages.browse import BrowsePage
from kafka_agent_studio.gui.pages.compare import ComparePage
from kafka_agent_studio.gui.pages.detail_page import DetailPage
from kafka_agent_studio.gui.pages.rerun import RerunPage
from kafka_agent_studio.gui.pages.runs import RunsPage
from kafka_agent_studio.gui.pages.topics import TopicsPage
from kafka_agent_studio.gui.window import Window, open_window
from kafka_agent_studio.model.run import RunStatus, Span, SpanKind
from tests.helpers.studio import Studio

_TOOLS = """
def double(payload):
    if payload["total"] < 0:
        raise ValueError("a total below zero")
    return {"twice": payload["total"] * 2}
"""
_PATIENCE_S = 40.0


async def _until(holds: Callable[[], bool], what: str) -> None:
    deadline = asyncio.get_running_loop().time() + _PATIENCE_S
    while not holds():
        assert asyncio.get_running_loop().time() < deadline, f"waited in vain until {what}"
        await asyncio.sleep(0.02)


def _click(button: QAbstractButton) -> None:
    assert button.isVisible()
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def _enter(table: QAbstractItemView) -> None:
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Return)


def _message_shown(window: Window) -> MessageDetail:
    page = window.main.page
    assert isinstance(page, DetailPage)
    assert isinstance(page.detail, MessageDetail)
    return page.detail


def _run_shown(window: Window) -> RunDetailView:
    page = window.main.page
    assert isinstance(page, DetailPage)
    assert isinstance(page.detail, RunDetailView)
    return page.detail


async def _find_in_topic(window: Window, cluster: str, topic: str) -> MessageDetail:
    """From the list of topics to the good message itself, without a group."""
    window.parts.navigator.go("topics")
    topics = window.main.page
    assert isinstance(topics, TopicsPage)
    topics.choice.choose(cluster)
    await _until(lambda: topics.table.select_key(topic), "the topic is listed")
    _enter(topics.table)
    page = window.main.page
    assert isinstance(page, DetailPage)
    assert isinstance(page.detail, TopicDetail)
    _click(page.detail.browse)
    browse = window.main.page
    assert isinstance(browse, BrowsePage)
    await _until(lambda: browse.table.model().rowCount() == 2, "both messages of the topic are read")
    number = next(at for at in range(2) if browse.table.row_at(at).record.key == b"good")
    browse.table.selectRow(number)
    _enter(browse.table)
    return _message_shown(window)


async def _follow(window: Window, cluster: str, topic: str, results: str) -> None:
    navigator = window.parts.navigator
    message = await _find_in_topic(window, cluster, topic)
    await _until(lambda: '"total": 4' in message.value.shown_text, "the message is shown")
    at_message = navigator.current
    message.tabs.setCurrentWidget(message.runs)
    await _until(lambda: message.runs.model().rowCount() == 1, "the run it started is there")
    await _until(lambda: message.runs.row_at(0).status is RunStatus.COMPLETED, "the run is over")
    message.runs.selectRow(0)
    _enter(message.runs)

    view, at_run = _run_shown(window), navigator.current
    spans = view.waterfall
    await _until(lambda: spans.currentIndex().isValid(), "the run is shown")
    spans.setFocus()
    await _until(lambda: '"twice": 8' in view.span.output.shown_text, "the run shows what came out of it")
    assert '"total": 4' in view.span.input.shown_text
    called: dict[SpanKind, Span] = {}
    while SpanKind.TOOL not in called:
        before = spans.currentIndex()
        QTest.keyClick(spans, Qt.Key.Key_Down)
        assert spans.currentIndex() != before, f"the run shows no tool call, but {list(called)}"
        span = spans.spans.span_at(spans.currentIndex())
        assert span is not None
        called[span.kind] = span
    # a tool agent's call has the run's own message and output, which are kept once
    assert called[SpanKind.TOOL].name == "work.double"
    assert called[SpanKind.TOOL].error is None
    assert view.span.error.isHidden()

    assert view.results[0].text().startswith(f"{results}/")
    _click(view.results[0])
    result = _message_shown(window)
    assert navigator.current.startswith(f"message/{cluster}/{results}/")
    await _until(lambda: '"twice": 8' in result.value.shown_text, "the result is shown as it lies in its topic")
    await _until(result.origin.run.isVisible, "the result says which run wrote it")
    _click(result.origin.run)
    assert navigator.current == at_run
    _click(view.message)
    assert navigator.current == at_message


async def _walk(window: Window, results: str, studio: Studio) -> None:
    main = window.main
    window.parts.navigator.go("runs")
    page = main.page
    assert isinstance(page, RunsPage)
    await _until(lambda: page.table.model().rowCount() == 2, "the runs of the earlier start are there")
    page.line.field.setFocus()
    QTest.keyClicks(page.line.field, "below zero")
    QTest.keyClick(page.line.field, Qt.Key.Key_Return)
    await _until(lambda: page.table.model().rowCount() == 1, "the failed one alone is found")
    assert page.table.row_at(0).status is RunStatus.FAILED
    page.table.setFocus()
    page.table.selectRow(0)
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    detail_page = main.page
    assert isinstance(detail_page, DetailPage)
    view = detail_page.detail
    assert isinstance(view, RunDetailView)
    await _until(lambda: "below zero" in view.span.error.text, "the error is shown where it happened")
    failed_id = page.table.row_at(0).run_id

    _click(view.change)
    rerun = main.page
    assert isinstance(rerun, RerunPage)
    await _until(lambda: "9007199254740993" in rerun.message.text, "the message stands there")
    rerun.editor.setFocus()
    rerun.editor.setPlainText(rerun.message.text.replace("-7", "7"))
    QTest.keyClick(rerun.publish, Qt.Key.Key_Space)
    _click(rerun.run)
    await _until(lambda: main.page is detail_page, "the new run is open")
    await _until(lambda: view.results[0].isVisible(), "the result landed")
    assert view.badge.look.word == "completed"
    assert '"twice": 14' in view.span.output.shown_text
    assert view.results[0].text().startswith(f"{results}/")
    outputs = [envelope["output"] for envelope in studio.broker.results(results)]
    assert sorted(output["twice"] for output in outputs) == [8, 14]

    _click(view.relatives.compare)
    compare = main.page
    assert isinstance(compare, ComparePage)
    await _until(lambda: bool(compare.figures.pairs.rows), "both are compared")
    row = compare.figures.pairs.rows[0]
    assert (row.left, row.mark, row.right) == ("failed", "≠", "completed")
    assert compare.tabs.tabText(2) == "Message: differs"
    _click(compare.links[0])
    await _until(lambda: view.relatives.children_links[0].isVisible(), "the failed run knows what came of it")
    assert window.parts.navigator.current == f"run/{failed_id}"


def test_a_message_is_followed_to_its_result_and_after_a_restart_a_failed_run_is_fixed(
    qapp: QApplication, studio: Studio, tmp_path: Path
) -> None:
    topic, results = f"{studio.name}-in", f"{studio.name}-out"
    for name in (topic, results):
        studio.broker.make_topic(name)
    studio.write({"tools/work.py": _TOOLS})
    studio.tool_agent("counter", "work.double")
    studio.inbound("orders-in", topic=topic, agents=["counter"])
    studio.outbound("results-out", topic=results, agents=["counter"])

    studio.broker.records.produce(topic, value=b'{"total": 4}', key=b"good")
    studio.broker.records.produce(topic, value=b'{"total": -7, "account": 9007199254740993}', key=b"bad")
    cluster = studio.broker.connection
    _in_a_window(qapp, studio, tmp_path, lambda window: _follow(window, cluster, topic, results))
    _in_a_window(qapp, studio, tmp_path, lambda window: _walk(window, results, studio))


def _in_a_window(
    qapp: QApplication, studio: Studio, tmp_path: Path, walk: Callable[[Window], Coroutine[Any, Any, None]]
) -> None:
    """Start the program, walk, and end it: engine and window are made anew each time."""
    host = EngineHost(lambda: build_engine(EngineOptions(root=studio.root, environ={})))
    host.start()

    async def in_a_window() -> None:
        tasks = TaskGroupOwner(name="window")
        settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
        window = open_window(application=qapp, client=host, tasks=tasks, settings=settings, workspace_root=studio.root)
        qapp.setQuitOnLastWindowClosed(False)
        window.main.show()
        try:
            await walk(window)
        finally:
            window.main.close_without_asking()
            window.parts.bridge.close()
            await tasks.close()
            window.main.deleteLater()

    try:
        with asyncio.Runner(loop_factory=lambda: QEventLoop(qapp)) as runner:
            runner.run(in_a_window())
    finally:
        assert host.close()
