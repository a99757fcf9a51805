"""Records that no client can read are passed and named; what is readable around them arrives."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiokafka.record.util import calc_crc32c

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


def forge(kafka: ApacheKafka, topic: str, marker: bytes, *, codec: int = 0, first_record: bytes = b"") -> None:
    """Change the batch that holds the marker under a checksum that is right, as a broken producer would.

    codec: what its records claim to be compressed with. first_record: bytes in place of those it begins with.
    """
    segment = kafka.folder / "data" / f"{topic}-0" / f"{0:020d}.log"
    content = bytearray(segment.read_bytes())
    begin = 0
    while True:
        end = begin + 12 + int.from_bytes(content[begin + 8 : begin + 12], "big")
        if marker in content[begin:end]:
            break
        begin = end
    content[begin + 22] = content[begin + 22] & 0xF8 | codec
    content[begin + 61 : begin + 61 + len(first_record)] = first_record
    content[begin + 17 : begin + 21] = calc_crc32c(bytes(content[begin + 21 : end])).to_bytes(4, "big")
    with segment.open("r+b") as file:
        file.write(content)


@pytest.mark.parametrize(
    "forged",
    [
        *({"codec": codec} for codec in (1, 2, 3, 4)),
        {"codec": 7},
        {"first_record": b"\xfe\xff\xff\xff\x0f"},
        {"first_record": b"\x01"},
    ],
    ids=["no gzip", "no snappy", "no lz4", "no zstd", "unknown codec", "endless record", "record of negative size"],
)
async def test_a_batch_that_cannot_be_decoded_is_passed_and_named(
    kafka: ApacheKafka, clients: EngineClients, topic: str, unique_name: Callable[[str], str], forged: dict[str, Any]
) -> None:
    records = KafkaRecords(bootstrap_servers=kafka.bootstrap())
    for value in (b"before", b"FORGED", b"after"):
        records.produce_many(topic, [NewRecord(value=value, partition=0)])
    records.close()
    forge(kafka, topic, b"FORGED", **forged)
    async with clients.inbound(topic, unique_name("group")) as running:
        await running.listener.until(lambda me: b"after" in me.values())
        assert not running.poll.done()
        assert running.listener.values() == [b"before", b"after"]
        (notice,) = running.listener.notices_of(FaultCode.RECORD_UNREADABLE)
    assert notice.parameters["offset"] == 1


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
