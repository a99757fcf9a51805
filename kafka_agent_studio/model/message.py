"""One Kafka record, byte for byte as it came."""

import msgspec

Headers = tuple[tuple[str, bytes | None], ...]


class Record(msgspec.Struct, frozen=True, gc=False):
    """A record of a topic. `timestamp_ms` is None where the record has none; a None `value` is a tombstone."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int | None
    key: bytes | None
    value: bytes | None
    headers: Headers = ()

    @property
    def place(self) -> str:
        """`topic/partition/offset`, the address of a message everywhere."""
        return f"{self.topic}/{self.partition}/{self.offset}"


class Published(msgspec.Struct, frozen=True, gc=False):
    """Where a result landed: the outbound connector's name and the acknowledged place; times are epoch µs."""

    connector: str
    topic: str
    partition: int
    offset: int
    sent_at_us: int | None = None
    acknowledged_at_us: int | None = None

    @property
    def place(self) -> str:
        """`topic/partition/offset`."""
        return f"{self.topic}/{self.partition}/{self.offset}"
