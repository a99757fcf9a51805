"""Gates that tools of a test wait at, so that a test decides when a run goes on and sees which ones are under way.

A tool gets its gate by name: `from tests.helpers.gates import gate_of` in its module, in the engine's own process.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_gates: dict[str, "Gate"] = {}


class Gate:
    """Closed until open(). Async tools wait here, on the loop of the test."""

    def __init__(self) -> None:
        self.waiting: list[Any] = []
        """What tools brought along that are waiting now, in the order they came."""
        self.passed: list[Any] = []
        """What tools brought along that went on."""
        self._changed = asyncio.Event()
        self._open = asyncio.Event()

    async def wait(self, brought: Any) -> None:
        """Wait until it is open. Called by tools."""
        self.waiting.append(brought)
        self._changed.set()
        try:
            await self._open.wait()
            self.passed.append(brought)
        finally:
            self.waiting.remove(brought)

    async def until_waiting(self, *brought: Any, timeout_s: float = 30.0) -> None:
        """Return once tools with all of these wait here. Raises: TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not all(b in self.waiting for b in brought):
                self._changed.clear()
                await self._changed.wait()

    def open(self) -> None:
        """Let everybody go on, now and later."""
        self._open.set()


@contextmanager
def closed_gate(name: str) -> Iterator[Gate]:
    """A gate of that name for the length of the block, closed at first and open at its end."""
    gate = _gates[name] = Gate()
    try:
        yield gate
    finally:
        gate.open()
        del _gates[name]


def gate_of(name: str) -> Gate:
    """Return the gate of that name. Raises: KeyError."""
    return _gates[name]
