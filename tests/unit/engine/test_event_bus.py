"""Every subscriber hears everything in order, or how much it missed."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kafka_agent_studio.api.browse import BrowseProgress
from kafka_agent_studio.api.events import (
    BrowseProgressed,
    ConnectorChanged,
    ConnectorState,
    ConnectorStatus,
    Event,
    Lagged,
    Logged,
    MessagesReceived,
    Snapshot,
    StandIns,
)
from kafka_agent_studio.engine.event_bus import EventBus, EventSubscription
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.workspace import StudioSettings, Workspace


@pytest.fixture
async def bus() -> AsyncIterator[EventBus]:
    bus = EventBus(now_us=lambda: 7, capacity=10)
    yield bus
    bus.close()


def make_snapshot() -> Snapshot:
    return Snapshot(
        at_us=1,
        workspace=Workspace(root=Path(), settings=StudioSettings()),
        problems=(),
        connectors=(),
        figures=(),
        runs=(),
        stand_ins=StandIns(),
    )


def line(number: int) -> Logged:
    return Logged(at_us=number, level="INFO", logger="test", message=str(number))


def records(count: int) -> MessagesReceived:
    record = Record("orders", 0, 0, None, None, b"{}")
    return MessagesReceived(at_us=1, connector="in", records=(record,) * count)


def connector_changed(name: str) -> ConnectorChanged:
    return ConnectorChanged(at_us=1, status=ConnectorStatus(name, ConnectorState.RUNNING))


def started(bus: EventBus) -> EventSubscription:
    subscription = bus.subscribe(make_snapshot())
    assert [type(e) for e in subscription.drain()] == [Snapshot]
    return subscription


async def test_the_snapshot_comes_first_and_events_follow_in_order(bus: EventBus) -> None:
    subscription = bus.subscribe(make_snapshot())
    bus.publish(line(1))
    bus.publish(line(2))
    assert subscription.drain() == [make_snapshot(), line(1), line(2)]
    assert subscription.drain() == []


async def test_each_subscriber_gets_everything(bus: EventBus) -> None:
    first, second = started(bus), started(bus)
    bus.publish(line(1))
    assert first.drain() == second.drain() == [line(1)]


async def test_nobody_listening_is_known(bus: EventBus) -> None:
    heard = [bus.has_subscribers]
    subscription = started(bus)
    heard.append(bus.has_subscribers)
    subscription.close()
    subscription.close()
    assert [*heard, bus.has_subscribers] == [False, True, False]


async def test_a_slow_subscriber_hears_how_much_was_left_out_at_its_place(bus: EventBus) -> None:
    subscription = started(bus)
    bus.publish(records(8))
    bus.publish(records(5))
    bus.publish(records(3))
    bus.publish(records(1))
    assert subscription.drain() == [records(8), Lagged(at_us=7, n=8), records(1)]


async def test_what_was_left_out_last_is_said_too(bus: EventBus) -> None:
    subscription = started(bus)
    bus.publish(records(10))
    bus.publish(records(4))
    assert subscription.drain() == [records(10), Lagged(at_us=7, n=4)]
    bus.publish(records(4))
    assert subscription.drain() == [records(4)]


async def test_a_slow_subscriber_does_not_take_from_a_quick_one(bus: EventBus) -> None:
    slow, quick = started(bus), started(bus)
    for number in range(30):
        bus.publish(line(number))
        assert quick.drain() == [line(number)]
    assert slow.drain()[-1] == Lagged(at_us=7, n=20)


async def test_a_changed_state_is_told_however_slow_the_subscriber(bus: EventBus) -> None:
    subscription = started(bus)
    bus.publish(records(10))
    bus.publish(line(1))
    bus.publish(connector_changed("in"))
    assert subscription.drain() == [records(10), Lagged(at_us=7, n=1), connector_changed("in")]


async def test_that_a_browse_is_paused_is_told_however_slow_the_subscriber(bus: EventBus) -> None:
    def tail(*, is_paused: bool) -> BrowseProgressed:
        return BrowseProgressed(1, "job", (), BrowseProgress(is_paused=is_paused), is_tail=True)

    subscription = started(bus)
    bus.publish(records(10))
    bus.publish(tail(is_paused=False))
    bus.publish(tail(is_paused=True))
    assert subscription.drain() == [records(10), Lagged(at_us=7, n=1), tail(is_paused=True)]


async def test_drain_takes_no_more_than_asked_for_and_makes_room(bus: EventBus) -> None:
    subscription = started(bus)
    for number in range(10):
        bus.publish(line(number))
    assert subscription.drain(limit=4) == [line(n) for n in range(4)]
    for number in range(10, 14):
        bus.publish(line(number))
    assert subscription.drain() == [line(n) for n in range(4, 14)]


async def test_another_thread_drains_everything_exactly_once() -> None:
    bus = EventBus(now_us=lambda: 7, capacity=1_000_000)
    subscription = started(bus)
    taken: list[Event] = []
    published = threading.Event()

    def read() -> None:
        while True:
            is_over = published.is_set()
            batch = subscription.drain(limit=100)
            taken.extend(batch)
            if is_over and not batch:
                return

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(20_000):
        bus.publish(line(number))
    published.set()
    await asyncio.to_thread(reader.join)
    bus.close()
    assert taken == [line(n) for n in range(20_000)]


async def test_batches_wake_as_events_come_and_end_with_the_bus() -> None:
    bus = EventBus(now_us=lambda: 7)
    subscription = started(bus)
    seen: list[Event] = []
    first_seen = asyncio.Event()

    async def listen() -> None:
        async for batch in subscription.batches():
            seen.extend(batch)
            first_seen.set()

    listener = asyncio.create_task(listen())
    bus.publish(line(1))
    await first_seen.wait()
    bus.publish(line(2))
    bus.close()
    await asyncio.wait_for(listener, 5)
    assert seen == [line(1), line(2)]


async def test_closing_from_another_thread_ends_batches(bus: EventBus) -> None:
    subscription = started(bus)

    async def listen() -> None:
        async for _ in subscription.batches():
            pass

    listener = asyncio.create_task(listen())
    await asyncio.to_thread(subscription.close)
    await asyncio.wait_for(listener, 5)
    bus.publish(line(1))
    assert subscription.drain() == []


async def test_who_subscribes_to_a_closed_engine_gets_the_snapshot_and_the_end(bus: EventBus) -> None:
    bus.close()
    subscription = bus.subscribe(make_snapshot())
    assert [batch async for batch in subscription.batches()] == [[make_snapshot()]]
