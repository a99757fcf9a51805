"""Simple parts for the dispatcher: a store in memory, a producer that remembers, a consumer that hands over."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from kafka_agent_studio.api.faults import Fault
from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.engine.agent_pool import AgentPool, Job
from kafka_agent_studio.engine.clock import SystemClock
from kafka_agent_studio.engine.counters import Counters, OutboundCounters
from kafka_agent_studio.engine.dispatcher import Dispatcher
from kafka_agent_studio.engine.jobs import RunJob
from kafka_agent_studio.engine.links import Links, OutboundLink
from kafka_agent_studio.engine.ports import (
    OutboundRecord,
    RecordPlace,
    RecordTooLargeError,
    RunOutcome,
    RunRecorder,
    RunRequest,
    StoredRun,
)
from kafka_agent_studio.engine.publisher import Publisher
from kafka_agent_studio.model.connector import InboundConnector, OutboundConnector
from kafka_agent_studio.model.message import Published, Record
from kafka_agent_studio.model.run import RunStatus, Span

Answer = Callable[[RunRequest], Awaitable[RunOutcome] | RunOutcome]


def make_record(offset: int, *, key: bytes | None = None, partition: int = 0, value: bytes = b"{}") -> Record:
    """A record of the topic `orders`."""
    return Record("orders", partition, offset, 1_700_000_000_000 + offset, key, value)


def make_inbound(**fields: Any) -> InboundConnector:
    """An inbound connector called `orders-in`."""
    values = {
        "version": "1.0",
        "name": "orders-in",
        "direction": "inbound",
        "connection": "sandbox",
        "topic": "orders",
        "agents": ["worker"],
    }
    return InboundConnector.model_validate(values | fields)


def make_outbound(**fields: Any) -> OutboundConnector:
    """An outbound connector called `results-out`."""
    values = {
        "version": "1.0",
        "name": "results-out",
        "direction": "outbound",
        "connection": "sandbox",
        "topic": "results",
        "agents": ["worker"],
    }
    return OutboundConnector.model_validate(values | fields)


class MemoryStore:
    """Keeps runs in a dict, as durable as the object itself."""

    def __init__(self) -> None:
        self.runs: dict[str, StoredRun] = {}

    async def save(self, entries: Sequence[StoredRun]) -> None:
        await asyncio.sleep(0)
        for entry in entries:
            self.runs[entry.run.run_id] = entry

    async def mark_published(self, entries: Sequence[tuple[str, tuple[Published, ...]]]) -> None:
        for run_id, places in entries:
            entry = self.runs[run_id]
            run = msgspec.structs.replace(entry.run, published=places)
            self.runs[run_id] = msgspec.structs.replace(entry, run=run, is_owed=False)

    async def known_runs(self, connector: str, topic: str, partition: int, from_offset: int) -> dict[str, StoredRun]:
        return {
            run_id: entry
            for run_id, entry in self.runs.items()
            if (entry.run.connector, entry.run.topic, entry.run.partition) == (connector, topic, partition)
            and entry.run.offset >= from_offset
        }

    def note_committed(self, connector: str, topic: str, offsets: Mapping[int, int]) -> None:
        return

    def by_status(self, status: RunStatus) -> list[int]:
        """Offsets of the runs in a status."""
        return sorted(e.run.offset for e in self.runs.values() if e.run.status is status)


class MemoryProducer:
    """Acknowledges everything up to a size; `block` holds acknowledgements back."""

    def __init__(self, *, max_size_bytes: int = 1_000_000) -> None:
        self.records: list[OutboundRecord] = []
        self.max_size_bytes = max_size_bytes
        self.block: asyncio.Event | None = None

    async def send(self, records: Sequence[OutboundRecord]) -> list[RecordPlace | RecordTooLargeError]:
        places: list[RecordPlace | RecordTooLargeError] = []
        for record in records:
            if record.value is not None and len(record.value) > self.max_size_bytes:
                places.append(RecordTooLargeError(f"{len(record.value)} bytes is more than {record.topic} takes"))
                continue
            places.append(RecordPlace(record.topic, 0, len(self.records)))
            self.records.append(record)
        if self.block is not None:
            await self.block.wait()
        else:
            await asyncio.sleep(0)
        return places

    def withdraw(self, records: Sequence[OutboundRecord]) -> None:
        """Nothing of its topics is ever in trouble."""

    async def close(self) -> None:
        return

    def values(self, topic: str) -> list[Any]:
        """The JSON values written to a topic, in order."""
        return [json.loads(r.value) for r in self.records if r.topic == topic and r.value is not None]


class MemoryInbound:
    """A consumer that a test drives by hand."""

    def __init__(self) -> None:
        self.commits: list[dict[int, int]] = []
        self.wakes = 0
        self.has_answered_s = 0.0
        self.is_silent = False
        self.closed_as_silent: bool | None = None

    async def open(self) -> None:
        return

    async def poll_forever(self) -> None:
        await asyncio.Event().wait()

    def wake(self) -> None:
        self.wakes += 1

    async def commit(self, epoch: int, offsets: Mapping[int, int]) -> bool:
        self.commits.append(dict(offsets))
        return True

    def answered_s(self) -> float:
        return self.has_answered_s

    def lags(self) -> Mapping[int, int] | None:
        return None

    async def until_answered(self) -> None:
        if self.is_silent:
            await asyncio.Event().wait()

    async def close(self, *, is_silent: bool = False) -> None:
        self.closed_as_silent = is_silent

    @property
    def committed(self) -> dict[int, int]:
        """The last commit per partition."""
        merged: dict[int, int] = {}
        for offsets in self.commits:
            merged |= offsets
        return merged


class ScriptedRunner:
    """An agent that answers as the test says, and did what `spans` say."""

    def __init__(self, answer: Answer, *, spans: Sequence[Span] = ()) -> None:
        self.answer = answer
        self.spans = spans
        self.offsets: list[int] = []

    async def run(self, request: RunRequest, recorder: RunRecorder) -> RunOutcome:
        self.offsets.append(request.payload["_kafka"]["offset"])
        recorder.spans.extend(self.spans)
        outcome = self.answer(request)
        return outcome if isinstance(outcome, RunOutcome) else await outcome


class Pipeline:
    """A dispatcher with simple parts, and what came of it."""

    def __init__(
        self,
        *,
        answer: Answer,
        inbound: InboundConnector | None = None,
        outbound: Sequence[OutboundConnector] = (),
        store: MemoryStore | None = None,
        producer: MemoryProducer | None = None,
        max_concurrent: int = 16,
    ) -> None:
        clock = SystemClock()
        self.store = store or MemoryStore()
        self.producer = producer or MemoryProducer()
        self.runner = ScriptedRunner(answer)
        self.consumer = MemoryInbound()
        self.halts: list[Fault] = []
        self.notices: list[Fault] = []
        self.events: list[Any] = []
        self.ended: list[StoredRun] = []
        self.tasks = TaskGroupOwner(name="test")
        self.counters = Counters()
        self.connector = inbound or make_inbound()

        async def work(job: Job) -> None:
            assert isinstance(job, RunJob)
            await job.dispatcher.work(job)

        self.pool = AgentPool(name="worker", max_concurrent=max_concurrent, work=work, tasks=self.tasks)
        self.publisher = Publisher(
            name="orders-in",
            store=self.store,
            clock=clock,
            counters=self.counters,
            outbound_counters=lambda _: OutboundCounters(),
            announce=lambda change, runs: self.dispatcher.announce(change, runs),
            on_store_trouble=lambda fault: None if fault is None else self.notices.append(fault),
            on_ended=self.ended.extend,
        )
        self.dispatcher = Dispatcher(
            links=Links(
                inbound=self.connector,
                runners={"worker": self.runner},
                outbound=tuple(OutboundLink(o, self.producer) for o in outbound),
                dead_letter=self.producer,
            ),
            pool_of=lambda _: self.pool,
            store=self.store,
            clock=clock,
            publish_event=self.events.append,
            wants_events=lambda: True,
            on_halt=self.halts.append,
            on_notice=self.notices.append,
            on_assignment=lambda _: None,
            publisher=self.publisher,
            counters=self.counters,
            traceparent_of=lambda _: None,
        )

    async def start(self, positions: Mapping[int, int] | None = None, epoch: int = 1) -> Mapping[int, int]:
        """Attach a consumer and assign partitions."""
        if epoch == 1:
            self.publisher.start()
            self.dispatcher.attach(self.consumer)
        return await self.dispatcher.on_assigned(epoch, {0: 0} if positions is None else positions)

    async def settled(self) -> None:
        """Wait until nothing moves any more, then commit."""
        for _ in range(200):
            await asyncio.sleep(0)
        await self.publisher.flushed(5)
        await self.dispatcher.commit()

    async def close(self) -> None:
        """As a crash would: nothing is drained."""
        await self.dispatcher.give_up()
        await self.publisher.close()
        await self.tasks.close()
