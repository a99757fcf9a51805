"""Where reading begins: the commit, else the user's choice, else what is left. Pure, so that every case is a test."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from kafka_agent_studio.model.connector import AutoOffsetReset

_MARK = re.compile(r"kafka-agent-studio partitions=(\d+)")


@dataclass(frozen=True, slots=True)
class CommittedOffset:
    """A group's commit of one partition: the next offset to read, and the text beside it."""

    offset: int
    metadata: str = ""


@dataclass(frozen=True, slots=True)
class RemovedRecords:
    """Records that retention removed before the group read them, `first` to `last` inclusive."""

    partition: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class StartingPoints:
    """Where each partition begins, what is to be committed at once, what is lost, and what cannot be."""

    positions: Mapping[int, int]
    to_commit: Mapping[int, int]
    removed: tuple[RemovedRecords, ...]
    beyond_end: tuple[int, ...]
    """Partitions whose commit is beyond the last record: the offsets are those of another topic."""
    mark: str
    """What to write beside every commit (see `starting_points`)."""


def starting_points(
    *,
    assigned: Collection[int],
    partition_count: int,
    committed: Mapping[int, CommittedOffset],
    first: Mapping[int, int],
    end: Mapping[int, int],
    auto_offset_reset: AutoOffsetReset,
    begins_anew: bool = False,
) -> StartingPoints:
    """Decide where to begin.

    The user's choice counts for a group without a commit only; a partition that appears later begins at its first
    record. To tell the two apart while several members join a new group at once, each commit carries, as its
    metadata, how many partitions there were when the group began.

    Args:
        assigned: the partitions that this member got.
        partition_count: how many the topic has now.
        committed: the group's commits of ALL partitions of the topic.
        first: of each assigned partition the offset of the oldest record left.
        end: of each assigned partition the offset that the next record gets.
        auto_offset_reset: the user's choice.
        begins_anew: a person knows that the topic is another one: a commit beyond its end counts for nothing.
    """
    known = _partitions_at_the_beginning(committed, partition_count)
    positions: dict[int, int] = {}
    to_commit: dict[int, int] = {}
    removed = []
    beyond_end = []
    for partition in assigned:
        commit = committed.get(partition)
        if commit is None:
            is_choice = partition < known and auto_offset_reset is AutoOffsetReset.LATEST
            positions[partition] = to_commit[partition] = end[partition] if is_choice else first[partition]
        elif commit.offset < first[partition]:
            removed.append(RemovedRecords(partition, commit.offset, first[partition] - 1))
            positions[partition] = first[partition]
        elif commit.offset > end[partition] and begins_anew:
            positions[partition] = to_commit[partition] = first[partition]
        else:
            if commit.offset > end[partition]:
                beyond_end.append(partition)
            positions[partition] = commit.offset
    mark = f"kafka-agent-studio partitions={known}"
    return StartingPoints(positions, to_commit, tuple(removed), tuple(beyond_end), mark)


def _partitions_at_the_beginning(committed: Mapping[int, CommittedOffset], partition_count: int) -> int:
    """How many partitions there were when the group began; 0 for a group that another program began."""
    if not committed:
        return partition_count
    marks = [_MARK.fullmatch(c.metadata) for c in committed.values()]
    return min((int(mark[1]) for mark in marks if mark), default=0)
