"""The agents that the repository ships, as the README's first command runs them: rehearsed, their tools for real."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kafka_agent_studio.engine.agents.parts import rehearses_all
from kafka_agent_studio.model.run import SpanKind
from tests.helpers.agent_bench import SAMPLE, AgentBench


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[AgentBench]:
    for folder in ("agents", "tools", "schemas", "connectors"):
        shutil.copytree(SAMPLE / folder, tmp_path / folder)
    made = AgentBench(tmp_path, rehearses=rehearses_all)
    yield made
    await made.parts.close()


async def test_the_order_processor_answers_as_the_specification_shows(bench: AgentBench) -> None:
    outcome = await bench.run("order-processor")
    assert outcome.error is None
    assert outcome.output == {"order_id": "12345", "status": "approved", "risk_score": 0.02, "route": "standard"}
    assert [span.name for span in bench.spans(SpanKind.TOOL)] == ["orders.validate_order", "orders.score_risk"]
    assert bench.recorder.stand_ins == {"rehearsal"}
    assert bench.recorder.token_usage.total_tokens == 0


async def test_every_agent_of_the_sample_gets_through_the_specifications_message(bench: AgentBench) -> None:
    for agent in bench.runners:
        outcome = await bench.run(agent)
        assert outcome.error is None, f"{agent}: {outcome.error}"
        assert all(span.error is None for span in bench.recorder.spans), agent
