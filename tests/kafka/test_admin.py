"""What the administration of a cluster answers, on Apache Kafka."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from confluent_kafka import KafkaError

from kafka_agent_studio.engine.kafka.admin import AdminPool, KafkaAdmin
from kafka_agent_studio.engine.kafka.admin_types import AdminError, Watermarks
from kafka_agent_studio.engine.kafka.client_config import ClientConfig
from kafka_agent_studio.model.security import SaslMechanism, Security, SecurityProtocol
from tests.helpers.apache_kafka import ApacheKafka
from tests.helpers.engine_clients import EngineClients, MemorySecrets, make_cluster
from tests.helpers.kafka_listeners import Listener
from tests.helpers.kafka_records import KafkaRecords, NewRecord
from tests.helpers.recording_listener import RecordingListener

Names = Callable[[str], str]


@pytest.fixture
def pool() -> Iterator[AdminPool]:
    pool = AdminPool(secrets=MemorySecrets())
    yield pool
    pool.close()


@pytest.fixture
async def admin(kafka: ApacheKafka, pool: AdminPool) -> KafkaAdmin:
    return await pool.get(make_cluster(kafka.bootstrap()))


@pytest.fixture
def clients(kafka: ApacheKafka) -> Iterator[EngineClients]:
    clients = EngineClients(make_cluster(kafka.bootstrap()))
    yield clients
    clients.close()


def fill(kafka: ApacheKafka, topic: str, count: int) -> None:
    records = KafkaRecords(bootstrap_servers=kafka.bootstrap())
    records.produce_many(
        topic, [NewRecord(value=str(n), partition=0, timestamp_ms=1_700_000_000_000 + n * 1000) for n in range(count)]
    )
    records.close()


async def described(admin: KafkaAdmin, topic: str, partitions: int) -> None:
    async with asyncio.timeout(10):
        while True:
            info = await admin.describe_topic(topic)
            if info is not None and [p.leader is not None for p in info.partitions] == [True] * partitions:
                return


async def test_topics_are_created_described_and_listed(admin: KafkaAdmin, unique_name: Names) -> None:
    topic = unique_name("made")
    assert await admin.describe_topic(topic) is None
    await admin.create_topic(topic, partitions=3, config={"max.message.bytes": "12345"})
    await described(admin, topic, 3)
    info = await admin.describe_topic(topic)
    assert info is not None
    assert [p.partition for p in info.partitions] == [0, 1, 2]
    assert info.topic_id
    assert info.operations is not None
    assert {"READ", "WRITE", "DESCRIBE"} <= info.operations
    assert (await admin.topic_config(topic))["max.message.bytes"] == "12345"
    names = await admin.topic_names()
    assert topic in names
    assert names == sorted(names)
    assert not any(name.startswith("__") for name in names)


async def test_creating_a_topic_twice_is_refused(admin: KafkaAdmin, topic: str) -> None:
    with pytest.raises(AdminError) as caught:
        await admin.create_topic(topic)
    assert caught.value.code == KafkaError.TOPIC_ALREADY_EXISTS


async def test_watermarks_follow_what_is_written_and_removed(kafka: ApacheKafka, admin: KafkaAdmin, topic: str) -> None:
    assert await admin.watermarks(topic, [0]) == {0: Watermarks(first=0, end=0)}
    fill(kafka, topic, 10)
    await admin.delete_records(topic, {0: 4})
    assert await admin.watermarks(topic, [0]) == {0: Watermarks(first=4, end=10)}


async def test_offsets_are_found_by_time(kafka: ApacheKafka, admin: KafkaAdmin, topic: str) -> None:
    fill(kafka, topic, 10)
    assert await admin.offsets_at(topic, [0], 1_700_000_003_500) == {0: 4}
    assert await admin.offsets_at(topic, [0], 1_800_000_000_000) == {0: None}


async def test_a_group_with_its_members_and_lag(
    kafka: ApacheKafka, admin: KafkaAdmin, clients: EngineClients, topic: str, unique_name: Names
) -> None:
    group = unique_name("group")
    fill(kafka, topic, 10)
    async with clients.inbound(topic, group, listener=RecordingListener(room=4)) as running:
        await running.listener.until_count(4)
        assert await running.commit_all()
        info = await admin.describe_group(group)
        assert info.state == "STABLE"
        (member,) = info.members
        assert member.client_id == "kafka-agent-studio"
        assert member.partitions == ((topic, 0),)
        assert info.offsets == {(topic, 0): 4}
        assert await admin.group_lag(group, topic) == {0: 6}
        assert group in await admin.group_names()
        with pytest.raises(AdminError):
            await admin.reset_offsets(group, topic, {0: 0})  # it has a member
        assert await admin.group_offsets(group) == {(topic, 0): 4}
    await admin.reset_offsets(group, topic, {0: 1})
    assert await admin.group_lag(group, topic) == {0: 9}


async def test_a_group_that_nobody_knows_is_dead_and_empty(admin: KafkaAdmin, unique_name: Names) -> None:
    info = await admin.describe_group(unique_name("nobody"))
    assert (info.state, info.members, dict(info.offsets)) == ("DEAD", (), {})


async def test_a_hanging_broker_is_an_error_and_no_offset(kafka: ApacheKafka, topic: str) -> None:
    config = await ClientConfig.build(make_cluster(kafka.bootstrap()), MemorySecrets())
    patient, hasty = KafkaAdmin(config=config, timeout_s=20.0), KafkaAdmin(config=config, timeout_s=1.0)
    await patient.watermarks(topic, [0])
    with kafka.frozen(), pytest.raises(AdminError):
        await hasty.watermarks(topic, [0])
    for admin in (patient, hasty):
        admin.close()


async def test_a_wrong_password_is_told_apart_from_silence(kafka: ApacheKafka, topic: str) -> None:
    security = Security(
        protocol=SecurityProtocol.SASL_PLAINTEXT,
        sasl_mechanism=SaslMechanism.SCRAM_SHA_256,
        username="admin",
        password_secret="pw",
    )
    cluster = make_cluster(kafka.bootstrap(Listener.SASL_PLAINTEXT), security=security)
    admin = KafkaAdmin(config=await ClientConfig.build(cluster, MemorySecrets({"pw": "wrong"})), timeout_s=2.0)
    with pytest.raises(AdminError) as caught:
        await admin.describe_topic(topic)
    admin.close()
    assert caught.value.code == KafkaError._AUTHENTICATION


async def test_one_administration_per_cluster_and_none_once_it_is_closed(kafka: ApacheKafka, pool: AdminPool) -> None:
    cluster = make_cluster(kafka.bootstrap())
    first = await pool.get(cluster)
    assert await pool.get(make_cluster(kafka.bootstrap())) is first
    pool.forget(cluster)
    assert await pool.get(cluster) is not first
    with pytest.raises(AdminError):
        await first.topic_names()
