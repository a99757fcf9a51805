"""Listeners that are no Kafka broker, each wrong in its own way: for what a client says about them."""

import asyncio
import contextlib
import socket
import ssl
import struct
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.helpers.certificates import CertificateFiles
from tests.helpers.ports import LOOPBACK, free_ports


class Misbehaviour(StrEnum):
    """What a client gets that connected; with TLS, after the handshake."""

    SILENT = "silent"
    """Nothing, ever; what it sends is read."""
    CLOSE = "close"
    """An orderly end at once."""
    RESET = "reset"
    """A TCP reset as soon as it has sent something."""
    GARBAGE = "garbage"
    """Bytes that are not the Kafka protocol: what a web server says to a request that it does not understand."""


class BadServer:
    """Listens on a free loopback port and misbehaves towards everyone; an async context manager.

    `tls` (see server_tls) makes it speak TLS first. Without it, it is the plaintext server that a TLS client meets.
    """

    def __init__(self, misbehaviour: Misbehaviour | str, *, tls: ssl.SSLContext | None = None) -> None:
        self._misbehaviour = Misbehaviour(misbehaviour)
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()
        (self.port,) = free_ports(1)

    @property
    def bootstrap(self) -> str:
        """`host:port` of the listener."""
        return f"{LOOPBACK}:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, LOOPBACK, self.port, ssl=self._tls)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._serving:
            task.cancel()
        if self._serving:
            await asyncio.wait(self._serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            # Cancelled by __aexit__, which nobody else needs to hear of.
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await self._misbehave(reader, writer)
        finally:
            writer.transport.abort()
            self._serving.discard(task)

    async def _misbehave(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._misbehaviour is Misbehaviour.CLOSE:
            writer.close()
            await writer.wait_closed()
            return
        received = await reader.read(65536)
        if self._misbehaviour is Misbehaviour.RESET:
            reset_on_close(writer)
            return
        if self._misbehaviour is Misbehaviour.GARBAGE:
            writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            await writer.drain()
        while received:
            received = await reader.read(65536)


class FullBacklog:
    """A port on which a connect never comes to an end, like that of a host behind a firewall which drops packets.

    Linux alone: elsewhere the connect may succeed. Close it when done.
    """

    def __init__(self) -> None:
        (self.port,) = free_ports(1)
        self._listener = socket.socket()
        self._listener.bind((LOOPBACK, self.port))
        self._listener.listen(0)
        # Nobody accepts: once its queue is full the kernel leaves every further connect without an answer.
        self._waiting = [socket.socket() for _ in range(4)]
        for waiting in self._waiting:
            waiting.setblocking(False)
            waiting.connect_ex((LOOPBACK, self.port))

    @property
    def bootstrap(self) -> str:
        """`host:port` of the listener."""
        return f"{LOOPBACK}:{self.port}"

    def close(self) -> None:
        """Let go of the port."""
        for waiting in [*self._waiting, self._listener]:
            waiting.close()


def server_tls(certificate: CertificateFiles, *, client_ca_file: Path | None = None) -> ssl.SSLContext:
    """Return what a TLS server with that certificate needs; client_ca_file makes it insist on a client certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.key_store_file)
    if client_ca_file is not None:
        context.load_verify_locations(client_ca_file)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def reset_on_close(writer: asyncio.StreamWriter) -> None:
    """Let the end of a connection be a TCP reset, as if the machine had lost it, rather than an orderly one."""
    with contextlib.suppress(OSError):
        linger_zero = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_zero)
