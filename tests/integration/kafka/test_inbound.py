"""What a consumer does for its connector, on both brokers."""

import asyncio
from collections.abc import Callable

import pytest

from kafka_agent_studio.model.connector import AutoOffsetReset
from tests.helpers.engine_clients import AnyBroker
from tests.helpers.kafka_records import NewRecord
from tests.helpers.recording_listener import RecordingListener

Names = Callable[[str], str]


def numbered(count: int, *, start: int = 0, partition: int | None = 0) -> list[NewRecord]:
    return [NewRecord(value=str(n), key=f"k{n}", partition=partition) for n in range(start, start + count)]


@pytest.fixture
def filled(broker: AnyBroker, unique_name: Names) -> str:
    """A topic that holds the values 0 to 9 in partition 0."""
    topic = unique_name("orders")
    broker.records.produce_many(topic, numbered(10))
    return topic


async def test_reads_from_the_beginning_in_order_and_byte_for_byte(broker: AnyBroker, unique_name: Names) -> None:
    topic = unique_name("orders")
    headers = (("trace", b"\x00\xff"), ("empty", None), ("trace", b"again"))
    broker.records.produce_many(
        topic,
        [
            NewRecord(value=b"\x00\xff", key=b"\xfe", headers=headers, partition=0, timestamp_ms=1705312800000),
            NewRecord(value=None, key="gone", partition=0),
            NewRecord(value="", key=None, partition=0),
        ],
    )
    async with broker.clients.inbound(topic, unique_name("group")) as running:
        await running.listener.until_count(3)
        first, second, third = running.listener.records
    assert (first.topic, first.partition, first.offset, first.timestamp_ms) == (topic, 0, 0, 1705312800000)
    assert (first.key, first.value, first.headers) == (b"\xfe", b"\x00\xff", headers)
    assert (second.key, second.value, second.headers) == (b"gone", None, ())
    assert (third.key, third.value) == (None, b"")


async def test_latest_skips_what_was_there_and_nothing_after_a_restart(
    broker: AnyBroker, filled: str, unique_name: Names
) -> None:
    group = unique_name("group")
    async with broker.clients.inbound(filled, group, reset=AutoOffsetReset.LATEST) as running:
        await running.listener.until(lambda me: bool(me.assignments))
        assert running.listener.assignments[0][0] == 10
    broker.records.produce_many(filled, numbered(3, start=10))
    async with broker.clients.inbound(filled, group, reset=AutoOffsetReset.LATEST) as running:
        await running.listener.until_count(3)
        assert running.listener.values() == [b"10", b"11", b"12"]


async def test_goes_on_after_the_last_commit(broker: AnyBroker, filled: str, unique_name: Names) -> None:
    group = unique_name("group")
    async with broker.clients.inbound(filled, group) as running:
        await running.listener.until_count(10)
        assert await running.inbound.commit(running.listener.epoch, {0: 4})
    async with broker.clients.inbound(filled, group) as running:
        await running.listener.until_count(6)
        assert running.listener.values() == [str(n).encode() for n in range(4, 10)]


async def test_a_commit_of_an_older_epoch_and_a_lower_one_change_nothing(
    broker: AnyBroker, filled: str, unique_name: Names
) -> None:
    group = unique_name("group")
    async with broker.clients.inbound(filled, group) as running:
        await running.listener.until_count(10)
        epoch = running.listener.epoch
        assert await running.inbound.commit(epoch, {0: 7})
        assert await running.inbound.commit(epoch, {0: 3})
        assert not await running.inbound.commit(epoch - 1, {0: 9})
    async with broker.clients.inbound(filled, group) as running:
        await running.listener.until(lambda me: bool(me.assignments))
        assert running.listener.assignments[0][0] == 7


async def test_begins_where_the_listener_says(broker: AnyBroker, filled: str, unique_name: Names) -> None:
    listener = RecordingListener()
    listener.starts = {0: 8}
    async with broker.clients.inbound(filled, unique_name("group"), listener=listener):
        await listener.until_count(2)
    assert listener.values() == [b"8", b"9"]


async def test_hands_over_no_more_than_there_is_room_for(broker: AnyBroker, filled: str, unique_name: Names) -> None:
    listener = RecordingListener(room=4)
    async with broker.clients.inbound(filled, unique_name("group"), listener=listener) as running:
        await listener.until_count(4)
        listener.room = 3
        running.inbound.wake()
        await listener.until_count(7)
        assert listener.values() == [str(n).encode() for n in range(7)]


async def test_stays_in_the_group_while_there_is_no_room(broker: AnyBroker, filled: str, unique_name: Names) -> None:
    listener = RecordingListener(room=4)
    async with broker.clients.inbound(filled, unique_name("group"), listener=listener, keep_alive_s=0.02) as running:
        await listener.until_count(4)
        await asyncio.wait((running.poll,), timeout=0.5)  # many rounds of polling without taking anything
        listener.room = 100
        running.inbound.wake()
        await listener.until_count(10)
        assert await running.commit_all()
    assert listener.values() == [str(n).encode() for n in range(10)]
    assert len(listener.assignments) == 1


async def test_knows_how_far_behind_it_is(broker: AnyBroker, filled: str, unique_name: Names) -> None:
    listener = RecordingListener(room=4)
    async with broker.clients.inbound(filled, unique_name("group"), listener=listener) as running:
        assert running.inbound.lags() is None
        await listener.until_count(4)
        listener.room = 6
        running.inbound.wake()
        await listener.until_count(10)
        broker.records.produce_many(filled, numbered(1, start=10))
        listener.room = 1
        running.inbound.wake()
        await listener.until_count(11)
        async with asyncio.timeout(10):
            # there is no event for a figure that is asked for
            while sum((running.inbound.lags() or {0: 1}).values()) != 0:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_closing_ends_the_polling_without_a_fault(broker: AnyBroker, filled: str, unique_name: Names) -> None:
    async with broker.clients.inbound(filled, unique_name("group")) as running:
        await running.listener.until_count(10)
        await running.inbound.close()
        await asyncio.wait((running.poll,))
        assert running.poll.exception() is None
        assert not await running.commit_all()
