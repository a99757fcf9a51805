"""Requests to models are made ready one after the other.

Making one ready costs milliseconds of CPU time. Side by side, the requests of many runs are all ready late and at once,
their answers come at once, and the runs go on in step: each wave lasts as long as an answer plus everybody's CPU time.
One after the other they spread out: 64 runs on a model that takes a second do 64 runs a second instead of 55.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")

PATIENCE_S = 0.05
"""How long the next request waits for one that does not say that it was sent."""

_on_sent: ContextVar[Callable[[], None] | None] = ContextVar("on_sent", default=None)


class SendGate:
    """Lets one request at a time through, until it is on its way; belongs to one event loop."""

    def __init__(self, *, patience_s: float = PATIENCE_S) -> None:
        self._turn = asyncio.Semaphore(1)
        self._patience_s = patience_s

    async def through(self, call: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """Return what `call` returns; begin it when the one before is sent, over, or slow to begin."""
        await self._turn.acquire()
        is_held = True

        def let_the_next_in() -> None:
            nonlocal is_held
            if is_held:
                is_held = False
                self._turn.release()

        patience = asyncio.get_running_loop().call_later(self._patience_s, let_the_next_in)
        token = _on_sent.set(let_the_next_in)
        try:
            return await call()
        finally:
            _on_sent.reset(token)
            patience.cancel()
            let_the_next_in()


def request_is_sent() -> None:
    """Tell the gate that the request of the running task is on its way."""
    on_sent = _on_sent.get()
    if on_sent is not None:
        on_sent()


def tell_when_sending(transport: Any) -> None:
    """Have a transport class of httpx's form tell the gate of each request that it sends; once is enough."""
    send = transport.handle_async_request
    if getattr(send, "tells_when_sending", False):
        return

    async def telling(self: Any, request: Any) -> Any:
        request_is_sent()
        return await send(self, request)

    telling.tells_when_sending = True  # type: ignore[attr-defined]
    transport.handle_async_request = telling
