"""Administration of one cluster: what is there, who reads it and how far, and changing it. Built on confluent-kafka."""

import asyncio
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from concurrent.futures import Future as ConcurrentFuture
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    IsolationLevel,
    KafkaError,
    KafkaException,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, ConfigResource, ConfigSource, NewTopic, OffsetSpec

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.engine.kafka.admin_types import (
    AdminError,
    GroupInfo,
    GroupMember,
    PartitionInfo,
    TopicInfo,
    Watermarks,
)
from kafka_agent_studio.engine.kafka.client_config import ClientConfig, SecretSource
from kafka_agent_studio.engine.kafka.cluster import Cluster

TIMEOUT_S = 10.0

ResultT = TypeVar("ResultT")

_NO_TOPIC_ID = "AAAAAAAAAAAAAAAAAAAAAA"
_NO_OFFSET = -1


class KafkaAdmin:
    """Administration of one cluster; keep one, for a client that is collected fails what it was asked.

    Every method waits at most `timeout_s` and raises AdminError, whose code tells what happened.
    """

    def __init__(self, *, config: ClientConfig, timeout_s: float = TIMEOUT_S) -> None:
        self.cluster = config.cluster
        self._timeout_s = timeout_s
        self._last_error: KafkaError | None = None
        self._open: AdminClient | None = AdminClient({**config.confluent(), "error_cb": self._on_error})
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="kafka-admin")

    def close(self) -> None:
        """Let go of connections and threads; calls under way fail."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._open = None

    @property
    def _client(self) -> AdminClient:
        if self._open is None:
            raise AdminError(KafkaError._DESTROY, "the administration was closed")  # noqa: SLF001
        return self._open

    async def topic_names(self) -> list[str]:
        """Return all topics one may see, sorted, without internal ones. Asking creates none."""
        metadata = await self._in_thread(partial(self._client.list_topics, timeout=self._timeout_s))
        return sorted(name for name in metadata.topics if not name.startswith("__"))

    async def topic_sizes(self) -> dict[str, tuple[int, int]]:
        """Return partitions and replicas of all topics one may see, without internal ones. Asking creates none."""
        metadata = await self._in_thread(lambda: self._client.list_topics(timeout=self._timeout_s))
        return {
            name: (len(topic.partitions), max((len(p.replicas) for p in topic.partitions.values()), default=0))
            for name, topic in sorted(metadata.topics.items())
            if not name.startswith("__")
        }

    async def topic_settings(self, topics: Sequence[str]) -> dict[str, dict[str, str]]:
        """Return per topic what was set for it, leaving out defaults, and topics whose settings one may not see."""
        resources = [ConfigResource(ConfigResource.Type.TOPIC, topic) for topic in topics]
        if not resources:
            return {}
        futures = self._client.describe_configs(resources, request_timeout=self._timeout_s)
        found: dict[str, dict[str, str]] = {}
        for resource, future in futures.items():
            try:
                entries = await self._future(future)
            except AdminError as error:
                if error.code == KafkaError.TOPIC_AUTHORIZATION_FAILED:
                    continue
                raise
            found[resource.name] = {
                name: entry.value
                for name, entry in entries.items()
                if entry.value is not None and entry.source == ConfigSource.DYNAMIC_TOPIC_CONFIG.value
            }
        return found

    async def describe_topic(self, topic: str) -> TopicInfo | None:
        """Return a topic's identity, partitions and what one may do with it; None where there is none.

        Asking does not create it. Not answered by the embedded broker.
        """
        futures = self._client.describe_topics(
            TopicCollection([topic]), include_authorized_operations=True, request_timeout=self._timeout_s
        )
        try:
            found = await self._future(futures[topic])
        except AdminError as error:
            if error.code == KafkaError.UNKNOWN_TOPIC_OR_PART:
                return None
            raise
        topic_id = str(found.topic_id)
        return TopicInfo(
            name=topic,
            topic_id=None if topic_id == _NO_TOPIC_ID else topic_id,
            partitions=tuple(
                PartitionInfo(
                    partition=p.id,
                    leader=None if p.leader is None else p.leader.id,
                    replicas=len(p.replicas),
                    in_sync=len(p.isr),
                )
                for p in found.partitions
            ),
            operations=_operations(found.authorized_operations),
        )

    async def topic_config(self, topic: str) -> dict[str, str]:
        """Return the effective configuration of a topic, e.g. `max.message.bytes`."""
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
        futures = self._client.describe_configs([resource], request_timeout=self._timeout_s)
        entries = await self._future(next(iter(futures.values())))
        return {name: entry.value for name, entry in entries.items() if entry.value is not None}

    async def create_topic(
        self, topic: str, *, partitions: int = 1, replicas: int = -1, config: Mapping[str, str] | None = None
    ) -> None:
        """Create a topic; `replicas` -1 takes the broker's default."""
        new = NewTopic(topic, num_partitions=partitions, replication_factor=replicas, config=dict(config or {}))
        await self._future(self._client.create_topics([new], request_timeout=self._timeout_s)[topic])

    async def watermarks(self, topic: str, partitions: Collection[int]) -> dict[int, Watermarks]:
        """Return per partition the oldest offset left and the offset that the next record gets."""
        first = await self._list_offsets(topic, partitions, OffsetSpec.earliest())
        end = await self._list_offsets(topic, partitions, OffsetSpec.latest())
        return {p: Watermarks(first=first[p], end=end[p]) for p in partitions}

    async def offsets_at(self, topic: str, partitions: Collection[int], timestamp_ms: int) -> dict[int, int | None]:
        """Return per partition the first offset at or after a time; None where there is none yet."""
        found = await self._list_offsets(topic, partitions, OffsetSpec.for_timestamp(timestamp_ms), may_be_none=True)
        return {p: None if offset == _NO_OFFSET else offset for p, offset in found.items()}

    async def group_names(self) -> list[str]:
        """Return all consumer groups one may see, sorted."""
        future = self._client.list_consumer_groups(request_timeout=self._timeout_s)
        listed = await self._future(future)
        return sorted(group.group_id for group in listed.valid)

    async def group_states(self) -> dict[str, str]:
        """Return all consumer groups one may see with their states, by name."""
        listed = await self._future(self._client.list_consumer_groups(request_timeout=self._timeout_s))
        return {g.group_id: g.state.name for g in sorted(listed.valid, key=lambda g: str(g.group_id))}

    async def describe_group(self, group: str) -> GroupInfo:
        """Return a group's state, members and commits. A group nobody knows has the state DEAD and no members."""
        futures = self._client.describe_consumer_groups(
            [group], include_authorized_operations=True, request_timeout=self._timeout_s
        )
        found = await self._future(futures[group])
        offsets = {} if found.state.name == "DEAD" else await self.group_offsets(group)
        return GroupInfo(
            name=group,
            state=found.state.name,
            members=tuple(_member(m) for m in found.members),
            offsets=offsets,
            operations=_operations(found.authorized_operations),
        )

    async def group_operations(self, group: str) -> frozenset[str] | None:
        """Return what one may do with a group, whether it is known or not; None where the broker does not tell."""
        futures = self._client.describe_consumer_groups(
            [group], include_authorized_operations=True, request_timeout=self._timeout_s
        )
        return _operations((await self._future(futures[group])).authorized_operations)

    async def creates_topics(self) -> bool:
        """Whether the broker creates a topic on first use; False also where it does not tell."""
        try:
            metadata = await self._in_thread(partial(self._client.list_topics, timeout=self._timeout_s))
            broker = str(next(iter(metadata.brokers)))
            resource = ConfigResource(ConfigResource.Type.BROKER, broker)
            futures = self._client.describe_configs([resource], request_timeout=self._timeout_s)
            entries = await self._future(next(iter(futures.values())))
        except (AdminError, StopIteration):
            return False
        entry = entries.get("auto.create.topics.enable")
        return entry is not None and entry.value == "true"

    async def group_offsets(self, group: str) -> dict[tuple[str, int], int]:
        """Return the group's commits as (topic, partition) → next offset to read."""
        asked = [ConsumerGroupTopicPartitions(group)]
        futures = self._client.list_consumer_group_offsets(asked, request_timeout=self._timeout_s)
        answer = await self._future(futures[group])
        return {(p.topic, p.partition): p.offset for p in answer.topic_partitions if p.offset >= 0}

    async def group_lag(self, group: str, topic: str) -> dict[int, int | None]:
        """Return per partition how many messages the group has not read; None where it never committed."""
        info = await self.describe_topic(topic)
        partitions = [] if info is None else [p.partition for p in info.partitions]
        offsets = await self.group_offsets(group)
        ends = await self._list_offsets(topic, partitions, OffsetSpec.latest())
        return {
            p: None if (committed := offsets.get((topic, p))) is None else max(0, ends[p] - committed)
            for p in partitions
        }

    async def reset_offsets(self, group: str, topic: str, offsets: Mapping[int, int]) -> None:
        """Set the group's commits of a topic. The group must have no members (else the code is UNKNOWN_MEMBER_ID)."""
        places = [TopicPartition(topic, partition, offset) for partition, offset in offsets.items()]
        futures = self._client.alter_consumer_group_offsets(
            [ConsumerGroupTopicPartitions(group, places)], request_timeout=self._timeout_s
        )
        answer = await self._future(futures[group])
        for place in answer.topic_partitions:
            if place.error is not None:  # the call as a whole succeeds all the same
                raise AdminError(place.error.code(), place.error.str())

    async def delete_records(self, topic: str, before: Mapping[int, int]) -> None:
        """Remove the records below an offset per partition."""
        places = [TopicPartition(topic, partition, offset) for partition, offset in before.items()]
        futures = self._client.delete_records(places, request_timeout=self._timeout_s)
        for future in futures.values():
            await self._future(future)

    async def cluster_operations(self) -> frozenset[str] | None:
        """Return what one may do with the cluster itself, in upper case; None where the broker does not tell."""
        future = self._client.describe_cluster(include_authorized_operations=True, request_timeout=self._timeout_s)
        return _operations((await self._future(future)).authorized_operations)

    async def _list_offsets(
        self, topic: str, partitions: Collection[int], spec: OffsetSpec, *, may_be_none: bool = False
    ) -> dict[int, int]:
        if not partitions:
            return {}
        asked = {TopicPartition(topic, partition): spec for partition in partitions}
        futures = self._client.list_offsets(
            asked, isolation_level=IsolationLevel.READ_COMMITTED, request_timeout=self._timeout_s
        )
        offsets: dict[int, int] = {}
        for place, future in futures.items():
            offset = (await self._future(future)).offset
            if offset < 0 and not (may_be_none and offset == _NO_OFFSET):
                # a frozen broker makes the library answer -1001 instead of failing
                raise AdminError(KafkaError._TIMED_OUT, "the broker did not answer")  # noqa: SLF001
            offsets[place.partition] = offset
        return offsets

    async def _future(self, future: "ConcurrentFuture[Any]") -> Any:
        try:
            async with asyncio.timeout(self._timeout_s + 1):
                return await asyncio.wrap_future(future)
        except KafkaException as error:
            raise self._explained(error) from None
        except TimeoutError:
            raise AdminError(KafkaError._TIMED_OUT, "the broker did not answer") from None  # noqa: SLF001

    async def _in_thread(self, work: Callable[[], ResultT]) -> ResultT:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except KafkaException as error:
            raise self._explained(error) from None

    def _explained(self, error: KafkaException) -> AdminError:
        inner = error.args[0]
        code, text = inner.code(), inner.str()
        if self._open is not None:
            self._open.poll(0)  # calls _on_error with what happened meanwhile
        if code in (KafkaError._TRANSPORT, KafkaError._TIMED_OUT) and self._last_error is not None:  # noqa: SLF001
            # wrong password, wrong certificate and dead port all look like this; the reason came to error_cb
            code, text = self._last_error.code(), self._last_error.str()
        return AdminError(code, text)

    def _on_error(self, error: KafkaError) -> None:
        if error.code() != KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001
            self._last_error = error


class AdminPool:
    """One KafkaAdmin per cluster and login, kept until `forget` or `close`."""

    def __init__(self, *, secrets: SecretSource) -> None:
        self._secrets = secrets
        self._admins: dict[Hashable, KafkaAdmin] = {}

    async def get(self, cluster: Cluster) -> KafkaAdmin:
        """Return the administration of a cluster. Raises: FaultError (a secret missing, a PEM file unusable)."""
        admin = self._admins.get(cluster.identity)
        if admin is None:
            config = await ClientConfig.build(cluster, self._secrets)
            made = await asyncio.to_thread(KafkaAdmin, config=config)  # reads certificates
            admin = self._admins.setdefault(cluster.identity, made)
            if admin is not made:
                made.close()  # somebody else was quicker
        return admin

    def forget(self, cluster: Cluster) -> None:
        """Make a new one next time: its login was refused, or its files changed."""
        admin = self._admins.pop(cluster.identity, None)
        if admin is not None:
            admin.close()

    def close(self) -> None:
        """Close them all."""
        for admin in self._admins.values():
            admin.close()
        self._admins.clear()


def denied_fault(error: AdminError, topic: str) -> Fault | None:
    """Return TOPIC_DENIED where the error says that one may not even ask about a topic."""
    if error.code == KafkaError.TOPIC_AUTHORIZATION_FAILED:
        return Fault(FaultCode.TOPIC_DENIED, {"topic": topic, "operation": "describe"})
    return None


def _operations(operations: Sequence[Any] | None) -> frozenset[str] | None:
    return None if operations is None else frozenset(operation.name for operation in operations)


def _member(member: Any) -> GroupMember:
    assignment = member.assignment.topic_partitions if member.assignment is not None else []
    return GroupMember(
        client_id=member.client_id,
        host=member.host.lstrip("/"),
        partitions=tuple(sorted((p.topic, p.partition) for p in assignment)),
    )
