"""Fan-out of events to subscribers of any speed: each has a bounded queue, and hears Lagged(n) for what it missed."""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable

from kafka_agent_studio.api.events import (
    BrowseProgressed,
    Event,
    Lagged,
    Logged,
    MessagesReceived,
    RunsChanged,
    Snapshot,
)

CAPACITY = 50_000
"""What a subscriber may be behind by, in messages, runs and other events."""


class EventBus:
    """One per engine. Used on the engine's loop, except where a method says otherwise."""

    def __init__(self, *, now_us: Callable[[], int], capacity: int = CAPACITY) -> None:
        self._now_us = now_us
        self._capacity = capacity
        self._subscriptions: tuple[EventSubscription, ...] = ()
        self._lock = threading.Lock()
        self._is_closed = False

    @property
    def has_subscribers(self) -> bool:
        """Whether anybody listens: where not, an event need not even be made."""
        return bool(self._subscriptions)

    def publish(self, event: Event) -> None:
        """Hand an event to everybody; never blocks."""
        for subscription in self._subscriptions:
            subscription.offer(event)

    def subscribe(self, snapshot: Snapshot) -> "EventSubscription":
        """Begin to listen; `snapshot` comes first."""
        subscription = EventSubscription(
            capacity=self._capacity,
            now_us=self._now_us,
            loop=asyncio.get_running_loop(),
            on_close=self._forget,
        )
        subscription.offer(snapshot)
        if self._is_closed:
            subscription.end()
        else:
            with self._lock:
                self._subscriptions = (*self._subscriptions, subscription)
        return subscription

    def close(self) -> None:
        """End every subscription once its reader has taken what waits."""
        self._is_closed = True
        for subscription in self._subscriptions:
            subscription.end()
        with self._lock:
            self._subscriptions = ()

    def _forget(self, closed: "EventSubscription") -> None:
        # from any thread: publish goes on with the tuple it has
        with self._lock:
            self._subscriptions = tuple(s for s in self._subscriptions if s is not closed)


class EventSubscription:
    """One subscriber's queue; a Subscription of the seam."""

    def __init__(
        self,
        *,
        capacity: int,
        now_us: Callable[[], int],
        loop: asyncio.AbstractEventLoop,
        on_close: Callable[["EventSubscription"], None],
    ) -> None:
        self._capacity = capacity
        self._now_us = now_us
        self._loop = loop
        self._on_close = on_close
        self._lock = threading.Lock()
        self._waiting: deque[Event] = deque()
        self._size = 0
        self._left_out = 0
        self._woken = asyncio.Event()
        self._is_closed = False

    def offer(self, event: Event) -> None:
        """Queue an event, or count it as left out; on the engine's loop."""
        size = _size_of(event)
        with self._lock:
            if self._is_closed:
                return
            is_too_much = self._size + size > self._capacity
            # a state that changed is told however far behind the reader is: these are rare, and nobody repeats them
            if is_too_much and _is_of_many(event):
                self._left_out += size
            else:
                self._note_left_out()
                self._waiting.append(event)
                self._size += size
        self._woken.set()

    def drain(self, limit: int = 10_000) -> list[Event]:
        """Return up to `limit` events that are waiting, oldest first, without blocking; from any thread."""
        with self._lock:
            return self._take(limit)

    async def batches(self) -> AsyncIterator[list[Event]]:
        """Yield events as they come, until the subscription or the engine closes."""
        while True:
            self._woken.clear()
            batch = self.drain()
            if batch:
                yield batch
            elif self._is_closed:
                return
            else:
                await self._woken.wait()

    def close(self) -> None:
        """Stop listening and forget what waits; from any thread, safe to call twice."""
        with self._lock:
            was_closed, self._is_closed = self._is_closed, True
            self._waiting.clear()
            self._size = self._left_out = 0
        if not was_closed:
            self._on_close(self)
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    def end(self) -> None:
        """Take nothing more; what waits can still be read. On the engine's loop."""
        with self._lock:
            self._is_closed = True
        self._woken.set()

    def _take(self, limit: int) -> list[Event]:
        waiting = self._waiting
        if len(waiting) <= limit:
            self._note_left_out()
            taken = list(waiting)
            waiting.clear()
            self._size = 0
            return taken
        taken = [waiting.popleft() for _ in range(limit)]
        self._size -= sum(map(_size_of, taken))
        return taken

    def _note_left_out(self) -> None:
        if self._left_out:
            self._waiting.append(Lagged(at_us=self._now_us(), n=self._left_out))
            self._size += 1
            self._left_out = 0


def _is_of_many(event: Event) -> bool:
    if isinstance(event, BrowseProgressed):
        # one that says it is paused is the last for a while: nothing would make up for it
        return event.is_tail and not event.progress.is_paused
    return isinstance(event, (MessagesReceived, RunsChanged, Logged))


def _size_of(event: Event) -> int:
    if isinstance(event, MessagesReceived):
        return len(event.records)
    if isinstance(event, BrowseProgressed):
        return 1 + len(event.records)
    if isinstance(event, RunsChanged):
        return len(event.runs)
    return 1
