import itertools
import json

from kafka_agent_studio.sandbox.order_stream import ORDERS_TOPIC, SHIPMENTS_TOPIC, order_events


def test_the_stream_is_the_same_each_time_and_looks_like_the_specification() -> None:
    events = list(itertools.islice(order_events(), 50))
    assert events == list(itertools.islice(order_events(), 50))
    first = events[0]
    assert (first.topic, first.key) == (ORDERS_TOPIC, b"order-12345")
    order = json.loads(first.value)
    assert list(order) == ["order_id", "customer", "items", "total"]
    assert order["order_id"] == "12345"
    assert order["items"]
    assert isinstance(order["total"], float)


def test_shipments_follow_orders_that_were_there_before_under_the_same_key() -> None:
    ordered: set[bytes] = set()
    shipped: set[bytes] = set()
    for event in itertools.islice(order_events(), 200):
        if event.topic == ORDERS_TOPIC:
            ordered.add(event.key)
        else:
            assert event.topic == SHIPMENTS_TOPIC
            assert event.key in ordered
            shipped.add(event.key)
    assert shipped < ordered


def test_orders_fall_on_both_sides_of_the_risk_limit() -> None:
    orders = (e for e in order_events() if e.topic == ORDERS_TOPIC)
    totals = [json.loads(e.value)["total"] for e in itertools.islice(orders, 50)]
    assert min(totals) < 100 < max(totals)
