"""A whole studio in a test: a workspace on disk, and the real engine on it, in this process and on this loop."""

import asyncio
import contextlib
import ctypes
import json
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import confluent_kafka
import pytest
from confluent_kafka import Consumer, TopicPartition

from kafka_agent_studio import bootstrap
from kafka_agent_studio.api.commands import Command
from kafka_agent_studio.api.events import (
    ConnectorChanged,
    ConnectorNoticed,
    ConnectorState,
    ConnectorStatus,
    Event,
    FiguresUpdated,
    RunChange,
    RunsChanged,
    Snapshot,
    WorkspaceChanged,
)
from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.bootstrap import build_engine
from kafka_agent_studio.engine.kafka import inbound
from kafka_agent_studio.engine.options import EngineOptions
from kafka_agent_studio.engine.runtime import Runtime
from kafka_agent_studio.model.run import Run
from kafka_agent_studio.model.workspace import Problem
from kafka_agent_studio.sandbox.broker import SandboxBroker
from tests.helpers.agent_bench import agent_yaml, write_workspace
from tests.helpers.kafka_admin import KafkaAdmin, client_settings
from tests.helpers.kafka_records import KafkaRecords, ReadRecord

ReplyT = TypeVar("ReplyT")

TIMEOUT_S = 60.0


class LastingBroker(SandboxBroker):
    """An embedded broker that outlives the engines of a test, so that one can be stopped and another started.

    It lets a group's first member in at once; librdkafka's own makes it wait 3 s.
    """

    def address(self) -> str:
        """Return `host:port`."""
        is_new = not self.is_running
        address = super().address()
        if is_new:
            _let_members_in_at_once(self._cluster)
        return address

    def close(self) -> None:
        """Do nothing: the engine that was lent the broker may not end it."""

    def end(self) -> None:
        """End it."""
        super().close()


@dataclass(frozen=True, kw_only=True)
class StudioBroker:
    """A broker as workspaces and tests see it. `connection` is its name in a connector's file."""

    connection: str
    address: str
    records: KafkaRecords
    admin: KafkaAdmin | None = None
    """None on the embedded broker, which knows no administration."""

    def make_topic(self, name: str, *, partitions: int = 4) -> str:
        """Make a topic and return its name; on the embedded broker it has 4 partitions whatever is asked."""
        if self.admin is None:
            self.records.produce_many(name, [])
        else:
            self.admin.create_topic(name, partitions=partitions)
        return name

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """Return what a group has committed of a topic, by partition; nothing where it never did."""
        settings = client_settings(self.address) | {"group.id": group}
        consumer = Consumer(settings)
        try:
            partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
            places = consumer.committed([TopicPartition(topic, p) for p in partitions], timeout=10)
            return {place.partition: place.offset for place in places if place.offset >= 0}
        finally:
            consumer.close()

    def results(self, topic: str) -> list[Any]:
        """The JSON values that lie in a topic now."""
        return [json.loads(r.value or b"null") for r in self.records.read_all(topic)]


@contextlib.contextmanager
def lent_to_engines(broker: LastingBroker) -> Iterator[None]:
    """Let engines built within the block use this embedded broker instead of one of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "SandboxBroker", lambda: broker)
        # after a member left, nobody is let in for as long, less a second
        patch.setattr(inbound, "SANDBOX_SESSION_TIMEOUT_MS", 1500)
        patch.setattr(inbound, "SANDBOX_HEARTBEAT_MS", 300)
        yield


def _let_members_in_at_once(producer: Any) -> None:
    # There is no setting for it, only a function of librdkafka's, which wants the handle that the object begins with.
    libraries = list(Path(confluent_kafka.__file__).parents[1].glob("confluent_kafka.libs/librdkafka*.so*"))
    if not libraries:
        return  # another system's wheel keeps it elsewhere: tests take longer there
    librdkafka = ctypes.CDLL(str(libraries[0]))
    librdkafka.rd_kafka_handle_mock_cluster.restype = ctypes.c_void_p
    handle = ctypes.cast(id(producer) + object.__basicsize__, ctypes.POINTER(ctypes.c_void_p))[0]
    cluster = librdkafka.rd_kafka_handle_mock_cluster(ctypes.c_void_p(handle))
    librdkafka.rd_kafka_mock_group_initial_rebalance_delay_ms(ctypes.c_void_p(cluster), ctypes.c_int32(0))


class RunningStudio:
    """A running engine and everything it has said so far. Waits end on what it says, never on time."""

    def __init__(self, engine: Runtime) -> None:
        self.engine = engine
        self.events: list[Event] = []
        self.statuses: dict[str, ConnectorStatus] = {}
        self.finished: dict[str, Run] = {}
        """By run id, the newest state of every run that came to an end."""
        self.notices: list[tuple[str, Fault]] = []
        self.problems: tuple[Problem, ...] = ()
        self.lag: dict[str, int | None] = {}
        self._changed = asyncio.Event()

    async def listen(self) -> None:
        """Take in events until the engine stops."""
        subscription = self.engine.subscribe()
        try:
            async for batch in subscription.batches():
                for event in batch:
                    self._take(event)
                self._changed.set()
        finally:
            subscription.close()

    def _take(self, event: Event) -> None:
        self.events.append(event)
        match event:
            case Snapshot():
                self.statuses = {s.name: s for s in event.connectors}
                self.problems = event.problems
            case WorkspaceChanged():
                self.problems = event.problems
            case ConnectorChanged():
                self.statuses[event.status.name] = event.status
            case ConnectorNoticed():
                self.notices.append((event.connector, event.fault))
            case FiguresUpdated():
                self.lag = {f.name: f.lag for f in event.figures}
            case RunsChanged() if event.change in (RunChange.FINISHED, RunChange.PUBLISHED):
                self.finished.update({r.run_id: r for r in event.runs})
            case _:
                pass

    async def until(self, holds: Callable[["RunningStudio"], bool], timeout_s: float = TIMEOUT_S) -> None:
        """Return once something is true of what was said. Raises: AssertionError, with the state it stopped at."""
        try:
            async with asyncio.timeout(timeout_s):
                while not holds(self):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"waited {timeout_s:.0f} s in vain; {self._story()}") from None

    def _story(self) -> str:
        states = [f"{s.name} {s.state.value} {'' if s.fault is None else s.fault}" for s in self.statuses.values()]
        runs = [f"{r.agent_name} {r.place} {r.status.value} {r.error}" for r in self.finished.values()][-5:]
        return f"connectors: {states}; {len(self.finished)} runs, the last: {runs}; notices: {self.notices[-5:]}"

    async def is_in(
        self, connector: str, state: ConnectorState | None, code: FaultCode | None = None
    ) -> ConnectorStatus:
        """Wait until a connector is in a state (None: any) and has this fault (None: whatever); return its status."""

        def holds(me: "RunningStudio") -> bool:
            status = me.statuses.get(connector)
            if status is None or (state is not None and status.state is not state):
                return False
            return code is None or (status.fault is not None and status.fault.code is code)

        await self.until(holds)
        return self.statuses[connector]

    async def reads(self, *connectors: str) -> None:
        """Wait until connectors have their partitions and know where they are, so that `latest` skips nothing more."""
        await self.until(lambda me: all(me.lag.get(name) is not None for name in connectors))

    async def ended(self, count: int, *, agent: str | None = None) -> list[Run]:
        """Wait until so many runs came to an end; return them, in the order they did."""
        await self.until(lambda me: len(me.runs(agent)) >= count)
        return self.runs(agent)

    def runs(self, agent: str | None = None) -> list[Run]:
        """The runs that came to an end, of one agent or of all."""
        return [r for r in self.finished.values() if agent is None or r.agent_name == agent]

    async def execute(self, command: Command[ReplyT]) -> ReplyT:
        """Give the engine a command."""
        return await self.engine.execute(command)


class Studio:
    """A workspace under construction. What is written while an engine runs is picked up as any edit is."""

    def __init__(self, *, root: Path, broker: StudioBroker, environ: Mapping[str, str] | None = None) -> None:
        self.root = root
        self.broker = broker
        self.environ = dict(environ or {})
        root.mkdir(parents=True, exist_ok=True)
        # part of the groups' names: one broker serves many tests
        self.name = f"studio-{uuid.uuid4().hex[:8]}"
        self.settings()
        if broker.connection != "sandbox":
            self.connection(broker.connection, bootstrap_servers=broker.address)

    def group(self, connector: str) -> str:
        """The default consumer group of a connector."""
        return f"kafka-agent-studio.{self.name}.{connector}"

    # files

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, each by its path in the workspace."""
        write_workspace(self.root, files)

    def delete(self, path: str) -> None:
        """Remove a file."""
        (self.root / path).unlink()

    def settings(self, **fields: Any) -> None:
        """Write studio.yaml."""
        self.write({"studio.yaml": _yaml({"name": self.name} | fields)})

    def connection(self, name: str, **fields: Any) -> None:
        """Write a connection."""
        self.write({f"connections/{name}.yaml": _yaml({"version": "1.0", "name": name} | fields)})

    def agent(self, name: str, **fields: Any) -> None:
        """Write an agent."""
        self.write({f"agents/{name}.yaml": agent_yaml(name, **fields)})

    def tool_agent(self, name: str, tool_name: str, **fields: Any) -> None:
        """Write a tool agent."""
        self.agent(name, type="tool", tool_name=tool_name, **fields)

    def inbound(self, name: str, *, topic: str, agents: Sequence[str], **fields: Any) -> None:
        """Write an inbound connector; it reads from the earliest record unless told otherwise."""
        self._connector(name, "inbound", {"topic": topic, "agents": agents, "auto_offset_reset": "earliest"} | fields)

    def outbound(self, name: str, *, topic: str, agents: Sequence[str], **fields: Any) -> None:
        """Write an outbound connector."""
        self._connector(name, "outbound", {"topic": topic, "agents": agents} | fields)

    def _connector(self, name: str, direction: str, fields: Mapping[str, Any]) -> None:
        head = {"version": "1.0", "name": name, "direction": direction}
        where = {} if "bootstrap_servers" in fields else {"connection": self.broker.connection}
        self.write({f"connectors/{name}.yaml": _yaml(head | where | dict(fields))})

    # the engine

    @contextlib.asynccontextmanager
    async def running(
        self, *, sandbox: bool = False, rehearse: bool = False, state_dir: Path | None = None
    ) -> AsyncIterator[RunningStudio]:
        """Run the engine for the length of the block; leaving it stops the engine in good order."""
        engine = await build_engine(
            EngineOptions(root=self.root, environ=self.environ, state_dir=state_dir, sandbox=sandbox, rehearse=rehearse)
        )
        await engine.start()
        running = RunningStudio(engine)
        listening = engine.tasks.start("test-listener", running.listen())
        try:
            yield running
        finally:
            await engine.stop()
            await asyncio.wait([listening])
            await engine.tasks.close()


def headers_of(record: ReadRecord) -> dict[str, bytes | None]:
    """A record's headers by name."""
    return dict(record.headers)


def _yaml(fields: Mapping[str, Any]) -> str:
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in fields.items())
