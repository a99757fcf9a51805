"""The engine on a thread of its own, for a window: paints cannot delay heartbeats, and consumers cannot delay paints.

The thread shares nothing with the window but commands in and events out.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Protocol, TypeVar

from kafka_agent_studio.api.client import EngineClient, Subscription
from kafka_agent_studio.api.commands import Command
from kafka_agent_studio.api.events import Snapshot

ReplyT = TypeVar("ReplyT")

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
    """An EngineClient for another thread. `new_engine` is called on the engine's own loop."""

    def __init__(self, new_engine: Callable[[], Awaitable[HostedEngine]]) -> None:
        self._new_engine = new_engine
        self._loop: asyncio.AbstractEventLoop | None = None
        self._engine: HostedEngine | None = None
        self._ready: Future[None] = Future()
        self._stop_asked: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="kafka-agent-studio-engine", daemon=True)

    def start(self) -> None:
        """Start the thread and wait until the engine answers. Raises: whatever kept the engine from starting."""
        self._thread.start()
        self._ready.result()

    def close(self, timeout_s: float = 20.0) -> bool:
        """Stop the engine and end the thread; blocks up to `timeout_s`. False: it did not end in time."""
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
        loop, engine = self._parts()
        return asyncio.run_coroutine_threadsafe(engine.execute(command), loop)

    async def snapshot(self) -> Snapshot:
        """Return the state as it is now."""
        loop, engine = self._parts()
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(engine.snapshot(), loop))

    def subscribe(self) -> Subscription:
        """Begin to listen; read with drain()."""
        loop, engine = self._parts()
        subscribed: Future[Subscription] = Future()
        loop.call_soon_threadsafe(lambda: subscribed.set_result(engine.subscribe()))
        return subscribed.result()

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
        engine = await self._new_engine()
        await engine.start()
        self._engine = engine
        self._ready.set_result(None)
        try:
            await self._stop_asked.wait()
        finally:
            await engine.stop()
