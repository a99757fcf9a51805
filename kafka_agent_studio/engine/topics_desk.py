"""Topics: what there is, one in full, and a new one."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from confluent_kafka import KafkaError

from kafka_agent_studio.api.cluster_commands import (
    CreateTopic,
    DescribeTopic,
    ListTopics,
    TopicDescription,
    TopicPartitionState,
    TopicSummary,
)
from kafka_agent_studio.api.commands import Command
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.engine.cluster_names import ClusterNames
from kafka_agent_studio.engine.kafka.admin import KafkaAdmin
from kafka_agent_studio.engine.kafka.admin_types import AdminError, Watermarks
from kafka_agent_studio.engine.kafka.browser import TopicReader
from kafka_agent_studio.engine.kafka.client_config import ClientConfig
from kafka_agent_studio.engine.kafka.topic_writer import TopicWriter

CREATED_WITHIN_S = 10.0
LOOK_EVERY_S = 0.05
SANDBOX_PARTITIONS = 4


class TopicsDesk:
    """Answers to the commands about topics."""

    def __init__(self, *, names: ClusterNames) -> None:
        self._names = names

    def handlers(self) -> dict[type[Command[Any]], Callable[[Any], Awaitable[Any]]]:
        """What this answers to."""
        return {ListTopics: self.list_topics, DescribeTopic: self.describe, CreateTopic: self.create}

    async def list_topics(self, command: ListTopics) -> tuple[TopicSummary, ...]:
        """Return the topics by name. Raises: CommandRefused, EngineError."""
        cluster = await self._names.cluster(command.connection)
        admin = await self._names.admin(cluster)
        async with self._names.explained(cluster):
            sizes = await admin.topic_sizes()
            settings = {}
            if command.with_config and not cluster.is_sandbox:
                settings = await admin.topic_settings(list(sizes))
        return tuple(
            TopicSummary(name, partitions, replicas, settings.get(name, {}))
            for name, (partitions, replicas) in sizes.items()
        )

    async def describe(self, command: DescribeTopic) -> TopicDescription | None:
        """Return a topic in full. Raises: CommandRefused, EngineError."""
        cluster = await self._names.cluster(command.connection)
        config = await self._names.config(cluster)
        admin = await self._names.admin(cluster)
        async with self._names.explained(cluster, topic=command.topic):
            if cluster.is_sandbox:
                if command.topic not in await admin.topic_sizes():
                    return None
                bounds = await asyncio.to_thread(_watermarks, config, command.topic)
                partitions = (TopicPartitionState(p, b.first, b.end, 1, 1, 1) for p, b in sorted(bounds.items()))
                return TopicDescription(command.topic, tuple(partitions), {})
            info = await admin.describe_topic(command.topic)
            if info is None:
                return None
            bounds = await asyncio.to_thread(_watermarks, config, command.topic)
            settings = await _config_of(admin, command.topic)
        return TopicDescription(
            name=command.topic,
            partitions=tuple(
                TopicPartitionState(
                    partition=p.partition,
                    first=None if (bound := bounds.get(p.partition)) is None else bound.first,
                    end=None if bound is None else bound.end,
                    leader=p.leader,
                    replicas=p.replicas,
                    in_sync=p.in_sync,
                )
                for p in info.partitions
            ),
            config=settings,
            operations=None if info.operations is None else tuple(sorted(info.operations)),
        )

    async def create(self, command: CreateTopic) -> None:
        """Create a topic and wait until it can be written. Raises: CommandRefused, EngineError."""
        cluster = await self._names.cluster(command.connection)
        admin = await self._names.admin(cluster)
        async with self._names.explained(cluster, topic=command.topic):
            if cluster.is_sandbox:
                if command.partitions != SANDBOX_PARTITIONS or command.config:
                    raise CommandRefused(
                        f"The sandbox's topics have {SANDBOX_PARTITIONS} partitions and no settings of their own."
                    )
                await asyncio.to_thread(_made_by_asking, await self._names.config(cluster), command.topic)
                return
            try:
                await admin.create_topic(
                    command.topic,
                    partitions=command.partitions,
                    replicas=-1 if command.replicas is None else command.replicas,
                    config=command.config,
                )
            except AdminError as error:
                raise _why_not_created(error, command.topic) from None
            await self._until_led(admin, command)

    async def _until_led(self, admin: KafkaAdmin, command: CreateTopic) -> None:
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + CREATED_WITHIN_S
        while loop.time() < ends_s:
            info = await admin.describe_topic(command.topic)
            led = [] if info is None else [p for p in info.partitions if p.leader is not None and p.leader >= 0]
            if len(led) == command.partitions:
                return
            await asyncio.sleep(LOOK_EVERY_S)


def _watermarks(config: ClientConfig, topic: str) -> dict[int, Watermarks]:
    reader = TopicReader(config=config, topic=topic, cancelled=threading.Event())
    try:
        return reader.watermarks(reader.partitions())
    finally:
        reader.close()


def _made_by_asking(config: ClientConfig, topic: str) -> None:
    writer = TopicWriter(config=config, cancelled=threading.Event())
    try:
        writer.partitions(topic)
    finally:
        writer.close()


async def _config_of(admin: KafkaAdmin, topic: str) -> dict[str, str]:
    try:
        return await admin.topic_config(topic)
    except AdminError as error:
        if error.code == KafkaError.TOPIC_AUTHORIZATION_FAILED:
            return {}  # one may see the topic, but not its settings
        raise


def _why_not_created(error: AdminError, topic: str) -> Exception:
    if error.code == KafkaError.TOPIC_ALREADY_EXISTS:
        return CommandRefused(f"There is a topic {topic} already.")
    if error.code in (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED):
        return CommandRefused(f"This login may not create the topic {topic}: it needs the right CREATE on it.")
    if error.code in (
        KafkaError.INVALID_REPLICATION_FACTOR,
        KafkaError.INVALID_PARTITIONS,
        KafkaError.INVALID_CONFIG,
        KafkaError.TOPIC_EXCEPTION,
        KafkaError.POLICY_VIOLATION,
    ):
        return CommandRefused(f"The cluster does not create {topic} like this: {error}.")
    return error
