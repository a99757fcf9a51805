"""What an operator does to a cluster, in one call each; all of them block."""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import Any

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

_TIMEOUT_S = 20.0
_SCRAM = {"SCRAM-SHA-256": ScramMechanism.SCRAM_SHA_256, "SCRAM-SHA-512": ScramMechanism.SCRAM_SHA_512}


def client_settings(bootstrap_servers: str) -> dict[str, Any]:
    """Return librdkafka's settings for a client of a broker that is stopped and started on purpose."""
    return {
        "bootstrap.servers": bootstrap_servers,
        "reconnect.backoff.ms": 100,
        "reconnect.backoff.max.ms": 500,
        # Nothing that happens to it is worth a line on standard error.
        "log_level": 0,
    }


class KafkaAdmin:
    """Administration over the listener that needs no login, where there are no limits to it."""

    def __init__(self, *, bootstrap_servers: str) -> None:
        self._settings = client_settings(bootstrap_servers)
        self._admin: AdminClient | None = None

    def close(self) -> None:
        """Let go of the connections."""
        self._admin = None

    def probe(self, *, timeout_s: float) -> None:
        """Ask the broker for its metadata; Raises: KafkaException where it does not answer in time."""
        self._client().list_topics(timeout=timeout_s)

    def create_topic(self, topic: str, *, partitions: int = 1, config: Mapping[str, str] | None = None) -> None:
        """Create a topic and wait until each of its partitions can be written."""
        new = NewTopic(topic, num_partitions=partitions, replication_factor=1, config=dict(config or {}))
        _done(self._client().create_topics([new]))
        self._wait_for_leaders(topic, partitions)

    def delete_topic(self, topic: str) -> None:
        """Delete a topic and wait until the broker no longer knows it."""
        _done(self._client().delete_topics([topic]))
        _eventually(lambda: topic not in self.topics(), f"{topic} is still there")

    def topics(self) -> set[str]:
        """Return the names of all topics; asking creates none."""
        return set(self._client().list_topics(timeout=_TIMEOUT_S).topics)

    def add_partitions(self, topic: str, *, total: int) -> None:
        """Let a topic have `total` partitions in all."""
        _done(self._client().create_partitions([NewPartitions(topic, total)]))
        self._wait_for_leaders(topic, total)

    def delete_records(self, topic: str, *, before: Mapping[int, int]) -> None:
        """Remove the records below an offset, by partition, as retention does."""
        _done(self._client().delete_records([TopicPartition(topic, p, offset) for p, offset in before.items()]))

    def set_config(self, topic: str, config: Mapping[str, str]) -> None:
        """Change some of a topic's configuration, e.g. {"max.message.bytes": "1000"}."""
        changes = [
            ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET) for name, value in config.items()
        ]
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=changes)
        _done(self._client().incremental_alter_configs([resource]))

    def set_password(self, user: str, password: str, *, mechanisms: Iterable[str] = tuple(_SCRAM)) -> None:
        """Give a SCRAM user a password, which also creates the user. PLAIN users cannot be changed while running."""
        changes = [
            UserScramCredentialUpsertion(user, ScramCredentialInfo(_SCRAM[mechanism], 4096), password.encode())
            for mechanism in mechanisms
        ]
        for change in changes:
            _done(self._client().alter_user_scram_credentials([change]))

    def allow(
        self, user: str, *operations: str, topic: str | None = None, group: str | None = None, cluster: bool = False
    ) -> None:
        """Grant operations (`read`, `write`, `describe`, `create` …) on a topic, on a group or on the cluster."""
        self._add_rules(AclPermissionType.ALLOW, user, operations, _resource(topic, group, cluster))

    def deny(
        self, user: str, *operations: str, topic: str | None = None, group: str | None = None, cluster: bool = False
    ) -> None:
        """Forbid operations, whatever else is granted."""
        self._add_rules(AclPermissionType.DENY, user, operations, _resource(topic, group, cluster))

    def forget_rules(self, user: str) -> None:
        """Remove every grant and denial of a user."""
        everything = AclBindingFilter(
            ResourceType.ANY,
            None,
            ResourcePatternType.ANY,
            f"User:{user}",
            None,
            AclOperation.ANY,
            AclPermissionType.ANY,
        )
        _done(self._client().delete_acls([everything]))

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """Return the committed offset of each partition of a topic that has one."""
        asked = self._client().list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])
        (answer,) = _done(asked)
        return {p.partition: p.offset for p in answer.topic_partitions if p.topic == topic and p.offset >= 0}

    def set_committed(self, group: str, topic: str, offsets: Mapping[int, int]) -> None:
        """Set committed offsets; the group must have no members."""
        places = [TopicPartition(topic, partition, offset) for partition, offset in offsets.items()]
        _done(self._client().alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, places)]))

    def members(self, group: str) -> int:
        """Return how many members a group has at the moment; 0 also where there is no such group."""
        (answer,) = _done(self._client().describe_consumer_groups([group]))
        return len(answer.members)

    def end_offsets(self, topic: str) -> dict[int, int]:
        """Return the offset that the next record of each partition will get."""
        partitions = self._client().list_topics(topic, timeout=_TIMEOUT_S).topics[topic].partitions
        asked = {TopicPartition(topic, partition): OffsetSpec.latest() for partition in partitions}
        futures = self._client().list_offsets(asked, request_timeout=_TIMEOUT_S)
        return {place.partition: future.result(_TIMEOUT_S).offset for place, future in futures.items()}

    def _client(self) -> AdminClient:
        # Kept: the pending answers of a client that is collected fail.
        if self._admin is None:
            self._admin = AdminClient(self._settings)
        return self._admin

    def _add_rules(
        self, permission: AclPermissionType, user: str, operations: Iterable[str], resource: tuple[ResourceType, str]
    ) -> None:
        kind, name = resource
        pattern = ResourcePatternType.LITERAL
        bindings = [
            AclBinding(kind, name, pattern, f"User:{user}", "*", AclOperation[operation.upper()], permission)
            for operation in operations
        ]
        _done(self._client().create_acls(bindings))

    def _wait_for_leaders(self, topic: str, partitions: int) -> None:
        def all_led() -> bool:
            known = self._client().list_topics(timeout=_TIMEOUT_S).topics.get(topic)
            return known is not None and sum(p.leader >= 0 for p in known.partitions.values()) == partitions

        _eventually(all_led, f"{topic} has no leader for each of its {partitions} partitions")


def _resource(topic: str | None, group: str | None, cluster: bool) -> tuple[ResourceType, str]:
    if topic is not None:
        return ResourceType.TOPIC, topic
    if group is not None:
        return ResourceType.GROUP, group
    if cluster:
        return ResourceType.BROKER, "kafka-cluster"
    raise ValueError("say on what: topic=, group= or cluster=True")


def _done(futures: Mapping[Any, Future[Any]]) -> list[Any]:
    return [future.result(_TIMEOUT_S) for future in futures.values()]


def _eventually(holds: Callable[[], bool], complaint: str) -> None:
    deadline = time.monotonic() + _TIMEOUT_S
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"{complaint} after {_TIMEOUT_S:.0f} s")
        time.sleep(0.02)
