"""A consumer of one topic in one group, on aiokafka: reads, commits, survives rebalances, says what is wrong.

aiokafka recovers from most faults without a word and hangs in the others without a word too. So the user's choice of a
first offset is applied here (offsets.py), losses are found here, and a watchdog of our own tells a quiet topic from a
dead connection (consumer_watch.py).
"""

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from types import FunctionType, MethodType
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka import errors as kafka_errors
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.metadata import MetadataRequest

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.engine.kafka.admin import AdminPool
from kafka_agent_studio.engine.kafka.client_config import REQUEST_TIMEOUT_MS, ClientConfig, SecretSource
from kafka_agent_studio.engine.kafka.client_shutdown import SILENT_STOP_S, STOP_S, shut_down
from kafka_agent_studio.engine.kafka.cluster import Cluster
from kafka_agent_studio.engine.kafka.committer import Committer
from kafka_agent_studio.engine.kafka.consumer_watch import ConsumerWatch
from kafka_agent_studio.engine.kafka.probe import as_error, probe
from kafka_agent_studio.engine.kafka.rebalance import Rebalance
from kafka_agent_studio.engine.kafka.topic_watch import TopicMemory
from kafka_agent_studio.engine.kafka.unreadable import UnreadableSkipper, is_about_records
from kafka_agent_studio.engine.ports import FaultError, InboundListener
from kafka_agent_studio.model.connector import AutoOffsetReset
from kafka_agent_studio.model.message import Record

SESSION_TIMEOUT_MS = 20_000
"""How long a crashed member keeps its partitions from its successor, which may be its own restart. 45 s would ride out
longer stalls, but the engine has an event loop to itself, and at its desk a person waits for it."""
HEARTBEAT_MS = 3_000
SANDBOX_SESSION_TIMEOUT_MS = 4_000
"""The embedded broker lets nobody join for the length of a session, less a second, after a member left."""
SANDBOX_HEARTBEAT_MS = 1_000
REBALANCE_TIMEOUT_MS = 120_000
MAX_POLL_INTERVAL_MS = 300_000
KEEP_ALIVE_S = MAX_POLL_INTERVAL_MS / 3000
"""How often a full pipeline polls without taking anything, so that its partitions stay."""
POLL_MS = 500
MAX_RECORDS = 500
ERROR_PAUSE_S = 1.0
MAX_ERRORS = 4
"""After a grant up to three stale refusals still come out of the consumer; one more is a fresh one."""
FETCH_MAX_BYTES = 16 * 1024 * 1024

_log = logging.getLogger(__name__)


class KafkaInbound:
    """Implements ports.Inbound. Use: open(), poll_forever() until it raises, close()."""

    def __init__(
        self,
        *,
        cluster: Cluster,
        secrets: SecretSource,
        admins: AdminPool,
        topic: str,
        group_id: str,
        auto_offset_reset: AutoOffsetReset,
        listener: InboundListener,
        topic_memory: TopicMemory,
        keep_alive_s: float = KEEP_ALIVE_S,
    ) -> None:
        self._cluster = cluster
        self._secrets = secrets
        self._admins = admins
        self._topic = topic
        self._group_id = group_id
        self._auto_offset_reset = auto_offset_reset
        self._listener = listener
        self._topic_memory = topic_memory
        self._keep_alive_s = keep_alive_s
        self._tasks = TaskGroupOwner(name=f"inbound/{topic}")
        self._room = asyncio.Event()
        self._consumer: Any = None
        self._rebalance: Rebalance | None = None
        self._committer: Committer | None = None
        self._watch: ConsumerWatch | None = None
        self._trouble: asyncio.Future[None] | None = None
        self._errors = 0
        self._is_closing = False

    async def open(self) -> None:
        """Connect and subscribe; partitions come later. Raises: FaultError."""
        self._trouble = asyncio.get_running_loop().create_future()
        config = await ClientConfig.build(self._cluster, self._secrets)
        self._consumer = consumer = _new_consumer(config, self._group_id)
        await self._start(config)
        self._watch = ConsumerWatch(
            consumer=consumer,
            config=config,
            admins=self._admins,
            topic=self._topic,
            memory=self._topic_memory,
            has_room=lambda: self._listener.capacity() > 0,
            is_assigned=lambda: self._rebalance is not None and self._rebalance.epoch is not None,
        )
        await self._watch.check_topic()
        self._committer = Committer(consumer=consumer, topic=self._topic, on_notice=self._listener.on_notice)
        self._rebalance = Rebalance(
            consumer=consumer,
            topic=self._topic,
            auto_offset_reset=self._auto_offset_reset,
            listener=self._listener,
            committer=self._committer,
            on_trouble=self._fail,
            on_change=self._watch.look_now,
            memory=self._topic_memory,
            is_sandbox=self._cluster.is_sandbox,
            drain_s=REBALANCE_TIMEOUT_MS / 1000 - 5,
        )
        consumer.subscribe(topics=[self._topic], listener=self._rebalance)

    async def poll_forever(self) -> None:
        """Hand records to the listener until close(). Raises: FaultError when a new consumer is needed."""
        trouble, watch = self._trouble, self._watch
        if trouble is None or watch is None:
            raise RuntimeError("open() comes first")
        poll = self._tasks.start("poll", self._poll())
        watching = self._tasks.start("watch", watch.run())
        try:
            await asyncio.wait((poll, watching, trouble), return_when=asyncio.FIRST_COMPLETED)
            for ended in (trouble, watching, poll):
                if ended.done() and not ended.cancelled():
                    ended.result()
        finally:
            poll.cancel()
            watching.cancel()

    def wake(self) -> None:
        """The listener has capacity again."""
        self._room.set()

    async def commit(self, epoch: int, offsets: Mapping[int, int]) -> bool:
        """Commit per partition the next offset to read. False: the epoch is over, nothing was committed."""
        return self._committer is not None and await self._committer.commit(epoch, offsets)

    def answered_s(self) -> float:
        """How long the broker has answered, from the end of open() to its last answer; 0 where it never did."""
        return 0.0 if self._watch is None else self._watch.answered_s

    def lags(self) -> Mapping[int, int] | None:
        """Messages between position and the newest offset of each partition; None where unknown yet."""
        return None if self._rebalance is None else self._rebalance.lags()

    async def until_answered(self) -> None:
        """Ask the group's coordinator for an offset; return with its answer, however long that takes.

        Before open() is over there is nobody to ask and nothing to leave: it returns at once.
        """
        if self._consumer is None or self._rebalance is None:
            return
        with contextlib.suppress(kafka_errors.KafkaError):  # a refusal is an answer
            await self._consumer.committed(TopicPartition(self._topic, 0))

    async def close(self, *, is_silent: bool = False) -> None:
        """Leave the group and free everything, within seconds even where the broker is dead. Never raises.

        `is_silent`: the broker was found not to answer, so it is not waited for.
        """
        self._is_closing = True
        self._room.set()
        if self._rebalance is not None:
            self._rebalance.close()
        await self._tasks.close()
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            stop_s = SILENT_STOP_S if is_silent else STOP_S
            await shut_down(stop=consumer.stop, client=consumer._client, stop_s=stop_s)  # noqa: SLF001
        if self._committer is not None:
            await self._committer.close()

    async def _start(self, config: ClientConfig) -> None:
        # Without topics: one that is missing would kill the consumer in start(), and asking for it may create it.
        start = self._tasks.start("start", self._consumer.start())
        await asyncio.wait((start,), timeout=REQUEST_TIMEOUT_MS / 1000 * 1.5)
        if start.done() and start.exception() is None:
            return
        start.cancel()
        fault = await probe(config)
        if fault is None:
            error = start.exception() if start.done() and not start.cancelled() else None
            detail = "it lets us in but does not answer" if error is None else str(error)
            parameters: dict[str, str | int | float | bool] = {
                "address": self._cluster.bootstrap_servers,
                "detail": detail,
            }
            fault = Fault(FaultCode.BROKER_UNREACHABLE, parameters)
        raise as_error(fault)

    def _fail(self, error: FaultError) -> None:
        if self._trouble is not None and not self._trouble.done():
            self._trouble.set_exception(error)
            self._trouble.exception()  # seen: nobody may be polling

    # reading

    async def _poll(self) -> None:
        consumer, rebalance = self._consumer, self._rebalance
        if rebalance is None:
            return
        while not self._is_closing:
            room = self._listener.capacity()
            if room <= 0 and rebalance.epoch is not None:
                await self._wait_for_room()
                continue
            try:
                # before the first assignment there is no room, but waiting here is how refusals are heard of
                fetched = await consumer.getmany(timeout_ms=POLL_MS, max_records=max(1, min(MAX_RECORDS, room)))
            except kafka_errors.ConsumerStoppedError:
                return
            except Exception as error:  # noqa: BLE001 - nothing that can arrive may end the loop
                await self._after(error)
                continue
            if fetched:
                self._errors = 0
                for place, records in fetched.items():
                    self._hand_over(place, records)

    def _hand_over(self, place: TopicPartition, fetched: Sequence[Any]) -> None:
        rebalance = self._rebalance
        if rebalance is None or rebalance.epoch is None or not fetched:
            return  # they are read again from where the assignment begins
        rebalance.positions[place.partition] = fetched[-1].offset + 1
        self._listener.on_records(rebalance.epoch, [_record(r) for r in fetched])

    async def _wait_for_room(self) -> None:
        self._room.clear()
        if self._listener.capacity() > 0:
            return
        try:
            async with asyncio.timeout(self._keep_alive_s):
                await self._room.wait()
        except TimeoutError:
            await self._keep_alive()

    async def _keep_alive(self) -> None:
        consumer = self._consumer
        partitions = consumer.assignment()
        if self._is_closing or not partitions:
            return
        consumer.pause(*partitions)
        try:
            await consumer.getmany(timeout_ms=0)
        except Exception as error:  # noqa: BLE001 - as in _poll
            await self._after(error)
        finally:
            still = consumer.assignment() & partitions
            if self._rebalance is not None and self._rebalance.epoch is not None:
                consumer.resume(*still)

    # trouble

    async def _after(self, error: Exception) -> None:
        """What follows an exception of getmany: a cure in place, a pause, or a FaultError."""
        rebalance = self._rebalance
        if rebalance is None or self._is_closing:
            return
        if isinstance(error, kafka_errors.OffsetOutOfRangeError):
            await self._after_out_of_range(rebalance, error)
            return
        if isinstance(error, kafka_errors.NoOffsetForPartitionError):
            return  # an assignment is being made: Rebalance decides where to begin
        self._errors += 1
        if isinstance(error, kafka_errors.GroupAuthorizationFailedError):
            raise FaultError(Fault(FaultCode.GROUP_DENIED, {"group": self._group_id}))
        if isinstance(error, kafka_errors.TopicAuthorizationFailedError):
            if self._errors >= MAX_ERRORS:
                raise FaultError(Fault(FaultCode.TOPIC_DENIED, {"topic": self._topic, "operation": "read"}))
        elif is_about_records(error) and await self._skipper().pass_unreadable():
            self._errors = 0
            return
        elif self._errors >= MAX_ERRORS:
            raise FaultError(Fault(FaultCode.INTERNAL, {"detail": f"{type(error).__name__}: {error}"}))
        _log.debug("reading %s: %r", self._topic, error)
        await asyncio.sleep(ERROR_PAUSE_S)

    async def _after_out_of_range(self, rebalance: Rebalance, error: kafka_errors.OffsetOutOfRangeError) -> None:
        try:
            await rebalance.begin_at_what_is_left(error.args[0])
        except kafka_errors.KafkaError as again:
            _log.debug("asking for what is left of %s: %r", self._topic, again)
            await asyncio.sleep(ERROR_PAUSE_S)

    def _skipper(self) -> UnreadableSkipper:
        return UnreadableSkipper(consumer=self._consumer, hand_over=self._hand_over, on_notice=self._listener.on_notice)


def _record(fetched: Any) -> Record:
    timestamp_ms = fetched.timestamp
    return Record(
        fetched.topic,
        fetched.partition,
        fetched.offset,
        timestamp_ms if timestamp_ms is not None and timestamp_ms >= 0 else None,
        fetched.key,
        fetched.value,
        fetched.headers,
    )


def _new_consumer(config: ClientConfig, group_id: str) -> Any:
    is_sandbox = config.cluster.is_sandbox
    consumer = AIOKafkaConsumer(
        **config.aiokafka(),
        group_id=group_id,
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level="read_committed",
        session_timeout_ms=SANDBOX_SESSION_TIMEOUT_MS if is_sandbox else SESSION_TIMEOUT_MS,
        heartbeat_interval_ms=SANDBOX_HEARTBEAT_MS if is_sandbox else HEARTBEAT_MS,
        rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
        max_poll_interval_ms=MAX_POLL_INTERVAL_MS,
        fetch_max_bytes=FETCH_MAX_BYTES,
    )
    if not is_sandbox:
        _let_it_create_nothing(consumer._client)  # noqa: SLF001
    return consumer


def _let_it_create_nothing(client: AIOKafkaClient) -> None:
    """Have a client say, when it asks about its topics, that they are not to be created; aiokafka has no choice for it.

    A topic that was checked to be there may be deleted under its reader, whose next question would make it anew.
    """
    update = AIOKafkaClient._metadata_update  # noqa: SLF001
    request = partial(MetadataRequest, allow_auto_topic_creation=False)
    asking = FunctionType(update.__code__, {**update.__globals__, "MetadataRequest": request})
    client._metadata_update = MethodType(asking, client)  # noqa: SLF001
