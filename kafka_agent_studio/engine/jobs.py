"""What the dispatcher holds of a message while it is worked on: the message itself and one job per linked agent."""

import asyncio
from collections.abc import Hashable
from typing import Protocol

import msgspec

from kafka_agent_studio.engine.ports import AgentRunner, RunRecorder
from kafka_agent_studio.engine.progress import PartitionProgress
from kafka_agent_studio.model.message import Record


class InFlightMessage(msgspec.Struct, eq=False):
    """A record taken in and not yet done."""

    record: Record
    partition: PartitionProgress
    pending: int
    """The agents whose part is not over."""
    taken_s: float
    """When it was taken in, by the monotonic clock."""
    is_abandoned: bool = False
    """The partition went to another member, or the connector stopped: nothing of it is committed any more."""


class JobOwner(Protocol):
    """Who runs a job's work: the dispatcher that made it."""

    async def work(self, job: "RunJob") -> None:
        """Run one job to its end."""
        ...


class RunJob(msgspec.Struct, eq=False):
    """One message for one agent: what AgentPool runs."""

    dispatcher: JobOwner
    message: InFlightMessage
    agent_name: str
    runner: AgentRunner
    run_id: str
    lane: Hashable | None
    traceparent: str | None
    worker: asyncio.Task[None] | None = None
    recorder: RunRecorder | None = None
    started_at_us: int | None = None
    is_cancelled: bool = False
    """An operator asked for it: terminal, unlike a shutdown's cancellation."""
    is_announced: bool = False
