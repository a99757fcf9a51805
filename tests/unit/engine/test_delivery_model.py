"""The pipeline against a model: finish, fail, revoke, assign, crash and commit in every order, and nothing is lost.

Rules do one thing each to a real dispatcher with simple parts; time passes only where it waits for time. At the end of
each example everything may finish, and then every message must have its result and every offset be committed.
"""

import asyncio
import selectors
from collections import defaultdict
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kafka_agent_studio.engine.ports import RunOutcome, RunRequest
from kafka_agent_studio.engine.run_ids import run_id_for
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.run import ErrorType, RunError
from tests.helpers.engine_fakes import (
    MemoryInbound,
    MemoryProducer,
    MemoryStore,
    Pipeline,
    make_inbound,
    make_outbound,
    make_record,
)

PARTITIONS = (0, 1)
KEYS = (b"a", b"b", None)
Place = tuple[int, int]
ResultT = TypeVar("ResultT")


class LeapingLoop(asyncio.SelectorEventLoop):
    """An event loop on which waiting for a time takes none."""

    def __init__(self) -> None:
        self._now_s = 0.0
        super().__init__(_LeapingSelector(self))

    def time(self) -> float:
        return self._now_s

    def leap(self, delay_s: float) -> None:
        self._now_s += delay_s


class _LeapingSelector(selectors.DefaultSelector):
    def __init__(self, loop: LeapingLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "everything waits for something that never comes"
            self._loop.leap(timeout)
        return ready


@dataclass
class Broker:
    """What outlives every member: records, commits, results."""

    records: dict[int, list[Record]]
    committed: dict[int, int]
    done_by_others: set[Place]

    def end(self, partition: int) -> int:
        """The offset behind the last record."""
        return self.records[partition][-1].offset + 1 if self.records[partition] else 0


class Consumer(MemoryInbound):
    """Commits to the broker, unless the group has expelled it."""

    def __init__(self, broker: Broker) -> None:
        super().__init__()
        self._broker = broker
        self.epoch = 0
        self.is_expelled = False

    async def commit(self, epoch: int, offsets: Mapping[int, int]) -> bool:
        await asyncio.sleep(0)
        if self.is_expelled or epoch != self.epoch:
            return False
        for partition, offset in offsets.items():
            assert offset > self._broker.committed[partition], "a commit goes back, or says nothing new"
            self._broker.committed[partition] = offset
        return True


class Delivery(RuleBasedStateMachine):
    """One member of a group, its run store, and a broker; other members work when it looks away."""

    @initialize(dead_letters=st.booleans())
    def begin(self, dead_letters: bool) -> None:
        self.loop = LeapingLoop()
        self.broker = Broker({p: [] for p in PARTITIONS}, dict.fromkeys(PARTITIONS, 0), set())
        self.store, self.producer = MemoryStore(), MemoryProducer()
        self.is_dead_letter = dead_letters
        self.may_be_doubled: set[Place] = set()
        self.failed: set[Place] = set()
        self.wrongs: list[str] = []
        """What an agent saw that must not be: raised from there, it would be a failed run."""
        self.is_free = False
        self.pipeline: Pipeline | None = None
        self.run(self.start())

    def run(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        return self.loop.run_until_complete(work)

    # the member

    async def start(self) -> None:
        fields = {"on_failure": "dead_letter", "dead_letter_topic": "letters"} if self.is_dead_letter else {}
        self.pipeline = Pipeline(
            answer=self.answer,
            inbound=make_inbound(**fields),
            outbound=[make_outbound()],
            store=self.store,
            producer=self.producer,
        )
        self.pipeline.consumer = self.consumer = Consumer(self.broker)
        self.epoch = 0
        self.positions: dict[int, int] = {}
        self.running: dict[Place, asyncio.Future[bool]] = {}

    async def answer(self, request: RunRequest) -> RunOutcome:
        """Run until the model says how it ends."""
        source = request.payload["_kafka"]
        place = (source["partition"], source["offset"])
        stored = self.store.runs.get(request.run_id)
        if stored is not None and stored.run.status.is_terminal:
            self.wrongs.append(f"{place} is done again")
        keys = [self.record(p).key for p in self.running if p[0] == place[0]]
        if source["key"] is not None and source["key"].encode() in keys:
            self.wrongs.append(f"{place} begins beside another of its key")
        is_well = True
        if not self.is_free:
            future = self.running[place] = asyncio.get_running_loop().create_future()
            try:
                is_well = await future
            finally:
                del self.running[place]
        if is_well:
            return RunOutcome({"place": list(place)})
        self.failed.add(place)
        return RunOutcome(None, error=RunError(ErrorType.TOOL_ERROR, "it broke"))

    def record(self, place: Place) -> Record:
        return next(r for r in self.broker.records[place[0]] if r.offset == place[1])

    async def settle(self) -> None:
        for _ in range(30):
            await asyncio.sleep(0)

    def unsettled(self) -> set[Place]:
        """Messages whose result may lie in its topic already without anybody knowing."""
        return {(e.run.partition, e.run.offset) for e in self.store.runs.values() if e.is_owed}

    # what happens

    @rule(
        partition=st.sampled_from(PARTITIONS),
        records=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(KEYS)), min_size=1, max_size=5),
    )
    def produce(self, partition: int, records: list[tuple[int, bytes | None]]) -> None:
        """Write records: how many offsets are left out before each, and its key."""
        for gap, key in records:
            record = make_record(self.broker.end(partition) + gap, key=key, partition=partition)
            self.broker.records[partition].append(record)

    @rule(partitions=st.sets(st.sampled_from(PARTITIONS)), is_orderly=st.booleans())
    def rebalance(self, partitions: set[int], is_orderly: bool) -> None:
        """Revoke and assign; not orderly: the session was over, so that nothing could be committed any more."""
        self.run(self.revoke_and_assign(partitions, is_orderly=is_orderly))

    async def revoke_and_assign(self, partitions: set[int], *, is_orderly: bool) -> None:
        assert self.pipeline is not None
        if self.epoch:
            self.consumer.is_expelled |= not is_orderly
            await self.pipeline.dispatcher.on_revoked()
        self.may_be_doubled |= self.unsettled()
        self.epoch += 1
        self.consumer.epoch, self.consumer.is_expelled = self.epoch, False
        begin = {p: self.broker.committed[p] for p in partitions}
        self.positions = dict(await self.pipeline.start(begin, epoch=self.epoch))
        await self.settle()

    @precondition(lambda self: self.positions)
    @rule(count=st.integers(1, 6), data=st.data())
    def take(self, count: int, data: st.DataObject) -> None:
        partition = data.draw(st.sampled_from(sorted(self.positions)))
        self.run(self.hand_over(partition, count))

    async def hand_over(self, partition: int, count: int) -> None:
        assert self.pipeline is not None
        records = [r for r in self.broker.records[partition] if r.offset >= self.positions[partition]][:count]
        if records:
            self.positions[partition] = records[-1].offset + 1
            self.pipeline.dispatcher.on_records(self.epoch, records)
            await self.settle()

    @precondition(lambda self: self.running)
    @rule(data=st.data(), is_well=st.booleans(), steps=st.integers(0, 12))
    def end_a_run(self, data: st.DataObject, is_well: bool, steps: int) -> None:
        """Finish or fail one; what comes of it has got so many steps further when the next thing happens."""
        place = data.draw(st.sampled_from(sorted(self.running)))
        self.running[place].set_result(is_well)
        self.run(self.step(steps))

    async def step(self, steps: int) -> None:
        for _ in range(steps):
            await asyncio.sleep(0)

    @rule()
    def commit(self) -> None:
        assert self.pipeline is not None
        self.run(self.pipeline.dispatcher.commit())

    @rule(partition=st.sampled_from(PARTITIONS), count=st.integers(1, 3))
    def another_member_works(self, partition: int, count: int) -> None:
        """On a partition it was given: ours only where the group has expelled us without our knowing."""
        if partition in self.positions:
            self.consumer.is_expelled = True
        begun = self.broker.committed[partition]
        for record in [r for r in self.broker.records[partition] if r.offset >= begun][:count]:
            self.broker.done_by_others.add((partition, record.offset))
            self.broker.committed[partition] = record.offset + 1

    @rule()
    def crash(self) -> None:
        self.may_be_doubled |= self.unsettled()
        self.run(self.crash_and_start())

    async def crash_and_start(self) -> None:
        await self.end()
        await self.start()

    async def end(self) -> None:
        if self.pipeline is not None:
            await self.pipeline.close()
            await self.settle()

    # what holds

    @invariant()
    def no_agent_saw_what_must_not_be(self) -> None:
        assert not self.wrongs

    def published(self) -> dict[Place, int]:
        """How often the result, or the dead letter, of each message was written."""
        times: dict[Place, int] = defaultdict(int)
        for record in self.producer.records:
            _, partition, offset = (dict(record.headers)["studio.source"] or b"").decode().split("/")
            times[int(partition), int(offset)] += 1
        return times

    @invariant()
    def what_is_committed_is_done(self) -> None:
        published = self.published()
        for partition, records in self.broker.records.items():
            below = {(partition, r.offset) for r in records if r.offset < self.broker.committed[partition]}
            missing = below - published.keys() - self.broker.done_by_others
            assert not (missing if self.is_dead_letter else missing - self.failed), "committed and not done"

    @invariant()
    def what_is_done_is_published_once(self) -> None:
        doubled = {place for place, times in self.published().items() if times > 1}
        assert doubled <= self.may_be_doubled | self.broker.done_by_others

    @invariant()
    def results_of_a_key_keep_its_order(self) -> None:
        first: dict[tuple[int, bytes], dict[int, None]] = defaultdict(dict)
        for record in self.producer.records:
            _, partition, offset = (dict(record.headers)["studio.source"] or b"").decode().split("/")
            place = (int(partition), int(offset))
            key = self.record(place).key
            if key is not None and record.topic == "results" and place not in self.broker.done_by_others:
                first[place[0], key].setdefault(place[1])
        assert all(list(offsets) == sorted(offsets) for offsets in first.values())

    def teardown(self) -> None:
        if not hasattr(self, "loop"):
            return
        try:
            self.run(self.finish_everything())
            self.no_agent_saw_what_must_not_be()
            self.what_is_committed_is_done()
            self.what_is_done_is_published_once()
            assert self.broker.committed == {
                p: max(self.broker.end(p), self.broker.committed[p]) for p in PARTITIONS
            }, "something is left for ever"
        finally:
            self.run(self.end())
            self.loop.close()

    async def finish_everything(self) -> None:
        assert self.pipeline is not None
        self.is_free = True
        for future in list(self.running.values()):
            future.set_result(True)
        await self.revoke_and_assign(set(PARTITIONS), is_orderly=True)
        for partition in PARTITIONS:
            await self.hand_over(partition, 1000)
        await self.pipeline.settled()


def test_a_run_id_names_one_place() -> None:
    """What the model counts by: two messages are never one run."""
    records = [make_record(n, partition=p) for p in PARTITIONS for n in range(3)]
    assert len({run_id_for("orders-in", r, "worker") for r in records}) == len(records)


TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
