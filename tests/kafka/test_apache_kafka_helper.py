"""The test broker itself: every listener and every fault, before anything is built on them."""

import asyncio
import os
import select
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.conn import create_conn
from aiokafka.errors import KafkaConnectionError, TopicAuthorizationFailedError
from aiokafka.structs import TopicPartition

from tests.helpers.apache_kafka import ADMIN_USER, LIMITED_USER, USER_PASSWORDS, ApacheKafka
from tests.helpers.certificates import CertificateFiles
from tests.helpers.fault_proxy import FaultMode, FaultProxy
from tests.helpers.kafka_listeners import Listener
from tests.helpers.kafka_records import NewRecord

CELLS = [
    (listener, mechanism)
    for listener in (Listener.PLAINTEXT, Listener.SSL, Listener.MTLS, Listener.SASL_PLAINTEXT, Listener.SASL_SSL)
    for mechanism in (listener.mechanisms or (None,))
]


def client_settings(
    kafka: ApacheKafka,
    listener: Listener,
    *,
    mechanism: str | None = None,
    user: str = ADMIN_USER,
    client_certificate: CertificateFiles | None = None,
) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "bootstrap_servers": kafka.bootstrap(listener),
        "security_protocol": listener.protocol,
        "request_timeout_ms": 5000,
        "retry_backoff_ms": 50,
    }
    if "SSL" in listener.protocol:
        context = ssl.create_default_context(cafile=kafka.ca_file)
        if client_certificate is not None:
            context.load_cert_chain(client_certificate.cert_file, client_certificate.key_file)
        settings["ssl_context"] = context
    if mechanism is not None:
        password = USER_PASSWORDS[user]
        settings |= {"sasl_mechanism": mechanism, "sasl_plain_username": user, "sasl_plain_password": password}
    return settings


@asynccontextmanager
async def a_producer(settings: dict[str, Any]) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(**settings, enable_idempotence=True)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def handshake_error(kafka: ApacheKafka, listener: Listener, **choices: Any) -> Exception:
    """Return what a client says that must not get in."""
    settings = client_settings(kafka, listener, **choices)
    host, port = settings.pop("bootstrap_servers").split(":")
    del settings["retry_backoff_ms"]
    with pytest.raises(Exception) as caught:  # noqa: PT011 - each listener has its own
        await create_conn(host, int(port), **settings)
    return caught.value


@pytest.mark.parametrize(("listener", "mechanism"), CELLS)
async def test_a_record_goes_in_and_out_through_each_listener(
    kafka: ApacheKafka, topic: str, listener: Listener, mechanism: str | None
) -> None:
    certificate = kafka.certificates.client if listener is Listener.MTLS else None
    settings = client_settings(kafka, listener, mechanism=mechanism, client_certificate=certificate)
    async with a_producer(settings) as producer:
        await producer.send_and_wait(topic, b"value", key=b"key", headers=[("name", b"text")])
    consumer = AIOKafkaConsumer(**settings, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        record = await consumer.getone()
    finally:
        await consumer.stop()
    assert (record.key, record.value, record.headers) == (b"key", b"value", (("name", b"text"),))


@pytest.mark.parametrize("which", ["missing", "expired", "stranger"])
async def test_the_mtls_listener_refuses_bad_client_certificates(kafka: ApacheKafka, which: str) -> None:
    bad = {"expired": kafka.certificates.client_expired, "stranger": kafka.certificates.client_stranger}
    error = await handshake_error(kafka, Listener.MTLS, client_certificate=bad.get(which))
    assert isinstance(error, KafkaConnectionError)


async def test_the_bad_server_certificates_are_told_apart(kafka: ApacheKafka) -> None:
    assert "expired" in str(await handshake_error(kafka, Listener.EXPIRED))
    assert "127.0.0.1" in str(await handshake_error(kafka, Listener.FOREIGN))


async def test_a_login_that_is_not_offered_is_refused(kafka: ApacheKafka) -> None:
    error = await handshake_error(kafka, Listener.SCRAM_512_ONLY, mechanism="PLAIN")
    assert "UnsupportedSaslMechanism" in repr(error)


async def test_a_listener_advertises_a_port_where_nobody_listens(kafka: ApacheKafka) -> None:
    host, port = kafka.bootstrap(Listener.DEAD_ADVERTISED).split(":")
    connection = await create_conn(host, int(port))
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", kafka.dead_port)


async def test_the_limited_user_may_do_what_was_granted_and_no_more(
    kafka: ApacheKafka, topic: str, unique_name: Callable[[str], str]
) -> None:
    other = unique_name("other")
    kafka.admin.create_topic(other)
    kafka.admin.allow(LIMITED_USER, "write", "describe", topic=topic)
    try:
        settings = client_settings(kafka, Listener.SASL_PLAINTEXT, mechanism="SCRAM-SHA-512", user=LIMITED_USER)
        async with a_producer(settings) as producer:
            await producer.send_and_wait(topic, b"granted")
            with pytest.raises(TopicAuthorizationFailedError):
                await producer.send_and_wait(other, b"not granted")
    finally:
        kafka.admin.forget_rules(LIMITED_USER)
    assert [record.value for record in kafka.records.read_all(topic)] == [b"granted"]
    assert kafka.records.read_all(other) == []


async def test_a_changed_scram_password_is_asked_for_at_the_next_login(kafka: ApacheKafka) -> None:
    kafka.admin.set_password(LIMITED_USER, "another")
    try:
        error = await handshake_error(kafka, Listener.SASL_PLAINTEXT, mechanism="SCRAM-SHA-256", user=LIMITED_USER)
    finally:
        kafka.admin.set_password(LIMITED_USER, USER_PASSWORDS[LIMITED_USER])
    assert "SaslAuthenticationFailed" in repr(error)


def test_an_operator_can_do_to_a_topic_what_operators_do(kafka: ApacheKafka, topic: str) -> None:
    kafka.records.produce_many(topic, [NewRecord(value=str(number)) for number in range(5)])
    kafka.records.produce_aborted(topic, [NewRecord(value="aborted", partition=0)])
    kafka.admin.delete_records(topic, before={0: 2})
    kafka.admin.set_committed("readers", topic, {0: 3})
    kafka.admin.add_partitions(topic, total=2)
    kafka.records.produce(topic, None, partition=1, timestamp_ms=1_705_312_800_000)

    records = kafka.records.read_all(topic)
    assert [(record.partition, record.value) for record in records] == [(0, b"2"), (0, b"3"), (0, b"4"), (1, None)]
    assert records[-1].timestamp_ms == 1_705_312_800_000
    aborted = kafka.records.read_all(topic, isolation="read_uncommitted")
    assert b"aborted" in [record.value for record in aborted]
    assert kafka.admin.committed("readers", topic) == {0: 3}
    assert kafka.admin.members("readers") == 0
    # Five records, the aborted one and the transaction's marker.
    assert kafka.admin.end_offsets(topic) == {0: 7, 1: 1}
    kafka.admin.delete_topic(topic)
    assert kafka.records.read_all(topic) == []
    assert topic not in kafka.admin.topics()


async def test_a_frozen_broker_accepts_and_says_nothing(kafka: ApacheKafka, topic: str) -> None:
    async with a_producer(client_settings(kafka, Listener.PLAINTEXT)) as producer:
        await producer.send_and_wait(topic, b"before")
        with kafka.frozen():
            pending = await producer.send(topic, b"during")
            _reader, writer = await asyncio.open_connection(*kafka.bootstrap().split(":"))
            writer.close()
            await asyncio.wait([pending], timeout=0.3)
            assert not pending.done()
        await pending
    assert [record.value for record in kafka.records.read_all(topic)] == [b"before", b"during"]


async def test_each_fault_of_the_proxy_ends_and_nothing_is_lost(
    kafka: ApacheKafka, topic: str, fault_proxy: FaultProxy
) -> None:
    faults = [FaultMode.REFUSE, FaultMode.BLACK_HOLE, FaultMode.RESET, FaultMode.SLOW, FaultMode.DROP_ANSWERS]
    async with a_producer(client_settings(kafka, Listener.PROXIED) | {"request_timeout_ms": 2000}) as producer:
        # A topic that it does not know yet is given up after a while; one that it knows is not.
        await producer.send_and_wait(topic, b"pass")
        for fault in faults:
            await fault_proxy.set_mode(fault, latency_s=0.3)
            pending = await producer.send(topic, fault.encode())
            await asyncio.wait([pending], timeout=0.2)
            assert not pending.done(), fault
            await fault_proxy.set_mode(FaultMode.PASS)
            await pending
    assert [record.value for record in kafka.records.read_all(topic)] == [
        b"pass",
        *(fault.encode() for fault in faults),
    ]
    assert fault_proxy.connections_accepted > len(faults)


async def test_data_passwords_and_ports_outlive_a_kill(kafka: ApacheKafka, topic: str) -> None:
    where = kafka.records.produce(topic, "before")
    pid = kafka.pid
    with kafka.killed(), pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(*kafka.bootstrap().split(":"))
    assert kafka.pid != pid
    assert where == (0, 0)
    assert kafka.records.produce(topic, "after") == (0, 1)
    assert [record.value for record in await kafka.records.arrived(topic, count=2)] == [b"before", b"after"]


def test_a_broker_that_cannot_start_shows_its_log(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"log\.dirs|log directory|Exception"):
        ApacheKafka(folder=tmp_path, settings={"num.network.threads": "0"}).__enter__()


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for a process that is not a child")
def test_a_child_does_not_outlive_its_parent(tmp_path: Path) -> None:
    program = f"""
import os, pathlib, signal
from tests.helpers.child_process import ChildProcess
child = ChildProcess(["sleep", "600"], output_file=pathlib.Path({str(tmp_path / "out")!r}))
print(child.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    # Readable, which is to say at its end, as soon as the process is gone.
    ended = os.pidfd_open(int(answer.stdout))
    try:
        assert select.select([ended], [], [], 10)[0]
    finally:
        os.close(ended)
