"""What administration answers with."""

from collections.abc import Mapping
from dataclasses import dataclass, field


class AdminError(Exception):
    """The cluster could not be asked or refused; `code` is librdkafka's error code."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionInfo:
    """One partition; `leader` is a broker's id, None while there is none."""

    partition: int
    leader: int | None
    replicas: int
    in_sync: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicInfo:
    """A topic. `topic_id` changes when it is deleted and created anew; None where the broker is too old to have ids.

    `operations` is what one may do with it (READ, WRITE, DESCRIBE …); None where the broker does not tell.
    """

    name: str
    topic_id: str | None
    partitions: tuple[PartitionInfo, ...]
    operations: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermarks:
    """The oldest offset left, and the offset that the next record gets."""

    first: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMember:
    """A member of a consumer group with its (topic, partition) pairs."""

    client_id: str
    host: str
    partitions: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupInfo:
    """A consumer group. `offsets`: (topic, partition) → next offset to read."""

    name: str
    state: str
    members: tuple[GroupMember, ...]
    offsets: Mapping[tuple[str, int], int] = field(default_factory=dict)
    operations: frozenset[str] | None = None
