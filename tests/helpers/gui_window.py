"""A window on a fake engine, as tests and pictures use it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import shiboken6
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from kafka_agent_studio.api.browse import MatchRecords
from kafka_agent_studio.api.commands import GetRun, ListRuns, RerunRun
from kafka_agent_studio.api.events import FiguresUpdated, Logged, MessagesReceived, Snapshot
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.api.queries import RunPage
from kafka_agent_studio.engine.messages.filter import RecordFilter
from kafka_agent_studio.engine.messages.filter_syntax import FilterError
from kafka_agent_studio.gui.around import Around
from kafka_agent_studio.gui.engine_bridge import EngineBridge
from kafka_agent_studio.gui.main_window import MainWindow
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import ThemeChoice
from kafka_agent_studio.gui.window import open_window
from kafka_agent_studio.model.run import Run, RunDetail
from tests.helpers.fake_engine import FakeEngineClient
from tests.helpers.gui_scene import NOW_US, make_detail, make_record
from tests.helpers.immediate_tasks import ImmediateTasks


@dataclass(frozen=True, slots=True)
class WindowUnderTest:
    """The window, what it is made of, and the engine that it believes in."""

    main: MainWindow
    parts: WindowParts
    engine: FakeEngineClient
    around: Around

    @property
    def bridge(self) -> EngineBridge:
        """The adapter; `bridge.drain()` is a turn of its timer."""
        return self.parts.bridge

    def go(self, address: str) -> None:
        """Go to a place."""
        self.parts.navigator.go(address)

    def close(self) -> None:
        """End it as application.py does."""
        self.around.close()
        self.parts.bridge.close()
        self.main.close_without_asking()
        # Qt deletes what deleteLater() was called on in a running loop only; here a window shall be gone at once.
        shiboken6.delete(self.main)


def make_window(
    snapshot: Snapshot,
    *,
    settings_file: Path,
    first_place: str = "overview",
    theme: ThemeChoice = ThemeChoice.LIGHT,
    prepare: Callable[[FakeEngineClient], None] | None = None,
) -> WindowUnderTest:
    """Open a window on a fake engine that answers from the snapshot."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    engine = FakeEngineClient(snapshot)
    answer_from(engine, snapshot)
    if prepare is not None:
        prepare(engine)
    settings = QSettings(str(settings_file), QSettings.Format.IniFormat)
    settings.setValue("window/theme", theme.value)
    window = open_window(
        application=application,
        client=engine,
        tasks=ImmediateTasks(),
        settings=settings,
        workspace_root=snapshot.workspace.root,
        first_place=first_place,
        now_us=lambda: NOW_US,
    )
    return WindowUnderTest(window.main, window.parts, engine, window.around)


def answer_from(engine: FakeEngineClient, snapshot: Snapshot) -> None:
    """Answer what pages ask about runs from the snapshot's own."""
    runs = {run.run_id: run for run in snapshot.runs}

    def get(command: GetRun) -> RunDetail | None:
        run = runs.get(command.run_id)
        return None if run is None else make_detail(run)

    def listed(command: ListRuns) -> RunPage:
        query = command.query

        def fits(run: Run) -> bool:
            return query.place in (None, run.place) and query.status in (None, run.status)

        return RunPage(tuple(run for run in snapshot.runs if fits(run)), None)

    engine.answer(MatchRecords, matching)
    engine.answer(GetRun, get)
    engine.answer(ListRuns, listed)
    engine.answer(RerunRun, "a-new-run")


def matching(command: MatchRecords) -> tuple[int, ...]:
    """Answer which records fit, as the engine does. Raises: CommandRefused for a filter with a mistake."""
    try:
        line = RecordFilter(command.filter)
    except FilterError as error:
        raise CommandRefused(error.mistake.message) from None
    return tuple(at for at, record in enumerate(command.records) if line.passes(record))


def let_messages_arrive(window: WindowUnderTest, count: int = 40) -> None:
    """Bring messages, figures, and lines of the log."""
    engine = window.engine
    records = tuple(make_record(1601 - count + at) for at in range(count))
    engine.say(MessagesReceived(NOW_US, "orders-in", records))
    engine.say(FiguresUpdated(NOW_US, engine.current.figures))
    lines = (
        ("INFO", "engine.supervisor", "orders-in reads orders in group kafka-agent-studio.orders.orders-in"),
        ("WARNING", "engine.kafka.inbound", "kafka-2:9092 closed the connection; 3 partitions moved to kafka-1:9092"),
        ("INFO", "engine.reload", "agents/order-processor.yaml changed: 1 agent runs the new version"),
        ("ERROR", "engine.agents.runner", "order-processor failed after 3 attempts: 503, the model is overloaded"),
    )
    failed = next((run.run_id for run in engine.current.runs if run.error is not None), None)
    for at, (level, logger, text) in enumerate(lines):
        run_id = failed if level == "ERROR" else None
        connector = None if "agents/" in text else "orders-in"
        engine.say(Logged(NOW_US + at * 1_730_000, level, f"kafka_agent_studio.{logger}", text, run_id, connector))
    while any(subscription.waiting for subscription in engine.subscriptions) or window.bridge._waiting:
        window.bridge.drain()
