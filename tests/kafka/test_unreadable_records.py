"""Records that no client can read are passed and named; what is readable around them arrives."""

from collections.abc import Callable, Iterator

import pytest

from kafka_agent_studio.api.faults import FaultCode
from tests.helpers.apache_kafka import ApacheKafka
from tests.helpers.engine_clients import EngineClients, make_cluster
from tests.helpers.kafka_records import KafkaRecords, NewRecord


@pytest.fixture
def clients(kafka: ApacheKafka) -> Iterator[EngineClients]:
    clients = EngineClients(make_cluster(kafka.bootstrap()))
    yield clients
    clients.close()


def damage(kafka: ApacheKafka, topic: str, marker: bytes) -> None:
    """Flip a byte in every record that holds the marker, as a failing disk would."""
    segment = kafka.folder / "data" / f"{topic}-0" / f"{0:020d}.log"
    content = segment.read_bytes()
    position = content.find(marker)
    assert position > 0
    with segment.open("r+b") as file:
        file.seek(position)
        file.write(bytes([content[position] ^ 0xFF]))


@pytest.mark.parametrize("count", [1, 4])
async def test_a_damaged_batch_is_passed_and_named(
    kafka: ApacheKafka, clients: EngineClients, topic: str, unique_name: Callable[[str], str], count: int
) -> None:
    records = KafkaRecords(bootstrap_servers=kafka.bootstrap())
    records.produce_many(topic, [NewRecord(value=b"before", partition=0)])
    records.produce_many(topic, [NewRecord(value=b"DAMAGED %d" % n, partition=0) for n in range(count)])
    records.produce_many(topic, [NewRecord(value=b"after", partition=0)])
    records.close()
    damage(kafka, topic, b"DAMAGED 0")
    async with clients.inbound(topic, unique_name("group")) as running:
        await running.listener.until_count(2)
        assert running.listener.values() == [b"before", b"after"]
        (notice,) = running.listener.notices_of(FaultCode.RECORD_UNREADABLE)
        assert not running.poll.done()
    assert (notice.parameters["topic"], notice.parameters["partition"]) == (topic, 0)
    assert notice.parameters["offset"] == 1
    assert "checksum" in str(notice.parameters["detail"])
    assert (f"offsets 1 to {count}" in str(notice.parameters["detail"])) == (count > 1)


async def test_a_damaged_batch_at_the_end_does_not_keep_later_ones_away(
    kafka: ApacheKafka, clients: EngineClients, topic: str, unique_name: Callable[[str], str]
) -> None:
    records = KafkaRecords(bootstrap_servers=kafka.bootstrap())
    records.produce_many(topic, [NewRecord(value=b"DAMAGED", partition=0)])
    damage(kafka, topic, b"DAMAGED")
    async with clients.inbound(topic, unique_name("group")) as running:
        await running.listener.until(lambda me: bool(me.notices_of(FaultCode.RECORD_UNREADABLE)))
        records.produce_many(topic, [NewRecord(value=b"after", partition=0)])
        await running.listener.until_count(1)
        assert running.listener.values() == [b"after"]
        assert len(running.listener.notices_of(FaultCode.RECORD_UNREADABLE)) == 1
    records.close()
