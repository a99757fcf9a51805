"""After a restart a failed run is found by full text, changed, run again and compared: by clicks and keys."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication
from qasync import QEventLoop

from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.bootstrap import EngineOptions, build_engine
from kafka_agent_studio.engine.host import EngineHost
from kafka_agent_studio.gui.details.run_detail import RunDetailView
from kafka_agent_studio.gui.pages.compare import ComparePage
from kafka_agent_studio.gui.pages.detail_page import DetailPage
from kafka_agent_studio.gui.pages.rerun import RerunPage
from kafka_agent_studio.gui.pages.runs import RunsPage
from kafka_agent_studio.gui.window import Window, open_window
from kafka_agent_studio.model.run import RunStatus
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


async def _fail_twice(studio: Studio, topic: str) -> None:
    studio.broker.records.produce(topic, value=b'{"total": 4}', key=b"good")
    studio.broker.records.produce(topic, value=b'{"total": -7, "account": 9007199254740993}', key=b"bad")
    async with studio.running() as running:
        await running.ended(2)


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
    assert [envelope["output"] for envelope in studio.broker.results(results)] == [{"twice": 14}]

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


def test_a_failed_run_is_found_after_a_restart_and_fixed(qapp: QApplication, studio: Studio, tmp_path: Path) -> None:
    topic, results = f"{studio.name}-in", f"{studio.name}-out"
    for name in (topic, results):
        studio.broker.make_topic(name)
    studio.write({"tools/work.py": _TOOLS})
    studio.tool_agent("counter", "work.double")
    studio.inbound("orders-in", topic=topic, agents=["counter"])
    asyncio.run(_fail_twice(studio, topic))
    studio.outbound("results-out", topic=results, agents=["counter"])

    host = EngineHost(lambda: build_engine(EngineOptions(root=studio.root, environ={})))
    host.start()

    async def in_a_window() -> None:
        tasks = TaskGroupOwner(name="window")
        settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
        window = open_window(application=qapp, client=host, tasks=tasks, settings=settings, workspace_root=studio.root)
        qapp.setQuitOnLastWindowClosed(False)
        window.main.show()
        try:
            await _walk(window, results, studio)
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
