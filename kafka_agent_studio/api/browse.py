"""Looking into topics: what to read, what comes back, and the decoders that make it readable.

Nothing here joins a group or commits: read_committed, from any place, of any topic that one may read.
"""

from enum import StrEnum

import msgspec

from kafka_agent_studio.api.commands import Command
from kafka_agent_studio.model.message import Record

# where reading begins


class Newest(msgspec.Struct, frozen=True, tag=True):
    """The newest `count` messages over all partitions; with a filter, those that match: it is read backwards."""

    count: int = 100


class Oldest(msgspec.Struct, frozen=True, tag=True):
    """The oldest message that is left."""


class FromEnd(msgspec.Struct, frozen=True, tag=True):
    """Only what arrives from now on; makes sense with `follow`."""


class FromOffset(msgspec.Struct, frozen=True, tag=True):
    """An offset, in each partition that is read; where it was removed, the oldest that is left."""

    offset: int


class FromTime(msgspec.Struct, frozen=True, tag=True):
    """The first message at or after a time, epoch ms."""

    timestamp_ms: int


class FromGroup(msgspec.Struct, frozen=True, tag=True):
    """Where a consumer group would go on; partitions it never committed begin at the oldest."""

    group: str


Start = Newest | Oldest | FromEnd | FromOffset | FromTime | FromGroup

# what the bytes are


class Format(StrEnum):
    """How bytes are read."""

    AUTO = "auto"
    """JSON where it is JSON, else text where it is UTF-8, else hex."""
    JSON = "json"
    TEXT = "text"
    INT32 = "int32"
    INT64 = "int64"
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    BASE64 = "base64"
    HEX = "hex"
    MESSAGEPACK = "messagepack"
    AVRO = "avro"
    JSON_SCHEMA = "json_schema"


class SchemaRegistry(msgspec.Struct, frozen=True):
    """Where schemas are looked up. `password_secret` is the NAME of a secret; `ca_file` PEM, None: the system's."""

    url: str
    username: str | None = None
    password_secret: str | None = None
    ca_file: str | None = None


class Decoders(msgspec.Struct, frozen=True):
    """How the keys and values of a topic are read; the registry is needed for Avro and JSON Schema only."""

    key: Format = Format.AUTO
    value: Format = Format.AUTO
    registry: SchemaRegistry | None = None


AUTO_DECODERS = Decoders()


class Decoded(msgspec.Struct, frozen=True):
    """Bytes made readable. `format` is what they turned out to be, `detail` e.g. the schema's name and id.

    `text` is None for null, and where `problem` says why they could not be read. With `is_json` it is JSON text in
    which every integer and decimal has all its digits.
    """

    format: Format
    text: str | None
    is_json: bool = False
    problem: str | None = None
    detail: str | None = None
    size_bytes: int = 0


class DecodedRecord(msgspec.Struct, frozen=True):
    """Key and value of a record, readable."""

    key: Decoded
    value: Decoded


# commands


class Scan(msgspec.Struct, frozen=True):
    """Which messages of a topic. `connection` names a connection, a connector, or `sandbox`.

    `partitions` None: all. `filter` as in the filter line, empty: all. `stop_after` ends after that many matches, None:
    at what was the end when it began.
    """

    connection: str
    topic: str
    start: Start = Newest()
    partitions: tuple[int, ...] | None = None
    filter: str = ""
    stop_after: int | None = None
    decoders: Decoders = AUTO_DECODERS


class BrowseTopic(Command["BrowseReport"], msgspec.Struct, frozen=True):
    """Read a topic; BrowseProgressed events with this `job_id` bring the records, the reply comes when it is over.

    `follow`: go on at the end with what arrives, until CancelJob. At most `keep` records (and 64 MB of them) are
    delivered; what matches beyond that is counted as left out. While following, the limits are per second.
    """

    job_id: str
    scan: Scan
    follow: bool = False
    keep: int = 10_000


class CancelJob(Command[bool], msgspec.Struct, frozen=True):
    """End a browse, replay, export, import or check; its reply then says that it was cancelled. False: it was over."""

    job_id: str


class PauseJob(Command[bool], msgspec.Struct, frozen=True):
    """Let a browse wait where it is: nothing more is read until the same with `is_paused` False, or CancelJob.

    A progress with `is_paused` says that it waits. It goes on at the very next offset; what retention removed meanwhile
    is among the report's remarks, and a topic that was deleted or created anew ends it with CommandRefused. False: it
    was over, or is no browse.
    """

    job_id: str
    is_paused: bool


class GetMessage(Command[Record | None], msgspec.Struct, frozen=True):
    """The message at a place; None where there is none (removed, compacted away, or not written yet)."""

    connection: str
    topic: str
    partition: int
    offset: int


class MatchRecords(Command[tuple[int, ...]], msgspec.Struct, frozen=True):
    """The indexes of those records that a filter lets through. Raises CommandRefused for a filter with a mistake."""

    filter: str
    records: tuple[Record, ...]
    decoders: Decoders = AUTO_DECODERS


class CheckFilter(Command["FilterMistake | None"], msgspec.Struct, frozen=True):
    """What is wrong with the text of a filter line; None where nothing is."""

    filter: str


class DecodeRecords(Command[tuple[DecodedRecord, ...]], msgspec.Struct, frozen=True):
    """Keys and values made readable, in the order given; never fails as a whole: each says what is wrong with it."""

    records: tuple[Record, ...]
    decoders: Decoders = AUTO_DECODERS


# replies


class FilterMistake(msgspec.Struct, frozen=True):
    """A mistake in a filter: the characters `start` to `end` (exclusive) and a sentence."""

    start: int
    end: int
    message: str


class ScannedRange(msgspec.Struct, frozen=True):
    """What was read of one partition: offsets `first` to `next` - 1 of `oldest` to `end` - 1.

    `scanned` messages were there: fewer than offsets where some were compacted away or are marks of transactions.
    While a search for the newest goes back, it counts those of the step under way too, which the offsets do not yet.
    """

    partition: int
    first: int
    next: int
    oldest: int
    end: int
    scanned: int = 0


class BrowseProgress(msgspec.Struct, frozen=True):
    """How far it is. `matched` = delivered + left out; `is_at_end`: everything there is has been read.

    `is_paused`: nothing is read until PauseJob lets it go on. `elapsed_s` counts pauses too.
    """

    scanned: int = 0
    scanned_bytes: int = 0
    matched: int = 0
    delivered: int = 0
    left_out: int = 0
    unreadable: int = 0
    ranges: tuple[ScannedRange, ...] = ()
    is_at_end: bool = False
    is_paused: bool = False
    elapsed_s: float = 0.0


class EndedBy(StrEnum):
    """Why a job is over."""

    END = "end"
    LIMIT = "limit"
    CANCELLED = "cancelled"


class BrowseReport(msgspec.Struct, frozen=True):
    """The end of a browse; `remarks` are sentences about what could not be read or was not there."""

    ended_by: EndedBy
    progress: BrowseProgress
    remarks: tuple[str, ...] = ()
