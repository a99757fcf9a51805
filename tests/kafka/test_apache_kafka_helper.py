"""The test broker itself: every listener, every fault, before anything is built on them."""

from tests.helpers.apache_kafka import ApacheKafka


async def test_it_answers(kafka: ApacheKafka, topic: str) -> None:
    kafka.records.produce(topic, "one")
    assert [r.value for r in kafka.records.read_all(topic)] == [b"one"]
