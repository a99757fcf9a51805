"""How an aiokafka client ends, whatever the broker does: within seconds, leaving no task, no socket and no late write.

stop() waits for a dead broker without bound (a producer with a pending record), or raises CancelledError (a consumer
whose fetch is backing off) and then leaves sockets open. Bounding it alone leaves a zombie that writes later.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka.errors import ProducerClosed

from kafka_agent_studio.api.tasks import TaskGroupOwner

STOP_S = 3.0
"""How long stop() gets, which is what leaving the group needs: without that the successor waits out the session."""
SILENT_STOP_S = 0.5
"""How long it gets where the broker has left a question without an answer."""
CUT_S = 3.0
"""How long it gets once its connections are cut; it takes some 0.1 s."""

_log = logging.getLogger(__name__)


async def shut_down(*, stop: Callable[[], Awaitable[None]], client: Any, stop_s: float = STOP_S) -> None:
    """End a consumer or producer by its `stop` and its inner AIOKafkaClient. Never raises but for own cancellation."""
    tasks = TaskGroupOwner(name="kafka-shutdown")
    stopping = tasks.start("stop", _quietly(stop))
    try:
        await asyncio.wait((stopping,), timeout=stop_s)
        if not stopping.done():
            _cut(client)
            await asyncio.wait((stopping,), timeout=CUT_S)
        closing = tasks.start("close", _quietly(client.close))
        await asyncio.wait((closing,), timeout=CUT_S)
    finally:
        await tasks.close()


async def _quietly(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except Exception as error:  # noqa: BLE001 - it ends here, however it ends
        _log.debug("while closing: %s", error)


def _cut(client: Any) -> None:
    """Let every wait of the client's tasks end with ProducerClosed: nothing can be sent from now on."""

    async def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise ProducerClosed

    def refuse_later(*_args: Any, **_kwargs: Any) -> "asyncio.Future[None]":
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        future.set_exception(ProducerClosed())
        future.exception()  # seen: whether anybody else looks at it does not matter
        return future

    async def go_on() -> None:
        return None

    client.send = refuse
    client.force_metadata_update = refuse_later
    client._maybe_wait_metadata = go_on  # noqa: SLF001
    for connection in list(client._conns.values()):  # noqa: SLF001
        connection.close()
