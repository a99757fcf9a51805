"""What a consumer says and does when its topic, its rights or its broker change under it."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from kafka_agent_studio.api.faults import FaultCode
from kafka_agent_studio.engine.ports import FaultError
from kafka_agent_studio.model.connector import AutoOffsetReset
from kafka_agent_studio.model.security import SaslMechanism, Security, SecurityProtocol
from tests.helpers.apache_kafka import LIMITED_USER, USER_PASSWORDS, ApacheKafka
from tests.helpers.engine_clients import EngineClients, MemorySecrets, make_cluster
from tests.helpers.fault_proxy import FaultMode, FaultProxy
from tests.helpers.kafka_listeners import Listener
from tests.helpers.kafka_records import KafkaRecords, NewRecord
from tests.helpers.recording_listener import RecordingListener

Names = Callable[[str], str]


@pytest.fixture
def clients(kafka: ApacheKafka) -> Iterator[EngineClients]:
    clients = EngineClients(make_cluster(kafka.bootstrap()))
    yield clients
    clients.close()


@pytest.fixture
def records(kafka: ApacheKafka) -> Iterator[KafkaRecords]:
    records = KafkaRecords(bootstrap_servers=kafka.bootstrap())
    yield records
    records.close()


def limited_security(user: str = LIMITED_USER) -> Security:
    return Security(
        protocol=SecurityProtocol.SASL_PLAINTEXT,
        sasl_mechanism=SaslMechanism.SCRAM_SHA_256,
        username=user,
        password_secret="password",
    )


@pytest.fixture
def limited(kafka: ApacheKafka) -> Iterator[EngineClients]:
    """Clients that log in as a user who may do nothing until told otherwise."""
    secrets = MemorySecrets({"password": USER_PASSWORDS[LIMITED_USER]})
    clients = EngineClients(
        make_cluster(kafka.bootstrap(Listener.SASL_PLAINTEXT), security=limited_security()), secrets
    )
    yield clients
    clients.close()
    kafka.admin.forget_rules(LIMITED_USER)


def numbered(count: int, *, start: int = 0, partition: int = 0) -> list[NewRecord]:
    return [NewRecord(value=str(n), partition=partition) for n in range(start, start + count)]


# retention


@pytest.mark.parametrize("reset", list(AutoOffsetReset))
async def test_records_removed_before_the_start_are_named(
    kafka: ApacheKafka,
    clients: EngineClients,
    records: KafkaRecords,
    topic: str,
    unique_name: Names,
    reset: AutoOffsetReset,
) -> None:
    group = unique_name("group")
    records.produce_many(topic, numbered(100))
    async with clients.inbound(topic, group) as running:
        await running.listener.until_count(100)
        assert await running.inbound.commit(running.listener.epoch, {0: 41})
    kafka.admin.delete_records(topic, before={0: 91})
    async with clients.inbound(topic, group, reset=reset) as running:
        await running.listener.until_count(9)
        assert running.listener.values() == [str(n).encode() for n in range(91, 100)]
        (notice,) = running.listener.notices_of(FaultCode.RECORDS_REMOVED)
    assert notice.parameters == {"topic": topic, "partition": 0, "first": 41, "last": 90}


async def test_records_removed_while_reading_are_named(
    kafka: ApacheKafka, clients: EngineClients, records: KafkaRecords, topic: str, unique_name: Names
) -> None:
    records.produce_many(topic, [NewRecord(value=b"x" * 100_000, partition=0) for _ in range(100)])
    listener = RecordingListener(room=5)
    async with clients.inbound(topic, unique_name("group"), listener=listener, keep_alive_s=0.05) as running:
        await listener.until_count(5)
        kafka.admin.delete_records(topic, before={0: 90})
        await asyncio.wait((running.poll,), timeout=0.3)  # what was fetched ahead is dropped by then
        listener.room = 100
        running.inbound.wake()
        await listener.until(lambda me: bool(me.notices_of(FaultCode.RECORDS_REMOVED)) and len(me.records) >= 15)
        (notice,) = listener.notices_of(FaultCode.RECORDS_REMOVED)
        offsets = [r.offset for r in listener.records]
    first = notice.parameters["first"]
    assert notice.parameters["last"] == 89
    assert isinstance(first, int)
    assert offsets == [*range(first), *range(90, 100)]


# topics


async def test_a_partition_that_is_added_is_read_from_its_first_record(
    kafka: ApacheKafka,
    clients: EngineClients,
    records: KafkaRecords,
    topic: str,
    unique_name: Names,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kafka_agent_studio.engine.kafka.client_config.METADATA_MAX_AGE_MS", 1000)
    async with clients.inbound(topic, unique_name("group"), reset=AutoOffsetReset.LATEST) as running:
        await running.listener.until(lambda me: bool(me.assignments))
        kafka.admin.add_partitions(topic, total=2)
        records.produce_many(topic, numbered(5, partition=1))
        await running.listener.until_count(5)
        assert running.listener.values() == [str(n).encode() for n in range(5)]
        assert running.listener.revocations == 1


async def test_a_missing_topic_is_said_to_be_missing_and_not_created(
    kafka: ApacheKafka, clients: EngineClients, unique_name: Names
) -> None:
    name = unique_name("typo")
    with pytest.raises(FaultError) as caught:
        async with clients.inbound(name, unique_name("group")):
            pass
    assert caught.value.fault.code is FaultCode.TOPIC_MISSING
    assert caught.value.fault.parameters == {"topic": name}
    assert not caught.value.is_fatal
    assert name not in kafka.admin.topics()


async def test_a_topic_created_anew_stops_the_consumer_with_a_question(
    kafka: ApacheKafka,
    clients: EngineClients,
    records: KafkaRecords,
    topic: str,
    unique_name: Names,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kafka_agent_studio.engine.kafka.consumer_watch.TOPIC_EVERY_S", 0.5)
    monkeypatch.setattr("kafka_agent_studio.engine.kafka.consumer_watch.LOOK_EVERY_S", 0.2)
    group = unique_name("group")
    records.produce_many(topic, numbered(3))
    async with clients.inbound(topic, group) as running:
        await running.listener.until_count(3)
        kafka.admin.delete_topic(topic)
        kafka.admin.create_topic(topic)
        error = await running.trouble()
        assert (error.fault.code, error.is_fatal) == (FaultCode.TOPIC_RECREATED, True)
    records.produce_many(topic, numbered(2, start=100))
    async with clients.inbound(topic, group) as running:  # whoever starts it again has been told
        await running.listener.until_count(2)
        assert running.listener.values() == [b"100", b"101"]


async def test_a_topic_created_anew_between_two_consumers_is_noticed(
    kafka: ApacheKafka, clients: EngineClients, topic: str, unique_name: Names
) -> None:
    async with clients.inbound(topic, unique_name("group")) as running:
        await running.listener.until(lambda me: bool(me.assignments))
    kafka.admin.delete_topic(topic)
    kafka.admin.create_topic(topic)
    with pytest.raises(FaultError) as caught:
        async with clients.inbound(topic, unique_name("group")):
            pass
    assert caught.value.fault.code is FaultCode.TOPIC_RECREATED


async def test_aborted_transactions_are_never_read(
    clients: EngineClients, records: KafkaRecords, topic: str, unique_name: Names
) -> None:
    records.produce_many(topic, numbered(2))
    records.produce_aborted(topic, numbered(3, start=50))
    records.produce_many(topic, numbered(2, start=2))
    async with clients.inbound(topic, unique_name("group")) as running:
        await running.listener.until_count(4)
        assert running.listener.values() == [b"0", b"1", b"2", b"3"]


# members


async def test_two_members_share_and_the_one_that_stays_is_told_where_it_was(
    kafka: ApacheKafka, clients: EngineClients, records: KafkaRecords, unique_name: Names
) -> None:
    topic, group = unique_name("orders"), unique_name("group")
    kafka.admin.create_topic(topic, partitions=4)
    for partition in range(4):
        records.produce_many(topic, numbered(5, partition=partition))
    first = RecordingListener()
    async with clients.inbound(topic, group, listener=first) as running:
        await first.until_count(20)
        first.starts = dict.fromkeys(range(4), 5)  # all in hand, nothing committed
        second = RecordingListener()
        async with clients.inbound(topic, group, listener=second):
            await second.until(lambda me: bool(me.assignments))
            await first.until(lambda me: len(me.assignments) == 2)
            shares = (set(first.assignments[1]), set(second.assignments[0]))
            assert shares[0] | shares[1] == {0, 1, 2, 3}
            assert not shares[0] & shares[1]
            await second.until_count(10)
        await first.until(lambda me: len(me.assignments) == 3)
        assert len(first.records) == 20  # nothing that was in hand came again
        assert running.poll.done() is False


async def test_latest_in_a_new_group_holds_for_members_that_come_later(
    kafka: ApacheKafka, clients: EngineClients, records: KafkaRecords, unique_name: Names
) -> None:
    topic, group = unique_name("orders"), unique_name("group")
    kafka.admin.create_topic(topic, partitions=2)
    for partition in range(2):
        records.produce_many(topic, numbered(5, partition=partition))
    listeners = (RecordingListener(), RecordingListener())
    async with (
        clients.inbound(topic, group, reset=AutoOffsetReset.LATEST, listener=listeners[0]),
        clients.inbound(topic, group, reset=AutoOffsetReset.LATEST, listener=listeners[1]),
    ):
        for listener in listeners:
            await listener.until(lambda me: bool(me.assignments) and len(me.assignments[-1]) == 1)
            assert set(listener.assignments[-1].values()) == {5}
    assert kafka.admin.committed(group, topic) == {0: 5, 1: 5}


# rights


async def test_a_topic_that_one_may_not_see(limited: EngineClients, topic: str, unique_name: Names) -> None:
    with pytest.raises(FaultError) as caught:
        async with limited.inbound(topic, unique_name("group")):
            pass
    assert caught.value.fault.code is FaultCode.TOPIC_DENIED


async def test_a_group_that_one_may_not_use(
    kafka: ApacheKafka, limited: EngineClients, topic: str, unique_name: Names
) -> None:
    kafka.admin.allow(LIMITED_USER, "read", topic=topic)
    group = unique_name("group")
    async with limited.inbound(topic, group, listener=RecordingListener(room=0)) as running:
        error = await running.trouble()
    assert error.fault.code is FaultCode.GROUP_DENIED
    assert error.fault.parameters == {"group": group}


async def test_a_right_that_is_taken_away_and_given_back(
    kafka: ApacheKafka, limited: EngineClients, records: KafkaRecords, topic: str, unique_name: Names
) -> None:
    group = unique_name("group")
    kafka.admin.allow(LIMITED_USER, "read", topic=topic)
    kafka.admin.allow(LIMITED_USER, "read", group=group)
    records.produce_many(topic, numbered(2))
    async with limited.inbound(topic, group) as running:
        await running.listener.until_count(2)
        assert await running.commit_all()
        kafka.admin.deny(LIMITED_USER, "read", topic=topic)
        error = await running.trouble()
        assert (error.fault.code, error.is_fatal) == (FaultCode.TOPIC_DENIED, False)
    kafka.admin.forget_rules(LIMITED_USER)
    kafka.admin.allow(LIMITED_USER, "read", topic=topic)
    kafka.admin.allow(LIMITED_USER, "read", group=group)
    records.produce_many(topic, numbered(2, start=2))
    async with limited.inbound(topic, group) as running:
        await running.listener.until_count(2)
        assert running.listener.values() == [b"2", b"3"]


# login


async def test_a_wrong_password_needs_a_person(kafka: ApacheKafka, topic: str, unique_name: Names) -> None:
    cluster = make_cluster(kafka.bootstrap(Listener.SASL_PLAINTEXT), security=limited_security("admin"))
    clients = EngineClients(cluster, MemorySecrets({"password": "wrong-canary"}))
    with pytest.raises(FaultError) as caught:
        async with clients.inbound(topic, unique_name("group")):
            pass
    clients.close()
    assert (caught.value.fault.code, caught.value.is_fatal) == (FaultCode.LOGIN_REFUSED, True)
    assert caught.value.fault.parameters["username"] == "admin"
    assert "canary" not in repr(caught.value)


async def test_a_missing_secret_is_named(kafka: ApacheKafka, topic: str, unique_name: Names) -> None:
    cluster = make_cluster(kafka.bootstrap(Listener.SASL_PLAINTEXT), security=limited_security())
    clients = EngineClients(cluster)
    with pytest.raises(FaultError) as caught:
        async with clients.inbound(topic, unique_name("group")):
            pass
    clients.close()
    assert caught.value.fault.code is FaultCode.SECRET_MISSING
    assert caught.value.fault.parameters == {"secret": "password"}


# the broker


async def test_an_unreachable_broker_is_said_to_be_unreachable(kafka: ApacheKafka, unique_name: Names) -> None:
    clients = EngineClients(make_cluster(f"127.0.0.1:{kafka.dead_port}"))
    with pytest.raises(FaultError) as caught:
        async with clients.inbound("orders", unique_name("group")):
            pass
    clients.close()
    assert (caught.value.fault.code, caught.value.is_fatal) == (FaultCode.BROKER_UNREACHABLE, False)
    assert "refused" in str(caught.value.fault.parameters["detail"])


async def test_a_cut_line_ends_the_consumer_with_the_reason_and_it_closes_in_time(
    kafka: ApacheKafka,
    fault_proxy: FaultProxy,
    records: KafkaRecords,
    topic: str,
    unique_name: Names,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kafka_agent_studio.engine.kafka.consumer_watch.LOOK_EVERY_S", 0.2)
    monkeypatch.setattr("kafka_agent_studio.engine.kafka.consumer_watch.SILENT_S", 1.5)
    clients = EngineClients(make_cluster(kafka.bootstrap(Listener.PROXIED)))
    group = unique_name("group")
    records.produce_many(topic, numbered(2))
    async with clients.inbound(topic, group) as running:
        await running.listener.until_count(2)
        await fault_proxy.set_mode(FaultMode.REFUSE)
        commit = asyncio.get_running_loop().create_task(running.commit_all())
        error = await running.trouble()
        assert error.fault.code is FaultCode.BROKER_UNREACHABLE
        async with asyncio.timeout(10):
            await running.inbound.close()
            assert await commit is False
    await fault_proxy.set_mode(FaultMode.PASS)
    async with clients.inbound(topic, group) as running:
        await running.listener.until_count(2)
        assert await running.commit_all()
    clients.close()


async def test_closing_is_quick_while_the_broker_hangs(
    kafka: ApacheKafka, clients: EngineClients, records: KafkaRecords, topic: str, unique_name: Names
) -> None:
    records.produce_many(topic, numbered(2))
    async with clients.inbound(topic, unique_name("group")) as running:
        await running.listener.until_count(2)
        with kafka.frozen():
            commit = asyncio.get_running_loop().create_task(running.commit_all())
            async with asyncio.timeout(10):
                await running.inbound.close()
                await commit
