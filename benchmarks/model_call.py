"""Process CPU of a model call: an agent's run against a bare httpx request of the same body, and against litellm."""

import asyncio
import json
import multiprocessing
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx

from benchmarks.figures import Figure, in_the_middle
from tests.helpers.agent_bench import ORDER, AgentBench, agent_yaml, write_workspace
from tests.helpers.model_server import ModelServer, Says

CALLS = 300
ROUNDS = 5
PROMPT = "You receive an order event in JSON. Decide, and return JSON."


def measure(short: bool) -> Iterator[Figure]:
    """In turn, against a server in a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=_serve, args=(theirs,), daemon=True)
    server.start()
    try:
        base = ours.recv()
        rounds = asyncio.run(_rounds(base, 50 if short else CALLS, 1 if short else ROUNDS))
    finally:
        server.terminate()
        server.join()
    unit = "µs of CPU"
    yield in_the_middle("a run with one model call: bare httpx", [(a, h) for a, _, h in rounds], unit=unit)
    yield in_the_middle("a run with one model call: litellm alone", [(a, m) for a, m, _ in rounds], unit=unit)


def _serve(pipe: Connection) -> None:
    async def serve() -> None:
        async with ModelServer(brain=lambda _: Says(json.dumps({"status": "approved"}))) as server:
            pipe.send(server.openai_base)
            await asyncio.Event().wait()

    asyncio.run(serve())


async def _rounds(base: str, calls: int, rounds: int) -> list[tuple[float, float, float]]:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        files = {
            "studio.yaml": f"providers: {{openai: {{api_base: '{base}'}}}}\n",
            "agents/decider.yaml": agent_yaml("decider", type="llm", model="openai/decider", system_prompt=PROMPT),
        }
        bench = AgentBench(write_workspace(Path(folder), files), secrets={"OPENAI_API_KEY": "none"})
        try:
            async with httpx.AsyncClient() as client:
                return [await _round(bench, client, base, calls) for _ in range(rounds + 1)][1:]
        finally:
            await bench.parts.close()


async def _round(bench: AgentBench, client: httpx.AsyncClient, base: str, calls: int) -> tuple[float, float, float]:
    import litellm

    messages = [{"role": "system", "content": PROMPT}, {"role": "user", "content": json.dumps(ORDER)}]
    body = {"model": "decider", "messages": messages}

    async def run() -> None:
        outcome = await bench.run("decider")
        assert outcome.error is None, outcome.error

    async def ask_litellm() -> None:
        await litellm.acompletion(
            model="openai/decider", messages=messages, api_base=base, api_key="none", max_retries=0
        )

    async def post() -> None:
        answer = await client.post(f"{base}/chat/completions", json=body, headers={"Authorization": "Bearer none"})
        answer.json()

    return await _cpu_us(run, calls), await _cpu_us(ask_litellm, calls), await _cpu_us(post, calls)


async def _cpu_us(call: Callable[[], Awaitable[Any]], calls: int) -> float:
    began_s = time.process_time()
    for _ in range(calls):
        await call()
    return (time.process_time() - began_s) / calls * 1e6
