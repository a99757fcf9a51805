"""Commands that look into topics. Reading, filtering and decoding happen in threads; the loop only passes on."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from kafka_agent_studio.api.browse import (
    BrowseProgress,
    BrowseReport,
    BrowseTopic,
    CancelJob,
    CheckFilter,
    DecodedRecord,
    DecodeRecords,
    EndedBy,
    FilterMistake,
    FromGroup,
    GetMessage,
    MatchRecords,
    PauseJob,
)
from kafka_agent_studio.api.commands import Command
from kafka_agent_studio.api.events import BrowseProgressed, Event
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.engine.clock import Clock
from kafka_agent_studio.engine.cluster_names import ClusterNames
from kafka_agent_studio.engine.hold import Hold
from kafka_agent_studio.engine.job_threads import JobThreads
from kafka_agent_studio.engine.kafka.browser import TopicReader
from kafka_agent_studio.engine.messages.decoder_desk import DecoderDesk
from kafka_agent_studio.engine.messages.delivery import Delivery
from kafka_agent_studio.engine.messages.filter import RecordFilter
from kafka_agent_studio.engine.messages.filter_syntax import FilterError, parse_filter
from kafka_agent_studio.engine.messages.places import records_at
from kafka_agent_studio.engine.messages.scan import TopicScan
from kafka_agent_studio.model.message import Record

Publish = Callable[[Event], None]

_CREATED_ANEW = "{topic} was deleted and created anew while reading was paused: read again."


@dataclass(slots=True)
class _Browse:
    """One that runs. `topic_id` is the topic's identity when it was first paused; None where that is not known.

    `turn` counts what it was told, so that an answer that comes late does not undo what was said after it.
    """

    connection: str
    topic: str
    hold: Hold = field(default_factory=Hold)
    topic_id: str | None = None
    turn: int = 0
    is_cancelled: bool = False
    """Whether somebody stopped it while it still looked for the cluster."""


class BrowseDesk:
    """Answers to the commands of api/browse.py."""

    def __init__(
        self,
        *,
        names: ClusterNames,
        decoders: DecoderDesk,
        jobs: JobThreads,
        clock: Clock,
        publish_event: Publish,
    ) -> None:
        self._names = names
        self._decoders = decoders
        self._jobs = jobs
        self._clock = clock
        self._publish = publish_event
        self._browses: dict[str, _Browse] = {}

    def handlers(self) -> dict[type[Command[Any]], Callable[[Any], Awaitable[Any]]]:
        """What this answers to."""
        return {
            BrowseTopic: self.browse,
            CancelJob: self.cancel,
            PauseJob: self.pause,
            GetMessage: self.get_message,
            MatchRecords: self.match,
            CheckFilter: self.check_filter,
            DecodeRecords: self.decode,
        }

    async def browse(self, command: BrowseTopic) -> BrowseReport:
        """Read a topic and tell of what is found. Raises: CommandRefused, EngineError."""
        if command.keep < 1:
            raise CommandRefused("Keep at least one message.")
        if command.job_id in self._browses:
            raise CommandRefused(f"A job {command.job_id} runs already.")
        browse = self._browses[command.job_id] = _Browse(command.scan.connection, command.scan.topic)
        try:
            return await self._read(command, browse)
        finally:
            del self._browses[command.job_id]

    async def _read(self, command: BrowseTopic, browse: _Browse) -> BrowseReport:
        scan, hold = command.scan, browse.hold
        cluster = await self._names.cluster(scan.connection)
        config = await self._names.config(cluster)
        line = await self._decoders.filter(scan.filter, scan.decoders)
        committed = None
        if isinstance(scan.start, FromGroup):
            committed = await self._names.group_offsets(cluster, scan.start.group, scan.topic)
        loop = asyncio.get_running_loop()

        def tell(records: tuple[Record, ...], progress: BrowseProgress) -> None:
            event = BrowseProgressed(
                at_us=self._clock.now_us(),
                job_id=command.job_id,
                records=records,
                progress=progress,
                is_tail=command.follow,
            )
            loop.call_soon_threadsafe(self._publish, event)

        def work(cancelled: threading.Event) -> BrowseReport:
            reader = TopicReader(config=config, topic=scan.topic, cancelled=cancelled, hold=hold)
            try:
                search = TopicScan(
                    reader=reader,
                    scan=scan,
                    passes=None if line.is_empty else line.passes,
                    committed=committed,
                    follow=command.follow,
                    cancelled=cancelled,
                )
                report = _browsed(search, command, tell, cancelled)
                return msgspec.structs.replace(report, remarks=(*report.remarks, *_remarks_of(line)))
            finally:
                reader.close()

        if browse.is_cancelled:
            return BrowseReport(EndedBy.CANCELLED, BrowseProgress())
        async with self._names.explained(cluster, topic=scan.topic):
            return await self._jobs.run(command.job_id, work, hold=hold)

    async def pause(self, command: PauseJob) -> bool:
        """Let a browse wait, or go on."""
        browse = self._browses.get(command.job_id)
        if browse is None:
            return False
        browse.turn += 1
        turn = browse.turn
        if command.is_paused:
            browse.hold.hold()
            seen = await self._names.topic_id(browse.connection, browse.topic)
            browse.topic_id = browse.topic_id or seen
        elif browse.hold.is_held:
            before = browse.topic_id
            now = None if before is None else await self._names.topic_id(browse.connection, browse.topic)
            if turn == browse.turn:
                is_another = now is not None and now != before
                browse.hold.let_go(_CREATED_ANEW.format(topic=browse.topic) if is_another else "")
        return True

    async def cancel(self, command: CancelJob) -> bool:
        """End a job."""
        browse = self._browses.get(command.job_id)
        if browse is not None:
            browse.is_cancelled = True
        return self._jobs.cancel(command.job_id) or browse is not None

    async def get_message(self, command: GetMessage) -> Record | None:
        """Return the message at a place. Raises: CommandRefused, EngineError."""
        cluster = await self._names.cluster(command.connection)
        config = await self._names.config(cluster)

        def work() -> list[Record]:
            reader = TopicReader(config=config, topic=command.topic, cancelled=threading.Event())
            try:
                return records_at(reader, {command.partition: [command.offset]})
            finally:
                reader.close()

        async with self._names.explained(cluster, topic=command.topic):
            found = await asyncio.to_thread(work)
        return found[0] if found else None

    async def match(self, command: MatchRecords) -> tuple[int, ...]:
        """Return the indexes of the records that pass. Raises: CommandRefused."""
        line = await self._decoders.filter(command.filter, command.decoders)
        if line.is_empty:
            return tuple(range(len(command.records)))
        return await asyncio.to_thread(_matching, line, command.records)

    async def check_filter(self, command: CheckFilter) -> FilterMistake | None:
        """Return what is wrong with a filter line."""
        try:
            parse_filter(command.filter)
        except FilterError as error:
            return error.mistake
        return None

    async def decode(self, command: DecodeRecords) -> tuple[DecodedRecord, ...]:
        """Return keys and values, readable. Raises: CommandRefused where the registry cannot be asked at all."""
        decoder = await self._decoders.decoder(command.decoders)
        return await asyncio.to_thread(lambda: tuple(decoder.decoded(record) for record in command.records))


def _remarks_of(line: RecordFilter) -> tuple[str, ...]:
    if not line.unreadable:
        return ()
    return (f"The filter saw nothing in {line.unreadable:,} keys or values; in the first because {line.problem}.",)


def _matching(line: RecordFilter, records: Sequence[Record]) -> tuple[int, ...]:
    return tuple(index for index, record in enumerate(records) if line.passes(record))


def _browsed(
    scan: TopicScan,
    command: BrowseTopic,
    tell: Callable[[tuple[Record, ...], BrowseProgress], None],
    cancelled: threading.Event,
) -> BrowseReport:
    delivery = Delivery(
        keep=command.keep,
        is_tail=command.follow,
        progress=lambda delivered, left_out: scan.progress(delivered=delivered, left_out=left_out + scan.left_out),
        tell=tell,
    )
    was_paused = False
    for matches in scan.found():
        delivery.take(matches)
        if scan.is_paused is not was_paused:
            was_paused = scan.is_paused
            delivery.flush()
    progress = delivery.flush()
    ended_by = EndedBy.LIMIT if scan.is_limited else EndedBy.CANCELLED if cancelled.is_set() else EndedBy.END
    return BrowseReport(ended_by=ended_by, progress=progress, remarks=scan.remarks())
