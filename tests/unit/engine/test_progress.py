"""Progress against a model: whatever the interleaving, a commit never skips a message and never goes back."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kafka_agent_studio.engine.progress import ConnectorProgress, PartitionProgress

PARTITIONS = (0, 1, 2)


def test_commits_only_the_unbroken_row() -> None:
    progress = PartitionProgress(100)
    for offset in (100, 101, 105):
        assert progress.begin(offset)
    progress.finish(101)
    assert (progress.committable, progress.in_flight) == (100, 2)
    progress.finish(100)
    assert progress.committable == 105
    progress.finish(105)
    assert (progress.committable, progress.in_flight, progress.span) == (106, 0, 0)


def test_a_repeated_offset_is_not_taken_twice() -> None:
    progress = PartitionProgress(0)
    assert progress.begin(3)
    assert not progress.begin(3)
    assert not progress.begin(1)


@pytest.mark.parametrize("offset", [4, 7, 9])
def test_finishing_what_is_not_in_flight_is_an_error(offset: int) -> None:
    progress = PartitionProgress(5)
    for begun in (5, 6, 7, 8):
        progress.begin(begun)
    progress.finish(7)
    with pytest.raises(ValueError, match="not in flight"):
        progress.finish(offset)


def test_a_kept_partition_goes_on_past_what_is_in_hand() -> None:
    progress = ConnectorProgress()
    progress.assign(1, {0: 10, 1: 20})
    for offset in (10, 11, 12):
        progress.partitions[0].begin(offset)
    resume, fresh = progress.assign(2, {0: 10})
    assert (resume, fresh) == ({0: 13}, set())


def test_a_partition_that_another_member_worked_on_begins_anew() -> None:
    progress = ConnectorProgress()
    progress.assign(1, {0: 10})
    progress.partitions[0].begin(10)
    resume, fresh = progress.assign(2, {0: 15})
    assert (resume, fresh) == ({0: 15}, {0})


def test_offsets_reset_from_outside_begin_anew() -> None:
    progress = ConnectorProgress()
    progress.assign(1, {0: 10})
    resume, fresh = progress.assign(2, {0: 3})
    assert (resume, fresh) == ({0: 3}, {0})


class Group(RuleBasedStateMachine):
    """A member of a group against a broker that remembers commits and which messages were ever done."""

    @initialize()
    def start(self) -> None:
        self.committed = dict.fromkeys(PARTITIONS, 0)
        self.done: dict[int, set[int]] = {p: set() for p in PARTITIONS}
        self.existing: dict[int, list[int]] = {p: [] for p in PARTITIONS}
        self.next_offset = dict.fromkeys(PARTITIONS, 0)
        self.restart()

    def restart(self) -> None:
        self.progress = ConnectorProgress()
        self.epoch = 0
        self.in_hand: dict[int, list[int]] = {}

    @rule(partition=st.sampled_from(PARTITIONS), gap=st.integers(0, 3))
    def produce(self, partition: int, gap: int) -> None:
        offset = self.next_offset[partition] + gap
        self.existing[partition].append(offset)
        self.next_offset[partition] = offset + 1

    @rule(partitions=st.sets(st.sampled_from(PARTITIONS)))
    def assign(self, partitions: set[int]) -> None:
        self.epoch += 1
        before = dict(self.progress.partitions)
        resume, _ = self.progress.assign(self.epoch, {p: self.committed[p] for p in partitions})
        assert set(resume) == partitions
        self.in_hand = {
            p: self.in_hand.get(p, []) if self.progress.partitions[p] is before.get(p) else [] for p in partitions
        }

    @rule(partition=st.sampled_from(PARTITIONS))
    def take(self, partition: int) -> None:
        state = self.progress.partitions.get(partition)
        if state is None:
            return
        offset = next((o for o in self.existing[partition] if o >= state.next_offset), None)
        if offset is not None:
            assert state.begin(offset)
            self.in_hand[partition].append(offset)

    @precondition(lambda self: any(self.in_hand.values()))
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        partition = data.draw(st.sampled_from(sorted(p for p, o in self.in_hand.items() if o)))
        offset = data.draw(st.sampled_from(self.in_hand[partition]))
        self.in_hand[partition].remove(offset)
        self.progress.partitions[partition].finish(offset)
        self.done[partition].add(offset)

    @rule()
    def commit(self) -> None:
        offsets = self.progress.to_commit()
        for partition, offset in offsets.items():
            assert offset > self.committed[partition], "a commit goes back"
            self.committed[partition] = offset
        self.progress.acknowledge(self.epoch, offsets)

    @rule()
    def late_acknowledgement_of_an_older_epoch(self) -> None:
        before = self.progress.to_commit()
        self.progress.acknowledge(self.epoch - 1, dict.fromkeys(PARTITIONS, 10**6))
        assert self.progress.to_commit() == before

    @rule(partition=st.sampled_from(PARTITIONS))
    def another_member_commits(self, partition: int) -> None:
        if partition not in self.progress.partitions:
            self.done[partition].update(self.existing[partition])
            self.committed[partition] = self.next_offset[partition]

    @rule()
    def crash(self) -> None:
        self.restart()

    @invariant()
    def nothing_committed_was_skipped(self) -> None:
        for partition in PARTITIONS:
            below = {o for o in self.existing[partition] if o < self.committed[partition]}
            assert below <= self.done[partition]

    @invariant()
    def counts_are_true(self) -> None:
        assert self.progress.in_flight == sum(map(len, self.in_hand.values()))
        assert self.progress.span >= self.progress.in_flight


TestGroup = Group.TestCase
