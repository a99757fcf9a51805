"""From the name that a command gives to the cluster it means, and from a cluster's trouble to the words for it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager

from confluent_kafka import KafkaError

from kafka_agent_studio.api.faults import CommandRefused, EngineError, Fault, FaultCode
from kafka_agent_studio.engine.configuration import Configuration
from kafka_agent_studio.engine.kafka.admin import AdminPool, KafkaAdmin
from kafka_agent_studio.engine.kafka.admin_types import AdminError
from kafka_agent_studio.engine.kafka.client_config import ClientConfig, SecretSource
from kafka_agent_studio.engine.kafka.cluster import Cluster, needs_sandbox, resolve_cluster
from kafka_agent_studio.engine.kafka.probe import probe
from kafka_agent_studio.engine.ports import FaultError
from kafka_agent_studio.model.base import SANDBOX
from kafka_agent_studio.model.connection import Connection
from kafka_agent_studio.model.workspace import AnyConnector, Workspace

_SANDBOX = Connection(version="1.0", name=SANDBOX, bootstrap_servers="localhost:1")
"""Its address is looked up when it is used."""


class ClusterNames:
    """Finds clusters by name. Used on the engine's loop."""

    def __init__(
        self,
        *,
        configuration: Callable[[], Configuration],
        sandbox_address: Callable[[], str],
        admins: AdminPool,
        secrets: SecretSource,
    ) -> None:
        """`sandbox_address` starts the embedded broker where it does not run yet, and blocks meanwhile."""
        self._configuration = configuration
        self._sandbox_address = sandbox_address
        self._admins = admins
        self._secrets = secrets
        self._reached: set[Hashable] = set()
        """Clusters that were reached and have not failed since."""

    @property
    def workspace(self) -> Workspace:
        """What runs now."""
        return self._configuration().workspace

    async def cluster(self, name: str) -> Cluster:
        """Return the cluster of a connection, a connector, or `sandbox`. Raises: CommandRefused, EngineError."""
        workspace = self.workspace
        source = _SANDBOX if name == SANDBOX else workspace.connections.get(name) or workspace.connectors.get(name)
        if source is None:
            raise CommandRefused(f"There is no connection or connector '{name}', or it is not valid.")
        return await self.cluster_of(source)

    async def cluster_of(self, source: AnyConnector | Connection, workspace: Workspace | None = None) -> Cluster:
        """Return the cluster of a connection or connector, which may be a draft. Raises: EngineError."""
        stand_in = self._configuration().sandbox
        address = None
        if needs_sandbox(source, stand_in=stand_in):
            address = await asyncio.to_thread(self._sandbox_address)
        try:
            return resolve_cluster(source, workspace or self.workspace, sandbox_bootstrap=address, stand_in=stand_in)
        except FaultError as error:
            raise EngineError(error.fault) from None

    async def config(self, cluster: Cluster) -> ClientConfig:
        """Return how to reach it. Raises: EngineError (a secret missing, a PEM file unusable, no way in)."""
        try:
            config = await ClientConfig.build(cluster, self._secrets)
        except FaultError as error:
            raise EngineError(error.fault) from None
        if cluster.identity not in self._reached:
            # the clients would try on for ten seconds, and then not say why
            fault = await probe(config)
            if fault is not None:
                raise EngineError(fault)
            self._reached.add(cluster.identity)
        return config

    async def admin(self, cluster: Cluster) -> KafkaAdmin:
        """Return its administration. Raises: EngineError, as config()."""
        await self.config(cluster)
        try:
            return await self._admins.get(cluster)
        except FaultError as error:
            raise EngineError(error.fault) from None

    async def group_offsets(self, cluster: Cluster, group: str, topic: str) -> dict[int, int] | None:
        """Return a group's commits of a topic by partition; None on the embedded broker, whose readers ask themselves.

        Raises:
            CommandRefused, EngineError: the cluster did not answer, or refused.
        """
        if cluster.is_sandbox:
            return None
        admin = await self.admin(cluster)
        async with self.explained(cluster, topic=topic, group=group):
            offsets = await admin.group_offsets(group)
        return {partition: offset for (t, partition), offset in offsets.items() if t == topic}

    async def topic_id(self, name: str, topic: str) -> str | None:
        """Return a topic's identity, another one once it is created anew; None where nobody tells it.

        `name` is that of a connection, a connector, or `sandbox`.
        """
        try:
            cluster = await self.cluster(name)
            if cluster.is_sandbox:
                return None
            info = await (await self.admin(cluster)).describe_topic(topic)
        except (AdminError, CommandRefused, EngineError):
            return None
        return None if info is None else info.topic_id

    @asynccontextmanager
    async def explained(
        self, cluster: Cluster, *, topic: str = "", group: str = "", operation: str = "read"
    ) -> AsyncIterator[None]:
        """Turn an AdminError of the block into what the person is told. Raises: CommandRefused, EngineError."""
        try:
            yield
        except AdminError as error:
            refusal = _refusal(error, topic=topic, group=group, operation=operation)
            raise refusal or await self._explanation(error, cluster) from None

    async def _explanation(self, error: AdminError, cluster: Cluster) -> Exception:
        if error.code in _NO_ANSWER:
            # the client itself does not say why: a connection of our own does
            self._admins.forget(cluster)
            self._reached.discard(cluster.identity)
            await self.config(cluster)
            return CommandRefused(f"{cluster.label} did not answer in time, though it can be reached: try again.")
        return CommandRefused(f"{cluster.label} refused: {error}.")


_NO_ANSWER = frozenset(
    getattr(KafkaError, name)
    for name in ("_TRANSPORT", "_TIMED_OUT", "_ALL_BROKERS_DOWN", "_AUTHENTICATION", "_SSL", "_RESOLVE", "_DESTROY")
)


def _refusal(error: AdminError, *, topic: str, group: str, operation: str) -> Exception | None:
    """What is said where the cluster answered, and said no; None for any other trouble."""
    match error.code:
        case KafkaError.GROUP_AUTHORIZATION_FAILED:
            return EngineError(Fault(FaultCode.GROUP_DENIED, {"group": group}))
        case KafkaError.CLUSTER_AUTHORIZATION_FAILED if operation == "write" and topic:
            # an idempotent producer needs the right to write to any topic at all
            return EngineError(Fault(FaultCode.TOPIC_DENIED, {"topic": topic, "operation": operation}))
        case KafkaError.CLUSTER_AUTHORIZATION_FAILED:
            return CommandRefused("This login may not do that on the cluster: its administrator has to allow it.")
        case KafkaError.UNKNOWN_TOPIC_OR_PART if topic:
            return EngineError(Fault(FaultCode.TOPIC_MISSING, {"topic": topic}))
        case KafkaError.TOPIC_AUTHORIZATION_FAILED if topic:
            return EngineError(Fault(FaultCode.TOPIC_DENIED, {"topic": topic, "operation": operation}))
        case KafkaError.MSG_SIZE_TOO_LARGE:
            return CommandRefused(
                f"A message is larger than {topic or 'the topic'} takes (max.message.bytes): {error}."
            )
        case _:
            return None
