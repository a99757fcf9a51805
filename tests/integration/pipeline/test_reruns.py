"""A failed run found again after a restart, run again with changes, and held against what it was; on a broker."""

import msgspec
import pytest

from kafka_agent_studio.api.commands import CancelRun, GetRun, ListRuns, RerunRun
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.api.queries import RunQuery
from kafka_agent_studio.engine.ports import StoredRun
from kafka_agent_studio.engine.run_ids import run_id_for
from kafka_agent_studio.engine.run_store import STORE_FILE, RunStore
from kafka_agent_studio.gui.runs.chat import laid_out
from kafka_agent_studio.gui.runs.differences import figure_rows, text_rows
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.run import RunChanges, RunDetail, RunStatus, SpanKind
from tests.helpers.gates import closed_gate
from tests.helpers.kafka_records import ReadRecord
from tests.helpers.studio import RunningStudio, Studio

_TOOLS = """
from tests.helpers.gates import gate_of


def double(payload):
    if payload["total"] < 0:
        raise ValueError("a total below zero")
    payload["items"].append("bag")
    return {"twice": payload["total"] * 2}


async def wait(payload):
    await gate_of("reruns").wait(payload["total"])
    return {}
"""


async def _detail(running: RunningStudio, run_id: str) -> RunDetail:
    found = await running.execute(GetRun(run_id))
    assert found is not None
    return found


def _run_id(record: ReadRecord, topic: str) -> str:
    read = Record(topic, record.partition, record.offset, record.timestamp_ms, record.key, record.value)
    return run_id_for("orders-in", read, "waiter")


async def _over(running: RunningStudio, run_id: str) -> RunDetail:
    await running.until(lambda me: run_id in me.finished)
    return await _detail(running, run_id)


async def test_a_failed_run_is_found_after_a_restart_and_fixed_by_another_message(studio: Studio) -> None:
    topic, results = f"{studio.name}-in", f"{studio.name}-out"
    for name in (topic, results):
        studio.broker.make_topic(name)
    studio.write({"tools/work.py": _TOOLS})
    studio.tool_agent("counter", "work.double", retry_options={"attempts": 2, "initial_delay": 0, "max_delay": 0})
    studio.inbound("orders-in", topic=topic, agents=["counter"])
    studio.outbound("results-out", topic=results, agents=["counter"])
    studio.broker.records.produce(topic, value=b'{"total": -7, "items": [], "account": 9007199254740993}', key=b"k")
    async with studio.running() as running:
        await running.ended(1)
    async with studio.running() as running:
        page = await running.execute(ListRuns(RunQuery(text="below zero")))
        (failed,) = page.runs
        assert failed.status is RunStatus.FAILED
        before = await _detail(running, failed.run_id)
        assert [(s.kind, s.attempt, s.error is not None) for s in before.spans] == [
            (SpanKind.TOOL, 1, True),
            (SpanKind.TOOL, 2, True),
        ]

        changed = {"total": 7, "items": ["a"], "account": 9007199254740993}
        quiet_id = await running.execute(RerunRun(failed.run_id, payload=changed))
        quiet = await _over(running, quiet_id)
        assert (quiet.run.output, quiet.run.parent_run_id) == ({"twice": 14}, failed.run_id)
        # the tool put a bag into what it was given; what the run was given stays as it was
        given = {"total": 7, "items": ["a"], "account": 9007199254740993}
        assert (quiet.run.changes, changed) == (RunChanges(payload=given), given)
        assert quiet.record == before.record
        assert studio.broker.results(results) == []

        # run again as it was, its message included, and this time published
        loud_id = await running.execute(RerunRun(quiet_id, publish=True))
        await running.until(lambda me: loud_id in me.finished and bool(me.finished[loud_id].published))
        loud = await _detail(running, loud_id)
        assert loud.run.output == {"twice": 14}
        assert [span.kind for span in loud.spans] == [SpanKind.TOOL, SpanKind.PUBLISH]
        assert [envelope["run_id"] for envelope in studio.broker.results(results)] == [loud_id]

        family = await running.execute(ListRuns(RunQuery(place=failed.place)))
        assert [run.parent_run_id for run in family.runs] == [quiet_id, failed.run_id, None]
        rows = {row.what: (row.left, row.mark, row.right) for row in figure_rows(before, quiet)}
        assert rows["Status"] == ("failed", "≠", "completed")
        assert rows["Attempts"] == ("2", "≠", "1")
        assert [row.mark for row in text_rows(laid_out(quiet.run.output), laid_out(loud.run.output))] == ["", "", ""]


async def test_an_llm_agent_runs_again_with_another_prompt_and_the_stand_in(studio: Studio) -> None:
    topic = studio.broker.make_topic(f"{studio.name}-in")
    studio.agent("writer", model="sandbox/rehearsal", system_prompt="Be polite.", tools=[])
    studio.inbound("orders-in", topic=topic, agents=["writer"])
    studio.broker.records.produce(topic, value=b'{"total": 7}', key=b"k")
    async with studio.running() as running:
        (first,) = await running.ended(1)
        run_id = await running.execute(RerunRun(first.run_id, system_prompt="Be brief."))
        again = await _over(running, run_id)
        said = [span.input["messages"][0]["content"] for span in again.spans if span.kind is SpanKind.MODEL]
        assert said == ["Be brief."]
        assert "rehearsal" in again.run.stand_ins
        assert again.run.changes == RunChanges(system_prompt="Be brief.")
        with pytest.raises(CommandRefused, match="not in the run store"):
            await running.execute(RerunRun("nobody-knows"))


async def test_reruns_wait_for_their_turn_and_can_be_cancelled_while_they_do(studio: Studio) -> None:
    topic = studio.broker.make_topic(f"{studio.name}-in")
    studio.write({"tools/work.py": _TOOLS})
    studio.tool_agent("waiter", "work.wait", max_concurrent_runs=1)
    studio.inbound("orders-in", topic=topic, agents=["waiter"])
    studio.broker.records.produce(topic, value=b'{"total": 7}', key=b"k")
    with closed_gate("reruns") as gate:
        async with studio.running() as running:
            await gate.until_waiting(7)
            (record,) = studio.broker.records.read_until(topic, count=1)
            going = await _detail(running, _run_id(record, topic))
            assert (going.run.status, going.run.topic) == (RunStatus.RUNNING, topic)
            gate.open()
            (first,) = await running.ended(1)
    with closed_gate("reruns") as gate:
        async with studio.running() as running:
            one, two, three = [await running.execute(RerunRun(first.run_id)) for _ in range(3)]
            await gate.until_waiting(7)
            assert [(await _detail(running, i)).run.status for i in (one, two, three)] == [
                RunStatus.RUNNING,
                RunStatus.QUEUED,
                RunStatus.QUEUED,
            ]
            assert await running.execute(CancelRun(two))
            assert (await _over(running, two)).run.status is RunStatus.CANCELLED
            gate.open()
            assert (await _over(running, three)).run.status is RunStatus.COMPLETED
            assert (await _over(running, one)).run.status is RunStatus.COMPLETED


async def test_a_rerun_that_a_crash_left_unfinished_is_said_to_be_over(studio: Studio) -> None:
    topic = studio.broker.make_topic(f"{studio.name}-in")
    studio.write({"tools/work.py": _TOOLS})
    studio.tool_agent("counter", "work.double")
    studio.inbound("orders-in", topic=topic, agents=["counter"])
    studio.broker.records.produce(topic, value=b'{"total": 7, "items": []}', key=b"k")
    async with studio.running() as running:
        (first,) = await running.ended(1)
    left = msgspec.structs.replace(
        first, run_id="left-behind", status=RunStatus.RUNNING, ended_at_us=None, parent_run_id=first.run_id
    )
    store = RunStore.open(studio.root / ".studio" / STORE_FILE)
    await store.save([StoredRun(run=left)])
    store.close()
    async with studio.running() as running:
        found = await _detail(running, "left-behind")
        assert found.run.status is RunStatus.CANCELLED
        assert found.run.error is not None
        assert "the program ended before the run did" in found.run.error.message
        assert (await _detail(running, first.run_id)).run.status is RunStatus.COMPLETED
