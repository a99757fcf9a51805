"""Sends the records for one topic, in order, and again where the producer failed. A topic in trouble stops no other."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Set
from functools import partial
from typing import Any, Protocol

from aiokafka import errors as kafka_errors
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.engine.kafka.admin import AdminPool
from kafka_agent_studio.engine.kafka.admin_types import AdminError
from kafka_agent_studio.engine.kafka.cluster import Cluster
from kafka_agent_studio.engine.kafka.partition_queues import Batch, Delivery, PartitionQueues, closed_error
from kafka_agent_studio.engine.ports import FaultError, OutboundRecord, RecordTooLargeError

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
        self._queues = PartitionQueues()
        self._has_work = asyncio.Event()
        self._pause_s = 0.0
        self._is_well = asyncio.Event()
        self._refused_by: Any = None
        self._pump: asyncio.Task[None] | None = None

    def add(self, delivery: Delivery) -> None:
        """Queue a record."""
        self._queues.add(delivery)
        self._has_work.set()

    def pending(self) -> Iterator[Delivery]:
        """The deliveries without an answer, in order per partition."""
        return self._queues.pending()

    def withdraw(self, record_ids: Set[int]) -> None:
        """Forget the records with these identities; where nothing else waits, the topic is in no trouble any more."""
        for delivery in list(self.pending()):
            if id(delivery.record) in record_ids:
                delivery.fail(closed_error(self.topic))
        self._queues.forget_settled()
        if not self._has_pending:
            self._pause_s = 0.0
            self._is_well.set()
            self._set_fault(None)

    def under_way(self) -> list["asyncio.Future[Any]"]:
        """The producer's futures that are not done."""
        return self._queues.futures()

    def waiting_since_s(self) -> float | None:
        """Since when (loop time) the oldest record waits; None where none does."""
        return self._queues.oldest_since_s()

    def take_back(self) -> None:
        """The producer is gone: what it did not get acknowledged is sent again, before anything newer."""
        self._queues.take_all_back()
        if self._queues.has_work:
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
            while self._queues.has_work:
                if self._pause_s:
                    await self._pause()
                await self._send_queued(producer, is_single)

    async def _send_queued(self, producer: Any, is_single: bool) -> None:
        """Give the producer a batch for each partition where none is under way, or up to what it does not take."""
        queues = self._queues
        batch: Batch | None = None
        try:
            queues.sort(sorted(await producer.partitions_for(self.topic)))
            for partition in queues.ready():
                builder = producer.create_batch()
                batch = self._fill(builder, partition)
                queues.begin(batch)
                if batch.deliveries:
                    # Where this waits, nothing is taken yet: it may be cancelled, and take_back() finds the batch.
                    batch.future = future = await producer.send_batch(builder, self.topic, partition=partition)
                    future.add_done_callback(partial(self._on_done, producer, is_single, batch))
        except Exception as refusal:  # noqa: BLE001 - whatever it was, the batch was not taken
            if batch is not None and batch.future is None:
                queues.take_back(batch)
            await self._not_taken(refusal)

    def _fill(self, builder: Any, partition: int) -> Batch:
        """Move what waits in a partition into a batch, as much as it takes."""
        waiting = self._queues.waiting_in(partition)
        taken: list[Delivery] = []
        while waiting:
            delivery = waiting[0]
            record = delivery.record
            # a batch that holds something takes no more than it has room for, which is less than the topic's limit
            error = None if taken else self._too_large(record)
            if error is not None:
                delivery.settle(error)
            elif not delivery.is_settled:
                headers = list(record.headers)
                if builder.append(timestamp=None, key=record.key, value=record.value, headers=headers) is None:
                    break
                taken.append(delivery)
            waiting.popleft()
        return Batch(partition, taken)

    def _on_done(self, producer: Any, is_single: bool, batch: Batch, future: "asyncio.Future[Any]") -> None:
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            self._queues.end(batch)
            batch.settle(self.topic, future.result().offset)
            if self._queues.has_work:
                self._has_work.set()
            if self.fault is not None or self._pause_s:
                self._pause_s = 0.0
                self._is_well.set()
                self._set_fault(None)
            return
        if not self._queues.is_under_way(batch) or isinstance(error, kafka_errors.ProducerClosed):
            return  # taken back already, to be sent again
        is_size = isinstance(error, kafka_errors.MessageSizeTooLargeError | kafka_errors.RecordListTooLargeError)
        if is_size and is_single:
            self._queues.end(batch)
            for delivery in batch.deliveries:
                delivery.settle(self._too_large_error(delivery.record))
        elif not is_size and self._refused_by is not producer and not isinstance(error, _AFTERMATH):
            self._refused_by = producer  # the first of many: other partitions' batches follow
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
        if _estimated_size(record) - _ESTIMATE_SLACK_BYTES <= limit_bytes:
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

    @property
    def _has_pending(self) -> bool:
        return next(self.pending(), None) is not None

    def _set_fault(self, fault: Fault | None) -> None:
        if fault is not None and not self._has_pending:
            return  # withdrawn meanwhile
        if fault != self.fault:
            self.fault = fault
            self._on_fault()


def _estimated_size(record: OutboundRecord) -> int:
    size: int = DefaultRecordBatchBuilder.estimate_size_in_bytes(record.key, record.value, list(record.headers))
    return size
