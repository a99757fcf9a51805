"""Sets a group's commits on the embedded broker, which knows no administration: as a member of the group does."""

import time
from collections.abc import Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from kafka_agent_studio.engine.kafka.admin_types import AdminError
from kafka_agent_studio.engine.kafka.client_config import ClientConfig

JOIN_S = 12.0
"""The broker lets nobody join for some seconds after a member left."""
SESSION_MS = 4000


def commit_offsets(config: ClientConfig, group: str, topic: str, offsets: Mapping[int, int]) -> None:
    """Set the next offset to read by partition; blocks. Nobody may be in the group meanwhile. Raises: AdminError."""
    settings = {"group.id": group, "enable.auto.commit": False, "session.timeout.ms": SESSION_MS}
    member: Any = Consumer({**config.confluent(), **settings, "heartbeat.interval.ms": SESSION_MS // 4})
    places = [TopicPartition(topic, partition, offset) for partition, offset in offsets.items()]
    try:
        try:
            answers = member.commit(offsets=places, asynchronous=False)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.UNKNOWN_MEMBER_ID:
                raise
            # a group that once had members takes commits from members only
            _join(member, topic)
            answers = member.commit(offsets=places, asynchronous=False)
    except KafkaException as error:
        raise AdminError(error.args[0].code(), error.args[0].str()) from None
    finally:
        member.close()
    for answer in answers:
        if answer.error is not None:
            raise AdminError(answer.error.code(), answer.error.str())


def _join(member: Any, topic: str) -> None:
    member.subscribe([topic])
    ends_s = time.monotonic() + JOIN_S
    while not member.assignment():
        if time.monotonic() > ends_s:
            raise AdminError(KafkaError.UNKNOWN_MEMBER_ID, "the group took no member in time")
        member.poll(0.1)
