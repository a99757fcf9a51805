"""What the shared producer does for its connectors, on both brokers."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from kafka_agent_studio.api.faults import FaultCode
from kafka_agent_studio.engine.kafka.outbound import KafkaOutbound
from kafka_agent_studio.engine.kafka.producer_pool import ProducerPool
from kafka_agent_studio.engine.ports import FaultError, OutboundRecord, RecordPlace
from tests.helpers.engine_clients import AnyBroker, make_cluster

Names = Callable[[str], str]


async def test_answers_with_the_place_of_each_record_in_the_order_given(broker: AnyBroker, unique_name: Names) -> None:
    topic, other = unique_name("results"), unique_name("letters")
    headers = (("studio.run_id", b"1"), ("studio.run_id", b"2"), ("none", None))
    records = [
        OutboundRecord(topic, b"key", b"value", headers),
        OutboundRecord(other, b"\xff", None),
        OutboundRecord(topic, b"key", b""),
    ]
    async with broker.clients.outbound() as outbound:
        places = await outbound.send(records)
    assert [p.topic for p in places if isinstance(p, RecordPlace)] == [topic, other, topic]
    first, last = broker.records.read_all(topic)
    assert (first.key, first.value, first.headers) == (b"key", b"value", headers)
    assert places[0] == RecordPlace(topic, first.partition, first.offset)
    assert places[2] == RecordPlace(topic, last.partition, last.offset)
    assert broker.records.read_all(other)[0].value is None


async def test_a_record_of_nothing_but_headers_is_written_too(broker: AnyBroker, unique_name: Names) -> None:
    topic = unique_name("letters")
    async with broker.clients.outbound() as outbound:
        (place,) = await outbound.send([OutboundRecord(topic, None, None, (("studio.error", b"{}"),))])
    (written,) = broker.records.read_all(topic)
    assert isinstance(place, RecordPlace)
    assert (written.key, written.value, written.headers) == (None, None, (("studio.error", b"{}"),))


async def test_order_holds_between_calls_that_overlap(broker: AnyBroker, unique_name: Names) -> None:
    topic = unique_name("results")
    async with broker.clients.outbound() as outbound, asyncio.TaskGroup() as calls:
        for first in range(0, 200, 10):
            batch = [OutboundRecord(topic, b"one key", str(n).encode()) for n in range(first, first + 10)]
            calls.create_task(outbound.send(batch))
    assert [r.value for r in broker.records.read_all(topic)] == [str(n).encode() for n in range(200)]


async def test_a_caller_that_is_cancelled_does_not_disturb_the_others(broker: AnyBroker, unique_name: Names) -> None:
    topic = unique_name("results")
    async with broker.clients.outbound() as outbound:
        first = asyncio.get_running_loop().create_task(outbound.send([OutboundRecord(topic, b"k", b"first")]))
        await asyncio.sleep(0)
        first.cancel()
        await outbound.send([OutboundRecord(topic, b"k", b"second")])
    assert [r.value for r in broker.records.read_all(topic)] == [b"first", b"second"]


async def test_nothing_is_taken_after_it_is_closed(broker: AnyBroker, unique_name: Names) -> None:
    async with broker.clients.outbound() as outbound:
        pass
    with pytest.raises(FaultError) as caught:
        await outbound.send([OutboundRecord(unique_name("results"), b"k", b"v")])
    assert caught.value.fault.code is FaultCode.PUBLISH_WAITING


async def test_connectors_of_one_cluster_share_a_producer_until_the_last_is_gone(
    broker: AnyBroker, unique_name: Names
) -> None:
    made: list[KafkaOutbound] = []

    def new_outbound(*, cluster: Any, on_waiting: Any) -> KafkaOutbound:
        import random

        from kafka_agent_studio.engine.backoff import Backoff

        outbound = KafkaOutbound(
            cluster=cluster,
            secrets=broker.clients.secrets,
            admins=broker.clients.admins,
            on_waiting=on_waiting,
            backoff=Backoff(source=random.Random(1)),
        )
        made.append(outbound)
        return outbound

    pool = ProducerPool(new_outbound=new_outbound)
    cluster = broker.clients.cluster
    same = make_cluster(cluster.bootstrap_servers, is_sandbox=cluster.is_sandbox)
    topic = unique_name("results")
    first = pool.acquire(cluster, on_waiting=lambda _: None)
    second = pool.acquire(same, on_waiting=lambda _: None)
    assert len(made) == 1
    await first.send([OutboundRecord(topic, b"k", b"1")])
    await first.close()
    await second.send([OutboundRecord(topic, b"k", b"2")])
    await second.close()
    with pytest.raises(FaultError):
        await made[0].send([OutboundRecord(topic, b"k", b"3")])
    assert [r.value for r in broker.records.read_all(topic)] == [b"1", b"2"]
