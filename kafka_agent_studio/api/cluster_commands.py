"""Asking and changing a cluster: its topics and groups, and whether one gets in. `connection` names a connection, a
connector, or `sandbox`, which alone knows no groups' members, no rights and no topic settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from kafka_agent_studio.api.checks import CheckReport
from kafka_agent_studio.api.commands import Command

# topics


class TopicSummary(msgspec.Struct, frozen=True):
    """A topic in a list. `replicas` is that of its first partition; `config` holds what was set, not the defaults."""

    name: str
    partitions: int
    replicas: int
    config: Mapping[str, str] = msgspec.field(default_factory=dict)


class TopicPartitionState(msgspec.Struct, frozen=True):
    """A partition: the oldest offset left and the next to be written, None where unknown; `leader` is a broker's id."""

    partition: int
    first: int | None
    end: int | None
    leader: int | None
    replicas: int
    in_sync: int


class TopicDescription(msgspec.Struct, frozen=True):
    """A topic in full. `config` is effective, defaults included; `operations` is what one may do, None unknown."""

    name: str
    partitions: tuple[TopicPartitionState, ...]
    config: Mapping[str, str]
    operations: tuple[str, ...] | None = None


class ListTopics(Command[tuple[TopicSummary, ...]], msgspec.Struct, frozen=True):
    """All topics one may see, by name, without internal ones. Settings only where `with_config`: that takes longer."""

    connection: str
    with_config: bool = False


class DescribeTopic(Command[TopicDescription | None], msgspec.Struct, frozen=True):
    """One topic in full; None where there is none. Asking creates none."""

    connection: str
    topic: str


class CreateTopic(Command[None], msgspec.Struct, frozen=True):
    """Create a topic; `replicas` None takes the broker's default. Replies once it can be written."""

    connection: str
    topic: str
    partitions: int = 1
    replicas: int | None = None
    config: Mapping[str, str] = msgspec.field(default_factory=dict)


# consumer groups


class GroupSummary(msgspec.Struct, frozen=True):
    """A consumer group in a list; `state` as Kafka names it: STABLE, EMPTY, DEAD, PREPARING_REBALANCING …"""

    name: str
    state: str


class GroupMemberState(msgspec.Struct, frozen=True):
    """One member with the partitions it reads, as (topic, partition)."""

    client_id: str
    host: str
    partitions: tuple[tuple[str, int], ...]


class GroupPartition(msgspec.Struct, frozen=True):
    """How far a group is in one partition; `committed` is the next offset to read, None: never committed.

    `lag` counts messages from there to the end, None where either is not known. `member` is a client id.
    """

    topic: str
    partition: int
    committed: int | None
    first: int | None
    end: int | None
    lag: int | None
    member: str | None


class GroupDescription(msgspec.Struct, frozen=True):
    """A group in full. `is_stopped`: it has no members, so its offsets can be reset.

    `connectors` are those of this workspace that use it; `lag` is the sum, None where a part of it is not known.
    """

    name: str
    state: str
    is_stopped: bool
    members: tuple[GroupMemberState, ...]
    partitions: tuple[GroupPartition, ...]
    lag: int | None
    connectors: tuple[str, ...] = ()


class ListGroups(Command[tuple[GroupSummary, ...]], msgspec.Struct, frozen=True):
    """All consumer groups one may see, by name."""

    connection: str


class DescribeGroup(Command[GroupDescription], msgspec.Struct, frozen=True):
    """Members, commits and lag. A group nobody knows has the state DEAD and no members."""

    connection: str
    group: str


class ResetTo(StrEnum):
    """Where a group's offsets are set to."""

    EARLIEST = "earliest"
    LATEST = "latest"
    OFFSET = "offset"
    TIME = "time"


class OffsetReset(msgspec.Struct, frozen=True):
    """What a reset does to one partition: `skipped` messages are passed over, `repeated` ones read again."""

    partition: int
    before: int | None
    after: int
    first: int
    end: int
    skipped: int
    repeated: int


class OffsetResetReport(msgspec.Struct, frozen=True):
    """What a reset does or did. `refused` says in a sentence why it cannot be done now, None where it can."""

    group: str
    topic: str
    partitions: tuple[OffsetReset, ...]
    skipped: int
    repeated: int
    refused: str | None = None


class PreviewOffsetReset(Command[OffsetResetReport], msgspec.Struct, frozen=True):
    """What ResetOffsets would do. `value` is the offset or the epoch ms; `partitions` None: all of the topic."""

    connection: str
    group: str
    topic: str
    to: ResetTo
    value: int | None = None
    partitions: tuple[int, ...] | None = None


class ResetOffsets(Command[OffsetResetReport], msgspec.Struct, frozen=True):
    """Set a stopped group's offsets of a topic; an offset beyond either end becomes that end.

    Refused while the group has members, or one of this workspace's connectors that use it runs.
    """

    connection: str
    group: str
    topic: str
    to: ResetTo
    value: int | None = None
    partitions: tuple[int, ...] | None = None


# does it connect


@dataclass(frozen=True, slots=True)
class ConnectionDraft:
    """A form that is not saved. `security` holds the fields of the security block as they would stand in the file.

    `topic` and `group_id` widen the check to what a connector needs: to read where `reads`, else to write.
    """

    bootstrap_servers: str
    security: Mapping[str, Any] = field(default_factory=dict)
    topic: str | None = None
    group_id: str | None = None
    reads: bool = True


@dataclass(frozen=True, slots=True)
class TestConnection(Command[CheckReport]):
    """Try it, stage by stage, in ten seconds at the most; a CheckStageFinished event for each, then the report.

    Give one of: `name` of a connection or connector, a `draft` form, or `text`, the YAML of a connection or connector
    as it stands in an editor. `secrets` are passwords typed in the form but not stored yet, by the secret's name: they
    are used for this check alone.
    """

    job_id: str
    name: str | None = None
    draft: ConnectionDraft | None = None
    text: str | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


# trust


class TrustTools(Command[None], msgspec.Struct, frozen=True):
    """Import the tools of a folder that was opened untrusted, and start what waits for them."""
