"""Commands that move messages. Each runs in a thread of its own, tells how far it is, and can be cancelled."""

import asyncio
import contextlib
import os
import tempfile
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kafka_agent_studio.api.browse import FromGroup
from kafka_agent_studio.api.commands import Command
from kafka_agent_studio.api.events import Event, TransferProgressed
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.api.transfers import (
    ExportMessages,
    FileFormat,
    ImportMessages,
    MessagePlace,
    Places,
    ProduceMessages,
    Records,
    Replay,
    Scanned,
    Source,
    TransferProgress,
    TransferReport,
)
from kafka_agent_studio.engine.clock import Clock
from kafka_agent_studio.engine.cluster_names import ClusterNames
from kafka_agent_studio.engine.job_threads import JobThreads
from kafka_agent_studio.engine.kafka.admin_types import AdminError
from kafka_agent_studio.engine.kafka.client_config import ClientConfig
from kafka_agent_studio.engine.kafka.cluster import Cluster
from kafka_agent_studio.engine.kafka.topic_writer import TopicWriter
from kafka_agent_studio.engine.messages.decoder_desk import DecoderDesk
from kafka_agent_studio.engine.messages.filter import RecordFilter
from kafka_agent_studio.engine.messages.record_files import (
    RecordFileError,
    header_line,
    read_messages,
    record_lines,
)
from kafka_agent_studio.engine.messages.transfer import (
    RecordSource,
    SourceFailedError,
    Tally,
    TopicTarget,
    WritingRules,
    as_message,
)


class TransferDesk:
    """Answers to the commands of api/transfers.py."""

    def __init__(
        self,
        *,
        names: ClusterNames,
        decoders: DecoderDesk,
        jobs: JobThreads,
        clock: Clock,
        publish_event: Callable[[Event], None],
    ) -> None:
        self._names = names
        self._decoders = decoders
        self._jobs = jobs
        self._clock = clock
        self._publish = publish_event

    def handlers(self) -> dict[type[Command[Any]], Callable[[Any], Awaitable[Any]]]:
        """What this answers to."""
        return {
            ProduceMessages: self.produce,
            Replay: self.replay,
            ExportMessages: self.export,
            ImportMessages: self.import_,
        }

    async def produce(self, command: ProduceMessages) -> tuple[MessagePlace, ...]:
        """Write messages and return their places. Raises: CommandRefused, EngineError."""
        cluster = await self._names.cluster(command.connection)
        config = await self._names.config(cluster)
        async with self._names.explained(cluster, topic=command.topic, operation="write"):
            return await asyncio.to_thread(_produced, config, command)

    async def replay(self, command: Replay) -> TransferReport:
        """Write messages again. Raises: CommandRefused, EngineError."""
        rules = WritingRules(
            topic=command.topic,
            headers=command.headers,
            keep_partition=command.keep_partition,
            keep_timestamp=command.keep_timestamp,
            rate_per_s=_rate(command.rate_per_s),
            dry_run=command.dry_run,
        )
        source = await self._source(command.source)
        cluster = await self._names.cluster(command.connection)
        config = await self._names.config(cluster)
        tally = Tally(self._teller(command.job_id))

        def work(cancelled: threading.Event) -> TransferReport:
            records = source.opened(cancelled)
            writer = TopicWriter(config=config, cancelled=cancelled)
            try:
                target = TopicTarget(writer=writer, rules=rules, cancelled=cancelled, tally=tally)
                for record in records.records(tally):
                    if not target.take(as_message(record)):
                        break
                target.finish()
                return tally.report(cancelled=cancelled.is_set(), is_dry_run=command.dry_run)
            except AdminError as error:
                raise _with_count(error, tally) from None
            finally:
                writer.close()

        async with self._names.explained(cluster, topic=command.topic or "", operation="write"):
            return await self._run(command.job_id, work, source)

    async def export(self, command: ExportMessages) -> TransferReport:
        """Write messages to a file. Raises: CommandRefused, EngineError."""
        source = await self._source(command.source)
        path = Path(command.path)
        if not path.is_absolute():
            raise CommandRefused("Give the whole path of the file to write.")
        tally = Tally(self._teller(command.job_id))

        def work(cancelled: threading.Event) -> TransferReport:
            return _exported(source.opened(cancelled), path, command.format, tally, cancelled)

        return await self._run(command.job_id, work, source)

    async def import_(self, command: ImportMessages) -> TransferReport:
        """Write a file's messages to a topic. Raises: CommandRefused, EngineError."""
        rules = WritingRules(
            topic=command.topic,
            headers=command.headers,
            keep_partition=command.keep_partition,
            keep_timestamp=command.keep_timestamp,
            rate_per_s=_rate(command.rate_per_s),
            dry_run=command.dry_run,
        )
        cluster = await self._names.cluster(command.connection)
        config = await self._names.config(cluster)
        tally = Tally(self._teller(command.job_id))

        def work(cancelled: threading.Event) -> TransferReport:
            writer = TopicWriter(config=config, cancelled=cancelled)
            try:
                target = TopicTarget(writer=writer, rules=rules, cancelled=cancelled, tally=tally)
                return _imported(command, target, tally, cancelled)
            except AdminError as error:
                raise _with_count(error, tally) from None
            finally:
                writer.close()

        async with self._names.explained(cluster, topic=command.topic, operation="write"):
            return await self._jobs.run(command.job_id, work)

    async def _run(
        self, job_id: str, work: Callable[[threading.Event], TransferReport], source: "_ReadySource"
    ) -> TransferReport:
        try:
            return await self._jobs.run(job_id, work)
        except SourceFailedError as failed:
            if source.cluster is None:
                raise
            async with self._names.explained(source.cluster, topic=source.topic):
                raise failed.error from None

    async def _source(self, source: Source) -> "_ReadySource":
        """Look up what reading needs. Raises: CommandRefused, EngineError."""
        if isinstance(source, Records):
            return _ReadySource(source=source)
        connection = source.connection if isinstance(source, Places) else source.scan.connection
        cluster = await self._names.cluster(connection)
        config = await self._names.config(cluster)
        if isinstance(source, Places):
            return _ReadySource(source=source, cluster=cluster, config=config)
        scan = source.scan
        committed = None
        if isinstance(scan.start, FromGroup):
            committed = await self._names.group_offsets(cluster, scan.start.group, scan.topic)
        line = await self._decoders.filter(scan.filter, scan.decoders)
        return _ReadySource(source=source, cluster=cluster, config=config, line=line, committed=committed)

    def _teller(self, job_id: str) -> Callable[[TransferProgress], None]:
        loop = asyncio.get_running_loop()

        def tell(progress: TransferProgress) -> None:
            event = TransferProgressed(at_us=self._clock.now_us(), job_id=job_id, progress=progress)
            loop.call_soon_threadsafe(self._publish, event)

        return tell


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReadySource:
    """A source with all that has to be looked up on the loop; None where it needs none of it."""

    source: Source
    cluster: Cluster | None = None
    config: ClientConfig | None = None
    line: RecordFilter | None = None
    committed: Mapping[int, int] | None = None

    @property
    def topic(self) -> str:
        """The topic that a scan reads; empty for anything else."""
        return self.source.scan.topic if isinstance(self.source, Scanned) else ""

    def opened(self, cancelled: threading.Event) -> RecordSource:
        """Return what reads it, for the job's thread."""
        return RecordSource(
            source=self.source, config=self.config, line=self.line, committed=self.committed, cancelled=cancelled
        )


def _rate(rate_per_s: float | None) -> float | None:
    if rate_per_s is not None and not rate_per_s > 0:
        raise CommandRefused("The rate is a number of messages a second, above 0.")
    return rate_per_s


def _with_count(error: AdminError, tally: Tally) -> AdminError:
    return AdminError(error.code, f"{error} ({tally.written} messages were written before that)")


def _produced(config: ClientConfig, command: ProduceMessages) -> tuple[MessagePlace, ...]:
    cancelled = threading.Event()
    writer = TopicWriter(config=config, cancelled=cancelled)
    places: dict[int, MessagePlace] = {}
    try:
        partitions = writer.partitions(command.topic)
        if not partitions:
            raise CommandRefused(f"There is no topic {command.topic} on {command.connection}: create it first.")
        for index, message in enumerate(command.messages):
            if message.partition is not None and message.partition >= partitions:
                there = f"it has {partitions}, from 0 to {partitions - 1}"
                raise CommandRefused(f"{command.topic} has no partition {message.partition}: {there}.")

            def written(place: MessagePlace, index: int = index) -> None:
                places[index] = place

            writer.write(command.topic, message, on_written=written)
        writer.flush()
    except AdminError as error:
        count = (
            f" ({len(places)} of {len(command.messages)} messages were written)" if len(command.messages) > 1 else ""
        )
        raise AdminError(error.code, f"{error}{count}") from None
    finally:
        writer.close()
    return tuple(places[index] for index in range(len(command.messages)))


def _exported(
    source: RecordSource, path: Path, format_: FileFormat, tally: Tally, cancelled: threading.Event
) -> TransferReport:
    try:
        # beside its place, so that it appears there in one step, and complete
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise CommandRefused(f"{path} cannot be written: {error.strerror}.") from None
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(header_line(format_))
            for line in record_lines(source.records(tally), format_):
                file.write(line)
                tally.written += 1
                tally.size_bytes += len(line)
                tally.say()
        if not cancelled.is_set():
            draft.replace(path)
    except OSError as error:
        raise CommandRefused(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
    return tally.report(cancelled=cancelled.is_set())


def _imported(command: ImportMessages, target: TopicTarget, tally: Tally, cancelled: threading.Event) -> TransferReport:
    path = Path(command.path)
    try:
        # once over all of it first: a mistake on the last line must not leave half of it written
        with path.open(encoding="utf-8", newline="") as file:
            tally.total = sum(1 for _ in read_messages(file, command.format))
        with path.open(encoding="utf-8", newline="") as file:
            for message in read_messages(file, command.format):
                if cancelled.is_set():
                    break
                tally.matched += 1
                if not target.take(message):
                    break
            target.finish()
    except OSError as error:
        raise CommandRefused(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandRefused(f"{path} is not UTF-8 text.") from None
    except RecordFileError as error:
        raise CommandRefused(f"{path.name}, {error}. Nothing was written.") from None
    return tally.report(cancelled=cancelled.is_set(), is_dry_run=command.dry_run)
