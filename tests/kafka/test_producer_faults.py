"""What the shared producer does when topic, rights or broker are in the way: nothing lost, nothing doubled."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from kafka_agent_studio.api.faults import FaultCode
from kafka_agent_studio.engine.ports import FaultError, OutboundRecord, RecordPlace, RecordTooLargeError
from kafka_agent_studio.model.security import SaslMechanism, Security, SecurityProtocol
from tests.helpers.apache_kafka import LIMITED_USER, USER_PASSWORDS, ApacheKafka
from tests.helpers.certificates import CLIENT_KEY_PASSWORD
from tests.helpers.engine_clients import EngineClients, MemorySecrets, make_cluster
from tests.helpers.fault_proxy import FaultMode, FaultProxy
from tests.helpers.kafka_listeners import Listener
from tests.helpers.kafka_records import KafkaRecords

Names = Callable[[str], str]


@pytest.fixture
def clients(kafka: ApacheKafka) -> Iterator[EngineClients]:
    clients = EngineClients(make_cluster(kafka.bootstrap()))
    yield clients
    clients.close()


@pytest.fixture
def limited(kafka: ApacheKafka) -> Iterator[EngineClients]:
    """Clients that log in as a user who may do nothing until told otherwise."""
    security = Security(
        protocol=SecurityProtocol.SASL_PLAINTEXT,
        sasl_mechanism=SaslMechanism.SCRAM_SHA_256,
        username=LIMITED_USER,
        password_secret="password",
    )
    secrets = MemorySecrets({"password": USER_PASSWORDS[LIMITED_USER]})
    clients = EngineClients(make_cluster(kafka.bootstrap(Listener.SASL_PLAINTEXT), security=security), secrets)
    yield clients
    clients.close()
    kafka.admin.forget_rules(LIMITED_USER)


@pytest.fixture
def records(kafka: ApacheKafka) -> Iterator[KafkaRecords]:
    records = KafkaRecords(bootstrap_servers=kafka.bootstrap())
    yield records
    records.close()


def numbered(topic: str, count: int, *, start: int = 0, size: int = 0) -> list[OutboundRecord]:
    return [OutboundRecord(topic, b"key", str(n).encode().ljust(size)) for n in range(start, start + count)]


def numbers(records: KafkaRecords, topic: str) -> list[int]:
    return [int(r.value or b"-1") for r in records.read_all(topic)]


async def until_waiting(clients: EngineClients, code: FaultCode | None) -> None:
    """Wait until the producer says that it waits for this (None: for nothing)."""
    async with asyncio.timeout(30):
        while not clients.waiting or (clients.waiting[-1] and clients.waiting[-1].code) != code:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


# sizes


async def test_a_record_too_large_is_named_and_the_others_arrive_in_order(
    kafka: ApacheKafka, clients: EngineClients, records: KafkaRecords, unique_name: Names
) -> None:
    topic, other = unique_name("small"), unique_name("large")
    kafka.admin.create_topic(topic, config={"max.message.bytes": "10000"})
    large = OutboundRecord(topic, b"key", b"x" * 10_001)
    async with clients.outbound() as outbound:
        answers = await outbound.send([*numbered(topic, 3), large, *numbered(topic, 3, start=3)])
        elsewhere = await outbound.send([OutboundRecord(other, b"key", b"y" * 900_000)])
    assert [isinstance(a, RecordTooLargeError) for a in answers] == [False, False, False, True, False, False, False]
    assert "max.message.bytes" in str(answers[3])
    assert isinstance(elsewhere[0], RecordPlace)
    assert numbers(records, topic) == [0, 1, 2, 3, 4, 5]


async def test_many_small_records_fit_into_a_topic_with_a_small_limit(
    kafka: ApacheKafka, clients: EngineClients, records: KafkaRecords, unique_name: Names
) -> None:
    first, topic = unique_name("usual"), unique_name("small")
    kafka.admin.create_topic(topic, config={"max.message.bytes": "10000"})
    async with clients.outbound() as outbound:
        await outbound.send(numbered(first, 1))  # the producer begins with large batches
        answers = await outbound.send(numbered(topic, 60, size=500))
    assert all(isinstance(a, RecordPlace) for a in answers)
    assert numbers(records, topic) == list(range(60))


async def test_a_limit_that_is_lowered_meanwhile_costs_no_record(
    kafka: ApacheKafka, clients: EngineClients, records: KafkaRecords, topic: str
) -> None:
    async with clients.outbound() as outbound:
        await outbound.send(numbered(topic, 1))
        kafka.admin.set_config(topic, {"max.message.bytes": "10000"})
        large = OutboundRecord(topic, b"key", b"x" * 20_000)
        answers = await outbound.send([*numbered(topic, 30, start=1, size=900), large, *numbered(topic, 3, start=31)])
    assert [n for n, a in enumerate(answers) if isinstance(a, RecordTooLargeError)] == [30]
    assert numbers(records, topic) == list(range(34))


async def test_where_the_limit_may_not_be_asked_for_the_broker_tells(
    kafka: ApacheKafka, limited: EngineClients, records: KafkaRecords, unique_name: Names
) -> None:
    topic = unique_name("small")
    kafka.admin.create_topic(topic, config={"max.message.bytes": "10000"})
    kafka.admin.allow(LIMITED_USER, "write", topic=topic)
    kafka.admin.deny(LIMITED_USER, "describe_configs", topic=topic)
    large = OutboundRecord(topic, b"key", b"x" * 20_000)
    async with limited.outbound() as outbound:
        answers = await outbound.send([*numbered(topic, 30, size=900), large, *numbered(topic, 3, start=30)])
    assert [n for n, a in enumerate(answers) if isinstance(a, RecordTooLargeError)] == [30]
    assert numbers(records, topic) == list(range(33))


# rights and topics


async def test_a_right_that_is_taken_away_and_given_back(
    kafka: ApacheKafka, limited: EngineClients, records: KafkaRecords, topic: str, unique_name: Names
) -> None:
    other = unique_name("other")
    kafka.admin.create_topic(other)
    kafka.admin.allow(LIMITED_USER, "write", topic=topic)
    kafka.admin.allow(LIMITED_USER, "write", topic=other)
    async with limited.outbound() as outbound:
        await outbound.send(numbered(topic, 1))
        kafka.admin.deny(LIMITED_USER, "write", topic=topic)
        waiting = asyncio.get_running_loop().create_task(outbound.send(numbered(topic, 3, start=1)))
        await until_waiting(limited, FaultCode.TOPIC_DENIED)
        assert isinstance((await outbound.send(numbered(other, 1)))[0], RecordPlace)  # nobody else waits
        kafka.admin.forget_rules(LIMITED_USER)
        kafka.admin.allow(LIMITED_USER, "write", topic=topic)
        later = await outbound.send(numbered(topic, 1, start=4))
        assert all(isinstance(a, RecordPlace) for a in [*await waiting, *later])
        await until_waiting(limited, None)
    assert numbers(records, topic) == [0, 1, 2, 3, 4]


async def test_a_topic_that_nobody_creates_is_waited_for(
    kafka: ApacheKafka,
    limited: EngineClients,
    records: KafkaRecords,
    unique_name: Names,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kafka_agent_studio.engine.kafka.client_config.REQUEST_TIMEOUT_MS", 2000)
    topic, other = unique_name("later"), unique_name("there")
    kafka.admin.create_topic(other)
    kafka.admin.allow(LIMITED_USER, "write", topic=topic)
    kafka.admin.allow(LIMITED_USER, "write", topic=other)
    async with limited.outbound() as outbound:
        waiting = asyncio.get_running_loop().create_task(outbound.send(numbered(topic, 2)))
        await until_waiting(limited, FaultCode.PUBLISH_WAITING)
        fault = limited.waiting[-1]
        assert fault is not None
        assert fault.parameters["topic"] == topic
        assert "does not exist" in str(fault.parameters["detail"])
        assert isinstance((await outbound.send(numbered(other, 1)))[0], RecordPlace)
        kafka.admin.create_topic(topic)
        assert all(isinstance(a, RecordPlace) for a in await waiting)
    assert numbers(records, topic) == [0, 1]


# the broker


async def test_a_broker_that_is_killed_and_comes_back_loses_and_doubles_nothing(
    kafka: ApacheKafka, clients: EngineClients, records: KafkaRecords, topic: str
) -> None:
    async with clients.outbound(silent_s=1.0) as outbound:
        await outbound.send(numbered(topic, 10))
        with kafka.killed():
            waiting = asyncio.get_running_loop().create_task(outbound.send(numbered(topic, 10, start=10)))
            await until_waiting(clients, FaultCode.BROKER_UNREACHABLE)
            more = asyncio.get_running_loop().create_task(outbound.send(numbered(topic, 10, start=20)))
        assert len(await waiting) == len(await more) == 10
        await until_waiting(clients, None)
    assert numbers(records, topic) == list(range(30))


async def test_closing_is_bounded_while_the_broker_hangs_and_nothing_is_written_later(
    kafka: ApacheKafka, clients: EngineClients, records: KafkaRecords, fault_proxy: FaultProxy, topic: str
) -> None:
    proxied = EngineClients(make_cluster(kafka.bootstrap(Listener.PROXIED)))
    async with proxied.outbound() as outbound:
        await outbound.send(numbered(topic, 1))
        await fault_proxy.set_mode(FaultMode.REFUSE)
        waiting = asyncio.get_running_loop().create_task(outbound.send(numbered(topic, 1, start=1)))
        await asyncio.sleep(0)
        async with asyncio.timeout(15):
            await outbound.close()
        with pytest.raises(FaultError):
            await waiting
    await fault_proxy.set_mode(FaultMode.PASS)
    proxied.close()
    async with clients.outbound() as again:
        await again.send(numbered(topic, 1, start=2))
    assert numbers(records, topic) == [0, 2]


async def test_a_password_that_is_changed_is_said_and_the_new_one_is_used(
    kafka: ApacheKafka,
    limited: EngineClients,
    records: KafkaRecords,
    topic: str,
    unique_name: Names,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kafka_agent_studio.engine.kafka.outbound.LOGIN_PAUSE_S", 1.0)
    monkeypatch.setattr("kafka_agent_studio.engine.kafka.consumer_watch.LOOK_EVERY_S", 0.2)
    monkeypatch.setattr("kafka_agent_studio.engine.kafka.consumer_watch.SILENT_S", 1.0)
    group = unique_name("group")
    kafka.admin.allow(LIMITED_USER, "read", "write", topic=topic)
    kafka.admin.allow(LIMITED_USER, "read", group=group)
    try:
        async with limited.outbound(silent_s=1.0) as outbound, limited.inbound(topic, group) as running:
            await outbound.send(numbered(topic, 1))
            await running.listener.until_count(1)
            kafka.admin.set_password(LIMITED_USER, "another-password")
            kafka.restart()
            waiting = asyncio.get_running_loop().create_task(outbound.send(numbered(topic, 1, start=1)))
            await until_waiting(limited, FaultCode.LOGIN_REFUSED)
            error = await running.trouble()
            assert (error.fault.code, error.is_fatal) == (FaultCode.LOGIN_REFUSED, True)
            limited.secrets.values["password"] = "another-password"
            await waiting
    finally:
        kafka.admin.set_password(LIMITED_USER, USER_PASSWORDS[LIMITED_USER])
    assert numbers(records, topic) == [0, 1]


# every way to log in


def _cells() -> list[tuple[Listener, str | None]]:
    cells: list[tuple[Listener, str | None]] = [(Listener.PLAINTEXT, None), (Listener.SSL, None), (Listener.MTLS, None)]
    for listener in (Listener.SASL_PLAINTEXT, Listener.SASL_SSL):
        cells += [(listener, mechanism) for mechanism in listener.mechanisms]
    return cells


@pytest.mark.parametrize(("listener", "mechanism"), _cells())
async def test_a_record_goes_out_and_comes_in_by_every_way_to_log_in(
    kafka: ApacheKafka, topic: str, unique_name: Names, listener: Listener, mechanism: str | None
) -> None:
    fields: dict[str, object] = {"protocol": listener.protocol}
    if "SSL" in listener.protocol:
        fields["ca_file"] = kafka.ca_file.name
    if listener is Listener.MTLS:
        locked = kafka.certificates.client_locked
        fields |= {"client_cert_file": locked.cert_file.name, "client_key_file": locked.key_file.name}
        fields["client_key_password_secret"] = "lock"
    if mechanism is not None:
        fields |= {"sasl_mechanism": mechanism, "username": "admin", "password_secret": "password"}
    cluster = make_cluster(
        kafka.bootstrap(listener), security=Security.model_validate(fields), root=kafka.ca_file.parent
    )
    clients = EngineClients(cluster, MemorySecrets({"password": USER_PASSWORDS["admin"], "lock": CLIENT_KEY_PASSWORD}))
    async with clients.outbound() as outbound:
        await outbound.send(numbered(topic, 1))
    async with clients.inbound(topic, unique_name("group")) as running:
        await running.listener.until_count(1)
        assert await running.commit_all()
    clients.close()
