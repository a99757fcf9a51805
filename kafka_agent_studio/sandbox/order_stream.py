"""Sample orders and shipments, the same ones each time: the specification's message, and the `total` its tools need."""

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer

ORDERS_TOPIC = "orders"
SHIPMENTS_TOPIC = "shipments"
FIRST_ORDER_ID = 12345
LAG_OF_SHIPMENTS = 3
"""A shipment follows its order by so many orders."""
_TICK_S = 0.02

_CUSTOMERS = ("john", "mary", "wei", "amara", "lucia", "tariq", "ingrid", "kofi")
_PRODUCTS = (("widget-a", 1999), ("widget-b", 3450), ("gadget-c", 499), ("sprocket-d", 12900), ("gizmo-e", 789))
_CARRIERS = ("DHL", "UPS", "GLS")


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """A record to produce; `topic` is ORDERS_TOPIC or SHIPMENTS_TOPIC."""

    topic: str
    key: bytes
    value: bytes


def order_events(first: int = 0) -> Iterator[StreamEvent]:
    """Yield orders from number `first` on, without end; three of four are followed by their shipment."""
    for number in itertools.count(first):
        yield _event(ORDERS_TOPIC, number, _order(number))
        shipped = number - LAG_OF_SHIPMENTS
        if shipped >= 0 and shipped % 4 != 3:
            yield _event(SHIPMENTS_TOPIC, shipped, _shipment(shipped))


class OrderStream:
    """Produces the stream to a broker without security, at a rate."""

    def __init__(
        self, *, bootstrap_servers: str, orders_topic: str = ORDERS_TOPIC, with_shipments: bool = True
    ) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._topics = {ORDERS_TOPIC: orders_topic} | ({SHIPMENTS_TOPIC: SHIPMENTS_TOPIC} if with_shipments else {})

    async def run(
        self, *, rate_per_s: float, count: int | None = None, on_sent: Callable[[int], None] | None = None
    ) -> int:
        """Produce until cancelled, or until `count` orders are acknowledged.

        Args:
            rate_per_s: orders in a second, beside which their shipments go; above 0.
            count: how many orders; None is no end.
            on_sent: told how many orders were produced so far.

        Returns:
            The number of orders produced.

        Raises:
            aiokafka.errors.KafkaError: the broker cannot be reached.
        """
        producer = AIOKafkaProducer(bootstrap_servers=self._bootstrap_servers, acks="all")
        await producer.start()
        try:
            return await self._produce(producer, rate_per_s, count, on_sent)
        finally:
            await asyncio.shield(producer.stop())

    async def _produce(
        self, producer: Any, rate_per_s: float, count: int | None, on_sent: Callable[[int], None] | None
    ) -> int:
        loop = asyncio.get_running_loop()
        events = order_events()
        began_s = loop.time()
        orders = 0
        pending: list[asyncio.Future[Any]] = []
        while count is None or orders < count:
            due = 1 + int((loop.time() - began_s) * rate_per_s)
            due = due if count is None else min(due, count)
            while orders < due:
                event = next(events)
                orders += event.topic == ORDERS_TOPIC
                topic = self._topics.get(event.topic)
                if topic is not None:
                    pending.append(await producer.send(topic, event.value, key=event.key))
            if pending:
                await asyncio.gather(*pending)
                pending.clear()
            if on_sent is not None:
                on_sent(orders)
            next_due_s = began_s + orders / rate_per_s
            await asyncio.sleep(max(_TICK_S if rate_per_s > 1 / _TICK_S else 0.0, next_due_s - loop.time()))
        return orders


def _event(topic: str, number: int, content: dict[str, Any]) -> StreamEvent:
    return StreamEvent(topic, f"order-{FIRST_ORDER_ID + number}".encode(), json.dumps(content).encode())


def _order(number: int) -> dict[str, Any]:
    lines = [_PRODUCTS[(number * 7 + line * 3) % len(_PRODUCTS)] for line in range(1 + number % 3)]
    return {
        "order_id": str(FIRST_ORDER_ID + number),
        "customer": f"{_CUSTOMERS[number % len(_CUSTOMERS)]}@example.com",
        "items": [name for name, _ in lines],
        "total": sum(cents for _, cents in lines) / 100,
    }


def _shipment(number: int) -> dict[str, Any]:
    return {
        "order_id": str(FIRST_ORDER_ID + number),
        "carrier": _CARRIERS[number % len(_CARRIERS)],
        "tracking_number": f"TRK{700_000 + number}",
    }
