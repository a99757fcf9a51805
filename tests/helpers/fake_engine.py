"""An engine that says what a test tells it to say, and remembers what it was asked."""

from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar, cast

from kafka_agent_studio.api.commands import Command
from kafka_agent_studio.api.events import Event, Snapshot

ReplyT = TypeVar("ReplyT")


class FakeSubscription:
    """Hands over what `FakeEngineClient.say` put in."""

    def __init__(self, first: Event) -> None:
        self.waiting: list[Event] = [first]
        self.is_closed = False

    def drain(self, limit: int = 10_000) -> list[Event]:
        events, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return events

    async def batches(self) -> AsyncIterator[list[Event]]:
        yield self.drain()

    def close(self) -> None:
        self.is_closed = True


class FakeEngineClient:
    """An EngineClient. `answers` maps a command's class to a reply, a function of the command, or an exception."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.current = snapshot
        self.commands: list[Command[Any]] = []
        self.answers: dict[type, Any] = {}
        self.subscriptions: list[FakeSubscription] = []
        self.snapshots_taken = 0
        self.rooms_made = 0

    def say(self, *events: Event) -> None:
        """Make something happen."""
        for subscription in self.subscriptions:
            subscription.waiting.extend(events)

    def answer(self, command: type, reply: object | Callable[[Any], object]) -> None:
        """Fix the answer to a kind of command."""
        self.answers[command] = reply

    def asked(self, command: type) -> list[Any]:
        """Return the commands of a kind, oldest first."""
        return [given for given in self.commands if isinstance(given, command)]

    async def execute(self, command: Command[ReplyT]) -> ReplyT:
        self.commands.append(command)
        answer = self.answers.get(type(command))
        if isinstance(answer, BaseException):
            raise answer
        reply: Any = answer(command) if callable(answer) else answer
        return cast("ReplyT", reply)

    def subscribe(self) -> FakeSubscription:
        subscription = FakeSubscription(self.current)
        self.subscriptions.append(subscription)
        return subscription

    def make_room(self) -> None:
        self.rooms_made += 1

    async def snapshot(self) -> Snapshot:
        self.snapshots_taken += 1
        return self.current
