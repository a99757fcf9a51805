"""The whole pipeline of one inbound connector: message → runs → results → done.

    on_records   a record becomes a message in flight with one job per linked agent
    _work        a worker of the agent's pool runs a job (agent_pool.py decides when)
    _finish      the outcome becomes a terminal run and goes to the publisher
    _on_settled  stored, published, acknowledged: the agent's part is over
    commit       what is done in an unbroken row is committed

It survives reconnects: a new consumer is a new assignment (epoch), and what is in hand stays in hand where the
partition does. Progress of an older assignment is never committed.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kafka_agent_studio.api.events import MessagesReceived, RunChange, RunsChanged
from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.engine.agent_pool import AgentPool, Job
from kafka_agent_studio.engine.clock import Clock
from kafka_agent_studio.engine.counters import Counters
from kafka_agent_studio.engine.jobs import InFlightMessage, RunJob
from kafka_agent_studio.engine.kafka.codec import payload_of
from kafka_agent_studio.engine.known_runs import KnownRuns, must_run_again
from kafka_agent_studio.engine.links import Links
from kafka_agent_studio.engine.ports import Inbound, RunOutcome, RunRecorder, RunRequest, RunStoreWriter, StoredRun
from kafka_agent_studio.engine.progress import ConnectorProgress
from kafka_agent_studio.engine.publisher import Finished, Publisher
from kafka_agent_studio.engine.run_ids import run_id_for
from kafka_agent_studio.engine.run_states import run_of, terminal_run
from kafka_agent_studio.engine.span_contents import detail_in_full
from kafka_agent_studio.model.connector import OnFailure
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.run import ErrorType, Run, RunDetail, RunError, RunStatus

MAX_REFUSALS = 10
"""So many refusals by a model's provider in a row pause the connector (CONTRACT §3)."""
MAX_SPAN = 50_000
"""Messages done behind one that is not: beyond it reading pauses, so that one slow run cannot fill the memory."""
DRAIN_S = 20.0
"""How long a revoked assignment waits for runs; the others of the group wait with it."""
COMMIT_INTERVAL_S = 0.2
COMMIT_S = 2.0
"""How long the last commit of an assignment gets: a broker that is away would hold up stopping for as long."""
GATHER_S = 0.002
"""How long room gathers before less than half of it is taken: a handful of messages costs the store, the producer and
the consumer as much as a hundred."""
MAX_GATHERED = 250

_log = logging.getLogger(__name__)


class Dispatcher:
    """The pipeline of one inbound connector; an InboundListener for its consumer."""

    def __init__(
        self,
        *,
        links: Links,
        pool_of: Callable[[str], AgentPool],
        store: RunStoreWriter,
        clock: Clock,
        publish_event: Callable[[Any], None],
        wants_events: Callable[[], bool],
        on_halt: Callable[[Fault], None],
        on_notice: Callable[[Fault], None],
        on_assignment: Callable[[tuple[int, ...]], None],
        publisher: Publisher,
        counters: Counters,
        traceparent_of: Callable[[Record], str | None],
    ) -> None:
        self.links = links
        self.counters = counters
        self._name = links.inbound.name
        self._pool_of = pool_of
        self._store = store
        self._clock = clock
        self._publish_event = publish_event
        self._wants_events = wants_events
        self._on_halt = on_halt
        self._on_notice = on_notice
        self._on_assignment = on_assignment
        self._traceparent_of = traceparent_of
        self._publisher = publisher
        self._publisher.on_settled = self._on_settled
        self._progress = ConnectorProgress()
        self._messages: dict[tuple[int, int], InFlightMessage] = {}
        self._running: dict[str, RunJob] = {}
        self._known = KnownRuns(store=store, connector=self._name)
        self._refused: dict[str, list[Finished]] = {}
        self._inbound: Inbound | None = None
        self._inbound_epoch: int | None = None
        self._held: list[RunJob] = []
        self._cancelled: set[str] = set()
        self._is_draining = False
        self._is_taking = False
        self._is_halted = False
        self._is_full = False
        self._took_in_s = 0.0
        self._gathered: asyncio.TimerHandle | None = None
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._dirty = asyncio.Event()

    # the consumer's side

    def attach(self, inbound: Inbound) -> None:
        """Serve this consumer from now on; the one before is closed."""
        self._inbound = inbound
        self._inbound_epoch = None
        self._is_halted = False
        self._refused.clear()

    def capacity(self) -> int:
        """How many more messages may be taken in now."""
        if not self._is_taking or self._is_halted:
            return 0
        held = sum(map(len, self._refused.values()))
        free = self.links.inbound.max_in_flight - self._progress.in_flight + held
        room = min(free, MAX_SPAN - self._progress.span)
        if room > 0 and self._is_gathering(room):
            room = 0
        self._is_full = room <= 0
        return max(room, 0)

    def _is_gathering(self, room: int) -> bool:
        """Whether to wait until more is done, since messages were taken in a moment ago."""
        if room >= min(MAX_GATHERED, self.links.inbound.max_in_flight // 2):
            return False
        left_s = self._took_in_s + GATHER_S - self._clock.monotonic_s()
        if left_s <= 0:
            return False
        if self._gathered is None:
            self._gathered = asyncio.get_running_loop().call_later(left_s, self._on_gathered)
        return True

    def _on_gathered(self) -> None:
        self._gathered = None
        if self._inbound is not None:
            self._inbound.wake()

    def on_records(self, epoch: int, records: Sequence[Record]) -> None:
        """Take records in: one job per linked agent each."""
        if epoch != self._inbound_epoch:
            return
        links = self.links
        now_s = self._took_in_s = self._clock.monotonic_s()
        accepted = []
        for record in records:
            partition = self._progress.partitions.get(record.partition)
            if partition is None or not partition.begin(record.offset):
                continue
            accepted.append(record)
            message = InFlightMessage(record, partition, len(links.runners), now_s)
            self._messages[record.partition, record.offset] = message
            if links.runners:
                self._dispatch(message, links)
            else:
                self._message_done(message)
        self.counters.messages += len(accepted)
        if accepted and self._wants_events():
            self._publish_event(
                MessagesReceived(at_us=self._clock.now_us(), connector=self._name, records=tuple(accepted))
            )

    def on_notice(self, fault: Fault) -> None:
        """The consumer has something to say."""
        self._on_notice(fault)

    def relink(self, links: Links) -> None:
        """Go on with a new version. What runs finishes on the old one; results that wait for their broker follow."""
        self.links = links
        self._publisher.relink(links)

    async def on_revoked(self) -> None:
        """Take nothing more, let what runs finish within a bound, commit."""
        await self.drain(DRAIN_S)

    async def on_assigned(self, epoch: int, positions: Mapping[int, int]) -> Mapping[int, int]:
        """Begin an assignment; what is in hand of lost partitions is given up, of kept ones goes on."""
        resume, fresh = self._progress.assign(self._progress.epoch + 1, positions)
        self._inbound_epoch = epoch
        self._abandon(lambda m: self._progress.partitions.get(m.record.partition) is not m.partition)
        for agent, held in self._refused.items():
            self._refused[agent] = [f for f in held if not f.job.message.is_abandoned]
        self._known.keep(positions.keys() - fresh)
        for partition in fresh:
            await self._known.load(self.links.inbound.topic, partition, positions[partition])
        self._is_taking = True
        self._is_draining = False
        self._resubmit_held()
        self._on_assignment(tuple(sorted(positions)))
        if self._inbound is not None:
            self._inbound.wake()  # it may have gone to wait for room while there was none to be had
        return resume

    # a message's way

    def _dispatch(self, message: InFlightMessage, links: Links) -> None:
        record = message.record
        known = self._known.of(record)
        traceparent = self._traceparent_of(record) if record.headers else None
        lane = links.lane_of(record)
        for agent, runner in links.runners.items():
            run_id = run_id_for(self._name, record, agent)
            job = RunJob(self, message, agent, runner, run_id, lane, traceparent)
            before = known.get(run_id) if known else None
            if before is None or not self._take_up(job, before):
                self._pool_of(agent).submit(job)

    def _resubmit_held(self) -> None:
        held, self._held = self._held, []
        for job in held:
            if not job.message.is_abandoned:
                self._pool_of(job.agent_name).submit(job)

    def _take_up(self, job: RunJob, before: StoredRun) -> bool:
        """Take over what an earlier process did of this run. False: it has to run (again)."""
        if must_run_again(before, self.links.inbound.on_failure):
            return False
        if before.is_owed:
            self._publisher.put(self._finished(job, before.run, is_text=before.is_text, is_stored=True))
        else:
            self._part_done(job.message)
        return True

    async def work(self, job: RunJob) -> None:
        """Run one job; called by a worker of the agent's pool."""
        if job.message.is_abandoned:
            return
        if self._is_draining:
            self._held.append(job)
            return
        if job.run_id in self._cancelled:
            self._cancelled.discard(job.run_id)
            self._finish(job, RunOutcome(None, error=RunError(ErrorType.CANCELLED, "cancelled before it began")))
            return
        record = job.message.record
        job.started_at_us = self._clock.now_us()
        job.recorder = RunRecorder()
        self._running[job.run_id] = job
        self._quiet.clear()
        try:
            payload = payload_of(record)
            request = RunRequest(job.run_id, job.agent_name, self._name, record.timestamp_ms, payload, job.traceparent)
            outcome = await job.runner.run(request, job.recorder)
        except asyncio.CancelledError:
            if not job.is_cancelled:
                raise
            task = asyncio.current_task()
            if task is not None:
                task.uncancel()
            outcome = RunOutcome(None, error=RunError(ErrorType.CANCELLED, "cancelled by an operator"))
        except Exception as error:  # noqa: BLE001 - a runner's bug fails its run, never the consumer
            about = {"connector": self._name, "run_id": job.run_id}
            _log.exception("run %s of agent %s", job.run_id, job.agent_name, extra=about)
            outcome = RunOutcome(None, error=RunError(ErrorType.INTERNAL, f"{type(error).__name__}: {error}"))
        finally:
            del self._running[job.run_id]
            if not self._running:
                self._quiet.set()
        self._finish(job, outcome)

    def _finish(self, job: RunJob, outcome: RunOutcome) -> None:
        """An outcome is there: a terminal run, to be stored and published; or a refusal that may be one of ten."""
        if job.message.is_abandoned:
            return
        now_us = self._clock.now_us()
        run = terminal_run(job, outcome, connector=self._name, stand_ins=self.links.stand_ins, now_us=now_us)
        finished = self._finished(job, run, is_text=outcome.is_text, is_stored=False, output_json=outcome.output_json)
        if run.status is RunStatus.FAILED and self.links.inbound.on_failure is OnFailure.STOP:
            # at once, before the next message of its key begins: the connector halts when this is stored
            self._is_taking, self._is_draining = False, True
        if outcome.error is not None and outcome.error.type is ErrorType.MODEL_REFUSED:
            self._hold_refused(job.agent_name, finished)
            return
        if self._refused:
            for held in self._refused.pop(job.agent_name, ()):
                self._publisher.put(held)
        self._publisher.put(finished)

    def _hold_refused(self, agent: str, finished: Finished) -> None:
        held = self._refused.setdefault(agent, [])
        held.append(finished)
        self._publisher.record_only(finished)
        if len(held) >= MAX_REFUSALS:
            detail = "" if finished.run.error is None else finished.run.error.message
            fault = Fault(FaultCode.MODEL_REFUSED, {"agent": agent, "detail": detail, "count": len(held)})
            self.halt(fault)
        elif self._is_full and self._inbound is not None:
            self._inbound.wake()

    def _run(self, job: RunJob, status: RunStatus, recorder: RunRecorder) -> Run:
        now_us = self._clock.now_us()
        return run_of(job, status, recorder, connector=self._name, stand_ins=self.links.stand_ins, now_us=now_us)

    def _finished(
        self, job: RunJob, run: Run, *, is_text: bool, is_stored: bool, output_json: bytes | None = None
    ) -> Finished:
        return Finished(job, run, is_text, is_stored, self.links, output_json)

    # the end of a message

    def _on_settled(self, finished: Finished) -> None:
        """Stored, published and acknowledged; or failed for good under `stop`."""
        if finished.must_stop and not finished.job.message.is_abandoned:
            detail = "" if finished.run.error is None else finished.run.error.message
            self.halt(
                Fault(
                    FaultCode.RUN_FAILED_STOP,
                    {"place": finished.run.place, "agent": finished.run.agent_name, "detail": detail},
                )
            )
            return
        self._part_done(finished.job.message)

    def _part_done(self, message: InFlightMessage) -> None:
        message.pending -= 1
        if message.pending == 0 and not message.is_abandoned:
            self._message_done(message)

    def _message_done(self, message: InFlightMessage) -> None:
        record = message.record
        self.counters.latency.add(self._clock.monotonic_s() - message.taken_s)
        message.partition.finish(record.offset)
        del self._messages[record.partition, record.offset]
        self._dirty.set()
        if self._is_full and self._inbound is not None:
            self._is_full = False
            self._inbound.wake()

    def _abandon(self, is_lost: Callable[[InFlightMessage], bool]) -> None:
        lost = [m for m in self._messages.values() if is_lost(m)]
        for message in lost:
            message.is_abandoned = True
            del self._messages[message.record.partition, message.record.offset]
        if lost:
            self._discard_jobs()

    def _discard_jobs(self) -> None:
        def is_abandoned(job: Job) -> bool:
            return isinstance(job, RunJob) and job.message.is_abandoned

        for agent in self.links.runners:
            self._pool_of(agent).discard(is_abandoned)
        for job in list(self._running.values()):
            if job.message.is_abandoned and job.worker is not None:
                job.worker.cancel()

    # operator and life cycle

    def halt(self, fault: Fault) -> None:
        """Stop the connector with a fault: what is in hand is given up and stays uncommitted."""
        if self._is_halted:
            return
        self._is_halted = True
        self._is_taking = False
        self._is_draining = True
        self._on_halt(fault)

    def cancel_run(self, run_id: str) -> bool:
        """Cancel a queued or running job for good. False: it is not in hand."""
        running = self._running.get(run_id)
        if running is not None:
            running.is_cancelled = True
            if running.worker is not None:
                running.worker.cancel()
            return True
        for message in self._messages.values():
            for agent in self.links.runners:
                if run_id_for(self._name, message.record, agent) == run_id:
                    self._cancelled.add(run_id)
                    return True
        return False

    def detail_of(self, run_id: str) -> RunDetail | None:
        """Return a run that goes on now, with the spans that are over so far; None where it is not running here."""
        job = self._running.get(run_id)
        if job is None:
            return None
        recorder = job.recorder or RunRecorder()
        run = self._run(job, RunStatus.RUNNING, recorder)
        return detail_in_full(RunDetail(run=run, spans=tuple(recorder.spans), record=job.message.record))

    def slow_runs(self, older_than_us: int) -> list[StoredRun]:
        """Runs that began before a moment and were not announced yet, each returned once, as running."""
        slow = []
        for job in self._running.values():
            if not job.is_announced and job.started_at_us is not None and job.started_at_us < older_than_us:
                job.is_announced = True
                run = self._run(job, RunStatus.RUNNING, job.recorder or RunRecorder())
                slow.append(StoredRun(run=run, record=job.message.record))
        return slow

    def announce(self, change: RunChange, runs: Sequence[Run]) -> None:
        """Tell subscribers about runs."""
        if runs and self._wants_events():
            self._publish_event(RunsChanged(at_us=self._clock.now_us(), change=change, runs=tuple(runs)))

    @property
    def in_flight(self) -> int:
        """Messages taken in and not done."""
        return len(self._messages)

    async def commit(self) -> None:
        """Commit what is done; trouble is left to the consumer, which will say so itself."""
        inbound, inbound_epoch, epoch = self._inbound, self._inbound_epoch, self._progress.epoch
        offsets = self._progress.to_commit()
        if not offsets or inbound is None or inbound_epoch is None:
            return
        if await inbound.commit(inbound_epoch, offsets):
            self._progress.acknowledge(epoch, offsets)
            self._store.note_committed(self._name, self.links.inbound.topic, offsets)

    async def commit_forever(self) -> None:
        """Commit whenever something got done, at most a few times a second."""
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            try:
                await self.commit()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next commit covers it
                _log.warning("commit for %s failed, the next one covers it: %s", self._name, error)
            await self._clock.sleep(COMMIT_INTERVAL_S)

    async def finish_runs(self, timeout_s: float) -> bool:
        """Take nothing in, begin nothing, let what runs finish. False: time ran out."""
        self._is_taking = False
        self._is_draining = True
        try:
            async with asyncio.timeout(timeout_s):
                await self._quiet.wait()
        except TimeoutError:
            return False
        return True

    async def drain(self, timeout_s: float, *, publish_s: float | None = None, is_silent: bool = False) -> bool:
        """Let what runs finish and be published, commit; nothing else begins. False: time ran out.

        `publish_s` is how much of the time results get whose broker does not answer; None: all that is left.
        `is_silent`: the group's coordinator does not answer, so that there is no use in a commit.
        """
        started_s = self._clock.monotonic_s()
        finished = await self.finish_runs(timeout_s)
        if finished:
            left_s = timeout_s - (self._clock.monotonic_s() - started_s)
            finished = await self._publisher.flushed(max(left_s if publish_s is None else min(left_s, publish_s), 0.1))
        is_committed = await self._commit_last(is_silent=is_silent)
        return finished and is_committed

    async def _commit_last(self, *, is_silent: bool) -> bool:
        try:
            async with asyncio.timeout(0 if is_silent else COMMIT_S):
                await self.commit()
        except TimeoutError:
            _log.warning("commit for %s: no answer in time; what is not committed comes again", self._name)
            return False
        return True

    async def give_up(self) -> list[StoredRun]:
        """Abandon all that is in hand; the runs go back to queued and are returned so. Nothing more is committed."""
        requeued = [
            StoredRun(run=self._run(job, RunStatus.QUEUED, RunRecorder()), record=job.message.record)
            for job in self._running.values()
        ]
        self._abandon(lambda _: True)
        self._publisher.withdraw_abandoned()
        self._progress.partitions.clear()
        self._held.clear()
        self._refused.clear()
        self._inbound_epoch = None
        return requeued
