"""A listener for a consumer that remembers what it was given, and lets a test wait for it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.model.message import Record


class RecordingListener:
    """Implements ports.InboundListener. `room` is what capacity() says; `starts` is what on_assigned answers."""

    def __init__(self, *, room: int = 10_000) -> None:
        self.room = room
        self.records: list[Record] = []
        self.epochs: list[int] = []
        self.assignments: list[dict[int, int]] = []
        self.revocations = 0
        self.notices: list[Fault] = []
        self.starts: dict[int, int] = {}
        self._changed = asyncio.Event()

    @property
    def epoch(self) -> int:
        """The epoch of the newest assignment."""
        return self.epochs[-1]

    def capacity(self) -> int:
        """How many more records may come."""
        return self.room

    def on_records(self, epoch: int, records: Sequence[Record]) -> None:
        """Remember them, and use up room."""
        assert epoch == self.epoch
        self.records += records
        self.room -= len(records)
        self._changed.set()

    async def on_revoked(self) -> None:
        """Count."""
        self.revocations += 1
        self._changed.set()

    async def on_assigned(self, epoch: int, positions: Mapping[int, int]) -> Mapping[int, int]:
        """Remember where it would begin, and say where to begin instead."""
        self.epochs.append(epoch)
        self.assignments.append(dict(positions))
        self._changed.set()
        return {p: self.starts.get(p, o) for p, o in positions.items()}

    def on_notice(self, fault: Fault) -> None:
        """Remember it."""
        self.notices.append(fault)
        self._changed.set()

    def values(self) -> list[bytes | None]:
        """The values of all records so far."""
        return [r.value for r in self.records]

    def notices_of(self, code: FaultCode) -> list[Fault]:
        """The notices of one kind."""
        return [f for f in self.notices if f.code is code]

    async def until(self, holds: Callable[["RecordingListener"], bool], timeout_s: float = 30.0) -> None:
        """Wait until something is true of what came. Raises: TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not holds(self):
                self._changed.clear()
                await self._changed.wait()

    async def until_count(self, count: int) -> None:
        """Wait for so many records in all."""
        await self.until(lambda me: len(me.records) >= count)
