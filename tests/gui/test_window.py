"""The window itself: places, inspector, strip, notices, and how it closes."""

from pathlib import Path

import msgspec
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kafka_agent_studio.api.commands import SetStandIns, StartConnector
from kafka_agent_studio.api.events import (
    ConnectorChanged,
    ConnectorState,
    ConnectorStatus,
    EngineStopped,
    StandIns,
    StandInsChanged,
)
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.gui.application import run_window
from kafka_agent_studio.gui.dialogs.command_palette import CommandPalette
from kafka_agent_studio.gui.main_window import MainWindow
from kafka_agent_studio.gui.pages.runs import RunsPage
from kafka_agent_studio.gui.theme import SMALLEST_WINDOW, ThemeChoice
from kafka_agent_studio.gui.widgets.banner import Banner
from kafka_agent_studio.gui.window_place import first_size
from tests.gui.conftest import OpenWindow
from tests.helpers.fake_engine import FakeEngineClient
from tests.helpers.gui_scene import NOW_US, make_snapshot, make_troubled_snapshot
from tests.helpers.gui_window import WindowUnderTest


def test_the_title_names_program_and_workspace(window: WindowUnderTest) -> None:
    assert window.main.windowTitle() == "orders – Kafka Agent Studio"


def test_back_and_forward_as_in_a_browser(window: WindowUnderTest) -> None:
    window.go("runs")
    window.go("messages")
    QTest.keyClick(window.main, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert window.main.page.header.title == "Runs"
    QTest.keyClick(window.main, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert window.main.page.header.title == "Messages"


def test_ctrl_and_a_figure_open_a_page(window: WindowUnderTest) -> None:
    entries = [e for e in window.parts.actions if e.group == "Go" and e.shortcut.startswith("Ctrl+")]
    assert len(entries) >= 5
    for number, entry in enumerate(entries):
        QTest.keyClick(window.main, Qt.Key(Qt.Key.Key_1.value + number), Qt.KeyboardModifier.ControlModifier)
        assert f"go.{window.main.page.rail_address}" == entry.id


def test_the_last_place_is_where_the_next_window_opens(open_window: OpenWindow) -> None:
    first = open_window()
    first.go("runs")
    first.main.close()
    assert isinstance(open_window(first_place="").main.page, RunsPage)


def test_the_inspector_shows_what_is_selected_and_folds_in_a_narrow_window(window: WindowUnderTest) -> None:
    window.go("runs")
    page = window.main.page
    assert isinstance(page, RunsPage)
    assert not window.main.inspector.isVisible()
    page.table.selectRow(6)
    assert window.main.inspector.isVisible()
    selected = page.table.selected
    assert selected is not None
    assert window.main.inspector.address == f"run/{selected.run_id}"
    window.main.resize(880, 700)
    assert not window.main.inspector.isVisible()
    window.main.resize(1280, 700)
    assert window.main.inspector.isVisible()


def test_enter_opens_the_row_as_a_page_and_escape_goes_back(window: WindowUnderTest) -> None:
    window.go("runs")
    page = window.main.page
    assert isinstance(page, RunsPage)
    page.table.selectRow(6)
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert window.main.page.header.title.startswith("Run ")
    QTest.keyClick(window.main, Qt.Key.Key_Escape)
    assert window.main.page is page


def test_the_strip_says_what_stands_in(window: WindowUnderTest) -> None:
    assert "SANDBOX" not in window.main.strip.text
    window.engine.say(StandInsChanged(NOW_US, StandIns(sandbox=True, rehearse=True, sandbox_address="127.0.0.1:4")))
    window.bridge.drain()
    assert "SANDBOX" in window.main.strip.text
    assert "REHEARSAL" in window.main.strip.text


def test_the_strip_says_what_is_wrong_and_when_it_is_tried_again(open_window: OpenWindow) -> None:
    window = open_window(make_troubled_snapshot())
    assert "kafka-1:9092 cannot be reached: connection refused" in window.main.strip.text
    assert "Next try in 8 s" in window.main.strip.text
    window.main.strip.retry_asked.emit("orders-in")
    assert window.engine.asked(StartConnector) == [StartConnector("orders-in")]


def test_the_strip_forgets_trouble_that_is_over(open_window: OpenWindow) -> None:
    window = open_window(make_troubled_snapshot())
    for name in ("orders-in", "shipments-in"):
        window.engine.say(ConnectorChanged(NOW_US, ConnectorStatus(name, ConnectorState.RUNNING)))
    window.bridge.drain()
    assert "cannot be reached" not in window.main.strip.text


def test_an_engine_that_stopped_is_not_called_running(window: WindowUnderTest) -> None:
    assert window.main.strip.text.startswith("running")
    window.engine.say(EngineStopped(NOW_US))
    window.bridge.drain()
    assert window.main.strip.text.startswith("stopped")


def test_a_refusal_is_said_in_place(window: WindowUnderTest) -> None:
    window.engine.answer(SetStandIns, CommandRefused("the engine runs elsewhere"))
    window.parts.actions.qt("engine.sandbox").trigger()
    assert window.main.notices.isVisible()
    assert window.main.notices.text == "the engine runs elsewhere"


def test_the_theme_changes_while_it_runs_and_is_remembered(window: WindowUnderTest) -> None:
    window.parts.actions.qt("view.theme_dark").trigger()
    assert window.parts.theme.tokens.is_dark
    assert window.parts.preferences.theme is ThemeChoice.DARK
    assert QApplication.palette().window().color().name() == "#15181c"


def test_the_palette_finds_an_action_and_runs_it(window: WindowUnderTest) -> None:
    window.parts.actions.qt("help.palette").trigger()
    palette = window.main.findChild(CommandPalette)
    assert palette is not None
    assert palette.isVisible()
    QTest.keyClicks(palette.field, "dark theme")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert window.parts.theme.tokens.is_dark


def test_every_shortcut_is_used_once(window: WindowUnderTest) -> None:
    shortcuts = [entry.shortcut for entry in window.parts.actions if entry.shortcut]
    assert len(shortcuts) == len(set(shortcuts))


def test_run_window_blocks_until_the_window_is_closed(qapp: QApplication, tmp_path: Path) -> None:
    titles: list[str] = []

    def on_ready(main: MainWindow) -> None:
        titles.append(main.windowTitle())
        QTimer.singleShot(0, main.close)

    engine = FakeEngineClient(make_snapshot())
    code = run_window(client=engine, on_ready=on_ready, settings_file=tmp_path / "window.ini")
    assert code == 0
    assert titles == ["orders – Kafka Agent Studio"]
    assert [subscription.is_closed for subscription in engine.subscriptions] == [True]


def test_figures_reach_the_strip(window: WindowUnderTest) -> None:
    snapshot = make_snapshot()
    figures = tuple(msgspec.structs.replace(f, failed=7) for f in snapshot.figures if f.name == "orders-in")
    window.bridge.view.figures = {f.name: f for f in figures}
    window.bridge.figures_updated.emit()
    assert "7 failed" in window.main.strip.text


def test_a_window_is_never_larger_than_the_screen_has_room_for() -> None:
    assert first_size(QSize(1920, 1080)).toTuple() == (1280, 800)
    width, height = first_size(QSize(1280, 800)).toTuple()
    assert (width, height) < (1280, 800)
    assert height <= 770
    assert first_size(QSize(320, 200)).toTuple() == SMALLEST_WINDOW


def test_while_the_engine_starts_the_window_shows_what_the_files_say(open_window: OpenWindow) -> None:
    snapshot = make_snapshot()
    early = msgspec.structs.replace(snapshot, read_only="The engine is starting.", is_starting=True)
    window = open_window(early)
    assert "starting" in window.main.strip.text
    assert "READ ONLY" not in window.main.strip.text
    assert not any(b.isVisible() for b in window.main.findChildren(Banner))
    window.engine.say(snapshot)
    window.bridge.drain()
    assert "running" in window.main.strip.text


def test_a_place_and_a_selected_row_let_the_engine_make_room(window: WindowUnderTest) -> None:
    for act in (lambda: window.go("runs"), lambda: window.main.page.table.selectRow(1)):  # type: ignore[attr-defined]
        before = window.engine.rooms_made
        QTest.qWait(120)
        act()
        assert window.engine.rooms_made > before
