"""Agents through the real litellm against a provider on loopback, in OpenAI's wire format and in Gemini's."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kafka_agent_studio.engine.agents.send_gate import SendGate
from kafka_agent_studio.model.run import ErrorType, SpanKind
from tests.helpers.agent_bench import SAMPLE, AgentBench, agent_yaml, write_workspace
from tests.helpers.model_server import (
    ANSWER_TOKENS,
    PROMPT_TOKENS,
    Calls,
    Hangs,
    HangsUp,
    ModelServer,
    Refuses,
    Reply,
    Says,
    SendsRaw,
)

MODELS = ["openai/gpt-4o-mini", "gemini/gemini-2.5-flash"]
RESULT = {"order_id": "12345", "status": "approved", "risk_score": 0.02, "route": "standard"}
ANSWER = Says(json.dumps(RESULT))
TOOL_CALLS = Calls(
    [
        ("validate_order", {"order_id": "12345", "items": ["widget-a", "widget-b"]}),
        ("score_risk", {"customer": "john@example.com", "total": 42.5}),
    ]
)


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer() as made:
        yield made


class _Workspace:
    """Writes the specification's order processor, with changes, and puts it on a bench."""

    def __init__(self, root: Path, server: ModelServer) -> None:
        self._root = root
        self._server = server
        self._benches: list[AgentBench] = []

    def bench(self, model: str, *, call_timeout_s: float = 20.0, **fields: Any) -> AgentBench:
        values: dict[str, Any] = {
            "model": model,
            "system_prompt": "Process the order of {customer}.",
            "tools": ["orders.validate_order", "orders.score_risk"],
            "output_schema": "order-result.json",
        }
        providers = {
            "openai": {"api_base": self._server.openai_base},
            "gemini": {"api_base": self._server.gemini_base},
        }
        write_workspace(
            self._root,
            {
                "studio.yaml": f"providers: {json.dumps(providers)}\n",
                "agents/order-processor.yaml": agent_yaml("order-processor", **(values | fields)),
                "tools/orders.py": (SAMPLE / "tools/orders.py").read_text(),
                "schemas/order-result.json": (SAMPLE / "schemas/order-result.json").read_text(),
            },
        )
        made = AgentBench(self._root, call_timeout_s=call_timeout_s)
        self._benches.append(made)
        return made

    async def close(self) -> None:
        for bench in self._benches:
            await bench.parts.close()


@pytest.fixture
async def workspace(tmp_path: Path, server: ModelServer) -> AsyncIterator[_Workspace]:
    made = _Workspace(tmp_path, server)
    yield made
    await made.close()


@pytest.mark.parametrize("model", MODELS)
async def test_the_order_processor_calls_its_tools_and_answers(
    workspace: _Workspace, server: ModelServer, model: str
) -> None:
    server.will(TOOL_CALLS, ANSWER)
    bench = workspace.bench(model)
    outcome = await bench.run("order-processor")
    assert outcome.error is None
    assert outcome.output == RESULT
    first, second = server.requests
    assert first.model == model.partition("/")[2]
    assert first.tool_names == ["validate_order", "score_risk"]
    assert first.system_prompt.startswith("Process the order of john@example.com.")
    assert [json.loads(result) for result in second.tool_results] == [
        {"ok": True},
        {"risk_score": 0.02, "route": "standard"},
    ]


@pytest.mark.parametrize("model", MODELS)
async def test_tokens_cost_and_spans_are_recorded(workspace: _Workspace, server: ModelServer, model: str) -> None:
    server.will(TOOL_CALLS, ANSWER)
    bench = workspace.bench(model)
    await bench.run("order-processor")
    recorder = bench.recorder
    assert recorder.token_usage.prompt_tokens == 2 * PROMPT_TOKENS
    assert recorder.token_usage.candidates_tokens == 2 * ANSWER_TOKENS
    assert recorder.token_usage.total_tokens == 2 * (PROMPT_TOKENS + ANSWER_TOKENS)
    assert recorder.cost is not None
    assert 0 < recorder.cost < 0.01
    assert recorder.stand_ins == set()
    assert [(span.kind, span.name) for span in recorder.spans] == [
        (SpanKind.MODEL, model),
        (SpanKind.TOOL, "orders.validate_order"),
        (SpanKind.TOOL, "orders.score_risk"),
        (SpanKind.MODEL, model),
    ]
    asked = recorder.spans[0]
    assert asked.input["tools"] == ["validate_order", "score_risk"]
    assert [message["role"] for message in asked.input["messages"]] == ["system", "user"]
    assert json.loads(asked.input["messages"][1]["content"])["_kafka"]["offset"] == 1542
    assert asked.output["tool_calls"][0]["function"]["name"] == "validate_order"
    assert recorder.spans[1].input == {"order_id": "12345", "items": ["widget-a", "widget-b"]}
    assert recorder.spans[1].output == {"ok": True}


async def test_the_schema_is_asked_of_a_provider_that_takes_it(workspace: _Workspace, server: ModelServer) -> None:
    server.will(ANSWER)
    await workspace.bench("openai/gpt-4o-mini").run("order-processor")
    asked = server.requests[0].body["response_format"]["json_schema"]["schema"]
    assert asked["properties"]["route"]["enum"] == ["standard", "manual_review"]


async def test_gemini_2_is_asked_in_words_since_it_takes_no_schema_beside_tools(
    workspace: _Workspace, server: ModelServer
) -> None:
    server.will(ANSWER)
    bench = workspace.bench("gemini/gemini-2.5-flash")
    await bench.run("order-processor")
    assert "response_mime_type" not in server.requests[0].body.get("generationConfig", {})
    assert '"risk_score"' in server.requests[0].system_prompt
    assert bench.spans(SpanKind.MODEL)[0].input["messages"][0]["content"] == server.requests[0].system_prompt


async def test_gemini_takes_the_schema_where_there_are_no_tools(workspace: _Workspace, server: ModelServer) -> None:
    server.will(ANSWER)
    await workspace.bench("gemini/gemini-2.5-flash", tools=[]).run("order-processor")
    assert server.requests[0].body["generationConfig"]["response_mime_type"] == "application/json"


async def test_parameters_go_to_models_that_take_them_alone(workspace: _Workspace, server: ModelServer) -> None:
    server.will(ANSWER, ANSWER)
    await workspace.bench("openai/gpt-4o-mini", temperature=0.5, reasoning_effort="low").run("order-processor")
    assert server.requests[0].body["temperature"] == 0.5
    assert "reasoning_effort" not in server.requests[0].body
    await workspace.bench("openai/o3-mini", temperature=0.5, reasoning_effort="low").run("order-processor")
    assert "temperature" not in server.requests[1].body
    assert server.requests[1].body["reasoning_effort"] == "low"


@pytest.mark.parametrize(
    ("model", "effort", "sent"),
    [
        ("openai/o3-mini", "xhigh", "high"),
        ("openai/o3-mini", "minimal", "low"),
        ("openai/o3-mini", "off", None),
        ("openai/o3-mini", "auto", None),
        ("openai/gpt-5.1", "off", "none"),
    ],
)
async def test_an_effort_that_a_model_does_not_know_becomes_the_nearest(
    workspace: _Workspace, server: ModelServer, model: str, effort: str, sent: str | None
) -> None:
    server.will(ANSWER)
    outcome = await workspace.bench(model, reasoning_effort=effort).run("order-processor")
    assert outcome.error is None
    assert server.requests[0].body.get("reasoning_effort") == sent


async def test_an_unknown_provider_is_a_refusal_in_one_sentence(workspace: _Workspace) -> None:
    bench = workspace.bench("opnai/gpt-4o-mini")
    bench.secrets.secrets["OPNAI_API_KEY"] = "sk-of-nobody"
    outcome = await bench.run("order-processor")
    assert outcome.error is not None
    assert outcome.error.type is ErrorType.MODEL_REFUSED
    assert outcome.error.message == "opnai/gpt-4o-mini: litellm knows no provider called 'opnai'"


FAULTS: list[Reply] = [
    Refuses(500, "internal trouble"),
    Refuses(503, "overloaded"),
    SendsRaw(b'{"choices": ['),
    SendsRaw(b'{"choices": [{"message": {"content": "hal', claimed_size=4000),
    HangsUp(),
    Hangs(),
]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("fault", FAULTS, ids=["500", "503", "malformed", "cut", "hangs-up", "hangs"])
async def test_trouble_is_tried_again_each_attempt_a_span(
    workspace: _Workspace, server: ModelServer, model: str, fault: Reply
) -> None:
    server.will(fault, ANSWER)
    bench = workspace.bench(model, call_timeout_s=0.5 if isinstance(fault, Hangs) else 20.0)
    outcome = await bench.run("order-processor")
    assert outcome.output == RESULT
    assert bench.clock.slept_s == [1.0]
    assert bench.recorder.attempts == 2
    failed, succeeded = bench.spans(SpanKind.MODEL)
    assert (failed.attempt, succeeded.attempt) == (1, 2)
    assert failed.error is not None
    assert failed.error.type is ErrorType.MODEL_ERROR
    assert succeeded.error is None


@pytest.mark.parametrize("model", MODELS)
async def test_retry_after_is_waited(workspace: _Workspace, server: ModelServer, model: str) -> None:
    server.will(Refuses(429, "slow down", {"Retry-After": "7"}), Refuses(429, "x", {"Retry-After": "900"}), ANSWER)
    bench = workspace.bench(model)
    outcome = await bench.run("order-processor")
    assert outcome.output == RESULT
    assert bench.clock.slept_s == [7.0, 30.0]


@pytest.mark.parametrize("model", MODELS)
async def test_attempts_end(workspace: _Workspace, server: ModelServer, model: str) -> None:
    server.will(*[Refuses(500, "internal trouble")] * 3, ANSWER)
    bench = workspace.bench(model)
    outcome = await bench.run("order-processor")
    assert outcome.error is not None
    assert outcome.error.type is ErrorType.MODEL_ERROR
    assert "internal trouble" in outcome.error.message
    assert len(server.requests) == 3


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_refusal_is_not_tried_again(
    workspace: _Workspace, server: ModelServer, model: str, status: int
) -> None:
    server.will(Refuses(status, "we do not like it"), ANSWER)
    outcome = await workspace.bench(model).run("order-processor")
    assert outcome.error is not None
    assert outcome.error.type is ErrorType.MODEL_REFUSED
    assert "we do not like it" in outcome.error.message
    assert str(status) in outcome.error.message
    assert len(server.requests) == 1


@pytest.mark.parametrize("model", MODELS)
async def test_a_message_too_long_for_the_model_is_no_refusal(
    workspace: _Workspace, server: ModelServer, model: str
) -> None:
    server.will(Refuses(400, "This model's maximum context length is 4096 tokens"))
    outcome = await workspace.bench(model).run("order-processor")
    assert outcome.error is not None
    assert outcome.error.type is ErrorType.MODEL_ERROR
    assert len(server.requests) == 1


async def test_retries_never_repeat_the_tools_already_called(workspace: _Workspace, server: ModelServer) -> None:
    server.will(TOOL_CALLS, Refuses(500), ANSWER)
    bench = workspace.bench("openai/gpt-4o-mini")
    outcome = await bench.run("order-processor")
    assert outcome.output == RESULT
    assert len(bench.spans(SpanKind.TOOL)) == 2


@pytest.mark.parametrize("model", MODELS)
async def test_an_answer_that_was_cut_off_is_paid_for_and_fails(
    workspace: _Workspace, server: ModelServer, model: str
) -> None:
    server.will(Says('{"order_id": "1', finish="length"))
    bench = workspace.bench(model)
    outcome = await bench.run("order-processor")
    assert outcome.error is not None
    assert outcome.error.type is ErrorType.MODEL_ERROR
    assert "output limit" in outcome.error.message
    assert bench.recorder.token_usage.total_tokens == PROMPT_TOKENS + ANSWER_TOKENS


@pytest.mark.parametrize("model", MODELS)
async def test_an_answer_that_breaks_the_schema_fails_with_the_path(
    workspace: _Workspace, server: ModelServer, model: str
) -> None:
    server.will(Says(json.dumps(RESULT | {"risk_score": "high"})))
    outcome = await workspace.bench(model).run("order-processor")
    assert outcome.error is not None
    assert outcome.error.type is ErrorType.SCHEMA_MISMATCH
    assert "$.risk_score" in outcome.error.message
    assert len(server.requests) == 1


@pytest.mark.parametrize("model", MODELS)
async def test_text_stays_text_without_a_schema(workspace: _Workspace, server: ModelServer, model: str) -> None:
    server.will(Says("Größe: 3 €"), Says(None))
    bench = workspace.bench(model, output_schema=None)
    outcome = await bench.run("order-processor")
    assert outcome.is_text
    assert outcome.output == "Größe: 3 €"
    assert (await bench.run("order-processor")).output == ""


async def test_what_a_model_gets_wrong_about_tools_goes_back_to_it(workspace: _Workspace, server: ModelServer) -> None:
    server.will(
        Calls([("delete_order", {}), ("validate_order", "{oops"), ("validate_order", {"order_id": 5, "wrong": 1})]),
        ANSWER,
    )
    bench = workspace.bench("openai/gpt-4o-mini")
    outcome = await bench.run("order-processor")
    assert outcome.output == RESULT
    unknown, malformed, unfitting = [json.loads(r)["error"] for r in server.requests[1].tool_results]
    assert "there is no tool 'delete_order'; there are: validate_order, score_risk" in unknown
    assert "not valid JSON" in malformed
    assert "items is missing" in unfitting
    assert all(span.error is not None for span in bench.spans(SpanKind.TOOL))


@pytest.mark.parametrize("model", MODELS)
async def test_iterations_end(workspace: _Workspace, server: ModelServer, model: str) -> None:
    server.brain = lambda request: Calls([("validate_order", {"order_id": "1", "items": ["a"]})])
    bench = workspace.bench(model, max_iterations=3)
    outcome = await bench.run("order-processor")
    assert outcome.error is not None
    assert outcome.error.type is ErrorType.MAX_ITERATIONS
    assert len(server.requests) == 3


async def test_a_tool_is_offered_where_its_condition_is_met(workspace: _Workspace, server: ModelServer) -> None:
    server.will(Calls([("score_risk", {"customer": "x", "total": 1})]), ANSWER, ANSWER)
    tools: list[Any] = ["orders.validate_order", {"orders.score_risk": "payload.total > 100"}]
    bench = workspace.bench("openai/gpt-4o-mini", tools=tools)
    await bench.run("order-processor")
    assert server.requests[0].tool_names == ["validate_order"]
    assert "there is no tool 'score_risk'" in server.requests[1].tool_results[0]
    await bench.run("order-processor", {"total": 500, "_kafka": {}})
    assert server.requests[2].tool_names == ["validate_order", "score_risk"]


async def test_the_fallback_takes_over_for_the_rest_of_the_run(workspace: _Workspace, server: ModelServer) -> None:
    server.will(Refuses(500), Refuses(500), TOOL_CALLS, ANSWER)
    bench = workspace.bench(
        "openai/gpt-4o-mini", fallback_model="gemini/gemini-2.5-flash", retry_options={"attempts": 2}
    )
    outcome = await bench.run("order-processor")
    assert outcome.output == RESULT
    assert [request.is_gemini for request in server.requests] == [False, False, True, True]
    assert [span.name for span in bench.spans(SpanKind.MODEL)][-1] == "gemini/gemini-2.5-flash"


async def test_an_outage_beside_a_refused_fallback_is_no_refusal(workspace: _Workspace, server: ModelServer) -> None:
    server.will(Refuses(503, "away"), Refuses(401, "wrong key"), Refuses(401, "wrong"), Refuses(401, "wrong again"))
    bench = workspace.bench(
        "openai/gpt-4o-mini", fallback_model="gemini/gemini-2.5-flash", retry_options={"attempts": 1}
    )
    outage = await bench.run("order-processor")
    assert outage.error is not None
    assert outage.error.type is ErrorType.MODEL_ERROR
    assert "away" in outage.error.message
    assert "wrong key" in outage.error.message
    refusal = await bench.run("order-processor")
    assert refusal.error is not None
    assert refusal.error.type is ErrorType.MODEL_REFUSED


@pytest.mark.parametrize("model", MODELS)
async def test_the_timeout_holds_for_the_whole_run_and_keeps_what_was_used(
    workspace: _Workspace, server: ModelServer, model: str
) -> None:
    await workspace.bench(model).parts.warm_up({model})
    server.will(TOOL_CALLS, Hangs())
    bench = workspace.bench(model, timeout=1.0)
    await bench.parts.warm_up({model})
    outcome = await bench.run("order-processor")
    assert outcome.error is not None
    assert outcome.error.type is ErrorType.TIMEOUT
    assert bench.recorder.token_usage.total_tokens == PROMPT_TOKENS + ANSWER_TOKENS
    assert len(bench.spans(SpanKind.TOOL)) == 2
    assert bench.spans(SpanKind.MODEL)[-1].error is not None


@pytest.mark.parametrize("model", MODELS)
async def test_a_run_that_waits_for_its_answer_holds_no_other_up(
    workspace: _Workspace, server: ModelServer, model: str
) -> None:
    bench = workspace.bench(model)
    bench.parts._module._gate = SendGate(patience_s=60)
    server.will(Hangs(), ANSWER)
    waiting = asyncio.ensure_future(bench.run("order-processor"))
    await server.received(1)
    outcome = await bench.run("order-processor")
    assert outcome.output == RESULT
    waiting.cancel()
    await asyncio.wait([waiting])


async def test_a_cancelled_run_keeps_what_was_used(workspace: _Workspace, server: ModelServer) -> None:
    server.will(TOOL_CALLS, Hangs())
    bench = workspace.bench("openai/gpt-4o-mini")
    run = asyncio.ensure_future(bench.run("order-processor"))
    await server.received(2)
    run.cancel()
    await asyncio.wait([run])
    assert run.cancelled()
    assert bench.recorder.token_usage.total_tokens == PROMPT_TOKENS + ANSWER_TOKENS
    assert bench.spans(SpanKind.MODEL)[-1].error is not None


@pytest.mark.parametrize("model", MODELS)
async def test_nothing_of_the_workspace_is_changed_by_a_call(
    workspace: _Workspace, server: ModelServer, model: str
) -> None:
    server.will(ANSWER, ANSWER)
    bench = workspace.bench(model)
    before = json.dumps([t.parameters for t in bench.workspace.tools], default=dict) + json.dumps(
        bench.workspace.schemas, default=dict
    )
    await bench.run("order-processor")
    await bench.run("order-processor")
    after = json.dumps([t.parameters for t in bench.workspace.tools], default=dict) + json.dumps(
        bench.workspace.schemas, default=dict
    )
    assert before == after
    assert server.requests[0].body == server.requests[1].body
