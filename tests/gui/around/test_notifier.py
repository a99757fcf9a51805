"""The desktop says it when a connector fails: once, together, and not to somebody who sees it."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from kafka_agent_studio.api.events import ConnectorState, ConnectorStatus
from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.gui.engine_bridge import EngineBridge
from kafka_agent_studio.gui.notifier import Notifier
from kafka_agent_studio.gui.preferences import Preferences
from tests.gui.around.conftest import OpenAround
from tests.helpers.fake_engine import FakeEngineClient
from tests.helpers.gui_scene import make_snapshot
from tests.helpers.immediate_tasks import ImmediateTasks

_FAULT = Fault(FaultCode.BROKER_UNREACHABLE, {"address": "kafka-1:9092", "detail": "connection refused"})


class _Tray:
    def __init__(self) -> None:
        self.shown: list[tuple[str, str]] = []

    def show(self, title: str, text: str) -> None:
        self.shown.append((title, text))

    def close(self) -> None:
        pass


class _Desk:
    """A notifier and what it hears and shows."""

    def __init__(self, preferences: Preferences) -> None:
        self.preferences = preferences
        self.bridge = EngineBridge(client=FakeEngineClient(make_snapshot()), tasks=ImmediateTasks())
        self.tray = _Tray()
        self.is_in_front = False
        self.notifier = Notifier(
            bridge=self.bridge, preferences=preferences, tray=self.tray, is_in_front=lambda: self.is_in_front
        )

    def hears(self, name: str, state: ConnectorState, attempt: int = 0) -> None:
        fault = None if state is ConnectorState.RUNNING else _FAULT
        self.bridge.connector_changed.emit(ConnectorStatus(name, state, fault, attempt))


@pytest.fixture
def desk(qapp: QApplication, tmp_path: Path) -> _Desk:
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    return _Desk(Preferences(settings=settings, workspace_root=tmp_path))


def test_a_connector_that_fails_is_said_once(desk: _Desk) -> None:
    desk.hears("orders-in", ConnectorState.FAILED)
    desk.notifier.tell()
    desk.hears("orders-in", ConnectorState.FAILED)
    desk.notifier.tell()
    ((title, text),) = desk.tray.shown
    assert title == "orders-in fails"
    assert "kafka-1:9092" in text
    assert desk.notifier.place == "connector/orders-in"


def test_it_is_said_again_after_it_had_worked(desk: _Desk) -> None:
    for state in (ConnectorState.FAILED, ConnectorState.RUNNING, ConnectorState.FAILED):
        desk.hears("orders-in", state)
        desk.notifier.tell()
    assert len(desk.tray.shown) == 2


def test_many_at_once_are_one_message(desk: _Desk) -> None:
    for name in ("orders-in", "shipments-in", "results-out"):
        desk.hears(name, ConnectorState.FAILED)
    desk.notifier.tell()
    assert [title for title, _ in desk.tray.shown] == ["3 connectors fail"]
    assert desk.notifier.place == "overview"


def test_a_short_interruption_is_no_news(desk: _Desk) -> None:
    desk.hears("orders-in", ConnectorState.RETRYING, attempt=1)
    desk.notifier.tell()
    assert desk.tray.shown == []
    desk.hears("orders-in", ConnectorState.RETRYING, attempt=5)
    desk.hears("orders-in", ConnectorState.RUNNING)
    desk.notifier.tell()
    assert desk.tray.shown == []


def test_who_sees_the_window_needs_no_message(desk: _Desk) -> None:
    desk.is_in_front = True
    desk.hears("orders-in", ConnectorState.FAILED)
    desk.notifier.tell()
    assert desk.tray.shown == []


def test_it_can_be_turned_off_for_good(open_around: OpenAround, desk: _Desk) -> None:
    window, _ = open_around()
    action = window.parts.actions.qt("engine.notify")
    assert action.isChecked()
    action.trigger()
    assert not action.isChecked()
    assert not window.parts.preferences.notifies
    desk.preferences.notifies = False
    desk.hears("orders-in", ConnectorState.FAILED)
    desk.notifier.tell()
    assert desk.tray.shown == []
