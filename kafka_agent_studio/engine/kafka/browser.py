"""Reads a topic from any place, in a thread of its own: no group is joined, nothing is committed, nothing is created.

librdkafka reads ahead by itself and hands over batches, so that scanning neither waits for the engine's loop nor holds
it up. What lies unread in memory is bounded by QUEUED_KB and one answer of FETCH_BYTES.
"""

# ruff: noqa: SLF001 - the names of librdkafka's own error codes begin with an underscore

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.engine.hold import Hold
from kafka_agent_studio.engine.kafka.admin_types import AdminError, Watermarks
from kafka_agent_studio.engine.kafka.client_config import ClientConfig
from kafka_agent_studio.model.message import Record

TIMEOUT_S = 10.0
FIRST_ANSWER_S = 2.0
"""A cluster that has not told about its topics by then is asked for its trouble."""
POLL_S = 0.1
SILENT_S = 15.0
"""Without a record or an end for this long, the broker is taken to be gone."""
BATCH = 1000
QUEUED_KB = 16 * 1024
FETCH_BYTES = 16 * 1024 * 1024
READER_GROUP = "kafka-agent-studio.reader"
"""librdkafka wants a name; the group is never joined and never written."""

_EARLIEST, _LATEST = -2, -1

ResultT = TypeVar("ResultT")

_IGNORED = frozenset(
    {
        # the group is a name only, so that rights on it do not matter
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        # librdkafka goes on by itself
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TIMED_OUT,
        KafkaError._RESOLVE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.LEADER_NOT_AVAILABLE,
    }
)
_LEADER_MOVED = frozenset(
    {KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE, KafkaError.FENCED_LEADER_EPOCH}
)
_UNREADABLE = frozenset(
    {KafkaError._BAD_MSG, KafkaError._BAD_COMPRESSION, KafkaError._NOT_IMPLEMENTED, KafkaError.INVALID_MSG}
)


@dataclass(frozen=True, slots=True)
class UnreadableRecords:
    """A batch that no client can read."""

    partition: int
    offset: int
    detail: str


@dataclass(frozen=True, slots=True)
class RemovedRecords:
    """Offsets `first` to `last` of a partition, gone before they were read."""

    partition: int
    first: int
    last: int


class TopicReader:
    """A reader of one topic; used in one thread. Every wait ends soon after `cancelled` is set."""

    def __init__(
        self, *, config: ClientConfig, topic: str, cancelled: threading.Event, hold: Hold | None = None
    ) -> None:
        """While `hold` holds, nothing is read or fetched; whoever sets `cancelled` then also ends the hold."""
        self.topic = topic
        self.positions: dict[int, int] = {}
        """Per partition the offset after the last one read, also where the last ones were no records."""
        self.unreadable: list[UnreadableRecords] = []
        self.is_at_end = False
        self.is_paused = False
        self.removed: list[RemovedRecords] = []
        """What retention took away while reading was paused."""
        self._config = config
        self._cancelled = cancelled
        self._hold = hold or Hold()
        self._last_error: KafkaError | None = None
        self._consumer: Any = Consumer(self._settings(READER_GROUP))

    def close(self) -> None:
        """Let go of the connections."""
        self._consumer.close()

    # what there is

    def partitions(self) -> list[int]:
        """Return the topic's partitions; none where it does not exist. Asking does not create it.

        Raises:
            AdminError: the cluster did not answer, or refused.
        """
        found = self._metadata().topics.get(self.topic)
        if found is None or (found.error is not None and found.error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART):
            return []
        if found.error is not None:
            raise AdminError(found.error.code(), found.error.str())
        return sorted(found.partitions)

    def watermarks(self, partitions: Collection[int]) -> dict[int, Watermarks]:
        """Return per partition the oldest offset left and the next to be written. Raises: AdminError."""
        first, end = self._offsets(partitions, _EARLIEST), self._offsets(partitions, _LATEST)
        return {p: Watermarks(first=max(0, first[p]), end=max(0, end[p])) for p in partitions}

    def offsets_at(self, partitions: Collection[int], timestamp_ms: int) -> dict[int, int | None]:
        """Return per partition the first offset at or after a time; None where there is none. Raises: AdminError.

        The embedded broker keeps no such index: there it is the oldest, and who reads has to look at the times.
        """
        if self._config.cluster.is_sandbox:
            return dict(self._offsets(partitions, _EARLIEST))
        found = self._offsets(partitions, timestamp_ms)
        return {p: None if offset < 0 else offset for p, offset in found.items()}

    def committed(self, group: str, partitions: Collection[int]) -> dict[int, int]:
        """Return where a group would go on, by partition; one it never committed is missing. Raises: AdminError."""
        member = Consumer(self._settings(group))
        try:
            places = [TopicPartition(self.topic, p) for p in partitions]
            answers = self._call(lambda: member.committed(places, timeout=TIMEOUT_S))
        finally:
            member.close()
        for answer in answers:
            if answer.error is not None:
                raise AdminError(answer.error.code(), answer.error.str())
        return {answer.partition: answer.offset for answer in answers if answer.offset >= 0}

    # reading

    def read(self, starts: Mapping[int, int], ends: Mapping[int, int] | None = None) -> Iterator[Sequence[Record]]:
        """Yield what lies from `starts` to `ends` (exclusive; None: for ever), by partition in order of offsets.

        An empty batch means that nothing came for POLL_S, or that a pause begins or is over: `is_paused` tells. It ends
        when cancelled. After a pause it goes on at the very next offset, or at the oldest that is left.

        Raises:
            AdminError: one may not read, or the broker is gone.
            CommandRefused: after a pause the topic is gone, or is another one.
        """
        self.positions.update(starts)
        waiting = {p for p, start in starts.items() if ends is None or start < ends[p]}
        self.is_at_end = not waiting
        if not waiting:
            return
        at_end: set[int] = set()
        self._begin(waiting)
        try:
            last_sign_s = time.monotonic()
            while waiting and not self._cancelled.is_set():
                if self._hold.is_held:
                    yield from self._paused(waiting, ends)
                    at_end.clear()
                    last_sign_s = time.monotonic()
                    continue
                messages = self._consumer.consume(BATCH, POLL_S)
                records = self._taken(messages, waiting, at_end, ends)
                self.is_at_end = waiting <= at_end
                if messages or self.is_at_end:
                    last_sign_s = time.monotonic()
                elif time.monotonic() - last_sign_s > SILENT_S and ends is not None:
                    raise self._no_answer()
                yield records
        finally:
            self._consumer.unassign()

    def _begin(self, waiting: Collection[int]) -> None:
        self._consumer.assign([TopicPartition(self.topic, p, self.positions[p]) for p in sorted(waiting)])

    def _paused(self, waiting: set[int], ends: Mapping[int, int] | None) -> Iterator[Sequence[Record]]:
        # Without an assignment the client fetches nothing and forgets what it had fetched ahead. There is no group
        # that could time out meanwhile.
        self._consumer.unassign()
        self.is_paused = True
        yield []
        self._hold.wait()
        self.is_paused = False
        if self._cancelled.is_set():
            return
        if self._hold.objection:
            raise CommandRefused(self._hold.objection)
        self._look_again(waiting, ends)
        if waiting:
            self._begin(waiting)
        yield []

    def _look_again(self, waiting: set[int], ends: Mapping[int, int] | None) -> None:
        """Find out what became of the partitions meanwhile."""
        there = self.partitions()
        if not waiting <= set(there):
            raise CommandRefused(
                f"{self.topic} was deleted while reading was paused."
                if not there
                else f"{self.topic} was created anew while reading was paused, with fewer partitions: read again."
            )
        for p, bound in sorted(self._watermarks_by_now(waiting).items()):
            at = self.positions[p]
            if bound.end < at:
                raise CommandRefused(
                    f"{self.topic}/{p} was read up to offset {at:,} and now ends at {bound.end:,}: it was cut short, "
                    "or created anew, while reading was paused. Read again."
                )
            if bound.first > at:
                left = bound.first if ends is None else min(bound.first, ends[p])
                self.removed.append(RemovedRecords(p, at, left - 1))
                self.positions[p] = left
                if ends is not None and left >= ends[p]:
                    waiting.discard(p)

    def _watermarks_by_now(self, partitions: Collection[int]) -> dict[int, Watermarks]:
        # The leaders may be others by now, which the client learns from a first refusal.
        ends_s = time.monotonic() + TIMEOUT_S
        while True:
            try:
                return self.watermarks(partitions)
            except AdminError as error:
                if error.code not in _LEADER_MOVED or time.monotonic() > ends_s:
                    raise
            if self._cancelled.wait(POLL_S):
                return {}
            self._metadata()

    def _taken(
        self, messages: Sequence[Any], waiting: set[int], at_end: set[int], ends: Mapping[int, int] | None
    ) -> list[Record]:
        records: list[Record] = []
        positions, topic = self.positions, self.topic
        for message in messages:
            error = message.error()
            if error is not None:
                self._note(error, message, waiting, at_end, is_endless=ends is None)
                continue
            partition, offset = message.partition(), message.offset()
            if partition not in waiting:
                continue
            if ends is not None and offset >= ends[partition]:
                waiting.discard(partition)
                positions[partition] = ends[partition]
                self._consumer.incremental_unassign([TopicPartition(topic, partition)])
                continue
            kind, at_ms = message.timestamp()
            headers = message.headers()
            records.append(
                Record(
                    topic,
                    partition,
                    offset,
                    at_ms if kind else None,
                    message.key(),
                    message.value(),
                    tuple(headers) if headers else (),
                )
            )
            positions[partition] = offset + 1
            at_end.discard(partition)
            if ends is not None and offset + 1 >= ends[partition]:
                waiting.discard(partition)
                self._consumer.incremental_unassign([TopicPartition(topic, partition)])
        return records

    def _note(self, error: KafkaError, message: Any, waiting: set[int], at_end: set[int], *, is_endless: bool) -> None:
        code, partition = error.code(), message.partition()
        if code == KafkaError._PARTITION_EOF:
            # also where the last offsets are no records: markers of transactions, compacted ones
            self.positions[partition] = max(self.positions.get(partition, 0), message.offset())
            at_end.add(partition)
            if not is_endless:
                waiting.discard(partition)
        elif code in _UNREADABLE:
            self.unreadable.append(UnreadableRecords(partition, message.offset(), error.str()))
        elif code not in _IGNORED:
            raise AdminError(code, error.str())

    # calls

    def _metadata(self) -> Any:
        ends_s = time.monotonic() + TIMEOUT_S
        while True:
            try:
                return self._call(lambda: self._consumer.list_topics(self.topic, timeout=FIRST_ANSWER_S))
            except AdminError:
                # polled, the client tells of what it would go on trying for ever
                self._consumer.poll(0)
                if self._cancelled.is_set() or self._last_error is not None or time.monotonic() > ends_s:
                    raise

    def _offsets(self, partitions: Collection[int], asked: int) -> dict[int, int]:
        # offsets_for_times also takes the two marks for the first and the last offset, for all partitions at once
        places = [TopicPartition(self.topic, p, asked) for p in partitions]
        if not places:
            return {}
        answers = self._call(lambda: self._consumer.offsets_for_times(places, timeout=TIMEOUT_S))
        for answer in answers:
            if answer.error is not None:
                raise AdminError(answer.error.code(), answer.error.str())
        return {answer.partition: answer.offset for answer in answers}

    def _call(self, ask: Callable[[], ResultT]) -> ResultT:
        try:
            return ask()
        except KafkaException as error:
            inner = error.args[0]
            raise AdminError(inner.code(), inner.str()) from None

    def _no_answer(self) -> AdminError:
        last = self._last_error
        text = "the broker did not answer" if last is None else last.str()
        return AdminError(KafkaError._TIMED_OUT, text)

    def _on_error(self, error: KafkaError) -> None:
        self._last_error = error

    def _settings(self, group: str) -> dict[str, Any]:
        return {
            **self._config.confluent(),
            "group.id": group,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
            # where retention overtakes the scan it goes on at what is left
            "auto.offset.reset": "earliest",
            "allow.auto.create.topics": False,
            "check.crcs": True,
            "fetch.wait.max.ms": 100,
            "fetch.max.bytes": FETCH_BYTES,
            "queued.max.messages.kbytes": QUEUED_KB,
            # with a full queue librdkafka would otherwise pause for a second, which a scan empties in a third of it
            "fetch.queue.backoff.ms": 10,
            "error_cb": self._on_error,
        }
