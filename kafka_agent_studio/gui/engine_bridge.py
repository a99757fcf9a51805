"""The only adapter between the engine and the window: events become batched signals, commands become awaitables.

The window's thread asks for what is waiting every 33 ms and works on it for a few milliseconds at most; what is left
waits for the next turn. A window that cannot keep up is told so by the engine (Lagged) and begins anew from a snapshot.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from time import perf_counter
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from kafka_agent_studio.api.client import HostedClient, Subscription
from kafka_agent_studio.api.commands import Command
from kafka_agent_studio.api.events import (
    CertificatesChanged,
    ConnectorChanged,
    ConnectorNoticed,
    EngineStopped,
    Event,
    FiguresUpdated,
    Lagged,
    Logged,
    MessagesReceived,
    RunsChanged,
    Snapshot,
    StandInsChanged,
    WorkspaceChanged,
)
from kafka_agent_studio.api.faults import CommandRefused, EngineError
from kafka_agent_studio.gui.engine_view import EngineView, StateEvent
from kafka_agent_studio.gui.models.message_table import ReceivedMessage
from kafka_agent_studio.gui.trouble import in_words
from kafka_agent_studio.model.run import Run

DRAIN_EVERY_MS = 33
BUDGET_S = 0.005
"""What one turn may spend on taking events in; the slots behind the signals have the rest of 8 ms."""
ROOM_EVERY_S = 0.08
"""The engine makes room once in this time at most: it goes on working for who walks through many rows."""
WAITS_S = 0.5
"""For so long a person waits for the answer to what they did."""
_EVENTS_AT_ONCE = 256
_ITEMS_AT_ONCE = 1_000
"""Messages and runs that one turn hands on: 30,000 a second, three times what must be kept up with."""

ReplyT = TypeVar("ReplyT")

_log = logging.getLogger(__name__)


class TaskStarter(Protocol):
    """What starts a named, kept task: TaskGroupOwner, or a test's stand-in."""

    def start(self, name: str, work: Coroutine[Any, Any, Any], /) -> object:
        """Run `work` under `name`."""
        ...


class EngineBridge(QObject):
    """`view` is the state now; the signals say what changed since the last turn. Lists are oldest first."""

    rebuilt = Signal()
    messages_received = Signal(list)  # list[ReceivedMessage]
    runs_changed = Signal(list)  # list[Run], each run once, as it is now
    connector_changed = Signal(object)  # ConnectorStatus
    connector_noticed = Signal(object)  # ConnectorNoticed
    certificates_changed = Signal()
    figures_updated = Signal()
    workspace_changed = Signal()
    stand_ins_changed = Signal()
    logged = Signal(list)  # list[Logged]
    lagged = Signal(object)  # int: events left out since the last snapshot
    engine_stopped = Signal(object)  # EngineStopped
    progressed = Signal(object)  # any other event: what a check, a search, a transfer says of itself
    refused = Signal(str)

    def __init__(self, *, client: HostedClient, tasks: TaskStarter) -> None:
        super().__init__()
        self.view = EngineView()
        self.messages_seen = 0
        self._client = client
        self._tasks = tasks
        self._subscription: Subscription | None = None
        self._waiting: deque[Event] = deque()
        self._runs: dict[str, Run] = {}
        self._messages: list[ReceivedMessage] = []
        self._lines: list[Logged] = []
        self._acted_s = self._room_s = 0.0
        self._is_answered = False
        self._timer = QTimer(self)
        self._timer.setInterval(DRAIN_EVERY_MS)
        self._timer.timeout.connect(self.drain)

    def open(self) -> None:
        """Begin to listen; the first turn brings the snapshot."""
        self._subscription = self._client.subscribe()
        self._timer.start()
        self.drain()

    def person_acts(self) -> None:
        """Let what a person does be seen first: the engine's thread makes room, and what waits is taken in later."""
        self._acted_s = perf_counter()
        self._is_answered = False
        self._make_room()

    def _make_room(self, *, is_due: bool = False) -> None:
        now_s = perf_counter()
        if (is_due or now_s - self._room_s >= ROOM_EVERY_S) and self._timer.isActive():
            self._room_s = now_s
            self._timer.start()
            self._client.make_room()

    def close(self) -> None:
        """Stop listening; safe to call twice."""
        self._timer.stop()
        if self._subscription is not None:
            self._subscription.close()
            self._subscription = None

    # events

    def drain(self) -> None:
        """Take in what is waiting, within the budget, and say it in batches."""
        if self._subscription is None:
            return
        deadline = perf_counter() + BUDGET_S
        if len(self._waiting) < _EVENTS_AT_ONCE:
            self._waiting.extend(self._subscription.drain(_EVENTS_AT_ONCE))
        taken = 0
        while self._waiting and taken < _ITEMS_AT_ONCE and perf_counter() < deadline:
            taken += self._take(self._waiting.popleft())
        self._hand_on()

    def _take(self, event: Event) -> int:
        match event:
            case MessagesReceived(at_us=at_us, connector=connector, records=records):
                self._messages.extend(ReceivedMessage(connector, record, at_us) for record in records)
                self.messages_seen += len(records)
                return len(records)
            case RunsChanged(runs=runs):
                for run in runs:
                    self._runs.pop(run.run_id, None)
                    self._runs[run.run_id] = run
                return len(runs)
            case Logged():
                self._lines.append(event)
            case Snapshot():
                self._forget_batches()
                self.view.rebuild(event)
                self.rebuilt.emit()
            case Lagged(n=n):
                self.lagged.emit(n)
                self._tasks.start("take a new snapshot", self._begin_anew())
            case (
                ConnectorChanged()
                | ConnectorNoticed()
                | CertificatesChanged()
                | FiguresUpdated()
                | WorkspaceChanged()
                | StandInsChanged()
                | EngineStopped()
            ):
                self._hand_on()
                self._take_state(event)
            case _:
                self._hand_on()
                self.progressed.emit(event)
        return 1

    def _take_state(self, event: StateEvent) -> None:
        self.view.apply(event)
        match event:
            case ConnectorChanged(status=status):
                self.connector_changed.emit(status)
            case ConnectorNoticed():
                self.connector_noticed.emit(event)
            case CertificatesChanged():
                self.certificates_changed.emit()
            case FiguresUpdated():
                self.figures_updated.emit()
            case WorkspaceChanged():
                self.workspace_changed.emit()
            case StandInsChanged():
                self.stand_ins_changed.emit()
            case EngineStopped():
                self.engine_stopped.emit(event)

    def _hand_on(self) -> None:
        if self._messages:
            messages, self._messages = self._messages, []
            self.messages_received.emit(messages)
        if self._runs:
            runs, self._runs = list(self._runs.values()), {}
            self.runs_changed.emit(runs)
        if self._lines:
            lines, self._lines = self._lines, []
            self.logged.emit(lines)

    def _forget_batches(self) -> None:
        self._messages, self._runs, self._lines = [], {}, []

    async def _begin_anew(self) -> None:
        snapshot = await self._client.snapshot()
        self._waiting.clear()
        self._forget_batches()
        self.view.rebuild(snapshot)
        self.rebuilt.emit()

    # commands

    async def execute(self, command: Command[ReplyT]) -> ReplyT:
        """Carry out a command. Raises: CommandRefused, EngineError."""
        return await self._client.execute(command)

    def submit(
        self,
        command: Command[ReplyT],
        on_done: Callable[[ReplyT], object] | None = None,
        on_error: Callable[[str], object] | None = None,
    ) -> Callable[[], object]:
        """Carry out a command in the background; a refusal goes to `on_error` in words, else to `refused`.

        Calling what is returned cancels the command: then neither is called.
        """
        task = self._tasks.start(type(command).__name__, self._submit(command, on_done, on_error or self.refused.emit))
        return task.cancel if isinstance(task, asyncio.Future) else _nothing

    def submit_each(
        self,
        commands: Sequence[Command[Any]],
        on_each: Callable[[int, str], object],
        on_done: Callable[[], object],
    ) -> Callable[[], object]:
        """Carry out commands in the background, one after the other; after each `on_each(done, refusal or "")`.

        Calling what is returned leaves out those that have not begun; then `on_done` is not called.
        """
        task = self._tasks.start(f"{len(commands)} commands", self._submit_each(commands, on_each, on_done))
        return task.cancel if isinstance(task, asyncio.Future) else _nothing

    async def _submit_each(
        self,
        commands: Sequence[Command[Any]],
        on_each: Callable[[int, str], object],
        on_done: Callable[[], object],
    ) -> None:
        for number, command in enumerate(commands, 1):
            refusals: list[str] = []
            await self._submit(command, None, refusals.append)
            on_each(number, "".join(refusals))
        on_done()

    async def _submit(
        self,
        command: Command[ReplyT],
        on_done: Callable[[ReplyT], object] | None,
        on_error: Callable[[str], object],
    ) -> None:
        try:
            reply = await self._client.execute(command)
        except CommandRefused as refusal:
            on_error(str(refusal))
        except EngineError as error:
            on_error(in_words(error.fault).text)
        except RuntimeError as error:
            # The host's answer once the engine's thread has ended.
            _log.debug("a command came too late", exc_info=error)
            on_error("The engine is not running, so nothing was done. Close the window and open it again.")
        else:
            if on_done is not None:
                if perf_counter() - self._acted_s < WAITS_S:
                    # the first answer may come just when the engine has gone on
                    self._make_room(is_due=not self._is_answered)
                    self._is_answered = True
                on_done(reply)


def _nothing() -> None:
    """A command that is over cannot be cancelled any more."""
