"""Finished runs on their way out: stored first, then published and acknowledged, then settled; in batches, in order.

While one batch is being stored the next one gathers, and a few deliveries are under way at a time. A result that
its topic does not take becomes a failed run; the rest of its batch is not touched by that.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence

import msgspec

from kafka_agent_studio.api.events import RunChange
from kafka_agent_studio.api.faults import Fault
from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.engine.clock import Clock
from kafka_agent_studio.engine.counters import Counters, OutboundCounters
from kafka_agent_studio.engine.jobs import RunJob
from kafka_agent_studio.engine.links import Links, OutboundLink
from kafka_agent_studio.engine.ports import (
    FaultError,
    Outbound,
    OutboundRecord,
    RecordPlace,
    RecordTooLargeError,
    RunStoreWriter,
    StoredRun,
)
from kafka_agent_studio.engine.results import dead_letter, is_published, result_record
from kafka_agent_studio.engine.span_contents import in_full
from kafka_agent_studio.engine.tracing import continued
from kafka_agent_studio.model.connector import OnFailure, PayloadForm
from kafka_agent_studio.model.message import Published
from kafka_agent_studio.model.run import ErrorType, Run, RunError, RunStatus

MAX_BATCH = 1000
MAX_SAVES = 2
"""Batches on their way into the store: while one is written the next one waits at the writer's door."""
MAX_DELIVERIES = 4
STORE_RETRY_S = 2.0
REDIRECT_PAUSE_S = 0.1
DEAD_LETTER = "dead_letter"
"""Stands in Published.connector for the dead letter topic, which no outbound connector serves."""

_log = logging.getLogger(__name__)


class Finished(msgspec.Struct, gc=False):
    """A terminal run with all that is needed to publish it, as the links were when it finished."""

    job: RunJob
    run: Run
    is_text: bool
    is_stored: bool
    links: Links
    output_json: bytes | None = None
    """The run's output as JSON; None where it is still to be encoded."""
    targets: Sequence[OutboundLink] = ()
    """Where the run is published, by its status and the links."""
    must_stop: bool = False
    """The run failed for good under `on_failure: stop`."""
    is_told: bool = False
    """`on_ended` heard of it."""


class _Delivery(msgspec.Struct, gc=False):
    """One record of one run on its way; `link` None is the dead letter."""

    finished: Finished
    link: OutboundLink | None
    producer: Outbound
    record: OutboundRecord


class Publisher:
    """Stores and publishes the finished runs of one connector."""

    def __init__(
        self,
        *,
        name: str,
        store: RunStoreWriter,
        clock: Clock,
        counters: Counters,
        outbound_counters: Callable[[str], OutboundCounters],
        announce: Callable[[RunChange, Sequence[Run]], None],
        on_store_trouble: Callable[[Fault | None], None],
        on_ended: Callable[[Sequence[StoredRun]], None] | None = None,
        on_published: Callable[[Sequence[tuple[Run, str | None]]], None] | None = None,
    ) -> None:
        """`on_ended` hears once of each run, when nothing can change how it ended: after its topic took its result.

        `on_published` hears of those that were published, with the `traceparent` of their messages.
        """
        self._store = store
        self._clock = clock
        self._counters = counters
        self._outbound_counters = outbound_counters
        self._announce = announce
        self._on_store_trouble = on_store_trouble
        self._on_ended = on_ended
        self._on_published = on_published
        self.on_settled: Callable[[Finished], None] = lambda _: None
        self._queue: deque[tuple[Finished, bool]] = deque()
        self._wakeup = asyncio.Event()
        self._busy = 0
        self._flushed = asyncio.Event()
        self._flushed.set()
        self._saves = asyncio.Semaphore(MAX_SAVES)
        self._deliveries = asyncio.Semaphore(MAX_DELIVERIES)
        self._sending: dict[int, list[_Delivery]] = {}
        self._links: Links | None = None
        self._tasks = TaskGroupOwner(name=f"publisher/{name}")

    def start(self) -> None:
        """Begin to work."""
        self._tasks.start("batches", self._work_forever())

    def put(self, finished: Finished) -> None:
        """Queue a terminal run: it is stored, published, and settled."""
        self._enqueue(finished, publish=True)

    def record_only(self, finished: Finished) -> None:
        """Queue a terminal run to be stored and shown, and nothing else for now."""
        self._enqueue(finished, publish=False)

    def _enqueue(self, finished: Finished, *, publish: bool) -> None:
        finished.targets = _targets_of(finished)
        self._queue.append((finished, publish))
        self._flushed.clear()
        self._wakeup.set()

    def relink(self, links: Links) -> None:
        """The files changed: what waits for a topic in trouble that is no longer its own goes where it goes now."""
        self._links = links
        routes = {(id(o.producer), o.connector.topic) for o in links.outbound}
        if links.dead_letter is not None:
            routes.add((id(links.dead_letter), links.inbound.dead_letter_topic or ""))
        self._withdraw(lambda d: (id(d.producer), d.record.topic) not in routes)

    def withdraw_abandoned(self) -> None:
        """What waits for a topic in trouble and is given up comes again, and would lie there twice."""
        self._withdraw(lambda d: d.finished.job.message.is_abandoned)

    def _withdraw(self, is_unwanted: Callable[[_Delivery], bool]) -> None:
        for group in list(self._sending.values()):
            unwanted = [d.record for d in group if is_unwanted(d)]
            if unwanted:
                group[0].producer.withdraw(unwanted)

    async def flushed(self, timeout_s: float) -> bool:
        """Wait until all that was put is settled. False: time ran out."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._flushed.wait()
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        """Stop at once; what is stored and not acknowledged stays owed in the store."""
        await self._tasks.close()
        self._queue.clear()
        self._flushed.set()

    # batches

    async def _work_forever(self) -> None:
        before: asyncio.Task[None] | None = None
        while True:
            await self._wakeup.wait()
            self._wakeup.clear()
            while self._queue:
                await self._saves.acquire()
                batch = [self._queue.popleft() for _ in range(min(len(self._queue), MAX_BATCH))]
                self._busy += 1
                before = self._tasks.start("batch", self._work_batch(batch, before))

    async def _work_batch(self, batch: list[tuple[Finished, bool]], before: asyncio.Task[None] | None) -> None:
        """Store a batch, then begin its delivery once that of the one before has begun."""
        try:
            await self._store_batch(batch)
        finally:
            self._saves.release()
        if before is not None:
            await asyncio.wait((before,))
        await self._deliveries.acquire()
        self._tasks.start("delivery", self._deliver_batch([f for f, publish in batch if publish]))

    async def _store_batch(self, batch: list[tuple[Finished, bool]]) -> None:
        entries = []
        for finished, publish in batch:
            if finished.is_stored or finished.job.message.is_abandoned:
                continue
            entries.append(self._entry(finished, is_owed=publish and self._owes(finished)))
            finished.is_stored = True
        if entries:
            await self._save(entries)
            runs = [e.run for e in entries]
            self._count(runs)
            self._announce(RunChange.FINISHED, runs)
        self._tell_ended([finished for finished, publish in batch if not publish])

    def _tell_ended(self, batch: list[Finished]) -> None:
        if self._on_ended is None:
            return
        untold = [f for f in batch if not f.is_told]
        for finished in untold:
            finished.is_told = True
        if untold:
            self._on_ended([self._entry(f, is_owed=False) for f in untold])

    def _entry(self, finished: Finished, *, is_owed: bool) -> StoredRun:
        job = finished.job
        return StoredRun(
            run=finished.run,
            spans=() if job.recorder is None else tuple(job.recorder.spans),
            record=job.message.record,
            is_text=finished.is_text,
            is_owed=is_owed,
        )

    async def _save(self, entries: list[StoredRun]) -> None:
        """Store, however long the disk is full: nothing is published that could not be finished after a crash."""
        in_trouble = False
        while True:
            try:
                await self._store.save(entries)
            except FaultError as error:
                in_trouble = True
                self._on_store_trouble(error.fault)
                await self._clock.sleep(STORE_RETRY_S)
            else:
                if in_trouble:
                    self._on_store_trouble(None)
                return

    def _count(self, runs: list[Run]) -> None:
        counters = self._counters
        for run in runs:
            if run.status is RunStatus.COMPLETED:
                counters.completed += 1
            elif run.status is RunStatus.FAILED:
                counters.failed += 1
            else:
                counters.cancelled += 1
            counters.tokens += run.token_usage.total_tokens
            counters.cost += run.cost or 0.0

    @staticmethod
    def _owes(finished: Finished) -> bool:
        if finished.targets:
            return True
        return finished.run.status is RunStatus.FAILED and finished.links.inbound.on_failure is OnFailure.DEAD_LETTER

    # deliveries

    async def _deliver_batch(self, batch: list[Finished]) -> None:
        try:
            live = [f for f in batch if not f.job.message.is_abandoned]
            deliveries = self._deliveries_of(live)
            published: dict[str, list[Published]] = {}
            failed = await self._send(deliveries, published)
            if failed:
                await self._replace_too_large(failed, published)
            await self._settle(live, published, {f.run.run_id for f in (d.finished for d, _ in failed)})
        finally:
            self._deliveries.release()
            self._busy -= 1
            if not self._busy and not self._queue:
                self._flushed.set()

    def _deliveries_of(self, batch: list[Finished]) -> list[_Delivery]:
        deliveries: list[_Delivery] = []
        for finished in batch:
            deliveries += [self._delivery(finished, link) for link in finished.targets]
            if finished.run.status is RunStatus.FAILED:
                deliveries += self._on_failure(finished)
        return deliveries

    def _delivery(self, finished: Finished, link: OutboundLink) -> _Delivery:
        traceparent = finished.job.traceparent
        record = result_record(
            finished.run,
            link.connector,
            source=finished.job.message.record,
            is_text=finished.is_text,
            traceparent=traceparent and continued(traceparent, finished.run.run_id),
            output_json=finished.output_json,
        )
        return _Delivery(finished, link, link.producer, record)

    def _on_failure(self, finished: Finished) -> list[_Delivery]:
        """What the inbound connector's on_failure asks for a failed run."""
        inbound, producer = finished.links.inbound, finished.links.dead_letter
        if inbound.on_failure is OnFailure.STOP:
            finished.must_stop = True
        elif inbound.on_failure is OnFailure.DEAD_LETTER and producer and inbound.dead_letter_topic:
            record = dead_letter(
                finished.run,
                source=finished.job.message.record,
                topic=inbound.dead_letter_topic,
            )
            return [_Delivery(finished, None, producer, record)]
        return []

    async def _send(
        self, deliveries: list[_Delivery], published: dict[str, list[Published]]
    ) -> list[tuple[_Delivery, RecordTooLargeError]]:
        """Send, wait for every acknowledgement, note the places; returns what its topic is too small for."""
        too_large: list[tuple[_Delivery, RecordTooLargeError]] = []
        while deliveries:
            groups: dict[tuple[int, str], list[_Delivery]] = {}
            for delivery in deliveries:
                groups.setdefault((id(delivery.producer), delivery.record.topic), []).append(delivery)
            sends = [self._send_group(group) for group in groups.values()]
            sent_at_us = self._clock.now_us()
            answers = [await sends[0]] if len(sends) == 1 else await asyncio.gather(*sends)
            times = (sent_at_us, self._clock.now_us())
            deliveries = []
            for group, places in zip(groups.values(), answers, strict=True):
                if places is None:
                    deliveries += [again for d in group for again in self._redirected(d, published)]
                    continue
                self._note(group, places, published, too_large, times)
            if deliveries:
                await self._clock.sleep(REDIRECT_PAUSE_S)
        return too_large

    async def _send_group(self, group: list[_Delivery]) -> list[RecordPlace | RecordTooLargeError] | None:
        """Send records for one topic through one producer; None where they were withdrawn before their answers came."""
        self._sending[id(group)] = group
        try:
            return await group[0].producer.send([d.record for d in group])
        except FaultError:
            return None
        finally:
            del self._sending[id(group)]

    def _redirected(self, delivery: _Delivery, published: dict[str, list[Published]]) -> list[_Delivery]:
        """Where a withdrawn delivery goes as the links are now; nowhere where nobody is to publish it any more."""
        finished, links = delivery.finished, self._links
        if finished.job.message.is_abandoned or links is None:
            return []
        finished.links = links
        finished.targets = _targets_of(finished)
        if delivery.link is None:
            redirected = self._on_failure(finished)
        else:
            name = delivery.link.connector.name
            redirected = [self._delivery(finished, link) for link in finished.targets if link.connector.name == name]
        if not redirected:
            published.setdefault(finished.run.run_id, [])
        return redirected

    def _note(
        self,
        group: list[_Delivery],
        places: list[RecordPlace | RecordTooLargeError],
        published: dict[str, list[Published]],
        too_large: list[tuple[_Delivery, RecordTooLargeError]],
        times: tuple[int, int],
    ) -> None:
        """Note the answers to one topic's records; `times` are when they were sent and acknowledged (epoch µs)."""
        sent_at_us, acknowledged_at_us = times
        for delivery, place in zip(group, places, strict=True):
            if isinstance(place, RecordTooLargeError):
                too_large.append((delivery, place))
                continue
            name = DEAD_LETTER if delivery.link is None else delivery.link.connector.name
            self._counters.dead_letters += delivery.link is None
            self._outbound_counters(name).published += 1
            where = Published(name, place.topic, place.partition, place.offset, sent_at_us, acknowledged_at_us)
            run_id = delivery.finished.run.run_id
            known = published.get(run_id)
            if known is None:
                published[run_id] = [where]
            else:
                known.append(where)

    async def _replace_too_large(
        self, failed: list[tuple[_Delivery, RecordTooLargeError]], published: dict[str, list[Published]]
    ) -> None:
        """A result too large makes its run failed: an envelope says so in its place, or on_failure applies."""
        replacements: list[_Delivery] = []
        for delivery, error in failed:
            finished = delivery.finished
            if delivery.link is None:
                # the dead letter topic itself is too small: only a person can make room without losing the message
                finished.must_stop = True
                continue
            self._outbound_counters(delivery.link.connector.name).failed += 1
            was_failed = finished.run.status is RunStatus.FAILED
            recorder = finished.job.recorder
            if recorder is not None:
                # the result that is not the run's any more stays with the call that returned it
                recorder.spans[:] = in_full(tuple(recorder.spans), payload=lambda: None, output=finished.run.output)
            finished.run = msgspec.structs.replace(
                finished.run,
                status=RunStatus.FAILED,
                output=None,
                error=RunError(ErrorType.RESULT_TOO_LARGE, str(error)),
            )
            finished.output_json = None
            if not was_failed:
                self._counters.failed += 1
                self._counters.completed -= 1
            _log.warning(
                "%s on %s: %s",
                finished.run.agent_name,
                finished.run.place,
                error,
                extra={"connector": finished.run.connector, "run_id": finished.run.run_id},
            )
            if delivery.link.connector.payload is PayloadForm.ENVELOPE:
                replacements.append(self._delivery(finished, delivery.link))
            elif not was_failed:
                replacements += self._on_failure(finished)
        for delivery, error in await self._send(replacements, published):
            _log.error("%s: even the error does not fit: %s", delivery.record.topic, error)
            delivery.finished.must_stop = True

    async def _settle(self, batch: list[Finished], published: dict[str, list[Published]], changed: set[str]) -> None:
        replaced = [self._entry(f, is_owed=False) for f in batch if f.run.run_id in changed]
        if replaced:
            await self._save(replaced)
        if published:
            await self._mark([(run_id, tuple(places)) for run_id, places in published.items()])
        told: list[Run] = []
        for finished in batch:
            places = published.get(finished.run.run_id)
            if places or finished.run.run_id in changed:
                finished.run = msgspec.structs.replace(finished.run, published=tuple(places or ()))
                told.append(finished.run)
            self.on_settled(finished)
        self._tell_ended(batch)
        if self._on_published is not None:
            self._on_published([(f.run, f.job.traceparent) for f in batch if f.run.published])
        self._counters.published += sum(map(len, published.values()))
        self._announce(RunChange.PUBLISHED, told)

    async def _mark(self, entries: list[tuple[str, tuple[Published, ...]]]) -> None:
        try:
            await self._store.mark_published(entries)
        except FaultError as error:
            # acknowledged all the same; at worst these are published again after a crash
            self._on_store_trouble(error.fault)


def _targets_of(finished: Finished) -> list[OutboundLink]:
    run, is_text = finished.run, finished.is_text
    links = finished.links.for_agent(finished.job.agent_name)
    return [link for link in links if is_published(run, link.connector, is_text=is_text)]
