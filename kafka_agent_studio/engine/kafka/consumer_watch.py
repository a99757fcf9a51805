"""Watches a consumer from outside: that its topic is still the same, that it makes progress, and else why not."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.engine.kafka.admin import AdminPool
from kafka_agent_studio.engine.kafka.admin_types import AdminError
from kafka_agent_studio.engine.kafka.client_config import ClientConfig
from kafka_agent_studio.engine.kafka.probe import as_error, probe
from kafka_agent_studio.engine.kafka.topic_watch import TopicMemory, check_topic
from kafka_agent_studio.engine.ports import FaultError

LOOK_EVERY_S = 5.0
TOPIC_EVERY_S = 60.0
SILENT_S = 15.0
"""Without an answer from the broker for this long, ask it with a connection of our own."""
STUCK_S = 60.0
"""The broker answers a probe but not the consumer: after this long only a new consumer helps."""
STUCK_JOINING_S = 180.0
"""The same between two assignments, where the other members of the group have 120 s to finish their work."""


class ConsumerWatch:
    """run() ends with a FaultError when the consumer has to be replaced or a person has to act."""

    def __init__(
        self,
        *,
        consumer: Any,
        config: ClientConfig,
        admins: AdminPool,
        topic: str,
        memory: TopicMemory,
        has_room: Callable[[], bool],
        is_assigned: Callable[[], bool],
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._consumer = consumer
        self._config = config
        self._admins = admins
        self._topic = topic
        self._memory = memory
        self._has_room = has_room
        self._is_assigned = is_assigned
        self._monotonic_s = monotonic_s
        self._look = asyncio.Event()
        self._began_s = self._answered_s = monotonic_s()
        self._answered_at_ms: int | None = None

    @property
    def answered_s(self) -> float:
        """Seconds between the beginning and the broker's last answer."""
        return self._answered_s - self._began_s

    def look_now(self) -> None:
        """The assignment changed: check the topic at once."""
        self._look.set()

    async def run(self) -> None:
        """Watch until cancelled. Raises: FaultError."""
        topic_checked_s = self._monotonic_s()
        while True:
            asked = await self._pause()
            if asked or self._monotonic_s() - topic_checked_s >= TOPIC_EVERY_S:
                topic_checked_s = self._monotonic_s()
                await self.check_topic()
            await self._check_progress()

    async def check_topic(self) -> None:
        """Raises: FaultError TOPIC_MISSING, TOPIC_DENIED or TOPIC_RECREATED; nothing where the broker is silent.

        The embedded broker does not answer the question and creates what it is asked for.
        """
        cluster = self._config.cluster
        if cluster.is_sandbox:
            return
        admin = await self._admins.get(cluster)
        try:
            await check_topic(admin=admin, topic=self._topic, memory=self._memory)
        except AdminError:
            # silence is _check_progress's to judge; the login of this client may be an old one
            self._admins.forget(cluster)

    async def _pause(self) -> bool:
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._look.wait()
        except TimeoutError:
            return False
        self._look.clear()
        return True

    async def _check_progress(self) -> None:
        now_s = self._monotonic_s()
        latest_ms = self._latest_answer_ms()
        if latest_ms != self._answered_at_ms or not self._has_room():
            # a full pipeline asks for nothing, so that silence means nothing
            self._answered_at_ms = latest_ms
            self._answered_s = now_s
            return
        silent_s = now_s - self._answered_s
        if silent_s < SILENT_S:
            return
        fault = await probe(self._config)
        if fault is not None:
            self._admins.forget(self._config.cluster)
            raise as_error(fault)
        if not self._consumer.assignment():
            self._answered_s = now_s  # the broker is well; there are more members than partitions, or one is leaving
        elif silent_s >= (STUCK_S if self._is_assigned() else STUCK_JOINING_S):
            raise FaultError(Fault(FaultCode.NOT_PROGRESSING, {"seconds": round(silent_s)}))

    def _latest_answer_ms(self) -> int | None:
        answers = [self._consumer.last_poll_timestamp(tp) for tp in self._consumer.assignment()]
        return max((a for a in answers if a is not None), default=None)
