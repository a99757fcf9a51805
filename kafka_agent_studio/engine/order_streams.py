"""The stream of sample orders as a switch: off, or so many orders a second."""

import asyncio
import logging

from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.sandbox.order_stream import OrderStream

_log = logging.getLogger(__name__)


class OrderStreams:
    """At most one stream at a time, to the embedded broker."""

    def __init__(self) -> None:
        self._tasks = TaskGroupOwner(name="order-stream", on_failure=_say)
        self._task: asyncio.Task[int] | None = None

    async def set_rate(self, *, rate_per_s: float, topic: str, bootstrap: str, count: int | None) -> None:
        """Start, change or (0) stop the stream; it ends by itself after `count` orders, None is no end."""
        await self.close()
        if rate_per_s > 0:
            stream = OrderStream(bootstrap_servers=bootstrap, orders_topic=topic)
            self._task = self._tasks.start("orders", stream.run(rate_per_s=rate_per_s, count=count))

    async def close(self) -> None:
        """Stop it."""
        await self._tasks.close()
        self._task = None


def _say(name: str, error: BaseException) -> None:
    _log.error("%s ended: %s", name, error)
