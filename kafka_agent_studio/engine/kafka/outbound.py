"""The one producer of a cluster and login: idempotent, acks=all, order kept per topic, never giving up on a record.

aiokafka's idempotent producer is exact while it lives, and poisoned for a partition once the broker refused a batch:
every later send there fails. So a refusal replaces the producer, and what was not acknowledged goes out again in its
old order. A send that merely lasts is left alone: cancelled and sent again, it would arrive twice.

    send → TopicLane (one per topic: order, size limit, its own trouble) → AIOKafkaProducer → acknowledgement
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import ClusterAuthorizationFailedError, KafkaError

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.engine.backoff import Backoff
from kafka_agent_studio.engine.kafka.admin import AdminPool
from kafka_agent_studio.engine.kafka.client_config import REQUEST_TIMEOUT_MS, ClientConfig, SecretSource
from kafka_agent_studio.engine.kafka.client_shutdown import SILENT_STOP_S, STOP_S, shut_down
from kafka_agent_studio.engine.kafka.cluster import Cluster
from kafka_agent_studio.engine.kafka.partition_queues import Delivery, SendCall, closed_error
from kafka_agent_studio.engine.kafka.probe import probe
from kafka_agent_studio.engine.kafka.topic_lane import TopicLane
from kafka_agent_studio.engine.ports import FaultError, OutboundRecord, RecordPlace, RecordTooLargeError

MAX_BATCH_BYTES = 256 * 1024
"""Fuller batches gain nothing; a smaller limit of a topic in use lowers it, since a batch is refused as a whole."""
MAX_REQUEST_BYTES = 100 * 1024 * 1024
"""What a broker takes as one request unless told otherwise (socket.request.max.bytes); it cuts the line beyond."""
SILENT_S = 15.0
LOOK_EVERY_S = 1.0
LOGIN_PAUSE_S = 60.0
"""After a refused login: more tries might lock the account."""
SINGLE_S = 10.0
SHORT_LIFE_S = 2.0
MAX_REST_S = 5.0
SETTLE_S = 5.0
CLOSE_S = 0.5
"""How long what is pending gets at the end; whoever stops the engine has waited for results before."""

_log = logging.getLogger(__name__)


class KafkaOutbound:
    """Implements ports.Outbound. Everything that was sent stays owed until acknowledged, too large, or closed."""

    def __init__(
        self,
        *,
        cluster: Cluster,
        secrets: SecretSource,
        admins: AdminPool,
        on_waiting: Callable[[Fault | None], None],
        backoff: Backoff,
        silent_s: float = SILENT_S,
    ) -> None:
        """`on_waiting` is told what is waited for, and None when nothing is any more."""
        self._cluster = cluster
        self._secrets = secrets
        self._admins = admins
        self._on_waiting = on_waiting
        self._backoff = backoff
        self._silent_s = silent_s
        self._lanes: dict[str, TopicLane] = {}
        self._producer: Any = None
        self._batch_bytes = MAX_BATCH_BYTES
        self._is_single = False
        self._is_serving = False
        self._replace = asyncio.Event()
        self._unlearned: set[TopicLane] = set()
        self._size_refusals = 0
        self._login_pause_s = 0.0
        self._fault: Fault | None = None
        self._said: Fault | None = None
        self._is_started = False
        self._is_closed = False
        self._tasks = TaskGroupOwner(name=f"outbound/{cluster.label}", on_failure=self._on_task_failure)

    async def send(self, records: Sequence[OutboundRecord]) -> list[RecordPlace | RecordTooLargeError]:
        """Return when every record is acknowledged or known to be too large, in the order given.

        Raises:
            FaultError: it was closed before that (PUBLISH_WAITING).
        """
        if not records:
            return []
        if self._is_closed:
            raise closed_error(records[0].topic)
        if not self._is_started:
            self._is_started = True
            self._replace.set()
            self._tasks.start("producer", self._keep_a_producer())
            self._tasks.start("watch", self._watch())
        call = SendCall(len(records))
        now_s = asyncio.get_running_loop().time()
        for index, record in enumerate(records):
            lane = self._lanes.get(record.topic) or self._new_lane(record.topic)
            lane.add(Delivery(record, call, index, now_s))
        return await call.wait()

    def withdraw(self, records: Sequence[OutboundRecord]) -> None:
        """Let go of those of these records that wait for a topic in trouble; their send() raises FaultError."""
        by_topic: dict[str, set[int]] = {}
        for record in records:
            by_topic.setdefault(record.topic, set()).add(id(record))
        for topic, ids in by_topic.items():
            lane = self._lanes.get(topic)
            if lane is not None and self.fault_for((topic,)) is not None:
                lane.withdraw(ids)

    def fault_for(self, topics: Collection[str]) -> Fault | None:
        """Return what records for these topics wait for; None where they do not."""
        return self._fault or next((f for t in topics if t in self._lanes and (f := self._lanes[t].fault)), None)

    async def close(self) -> None:
        """Give what is pending a moment, then free everything. Never raises."""
        pending = {d.call.done for lane in self._lanes.values() for d in lane.pending()}
        if pending and self._fault is None:
            await asyncio.wait(pending, timeout=CLOSE_S)
        is_silent = any(not done.done() for done in pending)
        self._is_closed = True
        await self._tasks.close()
        await self._drop_producer(stop_s=SILENT_STOP_S if is_silent else STOP_S)
        for lane in self._lanes.values():
            for delivery in lane.pending():
                delivery.fail(closed_error(delivery.record.topic))

    # lanes

    def _new_lane(self, topic: str) -> TopicLane:
        lane = self._lanes[topic] = TopicLane(
            topic=topic,
            cluster=self._cluster,
            admins=self._admins,
            on_refused=self._on_refused,
            on_fault=self._tell,
            tasks=self._tasks,
        )
        self._tasks.start(f"admit/{topic}", self._admit(lane))
        return lane

    async def _admit(self, lane: TopicLane) -> None:
        """Learn what the topic takes, then let the present producer serve it, or one with smaller batches."""
        await lane.learn_limit()
        lane.is_admitted = True
        if not self._is_serving:
            return  # the next producer serves it
        if lane.limit_bytes is not None and lane.limit_bytes < self._batch_bytes:
            self._replace.set()
        else:
            lane.start(self._producer, is_single=self._is_single)

    def _on_refused(self, producer: Any, lane: TopicLane, *, is_size: bool) -> None:
        """A batch of this producer was refused, by which it is spoiled."""
        if producer is not self._producer:
            return
        if is_size:
            self._unlearned.add(lane)
        self._replace.set()

    # the producer's life

    async def _keep_a_producer(self) -> None:
        loop = asyncio.get_running_loop()
        started_s = -SHORT_LIFE_S
        short_lives = 0
        while True:
            await self._replace.wait()
            self._replace.clear()
            short_lives = short_lives + 1 if loop.time() - started_s < SHORT_LIFE_S else 0
            await self._retire_producer()
            await self._choose_batch_size()
            if short_lives > 1:  # one after the other is refused: this is no matter of haste
                await asyncio.sleep(min(MAX_REST_S, 0.1 * 2 ** min(short_lives, 10)))
            if self._login_pause_s:
                await asyncio.sleep(self._login_pause_s)
                self._login_pause_s = 0.0
            while not await self._start_producer():
                pass
            started_s = loop.time()
            self._is_serving = True
            for lane in self._lanes.values():
                if lane.is_admitted:
                    lane.start(self._producer, is_single=self._is_single)

    async def _retire_producer(self) -> None:
        self._is_serving = False
        for lane in list(self._lanes.values()):
            await lane.stop()
        if not self._login_pause_s:
            await self._settle()
        await self._drop_producer()
        for lane in self._lanes.values():
            lane.take_back()

    async def _choose_batch_size(self) -> None:
        """Below what every topic takes; one record at a time where a topic refuses and does not say why."""
        refused, self._unlearned = self._unlearned, set()
        for lane in refused:
            await lane.learn_limit()
        self._size_refusals = self._size_refusals + 1 if refused else 0
        limits = [lane.limit_bytes for lane in self._lanes.values() if lane.limit_bytes is not None]
        self._batch_bytes = min(MAX_BATCH_BYTES, *limits) if limits else MAX_BATCH_BYTES
        self._is_single = bool(refused) and (
            self._size_refusals > 1 or any(lane.limit_bytes is None for lane in refused)
        )

    async def _settle(self) -> None:
        """Let what the spoiled producer still has under way be acknowledged or fail, so that it is not sent twice."""
        futures = [f for lane in self._lanes.values() for f in lane.under_way()]
        if futures and self._producer is not None:
            await asyncio.wait(futures, timeout=SETTLE_S)

    async def _drop_producer(self, stop_s: float = STOP_S) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await shut_down(stop=producer.stop, client=producer.client, stop_s=stop_s)

    async def _start_producer(self) -> bool:
        """Try once; False after a pause where it did not work."""
        fault: Fault | None
        try:
            config = await ClientConfig.build(self._cluster, self._secrets)
            producer = self._new_producer(config)
            fault = await self._start(producer, config)
        except FaultError as error:
            fault = error.fault
        if fault is None:
            self._producer = producer
            self._backoff.reset()
            self._set_fault(None)
            return True
        self._set_fault(fault)
        is_login = fault.code is FaultCode.LOGIN_REFUSED
        await asyncio.sleep(LOGIN_PAUSE_S if is_login else self._backoff.next_delay_s())
        return False

    def _new_producer(self, config: ClientConfig) -> Any:
        return AIOKafkaProducer(
            **config.aiokafka(),
            enable_idempotence=True,
            acks="all",
            # Batches form by themselves while a request is under way; a record that comes alone goes at once.
            linger_ms=0,
            max_batch_size=1 if self._is_single else self._batch_bytes,
            max_request_size=MAX_REQUEST_BYTES,
        )

    async def _start(self, producer: Any, config: ClientConfig) -> Fault | None:
        start = self._tasks.start("start", producer.start())
        try:
            await asyncio.wait((start,), timeout=REQUEST_TIMEOUT_MS / 1000 * 1.5)
            error = start.exception() if start.done() else None
            if start.done() and error is None:
                return None
        except BaseException:
            start.cancel()
            await shut_down(stop=producer.stop, client=producer.client)
            raise
        start.cancel()
        await shut_down(stop=producer.stop, client=producer.client)
        if isinstance(error, ClusterAuthorizationFailedError):
            return Fault(FaultCode.TOPIC_DENIED, {"topic": self._any_topic(), "operation": "write"})
        fault = await probe(config)
        detail = "it lets us in but does not answer" if error is None else str(error) or type(error).__name__
        return fault or Fault(
            FaultCode.BROKER_UNREACHABLE, {"address": self._cluster.bootstrap_servers, "detail": detail}
        )

    def _any_topic(self) -> str:
        return next(iter(self._lanes), "")

    # what is waited for

    async def _watch(self) -> None:
        """Ask why where acknowledgements stay away: the producer waits without a word, whatever the reason."""
        now_s = asyncio.get_running_loop().time
        single_since_s = asked_s = now_s()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if not self._is_serving:
                continue
            if not self._is_single:
                single_since_s = now_s()
            elif now_s() - single_since_s > SINGLE_S:
                self._replace.set()  # long enough to have met what was too large
            waiting = [s for lane in self._lanes.values() if (s := lane.waiting_since_s()) is not None]
            if not waiting or now_s() - min(waiting) < self._silent_s:
                self._set_fault(None)
            elif now_s() - asked_s >= self._silent_s:
                asked_s = now_s()
                await self._ask_why()

    async def _ask_why(self) -> None:
        try:
            config = await ClientConfig.build(self._cluster, self._secrets)
            fault = await probe(config)
        except FaultError as error:
            fault = error.fault
        if not self._is_serving:
            return
        self._set_fault(fault)
        if fault is not None and fault.code is FaultCode.LOGIN_REFUSED:
            # the live producer would try to log in many times a second, which may lock the account
            self._login_pause_s = LOGIN_PAUSE_S
            self._replace.set()

    def _set_fault(self, fault: Fault | None) -> None:
        self._fault = fault
        self._tell()

    def _tell(self) -> None:
        now = self.fault_for(self._lanes)
        if now != self._said:
            self._said = now
            self._on_waiting(now)

    def _on_task_failure(self, name: str, error: BaseException) -> None:
        if not isinstance(error, KafkaError):
            _log.error("%s failed", name, exc_info=error)
