"""Stopping an engine whose broker is silent: bounded, and nothing stays behind."""

import contextlib
import json
import time
from collections.abc import Callable

from tests.helpers.apache_kafka import ApacheKafka
from tests.helpers.fault_proxy import FaultMode, FaultProxy
from tests.helpers.gates import closed_gate
from tests.helpers.kafka_records import NewRecord
from tests.helpers.studio import Studio

STOP_S = 10.0
"""What stopping may take at the most; it takes about half of it."""
Names = Callable[[str], str]

GATED = """
from tests.helpers.fault_proxy import FaultMode, FaultProxy
from tests.helpers.gates import gate_of

async def wait(payload):
    await gate_of("stopping").wait(payload["n"])
    return payload["n"]
"""


def gated(studio: Studio, names: Names, kafka: ApacheKafka, **outbound: str) -> tuple[str, str]:
    """An agent that waits at a gate, with three messages; the topics it reads and writes."""
    topic, results = (studio.broker.make_topic(names(n), partitions=1) for n in ("orders", "results"))
    studio.write({"tools/work.py": GATED})
    studio.tool_agent("waiter", "work.wait")
    studio.inbound("orders-in", topic=topic, agents=["waiter"])
    studio.outbound("results-out", topic=results, agents=["waiter"], **outbound)
    kafka.records.produce_many(topic, [NewRecord(value=json.dumps({"n": n})) for n in range(3)])
    return topic, results


async def test_with_a_silent_broker_it_stops_in_time_and_publishes_after_the_next_start(
    studio: Studio, unique_name: Names, kafka: ApacheKafka
) -> None:
    topic, results = gated(studio, unique_name, kafka)
    with closed_gate("stopping") as gate, contextlib.ExitStack() as silence:
        async with studio.running() as running:
            await gate.until_waiting(0, 1, 2)
            silence.enter_context(kafka.frozen())
            gate.open()
            runs = await running.ended(3)
            began_s = time.monotonic()
        took_s = time.monotonic() - began_s
    async with studio.running():
        published = await kafka.records.arrived(results, count=3)
    assert took_s < STOP_S
    assert {json.loads(r.value or b"")["run_id"] for r in published} == {r.run_id for r in runs}
    assert sorted(gate.passed) == [0, 1, 2]
    assert studio.broker.committed(studio.group("orders-in"), topic)[0] == 3


async def test_with_a_silent_broker_and_runs_that_do_not_end_it_stops_in_time(
    studio: Studio, unique_name: Names, kafka: ApacheKafka
) -> None:
    gated(studio, unique_name, kafka)
    with closed_gate("stopping") as gate, contextlib.ExitStack() as silence:
        async with studio.running():
            await gate.until_waiting(0, 1, 2)
            silence.enter_context(kafka.frozen())
            began_s = time.monotonic()
        took_s = time.monotonic() - began_s
        print(f"stopped in {took_s:.1f} s")
        assert took_s < STOP_S
        assert gate.passed == []


async def test_where_only_the_commit_gets_no_answer_it_stops_in_time_too(
    studio: Studio, unique_name: Names, kafka: ApacheKafka, fault_proxy: FaultProxy
) -> None:
    studio.connection("direct", bootstrap_servers=kafka.bootstrap())
    studio.connection("apache", bootstrap_servers=kafka.bootstrap("PROXIED"))
    _, results = gated(studio, unique_name, kafka, connection="direct")
    with closed_gate("stopping") as gate:
        async with studio.running():
            await gate.until_waiting(0, 1, 2)
            await fault_proxy.set_mode(FaultMode.BLACK_HOLE)
            gate.open()
            await kafka.records.arrived(results, count=3)
            assert fault_proxy.connections
            began_s = time.monotonic()
        took_s = time.monotonic() - began_s
    assert took_s < STOP_S
    await fault_proxy.set_mode(FaultMode.PASS)
    assert await fault_proxy.all_ended(), "sockets stay behind"
