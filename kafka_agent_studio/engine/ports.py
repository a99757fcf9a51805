"""The cables between the dispatcher and the parts around it, as protocols: who calls whom, with what, on which errors.

All of it lives on the engine's loop. Implementations: kafka/inbound.py, kafka/outbound.py, agents/runner.py,
run_store.py; tests hold simple ones.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from kafka_agent_studio.api.faults import Fault
from kafka_agent_studio.model.message import Headers, Published, Record
from kafka_agent_studio.model.run import NO_TOKENS, Run, RunError, Span, TokenUsage


class FaultError(Exception):
    """A part of the engine cannot go on; `fault` says why. `is_fatal`: trying again will not help without a person."""

    def __init__(self, fault: Fault, *, is_fatal: bool = False) -> None:
        super().__init__(f"{fault.code.value}: {fault.parameters}")
        self.fault = fault
        self.is_fatal = is_fatal


# agents


class RunRequest(msgspec.Struct, frozen=True, gc=False):
    """One message for one agent. `payload` belongs to the run: tools may change it."""

    run_id: str
    agent_name: str
    connector: str
    timestamp_ms: int | None
    payload: dict[str, Any]
    traceparent: str | None = None


class RunRecorder(msgspec.Struct, gc=False):
    """What a run did so far, filled while it goes on, so that a cancelled or timed out run keeps what it used."""

    spans: list[Span] = msgspec.field(default_factory=list)
    token_usage: TokenUsage = NO_TOKENS
    cost: float | None = None
    attempts: int = 1
    stand_ins: set[str] = msgspec.field(default_factory=set)


class RunOutcome(msgspec.Struct, frozen=True, gc=False):
    """How a run ended. `is_text`: `output` is plain text of an agent without schema (published unquoted).

    `output_json` is `output` as JSON where that is known already, so that nobody has to encode it again.
    """

    output: Any
    error: RunError | None = None
    is_text: bool = False
    output_json: bytes | None = None


class AgentRunner(Protocol):
    """One agent of one version of the workspace, ready to run."""

    async def run(self, request: RunRequest, recorder: RunRecorder) -> RunOutcome:
        """Run to the end, retries and timeout included; every failure is an outcome. Only CancelledError is raised."""
        ...


# inbound


class InboundListener(Protocol):
    """Who takes the records of one consumer in. `epoch` grows with every assignment."""

    def capacity(self) -> int:
        """How many more records may be handed over now; 0 stops reading until the consumer is woken."""
        ...

    def on_records(self, epoch: int, records: Sequence[Record]) -> None:
        """Take records over; quick, never raises. Per partition their offsets grow, gaps are normal."""
        ...

    async def on_revoked(self) -> None:
        """All partitions are being taken away: stop intake, finish what runs within a bound, commit. Awaited."""
        ...

    async def on_assigned(self, epoch: int, positions: Mapping[int, int]) -> Mapping[int, int]:
        """Partitions and the offsets they would start at; returns where to start instead (past what is in hand)."""
        ...

    def on_notice(self, fault: Fault) -> None:
        """Something a person should know that does not end the consumer (RECORDS_REMOVED …)."""
        ...


class Inbound(Protocol):
    """A consumer of one topic in one group."""

    async def open(self) -> None:
        """Connect and subscribe. Raises: FaultError."""
        ...

    async def poll_forever(self) -> None:
        """Hand records to the listener until close(). Raises: FaultError when a new consumer is needed."""
        ...

    def wake(self) -> None:
        """The listener has capacity again."""
        ...

    async def commit(self, epoch: int, offsets: Mapping[int, int]) -> bool:
        """Commit per partition the next offset to read. False: the epoch is over, nothing was committed."""
        ...

    def answered_s(self) -> float:
        """How long the broker has answered, from the end of open() to its last answer; 0 where it never did."""
        ...

    def lags(self) -> Mapping[int, int] | None:
        """Messages between position and the newest offset of each partition; None where unknown yet."""
        ...

    async def until_answered(self) -> None:
        """Ask the group's coordinator something small; return with its answer, however long that takes.

        Before open() is over it returns at once.
        """
        ...

    async def close(self, *, is_silent: bool = False) -> None:
        """Leave the group and free everything, within a few seconds even where the broker is dead. Never raises.

        `is_silent`: the broker was found not to answer, so it is not waited for.
        """
        ...


# outbound


class OutboundRecord(msgspec.Struct, frozen=True, gc=False):
    """A record to produce. Key and value may both be None (a dead-lettered tombstone). `partition` None: by key."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class RecordPlace(msgspec.Struct, frozen=True, gc=False):
    """Where a record was acknowledged."""

    topic: str
    partition: int
    offset: int


class RecordTooLargeError(Exception):
    """The topic does not take a record of this size; the record was not and will not be written."""


class Outbound(Protocol):
    """The one idempotent acks=all producer of a cluster and its credentials, shared by connectors."""

    async def send(self, records: Sequence[OutboundRecord]) -> list[RecordPlace | RecordTooLargeError]:
        """Return when every record is acknowledged or known to be too large, in the order given.

        Trouble with the broker makes it wait, reconnect and resend, never give up and never write twice where
        it can know; what it waits for goes to `on_waiting` of its construction. Order per key holds between calls
        that were made one after the other, also when the later one starts before the first has returned.

        Raises:
            FaultError: it was closed, or the records were withdrawn, before they were acknowledged.
        """
        ...

    def withdraw(self, records: Sequence[OutboundRecord]) -> None:
        """Let go of those of these (the same objects) that wait for a topic in trouble: their send() raises FaultError.

        Where the topic is served nothing happens: its answers are on their way.
        """
        ...

    async def close(self) -> None:
        """Send what is pending within a bound, then free everything. Never raises."""
        ...


# run store


class StoredRun(msgspec.Struct, frozen=True, gc=False):
    """A run as it is stored. `record` None: leave the message as it is. `is_owed`: its result is not yet published."""

    run: Run
    spans: tuple[Span, ...] = ()
    record: Record | None = None
    is_text: bool = False
    is_owed: bool = False


class RunStoreWriter(Protocol):
    """What the dispatcher needs of the run store. A full disk raises FaultError(STORE_FULL)."""

    async def save(self, entries: Sequence[StoredRun]) -> None:
        """Insert or replace runs, durable against kill -9 when it returns; calls are grouped into one commit."""
        ...

    async def mark_published(self, entries: Sequence[tuple[str, tuple[Published, ...]]]) -> None:
        """The results of these run ids are acknowledged: no longer owed."""
        ...

    async def known_runs(self, connector: str, topic: str, partition: int, from_offset: int) -> dict[str, StoredRun]:
        """Runs of messages at or after an offset, by run id, as an assignment begins there.

        It is what an earlier process began or finished; not what was committed once and is read again since the
        group was moved back.
        """
        ...

    def note_committed(self, connector: str, topic: str, offsets: Mapping[int, int]) -> None:
        """The broker acknowledged a commit: per partition the next offset to read. Quick, never raises."""
        ...
