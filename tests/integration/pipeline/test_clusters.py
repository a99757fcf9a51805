"""Topics, groups and trust, through the seam, on both brokers."""

from collections.abc import AsyncIterator, Callable

import pytest

from kafka_agent_studio.api import cluster_commands as api
from kafka_agent_studio.api.events import ConnectorState
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.bootstrap import build_engine
from kafka_agent_studio.engine.options import EngineOptions
from tests.helpers.kafka_records import NewRecord
from tests.helpers.studio import RunningStudio, Studio

_ECHO = "def echo(payload: dict) -> dict:\n    return payload\n"


@pytest.fixture
async def running(studio: Studio) -> AsyncIterator[RunningStudio]:
    async with studio.running() as engine:
        yield engine


@pytest.fixture
def orders(studio: Studio, unique_name: Callable[[str], str]) -> str:
    topic = studio.broker.make_topic(unique_name("orders"))
    studio.broker.records.produce_many(topic, [NewRecord(value=str(n), partition=n % 4) for n in range(8)])
    return topic


async def test_a_topic_is_listed_and_described_and_a_missing_one_is_not_made(
    running: RunningStudio, studio: Studio, orders: str, unique_name: Callable[[str], str]
) -> None:
    connection, missing = studio.broker.connection, unique_name("missing")
    topic = await running.execute(api.DescribeTopic(connection, orders))
    assert topic is not None
    assert [(p.partition, p.first, p.end) for p in topic.partitions] == [(p, 0, 2) for p in range(4)]
    assert await running.execute(api.DescribeTopic(connection, missing)) is None
    listed = {t.name: t.partitions for t in await running.execute(api.ListTopics(connection, with_config=True))}
    assert listed[orders] == 4
    assert missing not in listed
    await running.execute(api.CreateTopic(connection, missing, partitions=4))
    assert missing in {t.name for t in await running.execute(api.ListTopics(connection))}


async def test_the_group_of_a_connector_is_known_and_set_anew_once_it_is_stopped(
    running: RunningStudio, studio: Studio, orders: str
) -> None:
    studio.tool_agent("echo", "echo.echo")
    studio.write({"tools/echo.py": _ECHO})
    studio.inbound("orders-in", topic=orders, agents=["echo"])
    await running.ended(8)
    connection, group = studio.broker.connection, studio.group("orders-in")
    assert group in {g.name for g in await running.execute(api.ListGroups(connection))}
    described = await running.execute(api.DescribeGroup(connection, group))
    assert described.connectors == ("orders-in",)
    assert {(p.topic, p.end) for p in described.partitions} == {(orders, 2)}
    reset = api.ResetOffsets(connection, group, orders, api.ResetTo.EARLIEST)
    with pytest.raises(CommandRefused, match="orders-in reads with the group"):
        await running.execute(reset)
    studio.inbound("orders-in", topic=orders, agents=["echo"], enabled=False)
    await running.is_in("orders-in", ConnectorState.DISABLED)
    report = await running.execute(reset)
    assert report.repeated == 8
    described = await running.execute(api.DescribeGroup(connection, group))
    assert described.lag == 8


async def test_what_a_connector_is_called_leads_to_its_cluster(
    running: RunningStudio, studio: Studio, orders: str
) -> None:
    studio.tool_agent("echo", "echo.echo")
    studio.write({"tools/echo.py": _ECHO})
    studio.inbound("orders-in", topic=orders, agents=["echo"])
    await running.ended(8)
    assert orders in {t.name for t in await running.execute(api.ListTopics("orders-in"))}


async def test_tools_of_a_folder_not_trusted_run_once_a_person_trusts_it(studio: Studio, orders: str) -> None:
    studio.tool_agent("echo", "echo.echo")
    imported = studio.root / "imported"
    studio.write({"tools/echo.py": f"open({str(imported)!r}, 'w').close()\n{_ECHO}"})
    studio.inbound("orders-in", topic=orders, agents=["echo"])
    remembered: list[bool] = []
    engine = await build_engine(
        EngineOptions(root=studio.root, environ={}, trust_tools=False, remember_trust=lambda: remembered.append(True))
    )
    await engine.start()
    running = RunningStudio(engine)
    listening = engine.tasks.start("test-listener", running.listen())
    try:
        snapshot = await engine.snapshot()
        assert not snapshot.tools_trusted
        assert not imported.exists()
        await running.execute(api.TrustTools())
        assert (await engine.snapshot()).tools_trusted
        assert imported.exists()
        assert remembered == [True]
        runs = await running.ended(8)
        assert {r.status.value for r in runs} <= {"completed", "failed"}
        studio.broker.records.produce(orders, "9")
        await running.ended(9)
        assert [r for r in running.runs() if r.status.value == "completed"]
    finally:
        await engine.stop()
        await listening
        await engine.tasks.close()
