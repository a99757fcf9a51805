"""Notices that a topic is missing, or was deleted and created anew, in which case old offsets mean nothing."""

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.engine.kafka.admin import KafkaAdmin, denied_fault
from kafka_agent_studio.engine.kafka.admin_types import AdminError
from kafka_agent_studio.engine.ports import FaultError


class TopicMemory:
    """What is known of a connector's topic; it outlives the connector's consumers."""

    def __init__(self) -> None:
        self.topic_id: str | None = None
        """The identity it had when it was last seen."""
        self.begins_anew = False
        """A person was told that it is another topic: the next start begins it at its first record."""

    def recreated(self, topic: str) -> FaultError:
        """Return the error to raise; whoever starts the connector again has been told."""
        self.topic_id = None
        self.begins_anew = True
        return FaultError(Fault(FaultCode.TOPIC_RECREATED, {"topic": topic}), is_fatal=True)


async def check_topic(*, admin: KafkaAdmin, topic: str, memory: TopicMemory) -> None:
    """Compare the topic with what is remembered of it. The client's own answer would be to create or to skip.

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
    if info.topic_id is None:
        return
    if memory.topic_id not in (None, info.topic_id):
        raise memory.recreated(topic)
    memory.topic_id = info.topic_id
