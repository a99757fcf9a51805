"""One transfer, in the thread that runs it: messages from a source, on their way to a topic or a file."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from kafka_agent_studio.api.browse import EndedBy, Newest, Scan
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.api.transfers import (
    HeaderChoice,
    MessagePlace,
    NewMessage,
    Places,
    Records,
    Scanned,
    Source,
    TransferProgress,
    TransferReport,
)
from kafka_agent_studio.engine.kafka.admin_types import AdminError
from kafka_agent_studio.engine.kafka.browser import TopicReader
from kafka_agent_studio.engine.kafka.client_config import ClientConfig
from kafka_agent_studio.engine.kafka.topic_writer import TopicWriter
from kafka_agent_studio.engine.messages.filter import RecordFilter
from kafka_agent_studio.engine.messages.places import records_at
from kafka_agent_studio.engine.messages.scan import TopicScan
from kafka_agent_studio.model.message import Headers, Record

TELL_EVERY_S = 0.1
STUDIO_PREFIX = "studio."
SOURCE_HEADER = "studio.source"
MOST_REMARKS = 20


@dataclass(slots=True)
class Tally:
    """Counts of a transfer, and who hears of them."""

    tell: Callable[[TransferProgress], None]
    total: int | None = None
    scanned: int = 0
    matched: int = 0
    written: int = 0
    skipped: int = 0
    size_bytes: int = 0
    topics: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    _began_s: float = field(default_factory=time.monotonic)
    _told_s: float = 0.0

    def progress(self) -> TransferProgress:
        """Return how far it is."""
        return TransferProgress(
            scanned=max(self.scanned, self.matched),
            matched=self.matched,
            written=self.written,
            skipped=self.skipped,
            size_bytes=self.size_bytes,
            total=self.total,
            elapsed_s=round(time.monotonic() - self._began_s, 3),
        )

    def say(self, *, at_once: bool = False) -> None:
        """Tell how far it is, where the last time was TELL_EVERY_S ago."""
        now_s = time.monotonic()
        if at_once or now_s - self._told_s >= TELL_EVERY_S:
            self._told_s = now_s
            self.tell(self.progress())

    def remark(self, sentence: str) -> None:
        """Note a sentence for the report; of very many, the first ones."""
        if len(self.remarks) < MOST_REMARKS:
            self.remarks.append(sentence)

    def report(self, *, cancelled: bool, is_dry_run: bool = False) -> TransferReport:
        """Return the end of it."""
        self.say(at_once=True)
        return TransferReport(
            ended_by=EndedBy.CANCELLED if cancelled else EndedBy.END,
            progress=self.progress(),
            is_dry_run=is_dry_run,
            topics=dict(sorted(self.topics.items())),
            remarks=tuple(self.remarks),
        )


class SourceFailedError(Exception):
    """The cluster that is read from has a trouble, in contrast to the one that is written to."""

    def __init__(self, error: AdminError) -> None:
        super().__init__(str(error))
        self.error = error


class RecordSource:
    """Reads what a command named as its source."""

    def __init__(
        self,
        *,
        source: Source,
        config: ClientConfig | None,
        line: RecordFilter | None,
        committed: Mapping[int, int] | None,
        cancelled: threading.Event,
    ) -> None:
        """`config`: the cluster to read from, None where the records are in hand.

        `line` is a scan's filter, `committed` the commits of its group, as TopicScan takes them.
        """
        self._source = source
        self._config = config
        self._line = line
        self._committed = committed
        self._cancelled = cancelled

    def records(self, tally: Tally) -> Iterator[Record]:
        """Yield the records in the order to be written; counts what was scanned.

        Raises:
            SourceFailedError: the cluster that is read from did not answer, or refused.
            CommandRefused: there is nothing to read.
        """
        found = self._found(tally)
        while not self._cancelled.is_set():
            try:
                record = next(found, None)
            except AdminError as error:
                raise SourceFailedError(error) from None
            if record is None:
                return
            tally.matched += 1
            yield record

    def _found(self, tally: Tally) -> Iterator[Record]:
        match self._source:
            case Records(records=records):
                tally.total = len(records)
                return iter(records)
            case Places(places=places):
                tally.total = len(places)
                return self._at(places, tally)
            case Scanned(scan=scan):
                return self._scanned(scan, tally)

    def _at(self, places: tuple[MessagePlace, ...], tally: Tally) -> Iterator[Record]:
        topics = dict.fromkeys(place.topic for place in places)
        found: dict[tuple[str, int, int], Record] = {}
        for topic in topics:
            offsets: dict[int, list[int]] = {}
            for place in places:
                if place.topic == topic:
                    offsets.setdefault(place.partition, []).append(place.offset)
            reader = self._reader(topic)
            try:
                found.update({(r.topic, r.partition, r.offset): r for r in records_at(reader, offsets)})
            finally:
                reader.close()
        for place in places:
            record = found.get((place.topic, place.partition, place.offset))
            if record is None:
                tally.skipped += 1
                tally.remark(f"{place.topic}/{place.partition}/{place.offset} is not there any more.")
            else:
                yield record

    def _scanned(self, scan: Scan, tally: Tally) -> Iterator[Record]:
        reader = self._reader(scan.topic)
        line = self._line
        passes = None if line is None or line.is_empty else line.passes
        search = TopicScan(
            reader=reader,
            scan=scan,
            passes=passes,
            committed=self._committed,
            follow=False,
            cancelled=self._cancelled,
        )
        try:
            if isinstance(scan.start, Newest):
                # found backwards, step by step, and wanted in the order they were written
                newest = [record for records in search.found() for record in records]
                newest.sort(key=lambda r: (r.timestamp_ms or 0, r.partition, r.offset))
                tally.scanned, tally.total = search.scanned, len(newest)
                yield from newest
            else:
                for records in search.found():
                    tally.scanned = search.scanned
                    tally.say()
                    yield from records
        finally:
            reader.close()
            for remark in search.remarks():
                tally.remark(remark)

    def _reader(self, topic: str) -> TopicReader:
        if self._config is None:
            raise CommandRefused("It is not said where to read from.")
        return TopicReader(config=self._config, topic=topic, cancelled=self._cancelled)


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingRules:
    """How records become new messages. `topic` None: back where a dead letter came from."""

    topic: str | None
    headers: HeaderChoice
    keep_partition: bool
    keep_timestamp: bool
    rate_per_s: float | None
    dry_run: bool


class TopicTarget:
    """Writes messages by the rules, or only counts them."""

    def __init__(self, *, writer: TopicWriter, rules: WritingRules, cancelled: threading.Event, tally: Tally) -> None:
        self._writer = writer
        self._rules = rules
        self._cancelled = cancelled
        self._tally = tally
        self._partitions: dict[str, int] = {}
        self._next_s: float | None = None

    def take(self, message: NewMessage) -> bool:
        """Write one message. False: it was cancelled meanwhile. Raises: AdminError, CommandRefused."""
        topic = self._rules.topic or origin_of(message.headers)
        tally = self._tally
        if topic is None:
            tally.skipped += 1
            tally.remark("Some messages do not say where they came from: they have no header studio.source.")
            return True
        partitions = self._partitions_of(topic)
        if not partitions:
            tally.skipped += 1
            return True
        partition = message.partition if self._rules.keep_partition else None
        if partition is not None and partition >= partitions:
            raise CommandRefused(
                f"{topic} has {partitions} partitions, and a message belongs into partition {partition}: "
                "let the key choose the partition, or add partitions."
            )
        tally.topics[topic] += 1
        tally.size_bytes += len(message.key or b"") + len(message.value or b"")
        if not self._rules.dry_run:
            if not self._in_time():
                return False
            changed = NewMessage(
                key=message.key,
                value=message.value,
                headers=chosen_headers(message.headers, self._rules.headers),
                partition=partition,
                timestamp_ms=message.timestamp_ms if self._rules.keep_timestamp else None,
            )
            self._writer.write(topic, changed)
            tally.written = self._writer.written
        tally.say()
        return True

    def finish(self) -> None:
        """Wait for the acknowledgements. Raises: AdminError."""
        self._writer.flush()
        self._tally.written = self._writer.written

    def _partitions_of(self, topic: str) -> int:
        if topic not in self._partitions:
            self._partitions[topic] = count = self._writer.partitions(topic)
            if not count and self._rules.topic is not None:
                raise CommandRefused(f"There is no topic {topic} to write to: create it first.")
            if not count:
                self._tally.remark(f"There is no topic {topic} any more: its dead letters were left where they are.")
        return self._partitions[topic]

    def _in_time(self) -> bool:
        """Wait for this message's turn; False where it was cancelled."""
        rate = self._rules.rate_per_s
        if rate is None:
            return not self._cancelled.is_set()
        now_s = time.monotonic()
        turn_s = now_s if self._next_s is None else max(self._next_s, now_s - 1)
        self._next_s = turn_s + 1 / rate
        if turn_s > now_s:
            self._tally.say()
            return not self._cancelled.wait(turn_s - now_s)
        return not self._cancelled.is_set()


def as_message(record: Record) -> NewMessage:
    """Return a record as a message to be written again."""
    return NewMessage(
        key=record.key,
        value=record.value,
        headers=record.headers,
        partition=record.partition,
        timestamp_ms=record.timestamp_ms,
    )


def chosen_headers(headers: Headers, choice: HeaderChoice) -> Headers:
    """Return the headers that go along."""
    match choice:
        case HeaderChoice.KEEP:
            return headers
        case HeaderChoice.DROP:
            return ()
        case HeaderChoice.WITHOUT_STUDIO:
            return tuple((name, value) for name, value in headers if not name.startswith(STUDIO_PREFIX))


def origin_of(headers: Headers) -> str | None:
    """Return the topic that a dead letter came from; None where its headers do not say.

    The last such header counts: a dead letter that was redriven and failed again has kept no older one.
    """
    for name, value in reversed(headers):
        if name == SOURCE_HEADER and value is not None:
            topic, _, rest = value.decode("utf-8", "replace").rpartition("/")[0].rpartition("/")
            return topic if topic and rest.isdigit() else None
    return None
