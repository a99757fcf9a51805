"""Agents in a row: what goes from one to the next, and what a failure in the middle does."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kafka_agent_studio.engine.agents.parts import rehearses_all
from kafka_agent_studio.model.run import ErrorType, SpanKind
from tests.helpers.agent_bench import ORDER, AgentBench, agent_yaml, write_workspace

TOOLS = """
tries = []

async def add_note(payload: dict, context: dict):
    context["note"] = "seen by the first"
    return {"order_id": payload["order_id"], "step": 1}

async def show(payload: dict, context: dict):
    return {"payload": payload, "note": context.get("note"), "agent": context["agent_name"]}

async def a_text(payload: dict):
    return "just words"

async def fails_twice(payload: dict):
    tries.append(1)
    if len(tries) < 3:
        raise ConnectionError("away")
    return {"tries": len(tries)}

async def first_item(items: list):
    return items.pop(0)

async def spoil(payload: dict):
    payload["order_id"] = "changed"
    return payload
"""


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[AgentBench]:
    once = {"attempts": 1}
    tool = {"type": "tool", "retry_options": once}
    files = {
        "tools/steps.py": TOOLS,
        "schemas/strict.json": '{"type": "object", "required": ["never"]}',
        "agents/first.yaml": agent_yaml("first", tool_name="steps.add_note", **tool),
        "agents/show.yaml": agent_yaml("show", tool_name="steps.show", **tool),
        "agents/text.yaml": agent_yaml("text", tool_name="steps.a_text", **tool),
        "agents/flaky.yaml": agent_yaml("flaky", tool_name="steps.fails_twice", **tool),
        "agents/spoil.yaml": agent_yaml("spoil", tool_name="steps.spoil", **tool),
        "agents/talker.yaml": agent_yaml("talker", model="openai/gpt", system_prompt="Talk."),
        "agents/picker.yaml": agent_yaml(
            "picker", model="openai/gpt", system_prompt="Pick.", tools=["steps.first_item"]
        ),
        "agents/two.yaml": agent_yaml("two", type="sequential", agents=["first", "show"]),
        "agents/words.yaml": agent_yaml("words", type="sequential", agents=["text", "show"]),
        "agents/nested.yaml": agent_yaml("nested", type="sequential", agents=["two", "show"]),
        "agents/again.yaml": agent_yaml("again", type="sequential", agents=["spoil", "flaky", "show"]),
        "agents/strict.yaml": agent_yaml("strict", type="sequential", agents=["first"], output_schema="strict"),
        "agents/ends-in-text.yaml": agent_yaml("ends-in-text", type="sequential", agents=["first", "talker"]),
    }
    made = AgentBench(write_workspace(tmp_path, files), rehearses=rehearses_all)
    yield made
    await made.parts.close()


async def test_an_object_goes_on_with_the_messages_metadata(bench: AgentBench) -> None:
    outcome = await bench.run("two")
    assert outcome.output["payload"] == {"order_id": "12345", "step": 1, "_kafka": ORDER["_kafka"]}


async def test_the_context_is_shared_along_the_sequence(bench: AgentBench) -> None:
    outcome = await bench.run("two")
    assert outcome.output["note"] == "seen by the first"
    assert outcome.output["agent"] == "show"


async def test_what_is_no_object_goes_on_as_message(bench: AgentBench) -> None:
    outcome = await bench.run("words")
    assert outcome.output["payload"] == {"message": "just words", "_kafka": ORDER["_kafka"]}


async def test_each_agent_is_a_span_with_its_own_spans_below(bench: AgentBench) -> None:
    await bench.run("nested")
    agents = {span.name: span for span in bench.spans(SpanKind.AGENT) if span.parent_id is None}
    assert set(agents) == {"two", "show"}
    below = [span.name for span in bench.recorder.spans if span.parent_id == agents["two"].span_id]
    assert below == ["first", "show"]
    assert agents["two"].input == ORDER
    assert len({span.span_id for span in bench.recorder.spans}) == len(bench.recorder.spans)


async def test_the_call_of_a_step_says_what_the_step_was_given_and_returned(bench: AgentBench) -> None:
    outcome = await bench.run("nested")
    given = {"order_id": "12345", "step": 1, "_kafka": ORDER["_kafka"]}
    said = bench.said(SpanKind.TOOL, outcome)
    assert said[0] == ({"payload": ORDER}, {"order_id": "12345", "step": 1})
    assert said[1][0] == {"payload": given}
    assert said[1][1]["agent"] == "show"
    assert said[2] == ({"payload": {**said[1][1], "_kafka": ORDER["_kafka"]}}, outcome.output)


async def test_the_whole_sequence_is_tried_again_from_the_original_message(bench: AgentBench) -> None:
    outcome = await bench.run("again")
    assert outcome.error is None
    assert outcome.output["payload"]["tries"] == 3
    assert bench.recorder.attempts == 3
    inputs = [span.input["order_id"] for span in bench.spans(SpanKind.AGENT) if span.name == "spoil"]
    assert inputs == ["12345"] * 3


async def test_a_failure_names_the_agent_it_happened_in(bench: AgentBench) -> None:
    outcome = await bench.run("two", {"_kafka": {}})
    assert outcome.error is not None
    assert outcome.error.type is ErrorType.TOOL_ERROR
    assert outcome.error.message.startswith("first: ")


async def test_the_sequences_own_schema_holds(bench: AgentBench) -> None:
    outcome = await bench.run("strict")
    assert outcome.error is not None
    assert outcome.error.type is ErrorType.SCHEMA_MISMATCH


async def test_a_models_call_says_what_the_tool_was_given_whatever_it_made_of_it(bench: AgentBench) -> None:
    outcome = await bench.run("picker")
    assert bench.said(SpanKind.TOOL, outcome) == [({"items": ["widget-a", "widget-b"]}, "widget-a")]


async def test_text_at_the_end_stays_text(bench: AgentBench) -> None:
    outcome = await bench.run("ends-in-text")
    assert outcome.is_text
    assert "12345" in outcome.output
    assert bench.recorder.stand_ins == {"rehearsal"}
