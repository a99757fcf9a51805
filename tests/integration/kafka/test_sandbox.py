"""The embedded broker and the stream of orders on it."""

import json

from kafka_agent_studio.sandbox.broker import SandboxBroker
from kafka_agent_studio.sandbox.order_stream import ORDERS_TOPIC, SHIPMENTS_TOPIC, OrderStream
from tests.helpers.kafka_records import KafkaRecords


def test_the_broker_starts_when_it_is_asked_for_and_is_gone_when_closed() -> None:
    broker = SandboxBroker()
    before = broker.is_running
    address = broker.address()
    assert (before, broker.is_running) == (False, True)
    assert broker.address() == address
    records = KafkaRecords(bootstrap_servers=address)
    records.produce("anything", "1")
    assert [r.value for r in records.read_all("anything")] == [b"1"]
    records.close()
    broker.close()
    broker.close()
    after = broker.is_running
    assert after is False


async def test_so_many_orders_and_their_shipments_as_asked_for() -> None:
    broker = SandboxBroker()
    told: list[int] = []
    stream = OrderStream(bootstrap_servers=broker.address())
    assert await stream.run(rate_per_s=10_000, count=40, on_sent=told.append) == 40
    assert told[-1] == 40
    records = KafkaRecords(bootstrap_servers=broker.address())
    orders = records.read_all(ORDERS_TOPIC)
    keys = {r.key for r in orders}
    assert len(orders) == len(keys) == 40
    assert all(f"order-{json.loads(r.value or b'')['order_id']}".encode() == r.key for r in orders)
    shipments = records.read_all(SHIPMENTS_TOPIC)
    assert shipments
    assert {r.key for r in shipments} < keys
    records.close()
    broker.close()


async def test_orders_alone_to_a_topic_of_ones_own() -> None:
    broker = SandboxBroker()
    stream = OrderStream(bootstrap_servers=broker.address(), orders_topic="mine", with_shipments=False)
    await stream.run(rate_per_s=10_000, count=5)
    records = KafkaRecords(bootstrap_servers=broker.address())
    assert len(records.read_all("mine")) == 5
    assert records.read_all(SHIPMENTS_TOPIC) == []
    records.close()
    broker.close()
