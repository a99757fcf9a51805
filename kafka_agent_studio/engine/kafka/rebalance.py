"""What happens when partitions come and go: finish and commit before they leave, decide where to begin when they come.

Every rebalance takes everything away and hands everything out again, forgets what was paused, and begins a kept
partition at its last commit: so reading begins here, past what is in hand, and not before the listener says where.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any

from aiokafka import TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.engine.kafka.committer import Committer
from kafka_agent_studio.engine.kafka.offsets import CommittedOffset, StartingPoints, starting_points
from kafka_agent_studio.engine.kafka.topic_watch import TopicMemory
from kafka_agent_studio.engine.ports import FaultError, InboundListener
from kafka_agent_studio.model.connector import AutoOffsetReset

_log = logging.getLogger(__name__)


class Rebalance(ConsumerRebalanceListener):  # type: ignore[misc]
    """One consumer's assignments, counted by `epoch`."""

    def __init__(
        self,
        *,
        consumer: Any,
        topic: str,
        auto_offset_reset: AutoOffsetReset,
        listener: InboundListener,
        committer: Committer,
        on_trouble: Callable[[FaultError], None],
        on_change: Callable[[], None],
        memory: TopicMemory,
        is_sandbox: bool,
        drain_s: float,
    ) -> None:
        self.epoch: int | None = None
        """The assignment that may be read and committed; None between two."""
        self.positions: dict[int, int] = {}
        """Per partition the next offset to hand over."""
        self._count = 0
        self._consumer = consumer
        self._topic = topic
        self._auto_offset_reset = auto_offset_reset
        self._listener = listener
        self._committer = committer
        self._on_trouble = on_trouble
        self._on_change = on_change
        self._memory = memory
        self._is_sandbox = is_sandbox
        self._drain_s = drain_s
        self._tasks = TaskGroupOwner(name=f"rebalance/{topic}")
        self._closed = asyncio.Event()

    def close(self) -> None:
        """Wait for nobody any more."""
        self._closed.set()
        self.epoch = None

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Let the listener finish and commit; longer than the group waits makes no sense."""
        if self.epoch is not None and not self._closed.is_set():
            drain = self._tasks.start("drain", self._listener.on_revoked())
            closed = self._tasks.start("closed", _wait(self._closed))
            await asyncio.wait((drain, closed), timeout=self._drain_s, return_when=asyncio.FIRST_COMPLETED)
            await self._tasks.close()
        self.epoch = None
        self._committer.end()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Begin each partition where it has to; aiokafka swallows what is raised here, so it is handed on."""
        if self._closed.is_set():
            return
        self._consumer.pause(*assigned)
        try:
            await self._begin(sorted(tp.partition for tp in assigned))
        except FaultError as error:
            self._on_trouble(error)
        except GroupAuthorizationFailedError:
            group = self._consumer._group_id  # noqa: SLF001
            self._on_trouble(FaultError(Fault(FaultCode.GROUP_DENIED, {"group": group})))
        except TopicAuthorizationFailedError:
            parameters: dict[str, str | int | float | bool] = {"topic": self._topic, "operation": "read"}
            self._on_trouble(FaultError(Fault(FaultCode.TOPIC_DENIED, parameters)))
        except KafkaError as error:
            detail = f"the partitions' offsets could not be read: {type(error).__name__}"
            self._on_trouble(FaultError(Fault(FaultCode.BROKER_UNREACHABLE, {"address": "", "detail": detail})))
        except Exception as error:  # noqa: BLE001 - aiokafka would log it and leave the partitions paused for ever
            _log.warning("beginning an assignment of %s", self._topic, exc_info=True)
            detail = f"{type(error).__name__}: {error}"
            self._on_trouble(FaultError(Fault(FaultCode.INTERNAL, {"detail": detail})))

    def lags(self) -> Mapping[int, int] | None:
        """Messages between `positions` and the newest offsets, by partition; None while one of them is unknown."""
        if self.epoch is None:
            return None
        lags = {}
        for partition, position in self.positions.items():
            try:
                end = self._consumer.highwater(TopicPartition(self._topic, partition))
            except (KafkaError, AssertionError):
                return None
            if end is None:
                return None
            lags[partition] = max(0, end - position)
        return lags

    async def begin_at_what_is_left(self, out_of_range: Mapping[TopicPartition, int]) -> None:
        """The broker no longer has (or never had) these offsets: say what is lost and go on at the oldest left."""
        places = [tp for tp in out_of_range if tp in self._consumer.assignment()]
        first = await self._consumer.beginning_offsets(places)
        end = await self._consumer.end_offsets(places)
        for place in places:
            wanted = out_of_range[place]
            if wanted > end[place] and not self._is_sandbox:
                self._on_trouble(self._memory.recreated(self._topic))
                return
            if wanted < first[place]:
                self._say_removed(place.partition, wanted, first[place] - 1)
            self._consumer.seek(place, first[place])
            self.positions[place.partition] = first[place]

    async def _begin(self, partitions: list[int]) -> None:
        self._count += 1
        epoch = self._count
        points = await self._starting_points(partitions)
        if points.beyond_end:
            raise self._memory.recreated(self._topic)
        for removed in points.removed:
            self._say_removed(removed.partition, removed.first, removed.last)
        self._committer.begin(epoch, points.positions, points.mark)
        await self._committer.commit(epoch, points.to_commit, is_first=True)
        starts = await self._listener.on_assigned(epoch, points.positions)
        places = [TopicPartition(self._topic, p) for p in partitions]
        if set(places) != self._consumer.assignment():
            return  # the next assignment is under way already
        for place in places:
            self._consumer.seek(place, starts.get(place.partition, points.positions[place.partition]))
        self.positions = {p: starts.get(p, points.positions[p]) for p in partitions}
        self.epoch = epoch
        self._memory.begins_anew = False
        self._consumer.resume(*places)
        self._on_change()

    async def _starting_points(self, partitions: list[int]) -> StartingPoints:
        consumer = self._consumer
        every = sorted(consumer.partitions_for_topic(self._topic) or partitions)
        places = [TopicPartition(self._topic, p) for p in partitions]
        # the public committed() asks for one partition at a time and drops the metadata
        commits = await consumer._coordinator.fetch_committed_offsets(  # noqa: SLF001
            [TopicPartition(self._topic, p) for p in every] if partitions else []
        )
        first = await consumer.beginning_offsets(places) if places else {}
        end = await consumer.end_offsets(places) if places else {}
        return starting_points(
            assigned=partitions,
            partition_count=len(every),
            committed={tp.partition: CommittedOffset(c.offset, c.metadata or "") for tp, c in commits.items()},
            first={tp.partition: offset for tp, offset in first.items()},
            end={tp.partition: offset for tp, offset in end.items()},
            auto_offset_reset=self._auto_offset_reset,
            begins_anew=self._memory.begins_anew or self._is_sandbox,
        )

    def _say_removed(self, partition: int, first: int, last: int) -> None:
        parameters: dict[str, str | int | float | bool] = {
            "topic": self._topic,
            "partition": partition,
            "first": first,
            "last": last,
        }
        self._listener.on_notice(Fault(FaultCode.RECORDS_REMOVED, parameters))


async def _wait(event: asyncio.Event) -> None:
    await event.wait()
