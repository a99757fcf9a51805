"""A loopback proxy between a client and a server that does to their connections what networks do."""

import asyncio
from enum import StrEnum
from types import TracebackType
from typing import Self

from tests.helpers.bad_sockets import reset_on_close
from tests.helpers.ports import LOOPBACK, free_ports

_CHUNK_BYTES = 65536
_CHUNKS_UNDER_WAY = 256


class FaultMode(StrEnum):
    """What happens to connections, those that there are and new ones."""

    PASS = "pass"
    """Everything goes through at once."""
    REFUSE = "refuse"
    """Connections are reset and new ones refused, as by a server that was stopped."""
    BLACK_HOLE = "black_hole"
    """Connections stay and new ones succeed, nothing goes through; what was sent arrives when the hole closes."""
    RESET = "reset"
    """Every connection is reset, new ones as soon as they are there."""
    SLOW = "slow"
    """Everything goes through, each way `latency_s` later."""
    DROP_ANSWERS = "drop_answers"
    """Requests reach the server, its answers are lost; afterwards these connections are reset."""


class FaultProxy:
    """Listens on a loopback port and leads to a server; `set_mode()` switches the fault on, pass switches it off."""

    def __init__(self, *, target_host: str = LOOPBACK, target_port: int, listen_port: int | None = None) -> None:
        """Prepare a proxy; listen_port None takes a free one."""
        self._target = (target_host, target_port)
        self.port: int = listen_port or free_ports(1)[0]
        self._mode = FaultMode.PASS
        self._latency_s = 0.0
        self._changed = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._links: set[_Link] = set()
        self.connections_accepted = 0

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def bootstrap(self) -> str:
        """`host:port` of the proxy."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def mode(self) -> FaultMode:
        """The fault that is on."""
        return self._mode

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._links)

    async def set_mode(self, mode: FaultMode | str, *, latency_s: float = 0.0) -> None:
        """Switch to a mode, for open connections too. latency_s: only with SLOW, for each way."""
        before, self._mode = self._mode, FaultMode(mode)
        self._latency_s = latency_s if self._mode is FaultMode.SLOW else 0.0
        self._changed.set()
        self._changed = asyncio.Event()
        if self._mode in (FaultMode.REFUSE, FaultMode.RESET):
            self.reset_connections()
        if before is FaultMode.DROP_ANSWERS:
            for link in [link for link in self._links if link.lost_bytes]:
                link.reset()
        if self._mode is FaultMode.REFUSE:
            self._stop_listening()
        elif self._server is None:
            await self._listen()

    def reset_connections(self) -> None:
        """Reset every open connection once, in any mode."""
        for link in list(self._links):
            link.reset()

    async def all_ended(self, *, timeout_s: float = 10.0) -> bool:
        """Wait until every connection was ended by its client or the server. False: time ran out."""
        if self._links:
            await asyncio.wait([link.task for link in self._links], timeout=timeout_s)
        return not self._links

    async def close(self) -> None:
        """Reset all connections and let go of the port."""
        self._stop_listening()
        self.reset_connections()
        if self._links:
            await asyncio.wait([link.task for link in self._links])

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, LOOPBACK, self.port)

    def _stop_listening(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        link = _Link(task=task, client=writer)
        self._links.add(link)
        self.connections_accepted += 1
        try:
            await self._until_not(FaultMode.BLACK_HOLE)
            if self._mode is FaultMode.RESET:
                link.reset()
            await self._connect_and_pump(link, reader)
        except* (OSError, asyncio.CancelledError):
            # Cut on purpose, or by either side, or the server refuses: the client hears of it by a reset.
            link.cut()
        finally:
            link.close()
            self._links.discard(link)

    async def _connect_and_pump(self, link: "_Link", client_reader: asyncio.StreamReader) -> None:
        server_reader, link.server = await asyncio.open_connection(*self._target)
        pumps = (
            self._pump(link, client_reader, link.server, are_answers=False),
            self._pump(link, server_reader, link.client, are_answers=True),
        )
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(pump) for pump in pumps]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()

    async def _pump(
        self, link: "_Link", reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, are_answers: bool
    ) -> None:
        """Carry bytes one way until that side ends; reading goes on while earlier bytes wait out their latency."""
        clock = asyncio.get_running_loop().time
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=_CHUNKS_UNDER_WAY)

        async def deliver() -> None:
            while True:
                due_s, data = await waiting.get()
                await asyncio.sleep(max(0.0, due_s - clock()))
                await self._until_not(FaultMode.BLACK_HOLE)
                if are_answers and self._mode is FaultMode.DROP_ANSWERS:
                    link.lost_bytes = True
                else:
                    writer.write(data)
                    await writer.drain()
                waiting.task_done()

        async with asyncio.TaskGroup() as group:
            delivery = group.create_task(deliver())
            while data := await reader.read(_CHUNK_BYTES):
                await waiting.put((clock() + self._latency_s, data))
            await waiting.join()
            delivery.cancel()

    async def _until_not(self, mode: FaultMode) -> None:
        while self._mode is mode:
            await self._changed.wait()


class _Link:
    """A client's connection, the one to the server that belongs to it, and the task that carries their bytes."""

    def __init__(self, *, task: "asyncio.Task[None]", client: asyncio.StreamWriter) -> None:
        self.task = task
        self.client = client
        self.server: asyncio.StreamWriter | None = None
        self.lost_bytes = False

    def reset(self) -> None:
        """Cut both connections and end the task."""
        self.cut()
        self.task.cancel()

    def cut(self) -> None:
        """End both connections with a TCP reset; what is under way is lost."""
        for writer in self._writers():
            reset_on_close(writer)
            writer.transport.abort()

    def close(self) -> None:
        """End both connections in good order, after what was written; nothing more happens to those that were cut."""
        for writer in self._writers():
            writer.close()

    def _writers(self) -> list[asyncio.StreamWriter]:
        return [writer for writer in (self.client, self.server) if writer is not None]
