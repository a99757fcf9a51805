"""Commits of one consumer: one at a time, of the present assignment only, never lower than acknowledged."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from aiokafka import TopicPartition
from aiokafka import errors as kafka_errors

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.api.tasks import TaskGroupOwner

RETRY_PAUSE_S = 1.0

_log = logging.getLogger(__name__)


class Committer:
    """The broker takes any offset of any partition from any member of the generation: what is right is kept here."""

    def __init__(self, *, consumer: Any, topic: str, on_notice: Callable[[Fault], None]) -> None:
        self._consumer = consumer
        self._topic = topic
        self._on_notice = on_notice
        self._tasks = TaskGroupOwner(name=f"commit/{topic}")
        self._lock = asyncio.Lock()
        self._epoch: int | None = None
        self._acknowledged: dict[int, int] = {}
        self._mark = ""
        self._is_closed = False

    def begin(self, epoch: int, positions: Mapping[int, int], mark: str) -> None:
        """An assignment begins at `positions`; `mark` goes beside every commit."""
        self._epoch = epoch
        self._acknowledged = dict(positions)
        self._mark = mark

    def end(self) -> None:
        """The assignment is over: its commits are dropped from now on."""
        self._epoch = None

    async def commit(self, epoch: int, offsets: Mapping[int, int], *, is_first: bool = False) -> bool:
        """Commit; True once the broker has it, False where the assignment is over. Waits as long as the broker is away.

        `is_first`: commit also what equals the beginning, and raise what the broker says against it.
        """
        async with self._lock:
            return await self._commit(epoch, offsets, is_first=is_first)

    async def close(self) -> None:
        """End commits under way: stop() of the consumer does not."""
        self._is_closed = True
        self._epoch = None
        await self._tasks.close()

    async def _commit(self, epoch: int, offsets: Mapping[int, int], *, is_first: bool) -> bool:
        was_said = False
        while epoch == self._epoch and not self._is_closed:
            known = self._acknowledged
            news = {p: o for p, o in offsets.items() if p in known and (o > known[p] or (is_first and o == known[p]))}
            if not news:
                return True
            task = self._tasks.start("commit", self._send(news))
            await asyncio.wait((task,))
            if task.cancelled():
                return False
            error = task.exception()
            if error is None:
                known.update(news)
                return epoch == self._epoch
            if isinstance(error, kafka_errors.CommitFailedError | kafka_errors.IllegalStateError):
                return False
            if is_first:
                raise error
            if not was_said:
                was_said = True
                self._say(error)
            await asyncio.sleep(RETRY_PAUSE_S)
        return False

    async def _send(self, offsets: Mapping[int, int]) -> None:
        # The client sends the generation of the moment of sending; between here and there is no await.
        await self._consumer.commit({TopicPartition(self._topic, p): (o, self._mark) for p, o in offsets.items()})

    def _say(self, error: BaseException) -> None:
        group = self._consumer._group_id  # noqa: SLF001
        if isinstance(error, kafka_errors.GroupAuthorizationFailedError):
            self._on_notice(Fault(FaultCode.GROUP_DENIED, {"group": group}))
        elif isinstance(error, kafka_errors.TopicAuthorizationFailedError):
            self._on_notice(Fault(FaultCode.TOPIC_DENIED, {"topic": self._topic, "operation": "read"}))
        else:
            _log.warning("commit of %s is tried again: %r", self._topic, error)
