"""Runs a second where each takes a second and 64 go at a time: a function that sleeps, and a model behind litellm."""

import asyncio
import contextlib
import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.pipeline import Tally, embedded, fill, fresh_name
from kafka_agent_studio.bootstrap import build_engine
from kafka_agent_studio.engine.options import EngineOptions
from kafka_agent_studio.engine.runtime import Runtime
from tests.helpers.model_server import ModelServer, ModelServerRequest, Reply, Says
from tests.helpers.studio import Studio, StudioBroker

AT_A_TIME = 64
ANSWER_S = 1.0
_TOOL = '''
"""A function that takes a second."""

import asyncio
from typing import Any


async def wait(payload: dict[str, Any]) -> dict[str, Any]:
    """Return after a second."""
    await asyncio.sleep(1.0)
    return {"done": True}
'''


def measure(short: bool) -> Iterator[Figure]:
    """From the second wave to the last but one: the first pays for imports, the last is not full."""
    waves = 4 if short else 20
    with embedded() as broker:
        for name, rate_per_s in asyncio.run(_all(broker, waves)):
            yield Figure(
                name=f"runs of a second, 64 at a time: {name}",
                ours=rate_per_s,
                baseline=AT_A_TIME / ANSWER_S,
                unit="runs/s",
                at_least=0.95,
            )


async def _all(broker: StudioBroker, waves: int) -> list[tuple[str, float]]:
    async with ModelServer(brain=_answers) as server:
        return [
            ("a function that sleeps", await _rate(broker, waves, None)),
            ("a model through litellm", await _rate(broker, waves, server)),
        ]


def _answers(_: ModelServerRequest) -> Reply:
    return Says(json.dumps({"status": "approved"}), delay_s=ANSWER_S)


async def _rate(broker: StudioBroker, waves: int, server: ModelServer | None) -> float:
    topic = broker.make_topic(fresh_name("messages"))
    fill(broker, topic, AT_A_TIME * (waves + 2), keys=10_000)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        async with one_second_runs(broker, Path(folder) / "studio", topic, server) as engine:
            tally = Tally(engine)
            await tally.until(AT_A_TIME)
            began_s = tally.last_published_s
            await tally.until(AT_A_TIME * (waves + 1))
            ended_s, count = tally.last_published_s, tally.published - AT_A_TIME
            tally.close()
    return count / (ended_s - began_s)


@contextlib.asynccontextmanager
async def one_second_runs(
    broker: StudioBroker, root: Path, topic: str, server: ModelServer | None
) -> AsyncIterator[Runtime]:
    """Run an engine whose agent takes a second; without a server it is a function."""
    studio = Studio(root=root, broker=broker)
    if server is None:
        studio.write({"tools/waiting.py": _TOOL})
        studio.tool_agent("slow", "waiting.wait", max_concurrent_runs=AT_A_TIME)
    else:
        studio.settings(providers={"openai": {"api_base": server.openai_base}})
        studio.agent("slow", type="llm", model="openai/slow", system_prompt="Decide.", max_concurrent_runs=AT_A_TIME)
    studio.inbound("messages-in", topic=topic, agents=["slow"], max_in_flight=2 * AT_A_TIME)
    studio.outbound("results-out", topic=fresh_name("results"), agents=["slow"])
    engine = await build_engine(EngineOptions(root=root, environ={"OPENAI_API_KEY": "none"}))
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()
        await engine.tasks.close()
