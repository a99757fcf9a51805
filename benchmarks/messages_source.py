"""An engine that does nothing but say: so many messages a second arrived, and each was worked on."""

import asyncio
import time
from typing import Any, TypeVar

import msgspec

from kafka_agent_studio.api.commands import Command, ListRuns
from kafka_agent_studio.api.events import MessagesReceived, RunChange, RunsChanged, Snapshot
from kafka_agent_studio.api.queries import RunPage
from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.engine.event_bus import EventBus, EventSubscription
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.run import Run
from tests.helpers.gui_scene import make_record, make_run, make_snapshot

ReplyT = TypeVar("ReplyT")

_EVERY_S = 0.02


def now_us() -> int:
    """Return the time since the epoch."""
    return time.time_ns() // 1_000


class MessagesSource:
    """A HostedEngine. Each message comes as an event of itself and one of its run, both over the engine's own bus."""

    def __init__(self, *, rate_per_s: int, first: tuple[Record, ...] = ()) -> None:
        self.said = 0
        self._rate_per_s = rate_per_s
        self._first = first
        self._bus = EventBus(now_us=now_us)
        self._tasks = TaskGroupOwner(name="source")
        self._record = make_record(0, value=b'{"note": "%s", "order_id": ' % (b"x" * 960))
        self._run = make_run(0)

    async def start(self) -> None:
        """Begin to speak."""
        if self._rate_per_s:
            self._tasks.start("messages", self._speak())

    async def stop(self) -> None:
        """Say no more."""
        await self._tasks.close()
        self._bus.close()

    def subscribe(self) -> EventSubscription:
        """Begin to listen."""
        subscription = self._bus.subscribe(make_snapshot())
        if self._first:
            subscription.offer(MessagesReceived(now_us(), "orders-in", self._first))
        return subscription

    async def snapshot(self) -> Snapshot:
        """Return the state, which is always the same."""
        return make_snapshot()

    async def execute(self, command: Command[ReplyT]) -> ReplyT:
        """Answer as an engine that knows nothing more."""
        reply: Any = RunPage((), None) if isinstance(command, ListRuns) else None
        return reply  # type: ignore[no-any-return]

    async def _speak(self) -> None:
        began_s = time.perf_counter()
        while True:
            await asyncio.sleep(_EVERY_S)
            due = int((time.perf_counter() - began_s) * self._rate_per_s)
            numbers = range(self.said, min(due, self.said + 1_000))
            if numbers:
                self._say(numbers)

    def _say(self, numbers: range) -> None:
        records = tuple(self._record_of(number) for number in numbers)
        runs = tuple(self._run_of(record) for record in records)
        self._bus.publish(MessagesReceived(now_us(), "orders-in", records))
        self._bus.publish(RunsChanged(now_us(), RunChange.PUBLISHED, runs))
        self.said += len(numbers)

    def _record_of(self, number: int) -> Record:
        value = (self._record.value or b"") + b"%d}" % number
        return Record("orders", number % 4, number // 4, now_us() // 1_000, b"order-%d" % number, value)

    def _run_of(self, record: Record) -> Run:
        return msgspec.structs.replace(
            self._run,
            run_id=f"{record.partition}-{record.offset}",
            partition=record.partition,
            offset=record.offset,
            started_at_us=now_us(),
            ended_at_us=now_us() + 900,
        )
