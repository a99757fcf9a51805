"""What a front end holds in its hand: the engine, wherever it runs."""

from collections.abc import AsyncIterator
from typing import Protocol, TypeVar

from kafka_agent_studio.api.commands import Command
from kafka_agent_studio.api.events import Event, Snapshot

ReplyT = TypeVar("ReplyT")


class Subscription(Protocol):
    """One subscriber's bounded queue. Too slow a reader gets Lagged(n) in place of what was left out."""

    def drain(self, limit: int = 10_000) -> list[Event]:
        """Return up to `limit` events that are waiting, oldest first, without blocking; callable from any thread."""
        ...

    def batches(self) -> AsyncIterator[list[Event]]:
        """Yield events as they come, until the subscription or the engine closes; on the engine's loop only."""
        ...

    def close(self) -> None:
        """End it; safe to call twice and from any thread."""
        ...


class EngineClient(Protocol):
    """Commands in, events out. The methods may be awaited on the front end's own loop."""

    async def execute(self, command: Command[ReplyT]) -> ReplyT:
        """Carry out a command.

        Raises:
            CommandRefused: it cannot be done as asked; the message is for the person.
            EngineError: it failed; the fault says why.
        """
        ...

    def subscribe(self) -> Subscription:
        """Begin to listen; the first event is a Snapshot."""
        ...

    async def snapshot(self) -> Snapshot:
        """Return the state as it is now."""
        ...


class HostedClient(EngineClient, Protocol):
    """The engine beside a window, on a thread of its own."""

    def make_room(self) -> None:
        """Let a moment pass without the engine: a person waits for the caller's thread. Returns at once."""
        ...
