"""The day's budget: connectors with models pause and say so, others go on, and a larger budget lets them go on."""

import json
from collections.abc import Callable

from kafka_agent_studio.api.events import ConnectorState
from kafka_agent_studio.api.faults import FaultCode
from tests.helpers.kafka_records import NewRecord
from tests.helpers.model_server import ModelServer, Says
from tests.helpers.studio import Studio

Names = Callable[[str], str]
TOKENS_PER_CALL = 120


async def test_what_the_day_may_cost_pauses_paid_work_alone_until_there_is_more(
    studio: Studio, unique_name: Names
) -> None:
    topic, free, results = (studio.broker.make_topic(unique_name(n)) for n in ("orders", "free", "results"))
    studio.write({"tools/work.py": "def echo(payload):\n    return payload\n"})
    studio.tool_agent("echo", "work.echo")
    studio.agent("asker", model="openai/gpt-test", system_prompt="Answer.")
    studio.inbound("orders-in", topic=topic, agents=["asker"])
    studio.inbound("free-in", topic=free, agents=["echo"])
    studio.outbound("results-out", topic=results, agents=["asker"])
    async with ModelServer(brain=lambda _: Says("well")) as server:
        providers = {"openai": {"api_base": server.openai_base}}
        studio.settings(providers=providers, budget={"tokens_per_day": 2 * TOKENS_PER_CALL})
        studio.broker.records.produce_many(topic, [NewRecord(value="{}", partition=0)] * 2)
        async with studio.running() as running:
            paused = await running.is_in("orders-in", ConnectorState.PAUSED, FaultCode.BUDGET_REACHED)
            assert paused.fault is not None
            assert (paused.fault.parameters["limit"], paused.fault.parameters["used"]) == (240, 240)
            studio.broker.records.produce_many(topic, [NewRecord(value="{}", partition=0)] * 2)
            studio.broker.records.produce(free, "{}")
            await running.ended(1, agent="echo")
            assert len(server.requests) == 2
        # what was used today is known after a restart, too
        async with studio.running() as running:
            await running.is_in("orders-in", ConnectorState.PAUSED, FaultCode.BUDGET_REACHED)
            studio.settings(providers=providers, budget={"tokens_per_day": 100 * TOKENS_PER_CALL})
            answers = await studio.broker.records.arrived(results, count=4)
            await running.is_in("orders-in", ConnectorState.RUNNING)
    assert len({json.loads(r.value or b"")["run_id"] for r in answers}) == 4
    assert len(server.requests) == 4
    assert studio.broker.committed(studio.group("orders-in"), topic)[0] == 4
