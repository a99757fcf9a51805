"""The bridge: batches, budgets, new snapshots, and commands that are refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from kafka_agent_studio.api.commands import CancelRun, StartConnector
from kafka_agent_studio.api.events import Lagged, MessagesReceived, RunChange, RunsChanged
from kafka_agent_studio.api.faults import CommandRefused, EngineError, Fault, FaultCode
from kafka_agent_studio.gui.engine_bridge import EngineBridge
from kafka_agent_studio.model.run import RunStatus
from tests.helpers.fake_engine import FakeEngineClient
from tests.helpers.gui_scene import NOW_US, make_empty_snapshot, make_record, make_run, make_snapshot
from tests.helpers.immediate_tasks import ImmediateTasks


@pytest.fixture
def engine() -> FakeEngineClient:
    """An engine at work."""
    return FakeEngineClient(make_snapshot())


@pytest.fixture
def bridge(qapp: QApplication, engine: FakeEngineClient) -> Iterator[EngineBridge]:
    """A bridge that has read its first snapshot."""
    made = EngineBridge(client=engine, tasks=ImmediateTasks())
    made.open()
    yield made
    made.close()


def _heard(signal: Any) -> list[Any]:
    heard: list[Any] = []
    signal.connect(lambda *values: heard.append(values[0] if values else None))
    return heard


def test_it_starts_from_the_snapshot(bridge: EngineBridge) -> None:
    assert bridge.view.workspace.name == "orders"
    assert bridge.view.totals.completed == 159_587


def test_many_events_become_one_batch(bridge: EngineBridge, engine: FakeEngineClient) -> None:
    batches = _heard(bridge.messages_received)
    for offset in range(50):
        engine.say(MessagesReceived(NOW_US, "orders-in", (make_record(offset),)))
    bridge.drain()
    assert [[m.record.offset for m in batch] for batch in batches] == [list(range(50))]
    assert bridge.messages_seen == 50


def test_a_run_that_changed_twice_is_said_once_as_it_is_now(bridge: EngineBridge, engine: FakeEngineClient) -> None:
    batches = _heard(bridge.runs_changed)
    running = make_run(7, status=RunStatus.RUNNING)
    engine.say(
        RunsChanged(NOW_US, RunChange.STARTED, (running,)), RunsChanged(NOW_US, RunChange.FINISHED, (make_run(7),))
    )
    bridge.drain()
    assert [[run.status for run in batch] for batch in batches] == [[RunStatus.COMPLETED]]


def test_one_turn_hands_on_a_part_of_a_flood_and_the_next_ones_the_rest(
    bridge: EngineBridge, engine: FakeEngineClient
) -> None:
    batches = _heard(bridge.messages_received)
    records = tuple(make_record(offset) for offset in range(200))
    engine.say(*(MessagesReceived(NOW_US, "orders-in", records) for _ in range(30)))
    bridge.drain()
    assert 0 < len(batches[0]) < 6_000
    for _ in range(200):
        bridge.drain()
    assert sum(len(batch) for batch in batches) == 6_000


def test_a_window_that_lagged_begins_anew(bridge: EngineBridge, engine: FakeEngineClient) -> None:
    rebuilt, lagged = _heard(bridge.rebuilt), _heard(bridge.lagged)
    engine.current = make_empty_snapshot()
    engine.say(Lagged(NOW_US, 12_345))
    bridge.drain()
    assert lagged == [12_345]
    assert len(rebuilt) == 1
    assert bridge.view.workspace.connectors == {}


def test_a_refusal_goes_to_whoever_asked(bridge: EngineBridge, engine: FakeEngineClient) -> None:
    engine.answer(StartConnector, CommandRefused("it is disabled in its file"))
    told: list[str] = []
    bridge.submit(StartConnector("orders-in"), on_error=told.append)
    assert told == ["it is disabled in its file"]


def test_a_failure_is_said_in_words(bridge: EngineBridge, engine: FakeEngineClient) -> None:
    refused = _heard(bridge.refused)
    engine.answer(CancelRun, EngineError(Fault(FaultCode.STORE_FULL, {"path": "/data", "detail": "no space left"})))
    bridge.submit(CancelRun("x"))
    assert "/data" in refused[0]
    assert "store_full" not in refused[0]


def test_an_engine_that_is_gone_is_said_in_words(bridge: EngineBridge, engine: FakeEngineClient) -> None:
    refused = _heard(bridge.refused)
    engine.answer(CancelRun, RuntimeError("the engine is not running"))
    bridge.submit(CancelRun("x"))
    assert refused[0].startswith("The engine is not running")


def test_after_closing_nothing_is_heard(bridge: EngineBridge, engine: FakeEngineClient) -> None:
    batches = _heard(bridge.messages_received)
    bridge.close()
    engine.say(MessagesReceived(NOW_US, "orders-in", (make_record(1),)))
    bridge.drain()
    assert batches == []
    assert engine.subscriptions[0].is_closed


def test_the_engine_makes_room_for_what_a_person_does_but_not_all_the_time(
    bridge: EngineBridge, engine: FakeEngineClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 100.0
    monkeypatch.setattr("kafka_agent_studio.gui.engine_bridge.perf_counter", lambda: now_s)
    for at_s, rooms in ((100.0, 1), (100.01, 1), (100.07, 1), (100.09, 2)):
        now_s = at_s
        bridge.person_acts()
        assert engine.rooms_made == rooms


def test_it_makes_room_for_an_answer_that_a_person_waits_for(
    bridge: EngineBridge, engine: FakeEngineClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 100.0
    monkeypatch.setattr("kafka_agent_studio.gui.engine_bridge.perf_counter", lambda: now_s)
    bridge.submit(StartConnector("orders-in"), lambda _reply: None)
    assert engine.rooms_made == 0
    bridge.person_acts()
    for at_s, rooms in ((100.02, 2), (100.04, 2), (100.4, 3), (101.0, 3)):
        now_s = at_s
        bridge.submit(StartConnector("orders-in"), lambda _reply: None)
        assert engine.rooms_made == rooms
