"""Notices that a topic is missing, or was deleted and created anew, in which case old offsets mean nothing."""

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.engine.kafka.admin import KafkaAdmin, denied_fault
from kafka_agent_studio.engine.kafka.admin_types import AdminError
from kafka_agent_studio.engine.ports import FaultError


class TopicMemory:
    """The identity a connector's topic had when it was last seen; it outlives the connector's consumers."""

    def __init__(self) -> None:
        self.topic_id: str | None = None


async def check_topic(*, admin: KafkaAdmin, topic: str, memory: TopicMemory) -> None:
    """Compare the topic with what is remembered of it. The client's own answer would be to create or to skip.

    A new identity is remembered at once: whoever starts the connector again has been told.

    Raises:
        FaultError: TOPIC_MISSING, TOPIC_DENIED, or TOPIC_RECREATED (fatal).
        AdminError: the cluster did not answer.
    """
    try:
        info = await admin.describe_topic(topic)
    except AdminError as error:
        denied = denied_fault(error, topic)
        if denied is None:
            raise
        raise FaultError(denied) from None
    if info is None:
        raise FaultError(Fault(FaultCode.TOPIC_MISSING, {"topic": topic}))
    before, memory.topic_id = memory.topic_id, info.topic_id or memory.topic_id
    if before is not None and info.topic_id is not None and before != info.topic_id:
        raise FaultError(Fault(FaultCode.TOPIC_RECREATED, {"topic": topic}), is_fatal=True)
