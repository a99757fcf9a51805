"""The engine on a thread of its own, for a window: paints cannot delay heartbeats, and consumers cannot delay paints.

The thread shares nothing with the window but commands in and events out.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from time import sleep
from typing import Protocol, TypeVar

from kafka_agent_studio.api.client import EngineClient, Subscription
from kafka_agent_studio.api.commands import Command
from kafka_agent_studio.api.events import Snapshot
from kafka_agent_studio.engine.first_look import EarlySubscription

ReplyT = TypeVar("ReplyT")

REST_PIECE_S, REST_PIECES = 0.01, 6
"""Together what a page takes to come into sight."""

_log = logging.getLogger(__name__)


class HostedEngine(EngineClient, Protocol):
    """What the host needs of the engine beyond the seam."""

    async def start(self) -> None:
        """Begin to work."""
        ...

    async def stop(self) -> None:
        """Drain and free everything."""
        ...


class EngineHost:
    """An EngineClient for another thread. `new_engine` is called on the engine's own loop.

    With `first_look` it answers before the engine is there: who listens gets that snapshot at once and the engine's own
    when there is one, and commands wait for the engine.
    """

    def __init__(
        self, new_engine: Callable[[], Awaitable[HostedEngine]], *, first_look: Callable[[], Snapshot] | None = None
    ) -> None:
        self._new_engine = new_engine
        self._first_look = first_look
        self._loop: asyncio.AbstractEventLoop | None = None
        self._engine: HostedEngine | None = None
        self._ready: Future[None] = Future()
        self._stop_asked: asyncio.Event | None = None
        self._is_closing = False
        self._is_resting = False
        self._thread = threading.Thread(target=self._run, name="kafka-agent-studio-engine", daemon=True)

    def begin(self) -> None:
        """Start the thread."""
        self._thread.start()

    def start(self) -> None:
        """Start the thread and wait until the engine answers. Raises: whatever kept the engine from starting."""
        self.begin()
        self._ready.result()

    @property
    def failure(self) -> BaseException | None:
        """What kept the engine from starting; None while that is not known, or where nothing did."""
        return self._ready.exception() if self._ready.done() else None

    def close(self, timeout_s: float = 20.0) -> bool:
        """Stop the engine and end the thread; blocks up to `timeout_s`. False: it did not end in time."""
        # read by the thread once it has a loop: it may have begun and not come so far
        self._is_closing = True
        loop, stop_asked = self._loop, self._stop_asked
        if loop is not None and stop_asked is not None and not loop.is_closed():
            loop.call_soon_threadsafe(stop_asked.set)
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    async def execute(self, command: Command[ReplyT]) -> ReplyT:
        """Carry a command out on the engine's loop; awaited on the caller's."""
        return await asyncio.wrap_future(self.submit(command))

    def submit(self, command: Command[ReplyT]) -> "Future[ReplyT]":
        """Carry a command out; for a caller without a loop."""
        if self._first_look is not None and not self._ready.done():
            answer: Future[ReplyT] = Future()
            self._ready.add_done_callback(lambda _: self._submit_late(command, answer))
            return answer
        loop, engine = self._parts()
        return asyncio.run_coroutine_threadsafe(engine.execute(command), loop)

    def make_room(self) -> None:
        """Let the engine's thread rest a moment, in pieces between which commands are taken in.

        Both threads share one interpreter lock. Where the engine is busy, the other gets it back after 5 ms each time
        it gave it up, and a page that is laid out gives it up many times.
        """
        loop = self._loop
        if loop is not None and self._engine is not None and not loop.is_closed() and not self._is_resting:
            self._is_resting = True
            with contextlib.suppress(RuntimeError):  # closed meanwhile
                loop.call_soon_threadsafe(self._rest, REST_PIECES)

    def _rest(self, pieces: int) -> None:
        sleep(REST_PIECE_S)
        if pieces > 1 and self._loop is not None:
            self._loop.call_soon(self._rest, pieces - 1)
        else:
            self._is_resting = False

    async def snapshot(self) -> Snapshot:
        """Return the state as it is now."""
        if self._first_look is not None and not self._ready.done():
            return self._first_look()
        loop, engine = self._parts()
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(engine.snapshot(), loop))

    def subscribe(self) -> Subscription:
        """Begin to listen; read with drain()."""
        if self._first_look is not None and not self._ready.done():
            return EarlySubscription(first=self._first_look(), ready=self._ready, subscribe=self.subscribe)
        loop, engine = self._parts()
        subscribed: Future[Subscription] = Future()
        loop.call_soon_threadsafe(lambda: subscribed.set_result(engine.subscribe()))
        return subscribed.result()

    def _submit_late(self, command: Command[ReplyT], answer: "Future[ReplyT]") -> None:
        """The engine is there, or will never be: carry out what was asked for before."""
        if not answer.set_running_or_notify_cancel():
            return
        try:
            reply = self.submit(command)
        except RuntimeError as error:
            answer.set_exception(error)
            return
        reply.add_done_callback(lambda done: _copy(done, answer))

    def _parts(self) -> tuple[asyncio.AbstractEventLoop, HostedEngine]:
        if self._loop is None or self._engine is None or self._loop.is_closed():
            raise RuntimeError("the engine is not running")
        return self._loop, self._engine

    def _run(self) -> None:
        try:
            with asyncio.Runner() as runner:
                runner.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits, or logged
            if self._ready.done():
                _log.exception("the engine's thread ended")
            else:
                self._ready.set_exception(error)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop_asked = asyncio.Event()
        if self._is_closing:
            self._stop_asked.set()
        engine = await self._new_engine()
        await engine.start()
        self._engine = engine
        self._ready.set_result(None)
        try:
            await self._stop_asked.wait()
        finally:
            await engine.stop()


def _copy(done: "Future[ReplyT]", answer: "Future[ReplyT]") -> None:
    if done.cancelled():
        answer.set_exception(RuntimeError("the engine stopped before it answered"))
    elif (error := done.exception()) is not None:
        answer.set_exception(error)
    else:
        answer.set_result(done.result())
