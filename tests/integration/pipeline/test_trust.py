"""In a folder whose tools nobody trusted, what needs them reads nothing, so that no message is lost to a failure."""

import asyncio
from collections.abc import Callable

import pytest

from kafka_agent_studio.api.cluster_commands import TrustTools
from kafka_agent_studio.api.commands import StartConnector
from kafka_agent_studio.api.events import ConnectorState
from kafka_agent_studio.api.faults import CommandRefused, FaultCode
from kafka_agent_studio.bootstrap import build_engine
from kafka_agent_studio.engine.options import EngineOptions
from kafka_agent_studio.model.run import RunStatus
from tests.helpers.kafka_records import NewRecord
from tests.helpers.studio import RunningStudio, Studio

_ECHO = "def echo(payload: dict) -> dict:\n    return payload\n"


async def test_messages_wait_in_the_topic_until_the_tools_are_trusted(
    studio: Studio, unique_name: Callable[[str], str]
) -> None:
    orders = studio.broker.make_topic(unique_name("orders"))
    studio.broker.records.produce_many(orders, [NewRecord(value=str(n), partition=n % 4) for n in range(8)])
    studio.tool_agent("echo", "echo.echo")
    studio.agent("flow", type="sequential", agents=["echo"])
    studio.write({"tools/echo.py": _ECHO})
    studio.inbound("orders-in", topic=orders, agents=["flow"])
    engine = await build_engine(EngineOptions(root=studio.root, environ={}, trust_tools=False))
    await engine.start()
    running = RunningStudio(engine)
    listening = engine.tasks.start("test-listener", running.listen())
    try:
        await running.is_in("orders-in", ConnectorState.PAUSED, FaultCode.TOOLS_NOT_TRUSTED)
        with pytest.raises(CommandRefused, match="nobody has trusted"):
            await running.execute(StartConnector("orders-in"))
        await running.execute(TrustTools())
        runs = await running.ended(8)
        assert {run.status for run in runs} == {RunStatus.COMPLETED}
    finally:
        await engine.stop()
        await asyncio.wait([listening])
        await engine.tasks.close()
