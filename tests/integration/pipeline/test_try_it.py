"""An agent tried by hand in the whole engine: on a draft, on a record's payload, stopped; nothing of it remains."""

import asyncio
from pathlib import Path

import pytest

from kafka_agent_studio.api.commands import ListRuns, PayloadOf, TryAgent
from kafka_agent_studio.api.drafts import GetDraft, KeepDraft, RerunDraft
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.api.queries import RunQuery
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.run import SpanKind
from tests.helpers.gates import closed_gate
from tests.helpers.kafka_records import KafkaRecords
from tests.helpers.studio import Studio, StudioBroker

_TOOLS = """
from tests.helpers.gates import gate_of


def double(payload):
    return {"twice": payload["total"] * 2}


def triple(payload):
    return {"thrice": payload["total"] * 3}


async def wait(payload):
    await gate_of("tried").wait(payload["total"])
"""
_DRAFT = 'version: "1.0"\nname: counter\ntype: tool\ndescription: d\ntool_name: work.{}\n'


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """A workspace with one tool agent and nothing to connect to."""
    nobody = KafkaRecords(bootstrap_servers="127.0.0.1:1")
    studio = Studio(
        root=tmp_path / "studio", broker=StudioBroker(connection="sandbox", address="127.0.0.1:1", records=nobody)
    )
    studio.write({"tools/work.py": _TOOLS})
    studio.tool_agent("counter", "work.double")
    return studio


async def test_the_file_and_a_draft_of_it_are_tried_and_nothing_is_stored(studio: Studio) -> None:
    async with studio.running() as running:
        saved = await running.execute(TryAgent("counter", {"total": 7}))
        draft = await running.execute(TryAgent("counter", {"total": 7}, draft=_DRAFT.format("triple")))
        stored = await running.execute(ListRuns(RunQuery()))
    assert (saved.output, saved.error) == ({"twice": 14}, None)
    assert draft.output == {"thrice": 21}
    assert [(span.kind, span.name) for span in draft.spans] == [(SpanKind.TOOL, "work.triple")]
    assert [(span.input, span.output) for span in draft.spans] == [({"payload": {"total": 7}}, {"thrice": 21})]
    assert stored.runs == ()


async def test_what_was_typed_for_another_try_is_there_after_a_restart(studio: Studio) -> None:
    async with studio.running() as running:
        await running.execute(KeepDraft("run-1", RerunDraft(model="openai/gpt-5-mini")))
    async with studio.running() as running:
        found = await running.execute(GetDraft("run-1"))
    assert found is not None
    assert (found.model, found.system_prompt) == ("openai/gpt-5-mini", None)


async def test_a_draft_with_a_mistake_is_refused_in_words(studio: Studio) -> None:
    async with studio.running() as running:
        with pytest.raises(CommandRefused, match="not valid yet"):
            await running.execute(TryAgent("counter", {}, draft=_DRAFT.format("tripel")))


async def test_a_try_that_is_stopped_stops_its_tool(studio: Studio) -> None:
    with closed_gate("tried") as gate:
        async with studio.running() as running:
            command = TryAgent("counter", {"total": 7}, draft=_DRAFT.format("wait"))
            trying = asyncio.ensure_future(running.execute(command))
            await gate.until_waiting(7)
            trying.cancel()
            with pytest.raises(asyncio.CancelledError):
                await trying
        assert (gate.waiting, gate.passed) == ([], [])


async def test_the_payload_of_a_record_is_what_agents_get(studio: Studio) -> None:
    record = Record("orders", 2, 1542, 1705312987482, b"k", b'{"id": 9007199254740993}')
    async with studio.running() as running:
        payload = await running.execute(PayloadOf(record))
    assert payload["id"] == 9007199254740993
    place = {"topic": "orders", "partition": 2, "offset": 1542, "timestamp": 1705312987482, "key": "k"}
    assert payload["_kafka"] == place
