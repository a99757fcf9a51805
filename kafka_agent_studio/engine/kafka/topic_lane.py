"""The records for one topic, in order: not yet sent, under way, to be sent again. A topic in trouble stops no other."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Protocol

from aiokafka import errors as kafka_errors
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.engine.kafka.admin import AdminPool
from kafka_agent_studio.engine.kafka.admin_types import AdminError
from kafka_agent_studio.engine.kafka.cluster import Cluster
from kafka_agent_studio.engine.ports import FaultError, OutboundRecord, RecordPlace, RecordTooLargeError

HARD_LIMIT_BYTES = 100 * 1024 * 1024 - 4096
"""No broker with its usual settings takes a request beyond; it would cut the connection, again and again."""
_ESTIMATE_SLACK_BYTES = 32
"""aiokafka's estimate of a record's size is an upper bound by so much; in between the broker decides."""
PAUSE_S = 1.0
MAX_PAUSE_S = 30.0

_DENIED = (kafka_errors.TopicAuthorizationFailedError, kafka_errors.ClusterAuthorizationFailedError)

_AFTERMATH = (kafka_errors.OutOfOrderSequenceNumber,)
"""What follows a refusal on the same partition."""

_log = logging.getLogger(__name__)


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
    """One record of a call. `future` is the producer's, None while it has none; `is_settled` once answered.

    `since_s` is the loop's time when it was handed over.
    """

    __slots__ = ("call", "future", "index", "is_settled", "record", "since_s")

    def __init__(self, record: OutboundRecord, call: SendCall, index: int, since_s: float) -> None:
        self.record = record
        self.call = call
        self.index = index
        self.future: asyncio.Future[Any] | None = None
        self.is_settled = False
        self.since_s = since_s

    def settle(self, result: RecordPlace | RecordTooLargeError) -> None:
        """It has its answer."""
        if not self.is_settled:
            self.is_settled = True
            self.call.settle(self.index, result)


class RefusalHandler(Protocol):
    """Told that a producer is spoiled by a refused batch; `is_size`: it, or a record in it, was too large."""

    def __call__(self, producer: Any, lane: "TopicLane", *, is_size: bool) -> None:
        """`lane` is where it happened."""
        ...


class TopicLane:
    """Sends the records of one topic one after the other, through one producer at a time."""

    def __init__(
        self,
        *,
        topic: str,
        cluster: Cluster,
        admins: AdminPool,
        on_refused: RefusalHandler,
        on_fault: Callable[[], None],
        tasks: TaskGroupOwner,
    ) -> None:
        self.topic = topic
        self.fault: Fault | None = None
        """What this topic waits for; None where it does not."""
        self.limit_bytes: int | None = None
        """The largest batch that the topic takes; None where nobody said."""
        self.is_admitted = False
        """Whether the limit was asked for, so that sending may begin."""
        self._cluster = cluster
        self._admins = admins
        self._on_refused = on_refused
        self._on_fault = on_fault
        self._tasks = tasks
        self._unsent: deque[Delivery] = deque()
        self._under_way: deque[Delivery] = deque()
        self._has_work = asyncio.Event()
        self._pause_s = 0.0
        self._is_well = asyncio.Event()
        self._refused_by: Any = None
        self._pump: asyncio.Task[None] | None = None

    def add(self, delivery: Delivery) -> None:
        """Queue a record."""
        self._unsent.append(delivery)
        self._has_work.set()

    def pending(self) -> Iterator[Delivery]:
        """The deliveries without an answer, in order."""
        return (d for queue in (self._under_way, self._unsent) for d in list(queue) if not d.is_settled)

    def under_way(self) -> list["asyncio.Future[Any]"]:
        """The producer's futures that are not done."""
        return [d.future for d in self._under_way if d.future is not None and not d.future.done()]

    def waiting_since_s(self) -> float | None:
        """Since when (loop time) the oldest record waits; None where none does."""
        under_way = self._under_way
        while under_way and under_way[0].is_settled:
            under_way.popleft()
        oldest = under_way or self._unsent
        return oldest[0].since_s if oldest else None

    def take_back(self) -> None:
        """The producer is gone: what it did not get acknowledged is sent again, before anything newer."""
        again = [d for d in self._under_way if not d.is_settled]
        self._under_way.clear()
        for delivery in reversed(again):
            delivery.future = None
            self._unsent.appendleft(delivery)
        if again:
            self._has_work.set()

    def start(self, producer: Any, *, is_single: bool) -> None:
        """Send through this producer until stop(). `is_single`: its batches hold one record each."""
        self._pump = self._tasks.start(f"lane/{self.topic}", self._run(producer, is_single))

    async def stop(self) -> None:
        """Send nothing more; a record that the producer has not taken yet stays queued."""
        pump, self._pump = self._pump, None
        if pump is not None:
            pump.cancel()
            await asyncio.wait((pump,))

    # sending

    async def _run(self, producer: Any, is_single: bool) -> None:
        while True:
            await self._has_work.wait()
            self._has_work.clear()
            while self._unsent:
                if self._pause_s:
                    await self._pause()
                await self._send_queued(producer, is_single)

    async def _send_queued(self, producer: Any, is_single: bool) -> None:
        """Give the producer all that is queued, or up to the first that it does not take."""
        unsent, under_way = self._unsent, self._under_way
        while unsent:
            delivery = unsent[0]
            error = self._too_large(delivery.record)
            if error is not None:
                unsent.popleft()
                delivery.settle(error)
                continue
            try:
                # Where this waits, nothing is taken yet: it may be cancelled, and the record stays first in the queue.
                future = await _submit(producer, delivery.record)
            except Exception as refusal:  # noqa: BLE001 - whatever it was, the record was not taken
                await self._not_taken(refusal)
                return
            unsent.popleft()
            delivery.future = future
            under_way.append(delivery)
            future.add_done_callback(partial(self._on_done, producer, is_single, delivery))
        while under_way and under_way[0].is_settled:
            under_way.popleft()

    def _on_done(self, producer: Any, is_single: bool, delivery: Delivery, future: "asyncio.Future[Any]") -> None:
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            place = future.result()
            delivery.settle(RecordPlace(place.topic, place.partition, place.offset))
            if self.fault is not None or self._pause_s:
                self._pause_s = 0.0
                self._is_well.set()
                self._set_fault(None)
            return
        if delivery.future is not future or isinstance(error, kafka_errors.ProducerClosed):
            return  # taken back already, to be sent again
        is_size = isinstance(error, kafka_errors.MessageSizeTooLargeError | kafka_errors.RecordListTooLargeError)
        if is_size and is_single:
            delivery.settle(self._too_large_error(delivery.record))
        elif not is_size and self._refused_by is not producer and not isinstance(error, _AFTERMATH):
            self._refused_by = producer  # the first of many: each record of a batch comes by
            self._slow_down()
            if isinstance(error, _DENIED):
                self._set_fault(Fault(FaultCode.TOPIC_DENIED, {"topic": self.topic, "operation": "write"}))
            else:
                _log.warning("%s: the broker refused a batch: %r", self.topic, error)
                self._set_fault(self._waiting(f"the broker refused it: {type(error).__name__}"))
        self._on_refused(producer, self, is_size=is_size)

    async def _not_taken(self, error: Exception) -> None:
        """The producer took nothing: its topic is missing, denied, or the producer is closing."""
        if isinstance(error, kafka_errors.ProducerClosed):
            await asyncio.sleep(PAUSE_S)  # another one is on its way, and with it this ends
            return
        self._slow_down()
        is_denied = isinstance(error, kafka_errors.TopicAuthorizationFailedError)
        # a topic that is missing and may not be created is called denied, too
        if (is_denied or isinstance(error, kafka_errors.UnknownTopicOrPartitionError)) and await self._is_missing():
            self._set_fault(self._waiting("the topic does not exist and the broker does not create it"))
        elif is_denied:
            self._set_fault(Fault(FaultCode.TOPIC_DENIED, {"topic": self.topic, "operation": "describe"}))
        elif not isinstance(error, kafka_errors.KafkaError):
            _log.error("%s: sending failed", self.topic, exc_info=error)
            self._set_fault(self._waiting(f"{type(error).__name__}: {error}"))
        else:
            self._set_fault(self._waiting("the broker does not answer"))

    async def _is_missing(self) -> bool:
        # The client says the same of a topic that is missing and of a broker that is away.
        if self._cluster.is_sandbox:
            return False
        try:
            admin = await self._admins.get(self._cluster)
            return await admin.describe_topic(self.topic) is None
        except (AdminError, FaultError):
            self._admins.forget(self._cluster)
            return False

    # sizes

    async def learn_limit(self) -> None:
        """Ask what the topic takes at most."""
        if self._cluster.is_sandbox:
            return
        try:
            admin = await self._admins.get(self._cluster)
            config = await admin.topic_config(self.topic)
            self.limit_bytes = int(config["max.message.bytes"])
        except (AdminError, FaultError, KeyError, ValueError):
            self.limit_bytes = None  # not allowed to ask, or not there yet: the broker will say so

    def _too_large(self, record: OutboundRecord) -> RecordTooLargeError | None:
        limit_bytes = HARD_LIMIT_BYTES if self.limit_bytes is None else min(self.limit_bytes, HARD_LIMIT_BYTES)
        if _is_far_below(record, limit_bytes) or _estimated_size(record) - _ESTIMATE_SLACK_BYTES <= limit_bytes:
            return None
        return self._too_large_error(record)

    def _too_large_error(self, record: OutboundRecord) -> RecordTooLargeError:
        limit = "" if self.limit_bytes is None else f" of at most {self.limit_bytes:,} bytes (max.message.bytes)"
        return RecordTooLargeError(
            f"{_estimated_size(record):,} bytes are too large for topic {self.topic}, which takes records{limit}"
        )

    # trouble

    def _waiting(self, detail: str) -> Fault:
        return Fault(FaultCode.PUBLISH_WAITING, {"topic": self.topic, "detail": detail})

    async def _pause(self) -> None:
        """Wait before the next try, or until a record that was under way got through."""
        self._is_well.clear()
        try:
            async with asyncio.timeout(self._pause_s):
                await self._is_well.wait()
        except TimeoutError:
            return

    def _slow_down(self) -> None:
        self._pause_s = min(MAX_PAUSE_S, self._pause_s * 2 or PAUSE_S)

    def _set_fault(self, fault: Fault | None) -> None:
        if fault != self.fault:
            self.fault = fault
            self._on_fault()


async def _submit(producer: Any, record: OutboundRecord) -> "asyncio.Future[Any]":
    """Give a record to the producer's buffer; the future is done when the broker has it."""
    if record.key is None and record.value is None:
        return await _submit_empty(producer, record)
    future: asyncio.Future[Any] = await producer.send(
        record.topic, value=record.value, key=record.key, headers=list(record.headers)
    )
    return future


async def _submit_empty(producer: Any, record: OutboundRecord) -> "asyncio.Future[Any]":
    # send() refuses a record with neither key nor value, which Kafka itself has nothing against.
    partitions = sorted(await producer.partitions_for(record.topic))
    batch = producer.create_batch()
    batch.append(timestamp=None, key=None, value=None, headers=list(record.headers))
    future: asyncio.Future[Any] = await producer.send_batch(batch, record.topic, partition=partitions[0])
    return future


def _is_far_below(record: OutboundRecord, limit_bytes: int) -> bool:
    """Whether a record is so small that its exact size does not matter; asked for each one, so it is quick."""
    key, value = record.key, record.value
    size_bytes = 200 + (0 if key is None else len(key)) + (0 if value is None else len(value))
    for name, data in record.headers:
        size_bytes += 20 + 4 * len(name) + (0 if data is None else len(data))
    return size_bytes < limit_bytes


def _estimated_size(record: OutboundRecord) -> int:
    size: int = DefaultRecordBatchBuilder.estimate_size_in_bytes(record.key, record.value, list(record.headers))
    return size
