"""Agents of type tool: what the function gets, what comes out, and what a failure becomes."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kafka_agent_studio.model.run import ErrorType, SpanKind
from tests.helpers.agent_bench import ORDER, AgentBench, agent_yaml, write_workspace

TOOLS = """
import asyncio
import dataclasses
import datetime
import math
import threading
import time

calls = []
release = threading.Event()

async def whole(payload: dict):
    return payload

async def with_context(payload: dict, context: dict):
    context["seen"] = payload["order_id"]
    return {key: context[key] for key in ("run_id", "agent_name", "connector_id", "timestamp", "attempt", "seen")}

def by_name(order_id: str, total: float = 1.0):
    return {"id": order_id, "total": total}

async def needs_more(order_id: str, warehouse: str):
    return 1

def flaky(payload: dict):
    calls.append(1)
    if len(calls) < 3:
        raise ConnectionError("warehouse is away")
    return len(calls)

async def broken(payload: dict):
    raise ValueError("no such order")

async def quits(payload: dict):
    raise SystemExit(2)

async def cancels_itself(payload: dict):
    raise asyncio.CancelledError

async def not_json(payload: dict):
    return object()

async def circle(payload: dict):
    payload["self"] = payload
    return payload

async def odd_keys(payload: dict):
    return {(1, 2): 3}

async def surrogate(payload: dict):
    return "\\ud800"

async def bytes_inside(payload: dict):
    return {"label": [b"png"]}

@dataclasses.dataclass
class Parcel:
    weight: float
    sent: datetime.date

async def parcel(payload: dict):
    return Parcel(weight=math.nan, sent=datetime.date(2026, 1, 2))

def blocks(payload: dict):
    release.wait()

async def sleeps(payload: dict):
    await asyncio.Event().wait()

def where(payload: dict):
    return threading.current_thread().name

def changes(payload: dict, context: dict):
    payload["order_id"] = "changed"
    return context["payload"]["order_id"]

under_way = []

async def counts(payload: dict):
    under_way.append(1)
    await asyncio.sleep(0)
    most = len(under_way)
    under_way.pop()
    return most

async def spoils(payload: dict):
    first = "left" not in payload
    payload["left"] = "by the first call"
    if first:
        raise ConnectionError("away")
    return {"order_id": payload["order_id"]}

async def huge(payload: dict):
    return {"id": payload["id"] + 1}
"""

NAMES = [
    "whole", "with_context", "by_name", "needs_more", "flaky", "broken", "quits", "cancels_itself", "not_json",
    "circle", "odd_keys", "surrogate", "bytes_inside", "parcel", "blocks", "sleeps", "where", "huge", "changes",
    "spoils",
]  # fmt: skip


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[AgentBench]:
    files = {
        "tools/bits.py": TOOLS,
        "schemas/number.json": '{"type": "object", "properties": {"id": {"type": "integer"}}}',
    }
    for name in NAMES:
        limits = {"timeout": 0.05} if name in ("blocks", "sleeps") else {}
        files[f"agents/{name}.yaml"] = agent_yaml(
            name.replace("_", "-"), type="tool", tool_name=f"bits.{name}", **limits
        )
    files["agents/checked.yaml"] = agent_yaml("checked", type="tool", tool_name="bits.by_name", output_schema="number")
    files["agents/one-by-one.yaml"] = agent_yaml(
        "one-by-one", type="tool", tool_name="bits.sleeps", concurrency={"key": "customer", "on_conflict": "drop"}
    )
    files["agents/queued.yaml"] = agent_yaml(
        "queued", type="tool", tool_name="bits.counts", concurrency={"key": "customer"}
    )
    made = AgentBench(write_workspace(tmp_path, files))
    yield made
    await made.parts.close()


async def test_a_tool_that_asks_for_payload_gets_the_whole_message(bench: AgentBench) -> None:
    outcome = await bench.run("whole")
    assert outcome.output == ORDER
    assert outcome.error is None
    assert not outcome.is_text
    assert [span.name for span in bench.spans(SpanKind.TOOL)] == ["bits.whole"]


async def test_context_is_injected_and_shared(bench: AgentBench) -> None:
    outcome = await bench.run("with-context")
    assert outcome.output == {
        "run_id": "run-1",
        "agent_name": "with-context",
        "connector_id": "orders-in",
        "timestamp": 1705312800000,
        "attempt": 1,
        "seen": "12345",
    }


async def test_fields_go_in_by_name_and_defaults_hold(bench: AgentBench) -> None:
    assert (await bench.run("by-name")).output == {"id": "12345", "total": 42.5}
    assert (await bench.run("by-name", {"order_id": "7", "_kafka": {}})).output == {"id": "7", "total": 1.0}


async def test_a_field_that_is_missing_or_of_another_type_is_named_and_not_tried_again(bench: AgentBench) -> None:
    missing = await bench.run("needs-more")
    assert missing.error is not None
    assert missing.error.type is ErrorType.TOOL_ERROR
    assert "warehouse" in missing.error.message
    assert bench.clock.slept_s == []
    wrong = await bench.run("by-name", {"order_id": ["x"]})
    assert wrong.error is not None
    assert "order_id" in wrong.error.message


async def test_a_tool_that_fails_is_tried_again_with_growing_delays(bench: AgentBench) -> None:
    outcome = await bench.run("flaky")
    assert outcome.output == 3
    assert bench.clock.slept_s == [1.0, 2.0]
    assert bench.recorder.attempts == 3
    spans = bench.spans(SpanKind.TOOL)
    assert [span.attempt for span in spans] == [1, 2, 3]
    assert [span.error is None for span in spans] == [False, False, True]


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("broken", "ValueError: no such order"),
        ("quits", "SystemExit"),
        ("cancels-itself", "cancelled itself"),
        ("not-json", "returned a object that is not JSON"),
        ("circle", "contains itself"),
        ("odd-keys", "is not JSON"),
        ("surrogate", "is not JSON"),
        ("bytes-inside", "output.label[0] is bytes"),
    ],
)
async def test_whatever_a_tool_does_becomes_a_tool_error(bench: AgentBench, agent: str, words: str) -> None:
    outcome = await bench.run(agent)
    assert outcome.error is not None
    assert outcome.error.type is ErrorType.TOOL_ERROR
    assert words in outcome.error.message
    assert f"bits.{agent.replace('-', '_')}" in outcome.error.message
    assert outcome.output is None


async def test_a_call_says_its_arguments_by_name_and_what_it_returned(bench: AgentBench) -> None:
    outcome = await bench.run("by-name")
    assert bench.said(SpanKind.TOOL, outcome) == [
        ({"order_id": "12345", "total": 42.5}, {"id": "12345", "total": 42.5})
    ]
    outcome = await bench.run("whole")
    assert bench.said(SpanKind.TOOL, outcome) == [({"payload": ORDER}, ORDER)]
    outcome = await bench.run("needs-more")
    assert bench.said(SpanKind.TOOL, outcome) == [({"order_id": "12345"}, None)]


async def test_what_is_the_runs_own_is_not_stored_a_second_time(bench: AgentBench) -> None:
    await bench.run("whole")
    (span,) = bench.spans(SpanKind.TOOL)
    assert (span.input, span.output) == (None, None)


async def test_a_call_that_is_tried_again_says_what_the_one_before_left_of_its_arguments(bench: AgentBench) -> None:
    outcome = await bench.run("spoils")
    assert bench.said(SpanKind.TOOL, outcome) == [
        ({"payload": ORDER}, None),
        ({"payload": {**ORDER, "left": "by the first call"}}, {"order_id": "12345"}),
    ]


async def test_a_result_that_breaks_the_schema_is_still_said_to_have_been_returned(bench: AgentBench) -> None:
    outcome = await bench.run("checked")
    assert outcome.output is None
    assert [output for _given, output in bench.said(SpanKind.TOOL, outcome)] == [{"id": "12345", "total": 42.5}]


async def test_python_values_come_out_as_json_values(bench: AgentBench) -> None:
    assert (await bench.run("parcel")).output == {"weight": None, "sent": "2026-01-02"}


async def test_integers_keep_every_digit(bench: AgentBench) -> None:
    outcome = await bench.run("huge", {"id": 2**200, "_kafka": {}})
    assert outcome.output == {"id": 2**200 + 1}


async def test_an_output_that_breaks_its_schema_fails_with_the_path(bench: AgentBench) -> None:
    outcome = await bench.run("checked")
    assert outcome.error is not None
    assert outcome.error.type is ErrorType.SCHEMA_MISMATCH
    assert "$.id" in outcome.error.message


@pytest.mark.parametrize("agent", ["blocks", "sleeps"])
async def test_the_timeout_ends_a_run_whatever_the_tool_does(bench: AgentBench, agent: str) -> None:
    outcome = await bench.run(agent)
    release_blocked(bench)
    assert outcome.error is not None
    assert outcome.error.type is ErrorType.TIMEOUT
    (span,) = bench.spans(SpanKind.TOOL)
    assert span.error is not None


async def test_a_plain_function_runs_in_a_thread(bench: AgentBench) -> None:
    assert (await bench.run("where")).output != threading.current_thread().name


async def test_what_a_tool_changes_in_the_payload_is_seen_in_the_context(bench: AgentBench) -> None:
    assert (await bench.run("changes")).output == "changed"


async def test_a_tool_that_may_not_be_imported_is_said_to_be_missing(tmp_path: Path) -> None:
    files = {"tools/bits.py": TOOLS, "agents/whole.yaml": agent_yaml("whole", type="tool", tool_name="bits.whole")}
    bench = AgentBench(write_workspace(tmp_path, files), trust_tools=False)
    outcome = await bench.run("whole")
    assert outcome.error is not None
    assert "trust this folder" in outcome.error.message
    await bench.parts.close()


async def test_runs_of_one_concurrency_key_wait_for_each_other(bench: AgentBench) -> None:
    outcomes = await asyncio.gather(*(bench.run("queued", {"customer": "ann"}) for _ in range(4)))
    assert [outcome.output for outcome in outcomes] == [1, 1, 1, 1]
    together = await asyncio.gather(*(bench.run("queued", {"customer": str(n)}) for n in range(4)))
    assert max(outcome.output for outcome in together) == 4


async def test_a_second_run_of_a_concurrency_key_is_dropped(bench: AgentBench) -> None:
    first = asyncio.ensure_future(bench.run("one-by-one", {"customer": "ann"}))
    await asyncio.sleep(0)
    second = await bench.run("one-by-one", {"customer": "ann"})
    assert second.error is not None
    assert second.error.type is ErrorType.DROPPED
    other = asyncio.ensure_future(bench.run("one-by-one", {"customer": "bob"}))
    await asyncio.sleep(0)
    assert not other.done()
    for task in (first, other):
        task.cancel()
    await asyncio.wait([first, other])
    assert first.cancelled()


def release_blocked(bench: AgentBench) -> None:
    """Let the thread of the tool that blocks go."""
    body: Any = bench.runners["blocks"]._body
    body._tool._function.function.__globals__["release"].set()
