"""The last stages of the connection check: is the topic there, and may one do what the connector does."""

import asyncio
from dataclasses import dataclass

from confluent_kafka import KafkaError

from kafka_agent_studio.engine.kafka.admin import KafkaAdmin
from kafka_agent_studio.engine.kafka.admin_types import AdminError
from kafka_agent_studio.engine.kafka.check_outcome import StageFailedError, StageSkippedError
from kafka_agent_studio.engine.kafka.client_config import ClientConfig
from kafka_agent_studio.model.connector import Direction


@dataclass(frozen=True, slots=True)
class TopicFound:
    """What the topic stage found; `operations` None: the broker does not tell."""

    is_there: bool
    operations: frozenset[str] | None
    description: str


async def check_topic(config: ClientConfig, topic: str, direction: Direction, *, timeout_s: float) -> TopicFound:
    """Ask for the topic without creating it. Raises: StageFailedError, AdminError."""
    admin = await asyncio.to_thread(KafkaAdmin, config=config, timeout_s=timeout_s)
    try:
        info = await admin.describe_topic(topic)
        if info is not None:
            count = len(info.partitions)
            return TopicFound(True, info.operations, f"{topic}: {count} partition{'s' if count != 1 else ''}")
        if direction is Direction.OUTBOUND and await admin.creates_topics():
            return TopicFound(False, None, f"{topic} is not there yet; the broker creates it with the first result")
    except AdminError as error:
        if error.code != KafkaError.TOPIC_AUTHORIZATION_FAILED:
            raise
        raise StageFailedError(
            f"{_who(config)} may not see the topic {topic} (or it is not there)",
            f"have DESCRIBE and {'READ' if direction is Direction.INBOUND else 'WRITE'} on the topic granted",
        ) from None
    finally:
        admin.close()
    raise StageFailedError(f"there is no topic {topic}", "check the spelling, or create the topic")


async def check_permission(
    config: ClientConfig,
    *,
    topic: str | None,
    topic_operations: frozenset[str] | None,
    direction: Direction,
    group: str | None,
    timeout_s: float,
) -> str:
    """Compare what is granted with what is needed. `topic` None: it is not there yet. Raises as check_topic."""
    wanted = "READ" if direction is Direction.INBOUND else "WRITE"
    if topic is None:
        raise StageSkippedError("the topic is not there yet")
    if topic_operations is None:
        raise StageSkippedError("the broker does not tell what is granted")
    if wanted not in topic_operations:
        raise StageFailedError(
            f"{_who(config)} may not {wanted.lower()} the topic {topic}", f"have {wanted} on the topic granted"
        )
    if direction is Direction.OUTBOUND or group is None:
        return f"may {wanted.lower()} {topic}"
    if not await _may_read_group(config, group, timeout_s):
        raise StageFailedError(
            f"{_who(config)} may not read with the consumer group {group}",
            "have READ on the group granted, or set group_id to a group that you may use",
        )
    return f"may read {topic} with the group {group}"


async def _may_read_group(config: ClientConfig, group: str, timeout_s: float) -> bool:
    admin = await asyncio.to_thread(KafkaAdmin, config=config, timeout_s=timeout_s)
    try:
        operations = await admin.group_operations(group)
    except AdminError as error:
        if error.code != KafkaError.GROUP_AUTHORIZATION_FAILED:
            raise
        return False
    finally:
        admin.close()
    return operations is None or "READ" in operations


def _who(config: ClientConfig) -> str:
    return config.cluster.security.username or "whoever connects this way"
