"""Moving messages: producing, replaying, redriving dead letters, exporting and importing. All can be cancelled."""

import binascii
from base64 import b64decode
from enum import StrEnum

import msgspec

from kafka_agent_studio.api.browse import EndedBy, Scan
from kafka_agent_studio.api.commands import Command
from kafka_agent_studio.model.message import Headers, Record


class NewMessage(msgspec.Struct, frozen=True):
    """A message to write. A `value` of None is a tombstone; `partition` None: by the key; `timestamp_ms` None: now."""

    key: bytes | None = None
    value: bytes | None = None
    headers: Headers = ()
    partition: int | None = None
    timestamp_ms: int | None = None


class MessagePlace(msgspec.Struct, frozen=True):
    """Where a message lies."""

    topic: str
    partition: int
    offset: int


class ProduceMessages(Command[tuple[MessagePlace, ...]], msgspec.Struct, frozen=True):
    """Write messages in order and reply with where each landed; the topic must exist (the sandbox makes it).

    Raises CommandRefused with the reason where one was not acknowledged; those before it are written.
    """

    connection: str
    topic: str
    messages: tuple[NewMessage, ...]


class MoveOn(Command[MessagePlace | None], msgspec.Struct, frozen=True):
    """Start a connector that a failed run stopped (RUN_FAILED_STOP) past the message of that run, and no other.

    With `park_in` the message is first written to that topic of the same cluster, as a dead letter; the reply is its
    place there. The message stays in its own topic, its failed runs end as cancelled.
    """

    connector: str
    park_in: str | None = None


# sources


class Places(msgspec.Struct, frozen=True, tag=True):
    """Single messages by where they lie."""

    connection: str
    places: tuple[MessagePlace, ...]


class Records(msgspec.Struct, frozen=True, tag=True):
    """Messages that are in hand."""

    records: tuple[Record, ...]


class Scanned(msgspec.Struct, frozen=True, tag=True):
    """Everything that a scan finds."""

    scan: Scan


Source = Places | Records | Scanned


class HeaderChoice(StrEnum):
    """Which headers go along."""

    KEEP = "keep"
    WITHOUT_STUDIO = "without_studio"
    """All but those that this program adds (`studio.…`)."""
    DROP = "drop"


class Replay(Command["TransferReport"], msgspec.Struct, frozen=True):
    """Write messages again, in the order read. TransferProgressed events tell how far it is.

    `topic` None: back where each dead letter came from, as its `studio.source` header says. `dry_run` counts and
    writes nothing. `rate_per_s` None: as fast as it goes. A replay onto its own source topic stops at what was the end.
    """

    job_id: str
    source: Source
    connection: str
    topic: str | None
    headers: HeaderChoice = HeaderChoice.KEEP
    keep_partition: bool = False
    keep_timestamp: bool = False
    rate_per_s: float | None = None
    dry_run: bool = False


class FileFormat(StrEnum):
    """How messages stand in a file."""

    JSON_LINES = "jsonl"
    """One object a line, byte-exact: key, value and headers as text, or {"base64": …} where they are not UTF-8."""
    CSV = "csv"
    """A header line, then topic, partition, offset, timestamp, key, value, headers; byte-exact through `*_encoding`."""


class ExportMessages(Command["TransferReport"], msgspec.Struct, frozen=True):
    """Write messages to a file (absolute path), which appears when it is complete; cancelled, nothing is left."""

    job_id: str
    source: Source
    path: str
    format: FileFormat = FileFormat.JSON_LINES


class ImportMessages(Command["TransferReport"], msgspec.Struct, frozen=True):
    """Write the messages of an exported file to a topic; a line that is not one is refused with its number, before
    anything is written."""

    job_id: str
    path: str
    connection: str
    topic: str
    format: FileFormat = FileFormat.JSON_LINES
    headers: HeaderChoice = HeaderChoice.KEEP
    keep_partition: bool = False
    keep_timestamp: bool = False
    rate_per_s: float | None = None
    dry_run: bool = False


class TransferProgress(msgspec.Struct, frozen=True):
    """How far it is. `total` is None while not known; `skipped` messages had nowhere to go."""

    scanned: int = 0
    matched: int = 0
    written: int = 0
    skipped: int = 0
    size_bytes: int = 0
    total: int | None = None
    elapsed_s: float = 0.0


class TransferReport(msgspec.Struct, frozen=True):
    """The end of a transfer; `topics`: how many go or went where; `remarks`: sentences about what was skipped."""

    ended_by: EndedBy
    progress: TransferProgress
    is_dry_run: bool = False
    topics: dict[str, int] = msgspec.field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def bytes_of(text: str, *, is_base64: bool = False) -> bytes:
    """Return what a form's field means: UTF-8, or decoded base64.

    Raises:
        ValueError: it is not base64, or holds half a surrogate pair; a sentence for the person.
    """
    try:
        return b64decode("".join(text.split()), validate=True) if is_base64 else text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"character {error.start + 1} is half a surrogate pair and has no UTF-8") from None
    except (binascii.Error, ValueError):
        raise ValueError("this is not base64: letters, digits, + and /, in groups of four") from None
