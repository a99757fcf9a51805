"""Keeps one inbound connector running: connects, reconnects with backoff, halts with a question, stops in time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from kafka_agent_studio.api.events import ConnectorState, ConnectorStatus
from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.engine.backoff import Backoff
from kafka_agent_studio.engine.clock import Clock
from kafka_agent_studio.engine.dispatcher import Dispatcher
from kafka_agent_studio.engine.ports import FaultError, Inbound, StoredRun

SUSTAINED_S = 30.0
"""A broker that answered this long was well: the next failure begins the backoff anew."""
DRAIN_S = 10.0
"""How long runs get to finish when a connector stops (CONTRACT §3)."""
PUBLISH_S = 2.0
"""How long results get then, once nothing runs any more: they are stored, and are published after the next start."""
ANSWER_S = 2.0
"""A broker that leaves a question of the stopping connector unanswered for so long is silent …"""
SILENT_DRAIN_S = 5.0
"""… and runs get so long: with results, the group and the producers, stopping then takes less than 10 s."""
SILENT_PUBLISH_S = 1.5
"""How long results get then: they may go to another cluster."""

_log = logging.getLogger(__name__)

_PAUSING = frozenset({FaultCode.MODEL_REFUSED, FaultCode.BUDGET_REACHED, FaultCode.STORE_FULL})


class Supervisor:
    """One connector's life. All methods are called on the engine's loop."""

    def __init__(
        self,
        *,
        name: str,
        dispatcher: Dispatcher,
        new_inbound: Callable[[], Awaitable[Inbound]],
        on_status: Callable[[ConnectorStatus], None],
        requeue: Callable[[list[StoredRun]], Awaitable[None]],
        backoff: Backoff,
        clock: Clock,
    ) -> None:
        self.name = name
        self.dispatcher = dispatcher
        self.status = ConnectorStatus(name, ConnectorState.STOPPED)
        self._new_inbound = new_inbound
        self._on_status = on_status
        self._requeue = requeue
        self._backoff = backoff
        self._clock = clock
        self._tasks = TaskGroupOwner(name=f"connector/{name}")
        self._task: asyncio.Task[None] | None = None
        self._inbound: Inbound | None = None
        self._halted: asyncio.Future[Fault] | None = None
        self._stopping = asyncio.Event()
        self._try_now = asyncio.Event()
        self._drain_s = DRAIN_S
        self._partitions: tuple[int, ...] = ()

    # what others ask

    @property
    def is_active(self) -> bool:
        """Whether it runs or tries to."""
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        """Run; where it waits for its next try, try at once."""
        if self.is_active:
            self._try_now.set()
            return
        self._stopping.clear()
        self._backoff.reset()
        self._task = self._tasks.start("run", self._run())

    def lags(self) -> Mapping[int, int] | None:
        """Messages not read yet, by partition; None where unknown."""
        return None if self._inbound is None else self._inbound.lags()

    def halt(self, fault: Fault) -> None:
        """Stop reading because of a fault that needs a person (or another day); said in the status."""
        if self._halted is not None and not self._halted.done():
            self._halted.set_result(fault)

    def note(self, fault: Fault | None) -> None:
        """Show (or clear) trouble that does not end the consumer, such as results that wait."""
        if self.status.state is ConnectorState.RUNNING and self.status.fault != fault:
            self._set(ConnectorState.RUNNING, fault)

    def show_partitions(self, partitions: tuple[int, ...]) -> None:
        """The group gave these partitions to this member."""
        self._partitions = partitions
        self._set(self.status.state, self.status.fault, next_try_at_us=self.status.next_try_at_us)

    async def stop(self, drain_s: float = DRAIN_S) -> None:
        """Let what runs finish within a bound, commit, leave the group. The rest stays uncommitted."""
        if self.is_active and self._task is not None:
            self._set(ConnectorState.STOPPING)
            self._stopping.set()
            self._drain_s = drain_s
            await asyncio.wait([self._task])
        self._set(ConnectorState.STOPPED)

    async def close(self) -> None:
        """Free everything."""
        await self._tasks.close()

    def mark(self, state: ConnectorState, fault: Fault | None = None) -> None:
        """Show a state of a connector that does not run (disabled, invalid)."""
        self._set(state, fault)

    # its life

    async def _run(self) -> None:
        while not self._stopping.is_set():
            fault = await self._session()
            if fault is None:
                return
            if fault.is_fatal:
                self._set(_halted_state(fault.fault), fault.fault)
                return
            await self._wait_for_next_try(fault.fault)

    async def _session(self) -> FaultError | None:
        """Connect and read until stop (None), or until trouble, which is returned."""
        self._set(ConnectorState.CONNECTING, self.status.fault)
        try:
            inbound = self._inbound = await self._new_inbound()
        except FaultError as error:
            return error
        halted = self._halted = asyncio.get_running_loop().create_future()
        self.dispatcher.attach(inbound)
        poll = self._tasks.start("poll", self._open_and_poll(inbound))
        commits = self._tasks.start("commit", self.dispatcher.commit_forever())
        stop = self._tasks.start("stop", _wait(self._stopping))
        is_silent = False
        try:
            await asyncio.wait((poll, stop, halted), return_when=asyncio.FIRST_COMPLETED)
            if halted.done():
                trouble: FaultError | None = FaultError(halted.result(), is_fatal=True)
            else:
                trouble = _trouble_of(poll) if poll.done() else None
            if not poll.done():
                is_silent = await self._drain(inbound)
        finally:
            self._inbound = None
            await _end(commits, stop)
            await inbound.close(is_silent=is_silent)
            await _end(poll)
        if trouble is None or trouble.is_fatal:
            # after a mere reconnect what is in hand stays in hand where the partition does
            await self._requeue(await self.dispatcher.give_up())
        if inbound.answered_s() > SUSTAINED_S:
            self._backoff.reset()
        return trouble

    async def _drain(self, inbound: Inbound) -> bool:
        """Let what runs finish within a bound, publish, commit. True: the broker is silent, and the bound shorter."""
        asked = self._tasks.start("ask", inbound.until_answered())
        try:
            began_s = self._clock.monotonic_s()
            await self.dispatcher.finish_runs(min(self._drain_s, SILENT_DRAIN_S))
            await asyncio.wait((asked,), timeout=max(0.0, ANSWER_S - (self._clock.monotonic_s() - began_s)))
            is_silent = not asked.done()
            if is_silent:
                await self.dispatcher.drain(SILENT_PUBLISH_S, publish_s=SILENT_PUBLISH_S, is_silent=True)
            else:
                left_s = max(0.0, self._drain_s - (self._clock.monotonic_s() - began_s))
                await self.dispatcher.drain(left_s, publish_s=PUBLISH_S)
        finally:
            await _end(asked)
        return is_silent

    async def _open_and_poll(self, inbound: Inbound) -> None:
        await inbound.open()
        self._set(ConnectorState.RUNNING)
        await inbound.poll_forever()

    async def _wait_for_next_try(self, fault: Fault) -> None:
        delay_s = self._backoff.next_delay_s()
        state = ConnectorState.WAITING if fault.code is FaultCode.TOPIC_MISSING else ConnectorState.RETRYING
        self._set(
            state, fault, attempt=self._backoff.attempt, next_try_at_us=self._clock.now_us() + round(delay_s * 1e6)
        )
        self._try_now.clear()
        waits = [
            self._tasks.start("delay", self._clock.sleep(delay_s)),
            self._tasks.start("try-now", _wait(self._try_now)),
            self._tasks.start("stop", _wait(self._stopping)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _end(*waits)

    def _set(
        self,
        state: ConnectorState,
        fault: Fault | None = None,
        *,
        attempt: int | None = None,
        next_try_at_us: int | None = None,
    ) -> None:
        status = ConnectorStatus(
            self.name,
            state,
            fault,
            self._backoff.attempt if attempt is None else attempt,
            next_try_at_us,
            self._partitions if state is ConnectorState.RUNNING else (),
        )
        if status != self.status:
            self.status = status
            self._on_status(status)


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


async def _end(*tasks: "asyncio.Task[None]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


def _halted_state(fault: Fault) -> ConnectorState:
    return ConnectorState.PAUSED if fault.code in _PAUSING else ConnectorState.FAILED


def _trouble_of(work: "asyncio.Task[None]") -> FaultError:
    if work.cancelled():
        return FaultError(Fault(FaultCode.INTERNAL, {"detail": "the consumer's task was cancelled"}))
    error = work.exception()
    if isinstance(error, FaultError):
        return error
    if error is not None:
        _log.error("consumer failed", exc_info=error)
        return FaultError(Fault(FaultCode.INTERNAL, {"detail": f"{type(error).__name__}: {error}"}))
    return FaultError(Fault(FaultCode.INTERNAL, {"detail": "the consumer ended by itself"}))
