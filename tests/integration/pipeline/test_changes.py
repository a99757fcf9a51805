"""Files changed under a running engine: only what changed restarts, nothing is lost, and a mistake changes nothing."""

import json
import os
from collections.abc import Callable

import pytest

from kafka_agent_studio.api.commands import StartConnector, StopConnector
from kafka_agent_studio.api.events import ConnectorChanged, ConnectorState, Event, WorkspaceChanged
from kafka_agent_studio.api.faults import FaultCode
from kafka_agent_studio.engine.workspace_source import LoadedVersion, WorkspaceSource
from tests.helpers.gates import closed_gate
from tests.helpers.studio import RunningStudio, Studio

Names = Callable[[str], str]


def answers(text: str) -> str:
    return f"def answer(payload):\n    return {text!r}\n"


def answering(studio: Studio, names: Names) -> tuple[str, str]:
    """An agent that answers `old`; the topics it reads and writes."""
    topic, results = (studio.broker.make_topic(names(n)) for n in ("orders", "results"))
    studio.write({"tools/work.py": answers("old")})
    studio.tool_agent("answerer", "work.answer")
    studio.inbound("orders-in", topic=topic, agents=["answerer"])
    studio.outbound("results-out", topic=results, agents=["answerer"], payload="output")
    return topic, results


async def reloads(running: RunningStudio, change: Callable[[], object], *, mistakes_in: str = "") -> None:
    """Make a change and wait until it was read, with mistakes found in these files (split by a space) and no others."""
    before = len(running.events)
    change()

    def is_read(event: Event) -> bool:
        return isinstance(event, WorkspaceChanged) and {p.file for p in event.problems} == set(mistakes_in.split())

    await running.until(lambda me: any(is_read(e) for e in me.events[before:]))


def starts(running: RunningStudio, connector: str) -> int:
    """How often a connector has begun to run."""
    changes = [e.status for e in running.events if isinstance(e, ConnectorChanged)]
    return [s.state for s in changes if s.name == connector].count(ConnectorState.RUNNING)


async def test_tools_agents_and_schemas_change_without_a_restart(studio: Studio, unique_name: Names) -> None:
    topic, results = answering(studio, unique_name)
    produce, arrived = studio.broker.records.produce, studio.broker.records.arrived
    async with studio.running() as running:
        await running.is_in("orders-in", ConnectorState.RUNNING)
        produce(topic, "0", partition=0)
        await arrived(results, count=1)
        began = starts(running, "orders-in")
        await reloads(running, lambda: studio.write({"tools/work.py": answers("new")}))
        produce(topic, "1", partition=0)
        await arrived(results, count=2)
        await reloads(running, lambda: studio.write({"schemas/number.json": '{"type": "number"}'}))
        await reloads(
            running,
            lambda: studio.tool_agent("answerer", "work.answer", output_schema="number", retry_options={"attempts": 1}),
        )
        produce(topic, "2", partition=0)
        runs = await running.ended(3)
        await reloads(running, lambda: studio.write({"schemas/number.json": '{"type": "string"}'}))
        produce(topic, "3", partition=0)
        last = await arrived(results, count=3)
        assert starts(running, "orders-in") == began
    assert [json.loads(r.value or b"") for r in sorted(last, key=lambda r: r.timestamp_ms)] == ["old", "new", "new"]
    assert runs[2].error is not None
    assert runs[2].error.type.value == "schema_mismatch"


async def test_a_file_saved_while_the_engine_starts_is_not_missed(
    studio: Studio, unique_name: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic, results = answering(studio, unique_name)
    load, loads = WorkspaceSource.load, iter(range(100))

    async def load_and_edit(source: WorkspaceSource) -> LoadedVersion:
        version = await load(source)
        if next(loads) == 0:
            studio.write({"tools/work.py": answers("new")})
        return version

    monkeypatch.setattr(WorkspaceSource, "load", load_and_edit)
    async with studio.running() as running:
        await running.until(lambda me: any(isinstance(e, WorkspaceChanged) for e in me.events))
        studio.broker.records.produce(topic, "0", partition=0)
        await studio.broker.records.arrived(results, count=1)
    assert studio.broker.results(results) == ["new"]


async def test_a_run_in_flight_finishes_on_the_old_version(studio: Studio, unique_name: Names) -> None:
    topic, results = answering(studio, unique_name)
    gated = (
        "from tests.helpers.gates import gate_of\n\n"
        "async def answer(payload):\n    await gate_of('change').wait(payload['message'])\n    return 'old'\n"
    )
    studio.write({"tools/work.py": gated})
    studio.broker.records.produce(topic, "0", partition=0)
    with closed_gate("change") as gate:
        async with studio.running() as running:
            await gate.until_waiting("0")
            await reloads(running, lambda: studio.write({"tools/work.py": answers("new")}))
            studio.broker.records.produce(topic, "1", partition=0)
            await running.ended(1)
            gate.open()
            await studio.broker.records.arrived(results, count=2)
    assert sorted(map(str, studio.broker.results(results))) == ["new", "old"]


async def test_a_file_with_a_mistake_leaves_the_running_version_and_says_where(
    studio: Studio, unique_name: Names
) -> None:
    topic, results = answering(studio, unique_name)
    agent, connector = (studio.root / p for p in ("agents/answerer.yaml", "connectors/orders-in.yaml"))
    good = connector.read_text()
    produce, arrived = studio.broker.records.produce, studio.broker.records.arrived
    async with studio.running() as running:
        await running.is_in("orders-in", ConnectorState.RUNNING)
        produce(topic, "0", partition=0)
        await arrived(results, count=1)
        began = starts(running, "orders-in")
        await reloads(
            running,
            lambda: agent.write_text(agent.read_text().replace("tool_name", "tool_nam")),
            mistakes_in="agents/answerer.yaml",
        )
        (problem,) = (p for p in running.problems if "did you mean" in p.message)
        assert (problem.line, problem.column, problem.level) == (5, 1, "error")
        produce(topic, "1", partition=0)
        await arrived(results, count=2)
        await reloads(
            running,
            lambda: connector.write_text(good[: len(good) // 2]),
            mistakes_in="agents/answerer.yaml connectors/orders-in.yaml",
        )
        produce(topic, "2", partition=0)
        await arrived(results, count=3)
        await reloads(
            running, lambda: studio.tool_agent("answerer", "work.answer"), mistakes_in="connectors/orders-in.yaml"
        )
        # the dance of an editor: a new file beside it takes its name
        beside = connector.with_suffix(".yaml~")
        beside.write_text(good)
        await reloads(running, lambda: os.replace(beside, connector))
        produce(topic, "3", partition=0)
        await arrived(results, count=4)
        assert starts(running, "orders-in") == began
        assert running.statuses["orders-in"].state is ConnectorState.RUNNING


async def test_what_is_deleted_under_a_connector_goes_on_working_for_it(studio: Studio, unique_name: Names) -> None:
    topic, results = answering(studio, unique_name)
    studio.connection("team", bootstrap_servers=studio.broker.address)
    studio.inbound("orders-in", topic=topic, agents=["answerer"], connection="team")
    produce, arrived = studio.broker.records.produce, studio.broker.records.arrived
    async with studio.running() as running:
        await running.is_in("orders-in", ConnectorState.RUNNING)
        produce(topic, "0", partition=0)
        await arrived(results, count=1)
        began = starts(running, "orders-in")
        await reloads(running, lambda: studio.delete("connections/team.yaml"), mistakes_in="connectors/orders-in.yaml")
        await reloads(
            running,
            lambda: studio.delete("agents/answerer.yaml"),
            mistakes_in="connectors/orders-in.yaml connectors/results-out.yaml",
        )
        produce(topic, "1", partition=0)
        await arrived(results, count=2)
        assert starts(running, "orders-in") == began
        snapshot = await running.engine.snapshot()
        assert "team" not in snapshot.workspace.connections
        assert list(snapshot.workspace.agents) == []
        # stopped and started it is the same still, until the program ends
        await running.execute(StopConnector("orders-in"))
        await running.is_in("orders-in", ConnectorState.STOPPED)
        await running.execute(StartConnector("orders-in"))
        produce(topic, "2", partition=0)
        await arrived(results, count=3)
    async with studio.running() as again:
        await again.is_in("orders-in", ConnectorState.FAILED)


async def test_connectors_come_and_go_with_their_files(studio: Studio, unique_name: Names) -> None:
    topic, results = answering(studio, unique_name)
    other, more = (studio.broker.make_topic(unique_name(n)) for n in ("other", "more"))
    produce, arrived = studio.broker.records.produce, studio.broker.records.arrived
    produce(topic, "0", partition=0)
    produce(other, "0", partition=0)
    async with studio.running() as running:
        await arrived(results, count=1)
        began = starts(running, "orders-in")
        studio.inbound("other-in", topic=other, agents=["answerer"])
        await arrived(results, count=2)
        await reloads(
            running, lambda: studio.outbound("more-out", topic=more, agents=["answerer"], inputs=["other-in"])
        )
        produce(other, "1", partition=0)
        await arrived(more, count=1)
        await reloads(
            running, lambda: studio.delete("connectors/other-in.yaml"), mistakes_in="connectors/more-out.yaml"
        )
        await reloads(running, lambda: studio.delete("connectors/more-out.yaml"))
        produce(other, "2", partition=0)
        produce(topic, "1", partition=0)
        await arrived(results, count=4)
        assert starts(running, "orders-in") == began
        snapshot = await running.engine.snapshot()
        assert {s.name for s in snapshot.connectors} == {"orders-in", "results-out"}
        studio.inbound("bad-in", topic="no topic", agents=["answerer"])
        await running.is_in("bad-in", ConnectorState.FAILED, FaultCode.CONFIG_INVALID)
        await reloads(running, lambda: studio.delete("connectors/bad-in.yaml"))
        snapshot = await running.engine.snapshot()
        assert {s.name for s in snapshot.connectors} == {"orders-in", "results-out"}
        assert not running.engine.has_failed_connectors
    assert studio.broker.committed(studio.group("other-in"), other)[0] == 2
