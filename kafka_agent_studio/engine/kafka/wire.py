"""The smallest possible conversation with a broker, to find out what speaks at a port: one ApiVersions request."""

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import AsyncIterator
from typing import Any

_API_VERSIONS = 18
_CORRELATION_ID = 0x4B41  # anything will do: the answer repeats it
_CLIENT_ID = b"kafka-agent-studio"
_MAX_ANSWER_BYTES = 1_000_000
_GOODBYE_S = 0.3


class NotKafkaError(Exception):
    """What answered is no Kafka broker."""


async def addresses_of(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, sorted; none where its name is not known.

    On a thread of its own that nothing waits for: a name server that is silent would hold up the program's exit.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def tell(found: list[str]) -> None:
        if not answer.done():
            answer.set_result(found)

    def look_up() -> None:
        try:
            found = sorted({str(a[4][0]) for a in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})
        except (OSError, UnicodeError):
            found = []
        with contextlib.suppress(RuntimeError):  # the loop is gone: nobody asks any more
            loop.call_soon_threadsafe(tell, found)

    threading.Thread(target=look_up, name="resolve", daemon=True).start()
    return await answer


@contextlib.asynccontextmanager
async def connected(
    host: str, port: int, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection, through TLS where a context is given. Raises: OSError (ssl.SSLError is one)."""
    server_hostname = host if tls is not None else None
    reader, writer = await asyncio.open_connection(host, port, ssl=tls, server_hostname=server_hostname)
    try:
        yield reader, writer
    finally:
        # abort, not close: a peer that answers nothing would keep a TLS goodbye waiting
        writer.transport.abort()


async def say_hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ask for the versions, which every listener answers before any login.

    Raises:
        OSError: the connection was cut; an ssl.SSLError carries the peer's alert.
        EOFError: it was closed without a word.
        NotKafkaError: the answer is not Kafka's.
    """
    header = struct.pack(">hhih", _API_VERSIONS, 0, _CORRELATION_ID, len(_CLIENT_ID)) + _CLIENT_ID
    writer.write(struct.pack(">i", len(header)) + header)
    await writer.drain()
    size, correlation_id = struct.unpack(">ii", await reader.readexactly(8))
    if correlation_id != _CORRELATION_ID or not 4 <= size <= _MAX_ANSWER_BYTES:
        raise NotKafkaError


async def speaks_kafka(host: str, port: int) -> bool:
    """Whether a Kafka broker answers there without TLS."""
    try:
        async with connected(host, port) as (reader, writer):
            await say_hello(reader, writer)
    except (OSError, EOFError, NotKafkaError):
        return False
    return True


async def speaks_tls(host: str, port: int) -> bool:
    """Whether a TLS handshake succeeds there, whoever it is."""
    try:
        async with connected(host, port, _trusting_anybody()):
            return True
    except (OSError, EOFError):
        return False


async def peer_certificate(host: str, port: int) -> bytes | None:
    """Return the certificate that is shown there (DER), trusted or not; None where none is."""
    try:
        async with connected(host, port, _trusting_anybody()) as (_, writer):
            session: ssl.SSLObject = writer.get_extra_info("ssl_object")
            return session.getpeercert(binary_form=True)
    except (OSError, EOFError):
        return None


async def end_connection(connection: Any) -> None:
    """Close a connection of aiokafka and give its goodbye a moment; a silent peer gets no more than that."""
    closing = connection.close()
    if closing is not None:
        await asyncio.wait((closing,), timeout=_GOODBYE_S)


def _trusting_anybody() -> ssl.SSLContext:
    # Only ever used to look at a certificate or to recognise TLS: nothing is sent through it.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
