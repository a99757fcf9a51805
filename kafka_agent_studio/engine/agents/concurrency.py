"""Concurrency keys: at most one run at a time per value found in the payload."""

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any

import msgspec


def value_at(payload: Mapping[str, Any], path: str) -> Any:
    """Return what a dot path leads to (`order.customer`, `items.0`); None where it leads nowhere."""
    value: Any = payload
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


class ConcurrencyGates:
    """Which keys of which agents are in use. Shared by all versions of a workspace: runs finish on the old one."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, bytes], deque[asyncio.Future[None]]] = {}

    def key_of(self, agent: str, value: Any) -> tuple[str, bytes]:
        """Return what stands for a value; values that are the same JSON are the same key."""
        return agent, msgspec.json.encode(value, order="sorted")

    def is_taken(self, key: tuple[str, bytes]) -> bool:
        """Whether a run holds the key."""
        return key in self._waiting

    async def enter(self, key: tuple[str, bytes]) -> None:
        """Wait behind those that came earlier, then hold the key until leave()."""
        queue = self._waiting.get(key)
        if queue is None:
            self._waiting[key] = deque()
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave(key)
            else:
                queue.remove(turn)
            raise

    def leave(self, key: tuple[str, bytes]) -> None:
        """Give the key to the next."""
        queue = self._waiting[key]
        while queue:
            turn = queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        del self._waiting[key]
