"""An event loop on a thread of its own, for tests without one: those of the window."""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Any, Self, TypeVar

ResultT = TypeVar("ResultT")


class BackgroundLoop:
    """Runs the async helpers (FaultProxy, BadServer …) beside a test that has no event loop.

        with BackgroundLoop() as background:
            proxy = background.enter(FaultProxy(target_port=port))
            background.call(proxy.set_mode("refuse"))

    What was entered is left in reverse order at the end.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="test-background-loop")
        self._entered = AsyncExitStack()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.call(self._entered.aclose())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def enter(self, context: AbstractAsyncContextManager[ResultT]) -> ResultT:
        """Enter an async context manager and return what it gives."""
        return self.call(self._entered.enter_async_context(context))

    def call(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        """Run a coroutine on the loop and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)
