"""The sockets that misbehave do it in the way that they say."""

import asyncio
import contextlib
import socket
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.background_loop import BackgroundLoop
from tests.helpers.bad_sockets import BadServer, FullBacklog, Misbehaviour, server_tls
from tests.helpers.certificates import BrokerCertificates
from tests.helpers.fault_proxy import FaultMode, FaultProxy
from tests.helpers.ports import LOOPBACK, DeadPort


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> BrokerCertificates:
    return BrokerCertificates.create(tmp_path_factory.mktemp("certificates"))


async def test_a_silent_server_says_nothing() -> None:
    async with BadServer(Misbehaviour.SILENT) as server:
        reader, writer = await asyncio.open_connection(LOOPBACK, server.port)
        writer.write(b"hello")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.1)
        writer.close()


async def test_a_closing_server_ends_at_once() -> None:
    async with BadServer("close") as server:
        reader, writer = await asyncio.open_connection(LOOPBACK, server.port)
        assert await reader.read() == b""
        writer.close()


async def test_a_resetting_server_resets() -> None:
    async with BadServer("reset") as server:
        reader, writer = await asyncio.open_connection(LOOPBACK, server.port)
        writer.write(b"hello")
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()


async def test_garbage_is_what_a_web_server_says() -> None:
    async with BadServer("garbage") as server:
        reader, writer = await asyncio.open_connection(LOOPBACK, server.port)
        writer.write(b"hello")
        assert (await reader.readline()).startswith(b"HTTP/1.1 400")
        writer.close()


async def test_tls_comes_with_the_given_certificate(certificates: BrokerCertificates) -> None:
    trusting = ssl.create_default_context(cafile=certificates.authority.ca_file)
    async with BadServer("garbage", tls=server_tls(certificates.server)) as server:
        reader, writer = await asyncio.open_connection(LOOPBACK, server.port, ssl=trusting)
        writer.write(b"hello")
        assert (await reader.readline()).startswith(b"HTTP/1.1 400")
        writer.close()
    async with BadServer("silent", tls=server_tls(certificates.client_stranger)) as server:
        with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
            await asyncio.open_connection(LOOPBACK, server.port, ssl=trusting)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems let the connect succeed")
def test_a_full_backlog_leaves_a_connect_without_an_answer() -> None:
    with contextlib.closing(FullBacklog()) as port, pytest.raises(TimeoutError):
        socket.create_connection((LOOPBACK, port.port), timeout=0.2)


def test_a_dead_port_refuses() -> None:
    with contextlib.closing(DeadPort()) as port, pytest.raises(ConnectionRefusedError):
        socket.create_connection((LOOPBACK, port.port), timeout=5)


@pytest.fixture
def echo_port() -> Iterator[int]:
    """A server that sends back what it gets, on a thread of its own."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1024):
                writer.write(data)
        writer.close()

    with BackgroundLoop() as background:
        server = background.enter(background.call(asyncio.start_server(echo, LOOPBACK, 0)))
        yield server.sockets[0].getsockname()[1]


def test_the_proxy_works_beside_a_test_without_a_loop(echo_port: int) -> None:
    with BackgroundLoop() as background:
        proxy = background.enter(FaultProxy(target_port=echo_port))
        with socket.create_connection((LOOPBACK, proxy.port), timeout=5) as client:
            client.sendall(b"through")
            assert client.recv(100) == b"through"
            background.call(proxy.set_mode(FaultMode.BLACK_HOLE))
            client.sendall(b"held")
            client.settimeout(0.1)
            with pytest.raises(TimeoutError):
                client.recv(100)
            background.call(proxy.set_mode(FaultMode.PASS))
            client.settimeout(5)
            assert client.recv(100) == b"held"
            background.call(proxy.set_mode(FaultMode.REFUSE))
            with pytest.raises(ConnectionResetError):
                client.recv(100)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((LOOPBACK, proxy.port), timeout=5)


async def test_lost_answers_stay_lost_and_the_connection_is_reset(echo_port: int) -> None:
    async with FaultProxy(target_port=echo_port) as proxy:
        reader, writer = await asyncio.open_connection(LOOPBACK, proxy.port)
        await proxy.set_mode(FaultMode.DROP_ANSWERS)
        writer.write(b"lost")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.2)
        await proxy.set_mode(FaultMode.PASS)
        with pytest.raises(ConnectionResetError):
            await reader.read(1)
        writer.close()


async def test_the_proxy_can_be_closed_in_a_black_hole(echo_port: int, certificates: BrokerCertificates) -> None:
    async with FaultProxy(target_port=echo_port) as proxy:
        reader, writer = await asyncio.open_connection(LOOPBACK, proxy.port)
        writer.write(b"one")
        assert await reader.read(3) == b"one"
        await proxy.set_mode(FaultMode.BLACK_HOLE)
        writer.write(b"two")
        late_reader, late_writer = await asyncio.open_connection(LOOPBACK, proxy.port)
    for open_reader, open_writer in ((reader, writer), (late_reader, late_writer)):
        with contextlib.suppress(ConnectionResetError):
            assert await open_reader.read(1) == b""
        open_writer.close()


def test_a_locked_key_needs_its_password(certificates: BrokerCertificates) -> None:
    locked = certificates.client_locked
    assert b"ENCRYPTED" in Path(locked.key_file).read_bytes()
    with pytest.raises(ssl.SSLError):
        ssl.create_default_context().load_cert_chain(locked.cert_file, locked.key_file, password="wrong")
