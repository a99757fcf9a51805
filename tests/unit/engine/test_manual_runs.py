"""Reruns at their edges: a result that its topic does not take, a message that is forgotten."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kafka_agent_studio.api.commands import RerunRun
from kafka_agent_studio.api.events import Event, RunsChanged
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.engine.clock import SystemClock
from kafka_agent_studio.engine.configuration import Configuration
from kafka_agent_studio.engine.manual_runs import RunDesk
from kafka_agent_studio.engine.ports import RunOutcome
from kafka_agent_studio.engine.run_store import STORE_FILE, RunStore
from kafka_agent_studio.model.run import ErrorType, RunStatus, Span, SpanKind
from kafka_agent_studio.workspace.tool_catalogue import ToolCatalogue
from tests.helpers.engine_fakes import MemoryProducer, ScriptedRunner
from tests.helpers.gui_scene import make_workspace
from tests.helpers.store_runs import NOW_US, make_stored


class Bench:
    """A desk on a real store and a producer in memory that takes 100 bytes."""

    def __init__(self, folder: Path) -> None:
        self.store = RunStore.open(folder / STORE_FILE)
        self.producer = MemoryProducer(max_size_bytes=100)
        self.events: list[Event] = []
        self.tasks = TaskGroupOwner(name="test")
        self.output: Any = "x" * 1_000
        configuration = Configuration(
            workspace=make_workspace(),
            runners={},
            sandbox=False,
            rehearses=lambda _model: False,
            tools=ToolCatalogue(),
            sandbox_address=None,
            invalid={},
        )
        call = Span("1", None, SpanKind.TOOL, "orders.tag", NOW_US, NOW_US + 5)
        runner = ScriptedRunner(lambda _request: RunOutcome(self.output), spans=[call])
        self.desk = RunDesk(
            store=self.store,
            producer_for=lambda _connector: self.producer,
            configuration=lambda: configuration,
            build_runners=lambda workspace, *, tools, rehearses: dict.fromkeys(workspace.agents, runner),
            read_draft=lambda _agent, _text: (configuration.workspace, configuration.tools),
            clock=SystemClock(),
            publish_event=self.events.append,
            tasks=self.tasks,
        )

    async def rerun(self, run_id: str, **fields: Any) -> str:
        """Run again and wait until it is over, publishing included."""
        new_id = await self.desk.rerun(RerunRun(run_id, **fields))
        await self.desk._running[new_id]
        return new_id


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    await bench.tasks.close()
    bench.store.close()


async def test_a_result_that_its_topic_does_not_take_fails_the_rerun(bench: Bench) -> None:
    entry = make_stored(3)
    await bench.store.save([entry])
    run_id = await bench.rerun(entry.run.run_id, publish=True)
    found = await bench.store.get(run_id)
    assert found is not None
    assert (found.run.status, found.run.output, found.run.published) == (RunStatus.FAILED, None, ())
    assert found.run.error is not None
    assert found.run.error.type is ErrorType.RESULT_TOO_LARGE
    assert [span.output for span in found.spans] == [bench.output]
    said = [run.status for event in bench.events if isinstance(event, RunsChanged) for run in event.runs]
    assert said[-1] is RunStatus.FAILED


async def test_nothing_is_published_unasked(bench: Bench) -> None:
    entry = make_stored(3)
    await bench.store.save([entry])
    bench.output = {"small": True}
    await bench.rerun(entry.run.run_id)
    assert bench.producer.records == []


async def test_a_forgotten_message_is_given_anew_but_has_no_key_to_publish_with(bench: Bench) -> None:
    entry = make_stored(3, keeps_record=False)
    await bench.store.save([entry])
    with pytest.raises(CommandRefused, match="give its payload"):
        await bench.desk.rerun(RerunRun(entry.run.run_id))
    with pytest.raises(CommandRefused, match="no key to publish with"):
        await bench.desk.rerun(RerunRun(entry.run.run_id, payload={}, publish=True))
    run_id = await bench.rerun(entry.run.run_id, payload={"order_id": "1", "_kafka": {"offset": 3}})
    found = await bench.store.get(run_id)
    assert found is not None
    assert found.run.status is RunStatus.COMPLETED
