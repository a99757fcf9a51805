"""Where a model's key comes from, and where it never goes."""

import json
import logging
import traceback
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from kafka_agent_studio.model.model_call import ModelRequest
from kafka_agent_studio.model.run import ErrorType
from tests.helpers.agent_bench import AgentBench, agent_yaml, write_workspace
from tests.helpers.model_server import Hangs, HangsUp, ModelServer, Refuses, Says, SendsRaw

CANARY = "sk-canary-7f3a9b2c4d5e6f708192a3b4"
MODELS = ["openai/gpt-4o-mini", "gemini/gemini-2.5-flash"]


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer() as made:
        yield made


def _write(root: Path, model: str, server: ModelServer | None) -> Path:
    files = {
        "agents/talker.yaml": agent_yaml(
            "talker", model=model, system_prompt="Talk.", retry_options={"attempts": 1}, tools=[]
        )
    }
    if server is not None:
        providers = {"openai": {"api_base": server.openai_base}, "gemini": {"api_base": server.gemini_base}}
        files["studio.yaml"] = f"providers: {json.dumps(providers)}\n"
    return write_workspace(root, files)


async def test_a_model_without_a_key_is_refused_with_the_remedy(tmp_path: Path) -> None:
    bench = AgentBench(_write(tmp_path, "gemini/gemini-2.5-flash", None))
    outcome = await bench.run("talker")
    assert outcome.error is not None
    assert outcome.error.type is ErrorType.MODEL_REFUSED
    assert "GEMINI_API_KEY" in outcome.error.message
    assert await bench.parts.models_without_key(bench.workspace) == {"gemini/gemini-2.5-flash"}
    await bench.parts.close()


async def test_a_server_of_ones_own_needs_no_key(tmp_path: Path, server: ModelServer) -> None:
    bench = AgentBench(_write(tmp_path, "openai/llama3", server))
    server.will(Says("hello"))
    assert (await bench.run("talker")).output == "hello"
    assert await bench.parts.models_without_key(bench.workspace) == frozenset()
    await bench.parts.close()


@pytest.mark.parametrize("model", MODELS)
async def test_the_key_goes_to_the_provider(tmp_path: Path, server: ModelServer, model: str) -> None:
    secrets = {"OPENAI_API_KEY": CANARY, "GEMINI_API_KEY": CANARY}
    bench = AgentBench(_write(tmp_path, model, server), secrets=secrets)
    server.will(Says("hello"), Says("hello"))
    await bench.run("talker")
    await bench.run("talker")
    headers = server.requests[0].headers
    assert CANARY in (headers.get("x-goog-api-key", ""), headers.get("authorization", "").removeprefix("Bearer "))
    assert bench.secrets.asked == 1
    await bench.parts.close()


async def test_a_refused_key_is_looked_up_anew(tmp_path: Path, server: ModelServer) -> None:
    bench = AgentBench(_write(tmp_path, "openai/gpt-4o-mini", server), secrets={"OPENAI_API_KEY": "sk-the-old-one"})
    server.will(Refuses(401, "wrong key"), Says("hello"))
    assert (await bench.run("talker")).error is not None
    bench.secrets.secrets["OPENAI_API_KEY"] = "sk-the-new-one"
    assert (await bench.run("talker")).output == "hello"
    assert server.requests[1].headers["authorization"] == "Bearer sk-the-new-one"
    await bench.parts.close()


@pytest.mark.parametrize("model", MODELS)
async def test_the_key_is_in_no_log_error_span_or_output(
    tmp_path: Path,
    server: ModelServer,
    model: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = {"OPENAI_API_KEY": CANARY, "GEMINI_API_KEY": CANARY}
    bench = AgentBench(_write(tmp_path, model, server), secrets=secrets, call_timeout_s=0.5)
    said = []
    for reply in (
        Says("hello"),
        Refuses(401, f"Incorrect API key provided: {CANARY}"),
        Refuses(500, f"cannot use {CANARY}"),
        SendsRaw(CANARY.encode()),
        HangsUp(),
        Hangs(),
    ):
        server.will(reply)
        said.append(repr(await bench.run("talker")))
        said.append(msgspec.json.encode(bench.recorder.spans).decode())
    await bench.parts.close()
    out, err = capfd.readouterr()
    said += [out, err, caplog.text, repr(bench.parts), repr(vars(bench.parts)["_keys"].__dict__)]
    said += [str(record.__dict__) for record in caplog.records]
    assert "canary" not in "".join(said)
    assert "Incorrect API key provided" in "".join(said)
    assert out == ""


async def test_the_key_is_in_no_traceback_even_one_with_locals(tmp_path: Path, server: ModelServer) -> None:
    bench = AgentBench(_write(tmp_path, "openai/gpt-4o-mini", server), secrets={"OPENAI_API_KEY": CANARY})
    server.will(Refuses(401, f"Incorrect API key provided: {CANARY}"))
    completion = bench.parts.completion(bench.workspace.settings.providers)
    request = ModelRequest(model="openai/gpt-4o-mini", messages=[{"role": "user", "content": "hi"}])
    try:
        await completion.complete(request)
    except Exception as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    await bench.parts.close()
    assert "canary" not in shown
