"""The specification's own example through the engine, and every type of agent: model, function, sequence, rehearsal."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kafka_agent_studio.model.run import RunStatus
from tests.helpers.agent_bench import SAMPLE
from tests.helpers.kafka_records import NewRecord
from tests.helpers.model_server import Calls, ModelServer, ModelServerRequest, Reply, Says
from tests.helpers.studio import Studio

Names = Callable[[str], str]

ORDER: dict[str, Any] = {
    "order_id": "12345",
    "customer": "john@example.com",
    "items": ["widget-a", "widget-b"],
    "total": 42.5,
}
RESULT = {"order_id": "12345", "status": "approved", "risk_score": 0.02, "route": "standard"}


def use_sample(studio: Studio, *paths: str) -> None:
    """Take files of the sample workspace over, as they are."""
    studio.write({path: Path(SAMPLE, path).read_text() for path in paths})


def order_processor(request: ModelServerRequest) -> Reply:
    """A model that does as the system prompt of the order processor says."""
    if not request.tool_results:
        order = {name: ORDER[name] for name in ("order_id", "items")}
        risk = {name: ORDER[name] for name in ("customer", "total")}
        return Calls([("validate_order", order), ("score_risk", risk)])
    return Says(json.dumps(RESULT))


def user_message(request: ModelServerRequest) -> dict[str, Any]:
    """The payload as the model was sent it."""
    parts = request.body["contents"][0]["parts"]
    payload: dict[str, Any] = json.loads(parts[0]["text"])
    return payload


async def test_the_three_examples_of_the_specification_come_out_key_for_key(studio: Studio, unique_name: Names) -> None:
    topic, envelopes, bodies = (studio.broker.make_topic(unique_name(n)) for n in ("orders", "envelopes", "bodies"))
    use_sample(studio, "agents/order-processor.yaml", "tools/orders.py", "schemas/order-result.json")
    studio.inbound("orders-in", topic=topic, agents=["order-processor"])
    studio.outbound("envelopes-out", topic=envelopes, agents=["order-processor"])
    studio.outbound("bodies-out", topic=bodies, agents=["order-processor"], payload="output")
    studio.environ["GEMINI_API_KEY"] = "a-key"
    record = NewRecord(value=json.dumps(ORDER), key="order-12345", partition=0, timestamp_ms=1705312800000)
    studio.broker.records.produce_many(topic, [record])
    async with ModelServer(brain=order_processor) as server:
        studio.settings(providers={"gemini": {"api_base": server.gemini_base}})
        async with studio.running() as running:
            (enveloped,) = await studio.broker.records.arrived(envelopes, count=1)
            (body,) = await studio.broker.records.arrived(bodies, count=1)
            (run,) = await running.ended(1)
        first, last = server.requests
    kafka = {"topic": topic, "partition": 0, "offset": 0, "timestamp": 1705312800000, "key": "order-12345"}
    assert user_message(first) == {**ORDER, "_kafka": kafka}
    assert sorted(first.tool_names) == ["score_risk", "validate_order"]
    assert last.tool_results == ['{"ok": true}', '{"risk_score": 0.02, "route": "standard"}']
    assert (body.key, json.loads(body.value or b"")) == (b"order-12345", RESULT)
    assert list(json.loads(body.value or b"")) == list(RESULT)
    envelope = json.loads(enveloped.value or b"")
    assert enveloped.key == b"order-12345"
    assert envelope == {
        "run_id": run.run_id,
        "agent_name": "order-processor",
        "status": "completed",
        "output": RESULT,
        "error": None,
        "started_at": envelope["started_at"],
        "ended_at": envelope["ended_at"],
        "token_usage": {"prompt_tokens": 200, "candidates_tokens": 40, "total_tokens": 240},
    }
    assert run.stand_ins == (("sandbox",) if studio.broker.connection == "sandbox" else ())


TOOLS = """
from typing import Any

def add_one(payload: dict[str, Any], context: dict[str, Any]) -> Any:
    context["trail"] = [*context.get("trail", []), payload["n"]]
    return {"n": payload["n"] + 1}

def as_text(payload: dict[str, Any], context: dict[str, Any]) -> str:
    return f"{payload['n']} by way of {context['trail']}"

def shout(message: str) -> str:
    return message.upper()
"""


async def test_a_sequence_hands_each_output_on_and_a_text_leaves_unquoted(studio: Studio, unique_name: Names) -> None:
    topic, results, texts = (studio.broker.make_topic(unique_name(n)) for n in ("orders", "results", "texts"))
    studio.write({"tools/steps.py": TOOLS})
    studio.tool_agent("one", "steps.add_one")
    studio.tool_agent("two", "steps.add_one")
    studio.tool_agent("three", "steps.as_text")
    studio.tool_agent("four", "steps.shout")
    studio.agent("row", type="sequential", agents=["one", "two", "three", "four"])
    studio.agent("poet", model="sandbox/rehearsal", system_prompt="Say something.")
    studio.inbound("orders-in", topic=topic, agents=["row", "poet"])
    studio.outbound("results-out", topic=results, agents=["row"], payload="output")
    studio.outbound("texts-out", topic=texts, agents=["poet"], payload="output")
    studio.broker.records.produce(topic, '{"n": 1, "order_id": 7}')
    async with studio.running() as running:
        (result,) = await studio.broker.records.arrived(results, count=1)
        (text,) = await studio.broker.records.arrived(texts, count=1)
        runs = await running.ended(2)
    assert json.loads(result.value or b"") == "3 BY WAY OF [1, 2]"
    assert text.value == b"Rehearsal: read order_id 7, called no tool. No model was asked."
    assert {r.agent_name: r.status for r in runs} == {"row": RunStatus.COMPLETED, "poet": RunStatus.COMPLETED}
    assert {r.agent_name: "rehearsal" in r.stand_ins for r in runs} == {"row": False, "poet": True}
