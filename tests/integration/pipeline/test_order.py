"""What runs beside what: orderings, concurrency keys, several readers of one topic, where reading begins."""

import json
from collections.abc import Callable

import pytest

from kafka_agent_studio.model.run import ErrorType, RunStatus
from tests.helpers.gates import closed_gate
from tests.helpers.kafka_records import NewRecord
from tests.helpers.studio import Studio

Names = Callable[[str], str]

GATED = """
from typing import Any

from tests.helpers.gates import gate_of

async def wait(payload: dict[str, Any]) -> Any:
    await gate_of("runs").wait(payload["n"])
    return payload["n"]
"""


def numbered(*keys: str | None) -> list[NewRecord]:
    """Messages of partition 0 with these keys, and a last one of partition 1 that nothing has to wait for."""
    records = [NewRecord(value=json.dumps({"n": n}), key=k, partition=0) for n, k in enumerate(keys)]
    return [*records, NewRecord(value='{"n": "last"}', partition=1)]


@pytest.mark.parametrize(
    ("ordering", "beside"), [("key", [0, 1, 4]), ("partition", [0]), ("none", [0, 1, 2, 3, 4])], ids=lambda v: str(v)
)
async def test_what_an_ordering_lets_run_side_by_side(
    studio: Studio, unique_name: Names, ordering: str, beside: list[int]
) -> None:
    topic, results = (studio.broker.make_topic(unique_name(n)) for n in ("orders", "results"))
    studio.write({"tools/work.py": GATED})
    studio.tool_agent("waiter", "work.wait")
    studio.inbound("orders-in", topic=topic, agents=["waiter"], ordering=ordering)
    studio.outbound("results-out", topic=results, agents=["waiter"], payload="output")
    studio.broker.records.produce_many(topic, numbered("a", "b", "a", "b", None))
    with closed_gate("runs") as gate:
        async with studio.running():
            await gate.until_waiting(*beside, "last")
            assert set(gate.waiting) == {*beside, "last"}
            gate.open()
            await studio.broker.records.arrived(results, count=6)
    if ordering == "partition":
        assert [n for n in gate.passed if n != "last"] == [0, 1, 2, 3, 4]
    if ordering == "key":
        assert [n for n in gate.passed if n in (0, 2)] == [0, 2]
        assert [n for n in gate.passed if n in (1, 3)] == [1, 3]


async def test_a_concurrency_key_drops_or_queues_what_collides(studio: Studio, unique_name: Names) -> None:
    topic = studio.broker.make_topic(unique_name("orders"))
    studio.write({"tools/work.py": GATED})
    studio.tool_agent("dropper", "work.wait", concurrency={"key": "who.name", "on_conflict": "drop"})
    studio.tool_agent("queuer", "work.wait", concurrency={"key": "who.name"})
    studio.inbound("orders-in", topic=topic, agents=["dropper", "queuer"])
    values = [{"n": 0, "who": {"name": "eve"}}, {"n": 1, "who": {"name": "eve"}}, {"n": 2, "who": {"name": "bob"}}]
    studio.broker.records.produce_many(topic, [NewRecord(value=json.dumps(v), partition=0) for v in values])
    with closed_gate("runs") as gate:
        async with studio.running() as running:
            (dropped,) = await running.ended(1)
            await gate.until_waiting(0, 2)
            assert sorted(gate.waiting) == [0, 0, 2, 2]
            gate.open()
            runs = await running.ended(6)
    assert (dropped.agent_name, dropped.offset, dropped.status) == ("dropper", 1, RunStatus.FAILED)
    assert dropped.error is not None
    assert dropped.error.type is ErrorType.DROPPED
    assert [r.status for r in runs].count(RunStatus.COMPLETED) == 5


async def test_each_group_gets_everything_and_latest_only_what_is_new_and_nothing_is_skipped_by_a_restart(
    studio: Studio, unique_name: Names
) -> None:
    topic = studio.broker.make_topic(unique_name("orders"))
    studio.write({"tools/work.py": "def value(payload):\n    return payload['message']\n"})
    studio.tool_agent("reader", "work.value")
    studio.inbound("all-in", topic=topic, agents=["reader"])
    studio.inbound("new-in", topic=topic, agents=["reader"], auto_offset_reset="latest", group_id=unique_name("group"))
    produce = studio.broker.records.produce_many
    produce(topic, [NewRecord(value=v, partition=0) for v in ("0", "1")])
    async with studio.running() as running:
        await running.reads("all-in", "new-in")
        await running.ended(2)
    produce(topic, [NewRecord(value="2", partition=0), NewRecord(value="3", partition=1)])
    async with studio.running() as again:
        await again.ended(4)
    first = [(r.connector, r.output) for r in running.runs()]
    second = sorted((r.connector, r.output) for r in again.runs())
    assert sorted(first) == [("all-in", "0"), ("all-in", "1")]
    assert second == [("all-in", "2"), ("all-in", "3"), ("new-in", "2"), ("new-in", "3")]
