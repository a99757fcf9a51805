"""One connector's life: it reconnects with backoff, halts with a question, and stops in time."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping

import pytest

from kafka_agent_studio.api.events import ConnectorState, ConnectorStatus
from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.engine.backoff import Backoff
from kafka_agent_studio.engine.ports import FaultError, Inbound, RunOutcome, StoredRun
from kafka_agent_studio.engine.supervisor import Supervisor
from kafka_agent_studio.model.run import RunStatus
from tests.helpers.engine_fakes import Answer, MemoryInbound, Pipeline, make_record

UNREACHABLE = FaultError(Fault(FaultCode.BROKER_UNREACHABLE, {"address": "kafka:9092", "detail": "refused"}))
RECREATED = FaultError(Fault(FaultCode.TOPIC_RECREATED, {"topic": "orders"}), is_fatal=True)


class HandClock:
    """Time stands still; sleeps end when the test says so."""

    def __init__(self) -> None:
        self.time_s = 1000.0
        self.slept: list[float] = []
        self.wake = asyncio.Event()

    def now_us(self) -> int:
        return round(self.time_s * 1e6)

    def monotonic_s(self) -> float:
        return self.time_s

    async def sleep(self, delay_s: float) -> None:
        self.slept.append(delay_s)
        await self.wake.wait()


class Consumer(MemoryInbound):
    """A consumer whose opening and polling end as the test says."""

    def __init__(self, *, opens: FaultError | None = None) -> None:
        super().__init__()
        self.opens = opens
        self.trouble: asyncio.Future[FaultError] = asyncio.get_running_loop().create_future()
        self.is_closed = False

    async def open(self) -> None:
        if self.opens is not None:
            raise self.opens

    async def poll_forever(self) -> None:
        raise await asyncio.shield(self.trouble)

    async def commit(self, epoch: int, offsets: Mapping[int, int]) -> bool:
        assert not self.is_closed
        return await super().commit(epoch, offsets)

    async def close(self, *, is_silent: bool = False) -> None:
        await super().close(is_silent=is_silent)
        self.is_closed = True


class Scene:
    """A supervisor with a pipeline and scripted consumers."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.clock = HandClock()
        self.consumers: list[Consumer] = []
        self.script: list[FaultError | None] = []
        self.states: list[ConnectorStatus] = []
        self.requeued: list[StoredRun] = []
        self.supervisor = Supervisor(
            name="orders-in",
            dispatcher=pipeline.dispatcher,
            new_inbound=self.new_inbound,
            on_status=self.states.append,
            requeue=self.requeue,
            backoff=Backoff(source=random.Random(1)),
            clock=self.clock,
        )
        pipeline.publisher.start()

    async def new_inbound(self) -> Inbound:
        opens = self.script.pop(0) if self.script else None
        self.consumers.append(Consumer(opens=opens))
        return self.consumers[-1]

    async def requeue(self, runs: list[StoredRun]) -> None:
        self.requeued += runs

    async def until(self, state: ConnectorState) -> ConnectorStatus:
        for _ in range(1000):
            if self.supervisor.status.state is state:
                return self.supervisor.status
            await asyncio.sleep(0)
        raise AssertionError(f"{self.supervisor.status} instead of {state}")


@pytest.fixture
async def scene() -> AsyncIterator[Callable[..., Scene]]:
    scenes: list[Scene] = []

    def build(pipeline: Pipeline | None = None) -> Scene:
        scenes.append(Scene(pipeline or Pipeline(answer=lambda _: RunOutcome(None))))
        return scenes[-1]

    yield build
    for each in scenes:
        each.clock.wake.set()
        await each.supervisor.close()
        await each.pipeline.close()


async def test_an_unreachable_broker_is_tried_again_and_the_screen_can_say_when(scene: Callable[..., Scene]) -> None:
    it = scene()
    it.script = [UNREACHABLE, UNREACHABLE]
    it.supervisor.start()
    first = await it.until(ConnectorState.RETRYING)
    assert (first.fault, first.attempt) == (UNREACHABLE.fault, 1)
    assert first.next_try_at_us is not None
    assert 0 <= first.next_try_at_us - it.clock.now_us() <= 500_000
    it.supervisor.start()  # "Try now"
    await it.until(ConnectorState.CONNECTING)
    second = await it.until(ConnectorState.RETRYING)
    assert second.attempt == 2
    it.supervisor.start()
    running = await it.until(ConnectorState.RUNNING)
    assert running.fault is None
    assert [c.is_closed for c in it.consumers] == [True, True, False]


async def test_only_a_broker_that_answered_for_long_begins_the_backoff_anew(scene: Callable[..., Scene]) -> None:
    it = scene()
    it.supervisor.start()
    for attempt in (1, 2):
        await it.until(ConnectorState.RUNNING)
        # silence is found out after a while: so long a connection was none that held
        it.clock.time_s += 60
        it.consumers[-1].trouble.set_result(UNREACHABLE)
        assert (await it.until(ConnectorState.RETRYING)).attempt == attempt
        it.supervisor.start()
    await it.until(ConnectorState.RUNNING)
    it.consumers[-1].has_answered_s = 31
    it.consumers[-1].trouble.set_result(UNREACHABLE)
    assert (await it.until(ConnectorState.RETRYING)).attempt == 1


async def test_a_fatal_fault_stops_with_its_reason_and_a_person_can_start_again(scene: Callable[..., Scene]) -> None:
    it = scene()
    it.supervisor.start()
    await it.until(ConnectorState.RUNNING)
    it.consumers[0].trouble.set_result(RECREATED)
    failed = await it.until(ConnectorState.FAILED)
    assert failed.fault == RECREATED.fault
    assert not it.clock.slept[1:], "no retry is due"
    await asyncio.sleep(0)
    it.supervisor.start()
    await it.until(ConnectorState.RUNNING)


async def with_a_run(scene: Callable[..., Scene], answer: Answer) -> Scene:
    """A connector that runs and has one message in hand."""
    it: Scene = scene(Pipeline(answer=answer))
    it.supervisor.start()
    await it.until(ConnectorState.RUNNING)
    await it.pipeline.dispatcher.on_assigned(1, {0: 0})
    it.pipeline.dispatcher.on_records(1, [make_record(0)])
    return it


async def test_stop_lets_runs_finish_and_commits_before_the_consumer_closes(scene: Callable[..., Scene]) -> None:
    gate = asyncio.Event()

    async def answer(_: object) -> RunOutcome:
        await gate.wait()
        return RunOutcome(None)

    it = await with_a_run(scene, answer)
    asyncio.get_running_loop().call_later(0.02, gate.set)
    await it.supervisor.stop()
    assert it.consumers[0].committed == {0: 1}
    assert it.consumers[0].is_closed
    assert it.requeued == []


async def test_what_does_not_finish_in_time_goes_back_to_queued_uncommitted(scene: Callable[..., Scene]) -> None:
    async def answer(_: object) -> RunOutcome:
        await asyncio.Event().wait()
        return RunOutcome(None)

    it = await with_a_run(scene, answer)
    await asyncio.sleep(0.01)
    await it.supervisor.stop(drain_s=0.05)
    assert [e.run.status for e in it.requeued] == [RunStatus.QUEUED]
    assert it.consumers[0].committed == {}


async def test_a_silent_broker_shortens_what_runs_get_and_is_not_waited_for(
    scene: Callable[..., Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kafka_agent_studio.engine.supervisor.ANSWER_S", 0.02)
    monkeypatch.setattr("kafka_agent_studio.engine.supervisor.SILENT_DRAIN_S", 0.05)
    monkeypatch.setattr("kafka_agent_studio.engine.supervisor.SILENT_PUBLISH_S", 0.05)

    async def answer(_: object) -> RunOutcome:
        await asyncio.Event().wait()
        return RunOutcome(None)

    it = await with_a_run(scene, answer)
    await asyncio.sleep(0.01)
    it.consumers[0].is_silent = True
    async with asyncio.timeout(5):
        await it.supervisor.stop(drain_s=60)
    assert it.consumers[0].closed_as_silent
    assert [e.run.status for e in it.requeued] == [RunStatus.QUEUED]


async def test_a_broker_that_answers_gives_runs_their_whole_time(
    scene: Callable[..., Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kafka_agent_studio.engine.supervisor.SILENT_DRAIN_S", 0.02)
    gate = asyncio.Event()

    async def answer(_: object) -> RunOutcome:
        await gate.wait()
        return RunOutcome(None)

    it = await with_a_run(scene, answer)
    asyncio.get_running_loop().call_later(0.1, gate.set)
    await it.supervisor.stop(drain_s=5)
    assert it.consumers[0].closed_as_silent is False
    assert it.consumers[0].committed == {0: 1}


async def test_work_in_hand_survives_a_reconnect(scene: Callable[..., Scene]) -> None:
    gate = asyncio.Event()

    async def answer(_: object) -> RunOutcome:
        await gate.wait()
        return RunOutcome(None)

    it = await with_a_run(scene, answer)
    await asyncio.sleep(0.01)
    it.consumers[0].trouble.set_result(UNREACHABLE)
    await it.until(ConnectorState.RETRYING)
    it.supervisor.start()
    await it.until(ConnectorState.RUNNING)
    assert await it.pipeline.dispatcher.on_assigned(1, {0: 0}) == {0: 1}
    gate.set()
    await it.pipeline.settled()
    assert it.pipeline.runner.offsets == [0]
    assert it.consumers[1].committed == {0: 1}


async def test_the_partitions_of_a_member_are_shown_while_it_runs(scene: Callable[..., Scene]) -> None:
    it = scene()
    it.supervisor.start()
    await it.until(ConnectorState.RUNNING)
    it.supervisor.show_partitions((0, 2))
    assert it.states[-1].partitions == (0, 2)
    await it.supervisor.stop()
    assert not it.states[-1].partitions
