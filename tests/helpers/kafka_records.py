"""Writing records to a topic and reading back what lies in it, in one call each."""

import asyncio
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from tests.helpers.kafka_admin import client_settings

_TIMEOUT_S = 20.0


@dataclass(frozen=True, kw_only=True)
class NewRecord:
    """A record to be written. No partition: chosen by the key, as Java's producer does. No time: now."""

    value: bytes | str | None
    key: bytes | str | None = None
    headers: tuple[tuple[str, bytes | None], ...] = ()
    partition: int | None = None
    timestamp_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class ReadRecord:
    """A record as it lies in its topic."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


class KafkaRecords:
    """Plain reading and writing, over a listener that needs no login. Works with the embedded broker, too.

    All calls block but `arrived`, which is for tests whose engine runs on the same event loop.
    """

    def __init__(self, *, bootstrap_servers: str) -> None:
        self._settings = client_settings(bootstrap_servers)
        self._producer: Producer | None = None

    def close(self) -> None:
        """Let go of the connections."""
        self._producer = None

    def produce(
        self,
        topic: str,
        value: bytes | str | None,
        *,
        key: bytes | str | None = None,
        headers: tuple[tuple[str, bytes | None], ...] = (),
        partition: int | None = None,
        timestamp_ms: int | None = None,
    ) -> tuple[int, int]:
        """Write one record and return its (partition, offset).

        Raises:
            KafkaException: the broker refused it, or did not take it in time.
        """
        record = NewRecord(value=value, key=key, headers=headers, partition=partition, timestamp_ms=timestamp_ms)
        return self.produce_many(topic, [record])[0]

    def produce_many(self, topic: str, records: Iterable[NewRecord]) -> list[tuple[int, int]]:
        """Write records in order and return the (partition, offset) of each.

        Raises:
            KafkaException: the broker refused one, or did not take it in time.
        """
        producer = self._producer or self._new_producer()
        # Kept for its sequence numbers, it would otherwise learn of added partitions minutes later.
        producer.list_topics(topic, timeout=_TIMEOUT_S)
        answers: list[_Answer] = []
        for record in records:
            answers.append(_Answer())
            _send(producer, topic, record, answers[-1])
        producer.flush(_TIMEOUT_S + 5)
        refused = [answer.error for answer in answers if answer.error is not None]
        # An idempotent producer may have lost its sequence with a refused record: the next call gets a new one.
        self._producer = None if refused else producer
        if refused:
            raise KafkaException(refused[0])
        return [answer.place for answer in answers]

    def produce_aborted(self, topic: str, records: Iterable[NewRecord]) -> None:
        """Write records in a transaction and abort it: they lie in the topic, and read_committed must not show them."""
        producer = Producer({**self._settings, "transactional.id": f"aborted-{uuid.uuid4()}"})
        producer.init_transactions(_TIMEOUT_S)
        producer.begin_transaction()
        for record in records:
            _send(producer, topic, record, _Answer())
        producer.flush(_TIMEOUT_S)
        producer.abort_transaction(_TIMEOUT_S)

    def read_all(self, topic: str, *, isolation: str = "read_committed") -> list[ReadRecord]:
        """Return every record of a topic up to its present end, by partition and offset. Commits and creates nothing.

        A topic that does not exist has none.
        """
        return self._read(topic, isolation=isolation, count=None, timeout_s=_TIMEOUT_S)

    def read_until(self, topic: str, *, count: int, timeout_s: float = 30.0) -> list[ReadRecord]:
        """Return the records of a topic as soon as there are at least `count`; the topic need not exist yet.

        Raises:
            AssertionError: there were not so many in time; the message says how many there were.
        """
        return self._read(topic, isolation="read_committed", count=count, timeout_s=timeout_s)

    async def arrived(self, topic: str, *, count: int, timeout_s: float = 30.0) -> list[ReadRecord]:
        """Do what read_until() does without blocking the event loop."""
        return await asyncio.to_thread(self.read_until, topic, count=count, timeout_s=timeout_s)

    def _new_producer(self) -> Producer:
        durable = {"enable.idempotence": True, "linger.ms": 1, "partitioner": "murmur2_random"}
        limits = {"message.max.bytes": 20_000_000, "delivery.timeout.ms": int(_TIMEOUT_S * 1000)}
        return Producer({**self._settings, **durable, **limits})

    def _read(self, topic: str, *, isolation: str, count: int | None, timeout_s: float) -> list[ReadRecord]:
        deadline = time.monotonic() + timeout_s
        consumer = Consumer(
            {
                **self._settings,
                "group.id": "never-joined",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": isolation,
                "fetch.wait.max.ms": 20,
            }
        )
        try:
            records: list[ReadRecord] = []
            unread: set[int] | None = None
            while (unread or unread is None) if count is None else len(records) < count:
                if time.monotonic() > deadline:
                    wanted = "all" if count is None else count
                    raise AssertionError(f"{topic}: {len(records)} records read after {timeout_s:.0f} s, not {wanted}")
                if unread is None:
                    unread = _assign_all(consumer, topic)
                    if unread is None and count is None:
                        return []
                    continue
                for message in consumer.consume(1000, timeout=0.01):
                    error = message.error()
                    if error is None:
                        records.append(_read_record(message))
                    elif error.code() == KafkaError._PARTITION_EOF:
                        unread.discard(message.partition())
                    elif not error.retriable():
                        raise KafkaException(error)
        finally:
            consumer.close()
        return sorted(records, key=lambda record: (record.partition, record.offset))


@dataclass(kw_only=True)
class _Answer:
    """What became of one sent record."""

    place: tuple[int, int] = (-1, -1)
    error: KafkaError | None = None

    def on_delivery(self, error: KafkaError | None, message: Message) -> None:
        self.error = error
        if error is None:
            self.place = (message.partition(), message.offset())


def _send(producer: Producer, topic: str, record: NewRecord, answer: _Answer) -> None:
    choices: dict[str, Any] = {}
    if record.partition is not None:
        choices["partition"] = record.partition
    if record.timestamp_ms is not None:
        choices["timestamp"] = record.timestamp_ms
    while True:
        try:
            producer.produce(
                topic,
                record.value,
                key=record.key,
                headers=list(record.headers),
                on_delivery=answer.on_delivery,
                **choices,
            )
        except BufferError:
            producer.poll(0.1)
        else:
            producer.poll(0)
            return


def _assign_all(consumer: Consumer, topic: str) -> set[int] | None:
    """Read all partitions from their beginning; None where there is no such topic. Asking for all creates none."""
    known = consumer.list_topics(timeout=_TIMEOUT_S).topics.get(topic)
    if known is None or not known.partitions:
        time.sleep(0.05)
        return None
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in known.partitions])
    return set(known.partitions)


def _read_record(message: Message) -> ReadRecord:
    return ReadRecord(
        topic=message.topic(),
        partition=message.partition(),
        offset=message.offset(),
        timestamp_ms=message.timestamp()[1],
        key=message.key(),
        value=message.value(),
        headers=tuple(message.headers() or ()),
    )
