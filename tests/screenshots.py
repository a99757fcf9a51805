"""Pictures of every page, as they are: `python -m tests.screenshots OUTDIR [NAME…]`.

Each page with data, with an error and empty, in both themes, at 1280x800 and at twice the pixels; from a fake engine,
so that they are the same on every machine. NAME keeps only pictures whose name begins so.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import msgspec
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from kafka_agent_studio.api.browse import BrowseTopic, EndedBy
from kafka_agent_studio.api.cluster_commands import ListTopics
from kafka_agent_studio.api.commands import GetRun, ListRuns
from kafka_agent_studio.api.events import Snapshot
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.api.queries import RunPage
from kafka_agent_studio.api.transfers import Replay, TransferProgress, TransferReport
from kafka_agent_studio.gui.clusters.produce_dialog import ProduceDialog
from kafka_agent_studio.gui.clusters.replay_dialog import ReplayDialog
from kafka_agent_studio.gui.details.group_detail import GroupDetail
from kafka_agent_studio.gui.pages.agents import AgentsPage
from kafka_agent_studio.gui.pages.browse import BrowsePage
from kafka_agent_studio.gui.pages.compare import ComparePage
from kafka_agent_studio.gui.pages.messages import MessagesPage
from kafka_agent_studio.gui.pages.overview import OverviewPage
from kafka_agent_studio.gui.pages.rerun import RerunPage
from kafka_agent_studio.gui.pages.runs import RunsPage
from kafka_agent_studio.gui.pages.table_page import TablePage
from kafka_agent_studio.gui.pages.topics import TopicsPage
from kafka_agent_studio.gui.theme import ThemeChoice
from kafka_agent_studio.model.run import RunStatus
from tests.gui.agents_page.scene import PROCESSOR, Disk, make_agents_snapshot
from tests.helpers.cluster_scene import answer_about_cluster, make_paused
from tests.helpers.fake_engine import FakeEngineClient
from tests.helpers.gui_form_pictures import FORM_PICTURES, forget_files
from tests.helpers.gui_picture import DialogPicture, Picture
from tests.helpers.gui_reruns import FAILED, REHEARSED, REPEATED
from tests.helpers.gui_scene import (
    make_empty_snapshot,
    make_expiring_snapshot,
    make_record,
    make_snapshot,
    make_troubled_snapshot,
)
from tests.helpers.gui_window import WindowUnderTest
from tests.helpers.trend_scene import make_trends

_TWICE = "2"


def _select(row: int) -> Callable[[WindowUnderTest], None]:
    def act(window: WindowUnderTest) -> None:
        page = window.main.page
        assert isinstance(page, TablePage)
        page.table.selectRow(row)

    return act


def _open_run(status: RunStatus) -> Callable[[WindowUnderTest], None]:
    def act(window: WindowUnderTest) -> None:
        run = next(run for run in window.engine.current.runs if run.status is status)
        window.go(f"run/{run.run_id}")

    return act


def _ask_to_run_failed_again(window: WindowUnderTest) -> None:
    page = window.main.page
    assert isinstance(page, RunsPage)
    page.line.set_text("agent:order-processor since:24h")
    page.table.selectAll()
    page.selection.failed.click()


def _reruns(engine: FakeEngineClient) -> None:
    details = {detail.run.run_id: detail for detail in (FAILED, REPEATED, REHEARSED)}
    engine.answer(GetRun, lambda command: details.get(command.run_id))
    engine.answer(ListRuns, lambda _command: RunPage((REPEATED.run, REHEARSED.run, FAILED.run), None))


def _compare(window: WindowUnderTest) -> None:
    window.go(f"compare/{FAILED.run.run_id}/{REPEATED.run.run_id}")
    page = window.main.page
    assert isinstance(page, ComparePage)
    page.tabs.setCurrentWidget(page.tables["Prompt"])


def _change_a_run(window: WindowUnderTest) -> None:
    window.go(f"rerun/{FAILED.run.run_id}")
    page = window.main.page
    assert isinstance(page, RerunPage)
    page.model.editor.setFocus()
    assert isinstance(page.model.editor, QLineEdit)
    page.model.editor.setText("openai/gpt-5-mini")


def _agents(act: Callable[[AgentsPage], None]) -> Callable[[WindowUnderTest], None]:
    def act_on_page(window: WindowUnderTest) -> None:
        page = window.main.page
        assert isinstance(page, AgentsPage)
        page.open(PROCESSOR)
        act(page)

    return act_on_page


def _misspell_a_field(page: AgentsPage) -> None:
    editor = page.pane.editor
    editor.go_to_line(4, 4)
    for _ in range(2):
        editor.textCursor().deleteChar()
    editor.insertPlainText("le")
    page.files.check_now()
    editor.go_to_line(4)
    page.side.setCurrentWidget(page.tools)


def _files(engine: FakeEngineClient) -> None:
    Disk().answer(engine)


def _preview_reset(window: WindowUnderTest) -> None:
    _select(0)(window)
    (group,) = [detail for detail in window.main.inspector.findChildren(GroupDetail) if detail.isVisible()]
    group.tabs.setCurrentWidget(group.reset)
    group.reset.preview.click()


def _produce(window: WindowUnderTest) -> None:
    page = window.main.page
    assert isinstance(page, TopicsPage)
    page.open_produce("orders")
    assert isinstance(page.dialog, ProduceDialog)
    page.dialog.edit("sandbox", make_record(1590))


def _count_redrive(window: WindowUnderTest) -> None:
    page = window.main.page
    assert isinstance(page, TopicsPage)
    assert isinstance(page.dialog, ReplayDialog)
    page.dialog.dry.click()


def _import(window: WindowUnderTest) -> None:
    page = window.main.page
    assert isinstance(page, TopicsPage)
    page.open_import()


def _browse(window: WindowUnderTest) -> None:
    page = window.main.page
    assert isinstance(page, BrowsePage)
    page.bar.choose(connection="sandbox", topic="orders")
    page.ranges.toggle.click()
    page.bar.go.click()
    # a fake engine is at its end at once: this is what the window hears while a real one waits
    page._show_reading(True)
    (asked,) = window.engine.asked(BrowseTopic)
    window.engine.say(make_paused(asked.job_id))
    window.bridge.drain()


def _export(window: WindowUnderTest) -> None:
    page = window.main.page
    assert isinstance(page, MessagesPage)
    page.export.click()


def _redrives(engine: FakeEngineClient) -> None:
    answer_about_cluster(engine)
    progress = TransferProgress(scanned=43, matched=41, written=41, size_bytes=18_450)
    engine.answer(Replay, TransferReport(EndedBy.END, progress, True, {"orders": 38, "shipments": 3}))


def _refuse_topics(engine: FakeEngineClient) -> None:
    engine.answer(ListTopics, CommandRefused("kafka-1:9092 refused the connection: nothing listens there."))


def _with_trends(snapshot: Callable[[], Snapshot]) -> Callable[[], Snapshot]:
    return lambda: msgspec.structs.replace(snapshot(), trends=make_trends())


def _draw_charts(window: WindowUnderTest) -> None:
    page = window.main.page
    assert isinstance(page, OverviewPage)
    page.charts.draw()
    while not page.charts.is_drawn:
        QApplication.processEvents()


PICTURES: tuple[Picture | DialogPicture, ...] = (
    Picture("overview", _with_trends(make_snapshot), "overview", _draw_charts),
    Picture("overview-trouble", _with_trends(make_troubled_snapshot), "overview", _draw_charts),
    Picture("overview-certificates", _with_trends(make_expiring_snapshot), "overview", _draw_charts),
    Picture("overview-empty", make_empty_snapshot, "overview"),
    Picture("links", make_snapshot, "links"),
    Picture("links-trouble", make_troubled_snapshot, "links"),
    Picture("links-empty", make_empty_snapshot, "links"),
    Picture("connectors", make_snapshot, "connectors", _select(1)),
    Picture("connectors-trouble", make_troubled_snapshot, "connectors", _select(1)),
    Picture("connectors-empty", make_empty_snapshot, "connectors"),
    Picture("agents", make_agents_snapshot, "agents", _agents(lambda page: page.try_it.start()), _files),
    Picture("agents-mistake", make_agents_snapshot, "agents", _agents(_misspell_a_field), _files),
    Picture("agents-empty", make_empty_snapshot, "agents", prepare=_files),
    Picture("messages", make_snapshot, "messages", _select(3)),
    Picture("messages-empty", make_empty_snapshot, "messages"),
    Picture("message", make_snapshot, "message/orders/2/1590"),
    Picture("browse", make_snapshot, "browse", _browse, answer_about_cluster),
    Picture("browse-empty", make_snapshot, "browse", prepare=answer_about_cluster),
    Picture("runs", make_snapshot, "runs", _select(6)),
    Picture("runs-selected", make_snapshot, "runs", _ask_to_run_failed_again),
    Picture("runs-empty", make_empty_snapshot, "runs"),
    Picture("run", make_snapshot, "runs", _open_run(RunStatus.COMPLETED)),
    Picture("run-again", make_snapshot, f"run/{REHEARSED.run.run_id}", prepare=_reruns),
    Picture("run-failed", make_snapshot, "runs", _open_run(RunStatus.FAILED)),
    Picture("compare", make_snapshot, "runs", _compare, _reruns),
    Picture("rerun", make_snapshot, "runs", _change_a_run, _reruns),
    Picture("connector", make_troubled_snapshot, "connector/orders-in"),
    Picture("topics", make_snapshot, "topics", _select(3), answer_about_cluster),
    Picture("groups", make_snapshot, "groups", _select(1), answer_about_cluster),
    Picture("reset", make_snapshot, "groups", _preview_reset, answer_about_cluster),
    Picture("topics-error", make_snapshot, "topics", prepare=_refuse_topics),
    Picture("produce", make_snapshot, "topics", _produce, answer_about_cluster),
    Picture("import", make_snapshot, "topics", _import, answer_about_cluster),
    Picture("export", make_snapshot, "messages", _export, answer_about_cluster),
    Picture("redrive", make_snapshot, "topics?redrive=orders.dlq", _count_redrive, _redrives),
    Picture("log", make_snapshot, "log"),
    Picture("log-empty", make_empty_snapshot, "log"),
    *FORM_PICTURES,
)


def _picture_of(widget: QWidget) -> QPixmap:
    """The window, with the dialog that is open over it."""
    pixmap = widget.grab()
    dialog = QApplication.activeModalWidget()
    if dialog is not None and dialog is not widget:
        painter = QPainter(pixmap)
        at = widget.rect().center() - dialog.rect().center()
        painter.drawPixmap(at, dialog.grab())
        painter.setPen(dialog.palette().mid().color())
        painter.drawRect(dialog.rect().translated(at))
        painter.end()
    return pixmap


def _take(folder: Path, wanted: list[str], suffix: str) -> None:
    application = QApplication([])
    with tempfile.TemporaryDirectory() as settings:
        for picture in PICTURES:
            if wanted and not any(picture.name.startswith(name) for name in wanted):
                continue
            for theme in (ThemeChoice.LIGHT, ThemeChoice.DARK):
                file = Path(settings) / f"{picture.name}-{theme.value}.ini"
                shot = picture.take(settings_file=file, theme=theme)
                name = f"{picture.name}-{theme.value}{suffix}.png"
                _picture_of(shot.widget).save(str(folder / name))
                print(name)
                shot.close()
                application.processEvents()
    forget_files()


def main() -> int:
    """Take the pictures; the larger ones in a process of its own, since Qt reads its scale once."""
    if len(sys.argv) < 2:
        print("usage: python -m tests.screenshots OUTDIR [NAME…]", file=sys.stderr)
        return 2
    folder, wanted = Path(sys.argv[1]), sys.argv[2:]
    folder.mkdir(parents=True, exist_ok=True)
    is_twice = os.environ.get("QT_SCALE_FACTOR") == _TWICE
    _take(folder, wanted, "@2x" if is_twice else "")
    if is_twice or "QT_SCALE_FACTOR" in os.environ:
        return 0
    command = [sys.executable, "-m", "tests.screenshots", *sys.argv[1:]]
    return subprocess.run(command, env={**os.environ, "QT_SCALE_FACTOR": _TWICE}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
