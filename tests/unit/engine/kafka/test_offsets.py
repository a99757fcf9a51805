from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from kafka_agent_studio.engine.kafka.offsets import (
    CommittedOffset,
    RemovedRecords,
    StartingPoints,
    starting_points,
)
from kafka_agent_studio.model.connector import AutoOffsetReset

LATEST, EARLIEST = AutoOffsetReset.LATEST, AutoOffsetReset.EARLIEST


def points(
    *,
    assigned: tuple[int, ...] = (0, 1),
    partition_count: int = 2,
    committed: Mapping[int, CommittedOffset] | None = None,
    first: int = 10,
    end: int = 50,
    reset: AutoOffsetReset = LATEST,
) -> StartingPoints:
    return starting_points(
        assigned=assigned,
        partition_count=partition_count,
        committed=committed or {},
        first=dict.fromkeys(assigned, first),
        end=dict.fromkeys(assigned, end),
        auto_offset_reset=reset,
    )


def test_a_new_group_begins_where_the_user_says_and_commits_it_at_once() -> None:
    assert points(reset=LATEST).positions == {0: 50, 1: 50}
    assert points(reset=LATEST).to_commit == {0: 50, 1: 50}
    assert points(reset=EARLIEST).positions == {0: 10, 1: 10}
    assert points(reset=EARLIEST).to_commit == {0: 10, 1: 10}


def test_a_commit_counts_whatever_the_user_says() -> None:
    committed = {0: CommittedOffset(30), 1: CommittedOffset(50)}
    for reset in AutoOffsetReset:
        found = points(committed=committed, reset=reset)
        assert found.positions == {0: 30, 1: 50}
        assert not found.to_commit
        assert not found.removed
        assert not found.beyond_end


def test_a_partition_that_appears_later_begins_at_its_first_record() -> None:
    mark = points(partition_count=2).mark
    committed = {0: CommittedOffset(30, mark), 1: CommittedOffset(30, mark)}
    found = points(assigned=(1, 2), partition_count=3, committed=committed, reset=LATEST)
    assert found.positions == {1: 30, 2: 10}
    assert found.to_commit == {2: 10}
    assert found.mark == mark


def test_a_member_that_joins_a_new_group_at_the_same_time_follows_the_user_too() -> None:
    mark = points(partition_count=4).mark
    found = points(assigned=(2, 3), partition_count=4, committed={0: CommittedOffset(50, mark)}, reset=LATEST)
    assert found.positions == {2: 50, 3: 50}


def test_a_group_that_another_program_began_has_a_commit_and_so_skips_nothing() -> None:
    found = points(assigned=(0, 1), committed={0: CommittedOffset(30, "")}, reset=LATEST)
    assert found.positions == {0: 30, 1: 10}


def test_removed_records_are_named_and_passed() -> None:
    found = points(assigned=(0,), committed={0: CommittedOffset(4)})
    assert found.removed == (RemovedRecords(0, 4, 9),)
    assert found.positions == {0: 10}


def test_a_commit_beyond_the_end_is_noticed() -> None:
    assert points(assigned=(0,), committed={0: CommittedOffset(51)}).beyond_end == (0,)


def test_where_a_person_knows_that_the_topic_is_another_one_it_begins_anew() -> None:
    found = starting_points(
        assigned=(0, 1),
        partition_count=2,
        committed={0: CommittedOffset(51), 1: CommittedOffset(20)},
        first={0: 10, 1: 10},
        end={0: 50, 1: 50},
        auto_offset_reset=LATEST,
        begins_anew=True,
    )
    assert found.positions == {0: 10, 1: 20}
    assert found.to_commit == {0: 10}
    assert not found.beyond_end


@given(
    offsets=st.dictionaries(st.integers(0, 5), st.integers(0, 60), max_size=6),
    marked=st.booleans(),
    reset=st.sampled_from(list(AutoOffsetReset)),
)
def test_every_partition_begins_somewhere_and_never_before_what_is_left(
    offsets: dict[int, int], marked: bool, reset: AutoOffsetReset
) -> None:
    mark = "kafka-agent-studio partitions=3" if marked else ""
    found = points(
        assigned=tuple(range(6)),
        partition_count=6,
        committed={p: CommittedOffset(o, mark) for p, o in offsets.items()},
        reset=reset,
    )
    assert set(found.positions) == set(range(6))
    assert min(found.positions.values()) >= 10
    assert set(found.to_commit) == set(range(6)) - set(offsets)
    for partition, offset in offsets.items():
        assert found.positions[partition] == max(offset, 10)
