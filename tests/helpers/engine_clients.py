"""The engine's consumer and producer, made for a test: with a cluster, secrets in memory, and closed at its end."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from kafka_agent_studio.api.faults import Fault
from kafka_agent_studio.engine.backoff import Backoff
from kafka_agent_studio.engine.kafka.admin import AdminPool
from kafka_agent_studio.engine.kafka.cluster import Cluster
from kafka_agent_studio.engine.kafka.inbound import KafkaInbound
from kafka_agent_studio.engine.kafka.outbound import KafkaOutbound
from kafka_agent_studio.engine.kafka.topic_watch import TopicMemory
from kafka_agent_studio.engine.ports import FaultError
from kafka_agent_studio.model.connector import AutoOffsetReset
from kafka_agent_studio.model.security import Security
from tests.helpers.kafka_records import KafkaRecords
from tests.helpers.recording_listener import RecordingListener


class MemorySecrets:
    """Secrets in a dict; implements the engine's SecretSource."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values = dict(values or {})

    async def get(self, name: str) -> SecretStr | None:
        """Return the secret of that name."""
        value = self.values.get(name)
        return None if value is None else SecretStr(value)


def make_cluster(
    bootstrap_servers: str, *, security: Security | None = None, root: Path | None = None, is_sandbox: bool = False
) -> Cluster:
    """A cluster of that address; PLAINTEXT unless said."""
    return Cluster(
        label="test",
        bootstrap_servers=bootstrap_servers,
        security=security or Security(),
        root=root or Path(),
        is_sandbox=is_sandbox,
    )


@dataclass
class RunningInbound:
    """A consumer that polls; `poll` ends with its FaultError where it has one."""

    inbound: KafkaInbound
    listener: RecordingListener
    poll: "asyncio.Task[None]"

    async def trouble(self, timeout_s: float = 30.0) -> FaultError:
        """Wait for the FaultError that ends it. Raises: AssertionError where it ends without one or goes on."""
        await asyncio.wait((self.poll,), timeout=timeout_s)
        assert self.poll.done(), f"it still runs after {timeout_s} s"
        error = self.poll.exception()
        assert isinstance(error, FaultError), error
        return error

    async def commit_all(self) -> bool:
        """Commit everything that was handed over."""
        ends = {r.partition: r.offset + 1 for r in self.listener.records}
        return await self.inbound.commit(self.listener.epoch, ends)


@dataclass
class EngineClients:
    """Makes consumers and producers of one cluster."""

    cluster: Cluster
    secrets: MemorySecrets = field(default_factory=MemorySecrets)
    waiting: list[Fault | None] = field(default_factory=list)
    """What the producers said they wait for."""

    def __post_init__(self) -> None:
        self.admins = AdminPool(secrets=self.secrets)
        self.memory = TopicMemory()

    def new_inbound(
        self,
        topic: str,
        group: str,
        listener: RecordingListener,
        *,
        reset: AutoOffsetReset = AutoOffsetReset.EARLIEST,
        keep_alive_s: float = 100.0,
    ) -> KafkaInbound:
        """A consumer that is not opened."""
        return KafkaInbound(
            cluster=self.cluster,
            secrets=self.secrets,
            admins=self.admins,
            topic=topic,
            group_id=group,
            auto_offset_reset=reset,
            listener=listener,
            topic_memory=self.memory,
            keep_alive_s=keep_alive_s,
        )

    @contextlib.asynccontextmanager
    async def inbound(
        self,
        topic: str,
        group: str,
        *,
        reset: AutoOffsetReset = AutoOffsetReset.EARLIEST,
        listener: RecordingListener | None = None,
        keep_alive_s: float = 100.0,
    ) -> AsyncIterator[RunningInbound]:
        """A consumer that is open and polls, closed at the end of the block."""
        listener = listener or RecordingListener()
        inbound = self.new_inbound(topic, group, listener, reset=reset, keep_alive_s=keep_alive_s)
        try:
            await inbound.open()
            poll = asyncio.get_running_loop().create_task(inbound.poll_forever())
            try:
                yield RunningInbound(inbound, listener, poll)
            finally:
                await inbound.close()
                await asyncio.wait((poll,))
                if not poll.cancelled():
                    poll.exception()
        finally:
            await inbound.close()

    @contextlib.asynccontextmanager
    async def outbound(self, *, silent_s: float = 15.0) -> AsyncIterator[KafkaOutbound]:
        """A producer, closed at the end of the block."""
        outbound = KafkaOutbound(
            cluster=self.cluster,
            secrets=self.secrets,
            admins=self.admins,
            on_waiting=self.waiting.append,
            backoff=Backoff(initial_s=0.1, max_s=1.0, source=random.Random(7)),
            silent_s=silent_s,
        )
        try:
            yield outbound
        finally:
            await outbound.close()

    def close(self) -> None:
        """Let go of the administration."""
        self.admins.close()


@dataclass(frozen=True)
class AnyBroker:
    """A broker as a test of behaviour sees it: the engine's clients, and records as others read and write them."""

    clients: EngineClients
    records: KafkaRecords
