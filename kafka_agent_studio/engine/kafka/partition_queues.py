"""The records for one topic, sorted by partition: what waits there in order, and the one batch under way.

The producer sends one batch per partition at a time anyway. Batches made here cost a future each instead of one per
record, and while one is under way the next one grows.
"""

import asyncio
import random
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import Any

from aiokafka.partitioner import murmur2

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.engine.ports import FaultError, OutboundRecord, RecordPlace, RecordTooLargeError


class SendCall:
    """One call of send(): its answers, and the future its caller waits for."""

    __slots__ = ("_missing", "_results", "done")

    def __init__(self, count: int) -> None:
        self._results: list[RecordPlace | RecordTooLargeError | None] = [None] * count
        self._missing = count
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def settle(self, index: int, result: RecordPlace | RecordTooLargeError) -> None:
        """One record has its answer."""
        self._results[index] = result
        self._missing -= 1
        if not self._missing and not self.done.done():
            self.done.set_result(None)

    def fail(self, error: Exception) -> None:
        """No further answer will come."""
        if not self.done.done():
            self.done.set_exception(error)
            self.done.exception()  # seen: its caller may be gone

    async def wait(self) -> list[RecordPlace | RecordTooLargeError]:
        """Return the answers in order. A caller that is cancelled does not withdraw its records."""
        await asyncio.shield(self.done)
        return [r for r in self._results if r is not None]


class Delivery:
    """One record of a call; `is_settled` once answered. `since_s` is the loop's time when it was handed over."""

    __slots__ = ("call", "index", "is_settled", "record", "since_s")

    def __init__(self, record: OutboundRecord, call: SendCall, index: int, since_s: float) -> None:
        self.record = record
        self.call = call
        self.index = index
        self.is_settled = False
        self.since_s = since_s

    def settle(self, result: RecordPlace | RecordTooLargeError) -> None:
        """It has its answer."""
        if not self.is_settled:
            self.is_settled = True
            self.call.settle(self.index, result)

    def fail(self, error: Exception) -> None:
        """It gets no answer, and it is not sent any more where it still waits."""
        self.is_settled = True
        self.call.fail(error)


class Batch:
    """Records of one partition that go out together. `future` is the producer's, None until it took the batch."""

    __slots__ = ("deliveries", "future", "partition")

    def __init__(self, partition: int, deliveries: list[Delivery]) -> None:
        self.partition = partition
        self.deliveries = deliveries
        self.future: asyncio.Future[Any] | None = None

    def settle(self, topic: str, base_offset: int) -> None:
        """All of it lies in the topic, from `base_offset` on."""
        for offset, delivery in enumerate(self.deliveries, base_offset):
            delivery.settle(RecordPlace(topic, self.partition, offset))


class PartitionQueues:
    """Deliveries in the order they were added, which holds per partition."""

    def __init__(self) -> None:
        self._unsorted: deque[Delivery] = deque()
        self._queued: dict[int, deque[Delivery]] = {}
        self._under_way: dict[int, Batch] = {}

    def add(self, delivery: Delivery) -> None:
        """Queue a delivery."""
        self._unsorted.append(delivery)

    def sort(self, partitions: Sequence[int]) -> None:
        """Give what was added to its partition. `partitions` are those of the topic, ascending."""
        queued = self._queued
        if not queued.keys() <= set(partitions):  # the topic was made anew, smaller
            self._unsort()
        for delivery in self._unsorted:
            if not delivery.is_settled:
                partition = partition_of(delivery.record.key, partitions)
                queue = queued.get(partition)
                if queue is None:
                    queue = queued[partition] = deque()
                queue.append(delivery)
        self._unsorted.clear()

    @property
    def has_work(self) -> bool:
        """Whether there is something that could be sent now."""
        return bool(self._unsorted) or any(p not in self._under_way for p in self._queued)

    def ready(self) -> Collection[int]:
        """The partitions where something waits and nothing is under way."""
        return [p for p in self._queued if p not in self._under_way]

    def waiting_in(self, partition: int) -> deque[Delivery]:
        """What waits in a partition; what is taken out of it belongs to the batch that is begun next."""
        return self._queued.setdefault(partition, deque())

    def begin(self, batch: Batch) -> None:
        """The batch is under way: nothing else of its partition is until it is over."""
        if not self._queued[batch.partition]:
            del self._queued[batch.partition]
        if batch.deliveries:
            self._under_way[batch.partition] = batch

    def is_under_way(self, batch: Batch) -> bool:
        """Whether the batch was neither ended nor taken back."""
        return self._under_way.get(batch.partition) is batch

    def end(self, batch: Batch) -> None:
        """The batch is answered, whole."""
        if self.is_under_way(batch):
            del self._under_way[batch.partition]

    def take_back(self, batch: Batch) -> None:
        """What the batch holds waits again, before anything newer."""
        self.end(batch)
        again = [d for d in batch.deliveries if not d.is_settled]
        if again:
            self._queued.setdefault(batch.partition, deque()).extendleft(reversed(again))

    def take_all_back(self) -> None:
        """Everything under way waits again."""
        for batch in list(self._under_way.values()):
            self.take_back(batch)

    def futures(self) -> list["asyncio.Future[Any]"]:
        """The producer's futures that are not done."""
        return [b.future for b in self._under_way.values() if b.future is not None and not b.future.done()]

    def pending(self) -> Iterator[Delivery]:
        """The deliveries without an answer, in order per partition."""
        queues = [b.deliveries for b in self._under_way.values()], self._queued.values(), [self._unsorted]
        return (d for kind in queues for queue in kind for d in list(queue) if not d.is_settled)

    def forget_settled(self) -> None:
        """Let go of what waits and got its answer otherwise."""
        self._unsorted = deque(d for d in self._unsorted if not d.is_settled)
        left = {p: deque(d for d in queue if not d.is_settled) for p, queue in self._queued.items()}
        self._queued = {p: queue for p, queue in left.items() if queue}

    def oldest_since_s(self) -> float | None:
        """Since when the oldest record waits; None where none does."""
        return min((d.since_s for d in self.pending()), default=None)

    def _unsort(self) -> None:
        for queue in self._queued.values():
            self._unsorted.extendleft(reversed(queue))
        self._queued.clear()


def closed_error(topic: str) -> FaultError:
    """Return the error of a record whose acknowledgement nobody waits for any more."""
    detail = "stopped before the broker acknowledged it"
    return FaultError(Fault(FaultCode.PUBLISH_WAITING, {"topic": topic, "detail": detail}))


def partition_of(key: bytes | None, partitions: Sequence[int]) -> int:
    """Return where a record belongs: by its key as Java's producer has it, without a key anywhere."""
    if key is None:
        return random.choice(partitions)  # noqa: S311 - a spread, not a secret
    return partitions[_hash(key) % len(partitions)]


@lru_cache(maxsize=32_768)
def _hash(key: bytes) -> int:
    # in Python it takes longer than all else that is done to put a record into a batch, and keys come again
    positive: int = murmur2(key) & 0x7FFFFFFF
    return positive
