"""A window's engine on its own thread: what is answered before it is there, and what when it never will be."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from kafka_agent_studio.api.commands import StartConnector
from kafka_agent_studio.api.events import EngineStopped, Event, Snapshot, StandIns
from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.engine import host
from kafka_agent_studio.engine.event_bus import EventBus
from kafka_agent_studio.engine.host import EngineHost
from kafka_agent_studio.engine.ports import FaultError
from kafka_agent_studio.model.workspace import StudioSettings, Workspace

IN_TIME_S = 30.0


def snapshot(name: str, *, is_starting: bool = False) -> Snapshot:
    workspace = Workspace(root=Path("/orders"), settings=StudioSettings(name=name))
    return Snapshot(0, workspace, (), (), (), (), StandIns(), is_starting=is_starting)


class Engine:
    """Remembers its commands."""

    def __init__(self, gate: "Future[None]") -> None:
        self.commands: list[Any] = []
        self.is_stopped = False
        self._gate = gate
        self._bus = EventBus(now_us=lambda: 0)

    async def start(self) -> None:
        await asyncio.wrap_future(self._gate)

    async def stop(self) -> None:
        self.is_stopped = True
        self._bus.close()

    async def execute(self, command: Any) -> Any:
        self.commands.append(command)
        return "done"

    def subscribe(self) -> Any:
        return self._bus.subscribe(snapshot("engine"))

    async def snapshot(self) -> Snapshot:
        return snapshot("engine")


class Hosted:
    """A host whose engine starts when its gate opens."""

    def __init__(self) -> None:
        self.gate: Future[None] = Future()
        self.engine = Engine(self.gate)

        async def new() -> Engine:
            return self.engine

        self.host = EngineHost(new, first_look=lambda: snapshot("files", is_starting=True))


@pytest.fixture
def hosted() -> Any:
    made = Hosted()
    yield made
    if not made.gate.done():
        made.gate.set_result(None)
    assert made.host.close()


def _drained(drain: Callable[[], list[Event]], kind: type[Event]) -> Any:
    """Drain until an event of a kind comes."""

    async def look() -> Any:
        async with asyncio.timeout(IN_TIME_S):
            while True:
                found = [event for event in drain() if isinstance(event, kind)]
                if found:
                    return found[-1]
                await asyncio.sleep(0.01)

    return asyncio.run(look())


def test_who_listens_early_gets_the_files_word_and_then_the_engines(hosted: Hosted) -> None:
    subscription = hosted.host.subscribe()
    (first,) = subscription.drain()
    assert isinstance(first, Snapshot)
    assert (first.workspace.name, first.is_starting) == ("files", True)
    hosted.host.begin()
    assert subscription.drain() == []
    hosted.gate.set_result(None)
    second = _drained(subscription.drain, Snapshot)
    assert (second.workspace.name, second.is_starting) == ("engine", False)
    subscription.close()


def test_a_command_that_comes_early_is_carried_out_once_the_engine_is_there(hosted: Hosted) -> None:
    answer = hosted.host.submit(StartConnector("orders-in"))
    given_up = hosted.host.submit(StartConnector("given-up"))
    given_up.cancel()
    hosted.host.begin()
    hosted.gate.set_result(None)
    assert answer.result(IN_TIME_S) == "done"
    assert hosted.engine.commands == [StartConnector("orders-in")]
    assert asyncio.run(hosted.host.snapshot()).workspace.name == "engine"


def test_why_an_engine_did_not_start_is_said_and_early_commands_fail(hosted: Hosted) -> None:
    subscription = hosted.host.subscribe()
    answer = hosted.host.submit(StartConnector("orders-in"))
    hosted.host.begin()
    fault = Fault(FaultCode.STORE_FULL, {"path": "runs.sqlite3", "detail": "disk full"})
    hosted.gate.set_exception(FaultError(fault))
    stopped = _drained(subscription.drain, EngineStopped)
    assert stopped.fault == fault
    with pytest.raises(RuntimeError, match="not running"):
        answer.result(IN_TIME_S)
    assert isinstance(hosted.host.failure, FaultError)


def test_a_window_that_is_closed_before_the_engine_began_leaves_nothing_behind(hosted: Hosted) -> None:
    hosted.host.subscribe().close()
    assert hosted.host.close()
    assert not hosted.engine.is_stopped


def test_a_host_that_is_closed_while_its_thread_begins_ends_by_itself() -> None:
    released = threading.Event()
    gate: Future[None] = Future()
    gate.set_result(None)
    engine = Engine(gate)

    class SlowToBegin(EngineHost):
        def _run(self) -> None:
            released.wait(IN_TIME_S)
            super()._run()

    async def new() -> Engine:
        return engine

    host = SlowToBegin(new, first_look=lambda: snapshot("files", is_starting=True))
    host.begin()
    assert not host.close(timeout_s=0.01)
    released.set()
    host._thread.join(IN_TIME_S)
    assert not host._thread.is_alive()
    assert engine.is_stopped


def test_it_rests_in_pieces_between_which_commands_are_taken_in(
    hosted: Hosted, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosted.host.make_room()  # there is no engine yet: nobody to make room
    hosted.host.begin()
    hosted.gate.set_result(None)
    assert hosted.host.submit(StartConnector("first")).result(IN_TIME_S) == "done"
    known_at: list[tuple[str, int]] = []
    all_rested = threading.Event()

    def sleep(_seconds: float) -> None:
        known_at.append((threading.current_thread().name, len(hosted.engine.commands)))
        if len(known_at) == 1:
            hosted.host.make_room()  # it rests already
            hosted.host.submit(StartConnector("second"))
        elif len(known_at) == host.REST_PIECES:
            all_rested.set()

    monkeypatch.setattr(host, "sleep", sleep)
    hosted.host.make_room()
    assert all_rested.wait(IN_TIME_S)
    assert hosted.host.submit(StartConnector("third")).result(IN_TIME_S) == "done"
    assert known_at[0] == ("kafka-agent-studio-engine", 1)
    assert [known for _thread, known in known_at[2:]] == [2] * (host.REST_PIECES - 2)
    assert len(known_at) == host.REST_PIECES
