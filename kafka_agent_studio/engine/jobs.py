"""What the dispatcher holds of a message while it is worked on: the message itself and one job per linked agent."""

import asyncio
from collections.abc import Hashable
from typing import Protocol

from kafka_agent_studio.engine.ports import AgentRunner, RunOutcome, RunRecorder
from kafka_agent_studio.engine.progress import PartitionProgress
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.run import Run


class InFlightMessage:
    """A record taken in and not yet done. `pending` counts the agents whose part is not over."""

    __slots__ = ("is_abandoned", "partition", "pending", "record", "taken_s")

    def __init__(self, record: Record, partition: PartitionProgress, pending: int, taken_s: float) -> None:
        self.record = record
        self.partition = partition
        self.pending = pending
        self.taken_s = taken_s
        """When it was taken in, by the monotonic clock."""
        self.is_abandoned = False
        """The partition went to another member, or the connector stopped: nothing of it is committed any more."""


class JobOwner(Protocol):
    """Who runs a job's work: the dispatcher that made it."""

    async def work(self, job: "RunJob") -> None:
        """Run one job to its end."""
        ...


class RunJob:
    """One message for one agent: what AgentPool runs."""

    __slots__ = (
        "agent_name",
        "dispatcher",
        "is_announced",
        "is_cancelled",
        "lane",
        "message",
        "outcome",
        "recorder",
        "run",
        "run_id",
        "runner",
        "started_at_us",
        "traceparent",
        "worker",
    )

    def __init__(
        self,
        *,
        dispatcher: JobOwner,
        message: InFlightMessage,
        agent_name: str,
        runner: AgentRunner,
        run_id: str,
        lane: Hashable | None,
        traceparent: str | None,
    ) -> None:
        self.dispatcher = dispatcher
        self.message = message
        self.agent_name = agent_name
        self.runner = runner
        self.run_id = run_id
        self.lane = lane
        self.traceparent = traceparent
        self.worker: asyncio.Task[None] | None = None
        self.recorder: RunRecorder | None = None
        self.started_at_us: int | None = None
        self.is_cancelled = False
        """An operator asked for it: terminal, unlike a shutdown's cancellation."""
        self.is_announced = False
        self.run: Run | None = None
        self.outcome: RunOutcome | None = None
