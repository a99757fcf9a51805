"""The commands as a person or a service manager runs them: processes, signals, exit codes, lines."""

import asyncio
import json
import os
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.helpers.command import RunningCommand, command, ran
from tests.helpers.kafka_records import KafkaRecords
from tests.helpers.ports import free_ports
from tests.helpers.studio import Studio, StudioBroker

ENVELOPE_KEYS = ["run_id", "agent_name", "status", "output", "error", "started_at", "ended_at", "token_usage"]
PICKY = """
def work(payload):
    print("a tool prints")
    if "bad" in payload:
        raise ValueError("this one is bad")
    return payload
"""


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """A workspace on the embedded broker that the command itself starts, with one tool agent."""
    nobody = KafkaRecords(bootstrap_servers="127.0.0.1:1")
    studio = Studio(
        root=tmp_path / "a studio", broker=StudioBroker(connection="sandbox", address="127.0.0.1:1", records=nobody)
    )
    studio.write({"tools/work.py": PICKY})
    studio.tool_agent("worker", "work.work", retry_options={"attempts": 1})
    studio.inbound("orders-in", topic="orders", agents=["worker"])
    studio.outbound("results-out", topic="results", agents=["worker"])
    return studio


@asynccontextmanager
async def sandbox_of(running: RunningCommand) -> AsyncIterator[KafkaRecords]:
    """What lies on the embedded broker of a command, whose address it says on stderr."""
    line = await running.remark("sandbox broker at ")
    records = KafkaRecords(bootstrap_servers=line.removeprefix("sandbox broker at ").split(",")[0])
    try:
        yield records
    finally:
        records.close()


async def test_the_demo_prints_as_many_results_as_asked_for() -> None:
    ended = await ran("demo", "--headless", "--messages", "7")
    assert ended.code == 0, ended.err
    assert [list(e) for e in ended.json_lines] == [ENVELOPE_KEYS] * 7
    assert {e["agent_name"] for e in ended.json_lines} == {"order-processor"}
    assert {e["status"] for e in ended.json_lines} == {"completed"}
    assert "rehearsal" in ended.err


async def test_run_tells_events_serves_runs_beside_it_refuses_a_second_engine_and_drains(studio: Studio) -> None:
    async with command("run", studio.root, "--events", "-") as running:
        snapshot = json.loads(await running.line())
        assert snapshot["event"] == "snapshot"
        assert snapshot["workspace"] == studio.name
        assert snapshot["at"].endswith("Z")
        async with sandbox_of(running) as records:
            records.produce("orders", '{"n": 1}', key="order-1", partition=0)
            received = await running.event("message_received")
            assert (received["topic"], received["partition"], received["offset"]) == ("orders", 0, 0)
            completed = await running.event("run_completed")
            published = await running.event("result_published")
            (result,) = await records.arrived("results", count=1)
        assert json.loads(result.value or b"")["run_id"] == completed["run_id"] == published["run_id"]
        assert list(completed)[2:10] == ENVELOPE_KEYS

        second = await ran("run", studio.root)
        assert second.code == 1
        assert str(running.pid) in second.err
        assert "a studio" in second.err
        assert len(second.err.splitlines()) == 1

        listed = await ran("runs", studio.root, "--json")
        (run,) = listed.json_lines
        assert (listed.code, run["run_id"], run["key"]) == (0, completed["run_id"], "order-1")
        assert [(p["connector"], p["topic"]) for p in run["published"]] == [("results-out", "results")]
        assert run["stand_ins"] == ["sandbox"]

        running.terminate()
        ended = await running.ended()
    assert ended.code == 0, ended.err
    assert json.loads(ended.out.splitlines()[-1])["event"] == "engine_stopped"
    assert "a tool prints" in ended.err
    assert not [line for line in ended.out.splitlines() if not line.startswith('{"event":')]
    assert (await ran("runs", studio.root, "--json")).json_lines == [run]


async def test_run_serves_figures_on_loopback_until_it_ends(studio: Studio) -> None:
    (port,) = free_ports(1)
    wanted = (
        'runs_total{agent="worker",connector="orders-in",status="completed"} 1.0',
        'runs_total{agent="worker",connector="orders-in",status="failed"} 1.0',
        'messages_received_total{connector="orders-in"} 2.0',
        'publish_latency_seconds_count{connector="orders-in"} 1.0',
        'lag_messages{connector="orders-in"} 0.0',
        'in_flight_messages{connector="orders-in"} 0.0',
        'connector_running{connector="orders-in"} 1.0',
    )
    async with command("run", studio.root, "--events", "-", "--metrics", str(port)) as running:
        async with sandbox_of(running) as records:
            records.produce("orders", '{"n": 1}')
            records.produce("orders", '{"bad": 1}')
            text = ""
            while missing := [line for line in wanted if f"kafka_agent_studio_{line}\n" not in text]:
                figures = json.loads(await running.line('{"event":"figures"'))
                assert len(running.out) < 500, f"{missing} of {figures} is never served:\n{text}"
                text = await asyncio.to_thread(scraped, port)
        running.terminate()
        assert (await running.ended()).code == 0
    with pytest.raises(OSError, match="refused"):
        scraped(port)


def scraped(port: int) -> str:
    """What Prometheus would read."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


async def test_run_ends_by_itself_with_1_when_no_connector_is_left(studio: Studio) -> None:
    studio.inbound("orders-in", topic="orders", agents=["worker"], on_failure="stop")
    async with command("run", studio.root) as running, sandbox_of(running) as records:
        records.produce("orders", '{"bad": 1}')
        ended = await running.ended()
    assert ended.code == 1
    assert "orders-in: failed" in ended.err
    assert "this one is bad" in ended.err


async def test_run_with_a_mistake_in_a_file_works_for_the_others_and_ends_with_1(studio: Studio) -> None:
    studio.write({"connectors/other-in.yaml": "version: '1.0'\nname: other-in\ndirection: sideways\n"})
    async with command("run", studio.root, "--events", "-") as running, sandbox_of(running) as records:
        records.produce("orders", "{}")
        await running.event("run_completed")
        running.terminate()
        ended = await running.ended()
    assert ended.code == 1
    assert "connectors/other-in.yaml:3:12: error" in ended.err


async def test_run_with_stand_ins_works_on_any_workspace_and_contacts_nobody(studio: Studio) -> None:
    studio.connection(
        "prod",
        bootstrap_servers="127.0.0.1:1",
        security={"protocol": "SASL_SSL", "sasl_mechanism": "PLAIN", "username": "me", "password_secret": "nowhere"},
    )
    studio.agent("asker", model="openai/gpt-test", system_prompt="Answer.")
    studio.inbound("orders-in", topic="orders", agents=["asker"], connection="prod")
    studio.outbound("results-out", topic="results", agents=["asker"], connection="prod")
    async with command("run", studio.root, "--sandbox", "--rehearse", "--events", "-") as running:
        async with sandbox_of(running) as records:
            records.produce("orders", '{"order_id": 5}')
            completed = await running.event("run_completed")
            assert completed["stand_ins"] == ["sandbox", "rehearsal"]
            assert completed["output"].startswith("Rehearsal: read order_id 5")
            await records.arrived("results", count=1)
        running.terminate()
        assert (await running.ended()).code == 0


async def test_sandbox_prints_its_address_and_serves_until_it_is_asked_to_stop() -> None:
    async with command("sandbox") as running:
        records = KafkaRecords(bootstrap_servers=await running.line())
        records.produce("orders", "anything")
        assert [r.value for r in records.read_all("orders")] == [b"anything"]
        records.close()
        running.terminate()
        ended = await running.ended()
    assert (ended.code, len(ended.out.splitlines())) == (0, 1)


async def test_without_llm_agents_litellm_is_never_imported(studio: Studio, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.mkdir()
    (trap / "litellm.py").write_text("import sys\nprint('litellm was imported', file=sys.stderr, flush=True)\n")
    path = os.pathsep.join([str(trap), str(Path(__file__).parents[3])])
    async with command("run", studio.root, "--events", "-", env={"PYTHONPATH": path}) as running:
        async with sandbox_of(running) as records:
            records.produce("orders", "{}")
            await running.event("run_completed")
            studio.agent("asker", model="openai/gpt-test", system_prompt="Answer.")
            studio.inbound("orders-in", topic="orders", agents=["asker"])
            records.produce("orders", "{}")
            await running.event("run_failed")
        running.terminate()
        ended = await running.ended()
    before, asked, _ = ended.err.partition("litellm was imported")
    assert asked, "an llm agent asks for it: the trap works"
    assert "orders-in: running" in before
