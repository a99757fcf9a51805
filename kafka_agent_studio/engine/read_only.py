"""What a window sees beside an engine that runs elsewhere on the same state folder: its files and its runs.

It implements the client protocol over the run store of the other process, which it reads again every second.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from kafka_agent_studio.api.client import Subscription
from kafka_agent_studio.api.commands import Command, GetRun, ListRuns, ParseFields, ReadFile
from kafka_agent_studio.api.events import (
    ConnectorState,
    ConnectorStatus,
    EngineStopped,
    RunChange,
    RunsChanged,
    Snapshot,
    StandIns,
)
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.api.queries import RunQuery
from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.engine.clock import Clock
from kafka_agent_studio.engine.event_bus import EventBus
from kafka_agent_studio.engine.ports import FaultError
from kafka_agent_studio.engine.run_store import RunStoreReader
from kafka_agent_studio.engine.workspace_files import WorkspaceFiles
from kafka_agent_studio.engine.workspace_source import LoadedVersion, WorkspaceSource
from kafka_agent_studio.model.run import Run

ReplyT = TypeVar("ReplyT")

LOOK_EVERY_S = 1.0
RUNS_SHOWN = 200

_log = logging.getLogger(__name__)


class ReadOnlyEngine:
    """Looks on. `reason` says whose engine it is and is shown wherever something cannot be pressed."""

    def __init__(
        self,
        *,
        reason: str,
        source: WorkspaceSource,
        files: WorkspaceFiles,
        store: RunStoreReader,
        bus: EventBus,
        clock: Clock,
    ) -> None:
        self._reason = reason
        self._source = source
        self._store = store
        self._bus = bus
        self._clock = clock
        self._version: LoadedVersion | None = None
        self._shown: dict[str, Run] = {}
        self._tasks = TaskGroupOwner(name="read-only")
        self._handlers: dict[type[Command[Any]], Callable[[Any], Awaitable[Any]]] = {
            GetRun: lambda command: store.get(command.run_id),
            ListRuns: lambda command: store.list_runs(command.query),
            ReadFile: files.read,
            ParseFields: files.parse,
        }

    async def start(self) -> None:
        """Read the files and begin to look at the runs."""
        self._version = await self._source.load()
        self._tasks.start("look", self._look_forever())

    async def stop(self) -> None:
        """Stop looking."""
        await self._tasks.close()
        self._store.close()
        self._bus.publish(EngineStopped(at_us=self._clock.now_us()))
        self._bus.close()

    async def execute(self, command: Command[ReplyT]) -> ReplyT:
        """Answer what only reads. Raises: CommandRefused for all else."""
        handler = self._handlers.get(type(command))
        if handler is None:
            raise CommandRefused(self._reason)
        return cast(ReplyT, await handler(command))

    def subscribe(self) -> Subscription:
        """Begin to listen."""
        return self._bus.subscribe(self._snapshot(tuple(self._shown.values())))

    async def snapshot(self) -> Snapshot:
        """Return the state as it is now, with the newest runs."""
        page = await self._store.list_runs(RunQuery(limit=RUNS_SHOWN))
        return self._snapshot(page.runs)

    def _snapshot(self, runs: tuple[Run, ...]) -> Snapshot:
        if self._version is None:
            raise RuntimeError("start() comes first")
        connectors = self._version.shown.connectors
        return Snapshot(
            at_us=self._clock.now_us(),
            workspace=self._version.shown,
            problems=self._version.problems,
            connectors=tuple(ConnectorStatus(name, ConnectorState.STOPPED) for name in sorted(connectors)),
            figures=(),
            runs=runs,
            stand_ins=StandIns(),
            read_only=self._reason,
        )

    async def _look_forever(self) -> None:
        while True:
            try:
                page = await self._store.list_runs(RunQuery(limit=RUNS_SHOWN))
            except FaultError as error:
                _log.warning("the run store of the other engine cannot be read: %s", error)
            else:
                self._tell(page.runs)
            await self._clock.sleep(LOOK_EVERY_S)

    def _tell(self, runs: tuple[Run, ...]) -> None:
        changed = tuple(r for r in reversed(runs) if self._shown.get(r.run_id) != r)
        self._shown = {r.run_id: r for r in runs}
        for run in changed:
            change = RunChange.PUBLISHED if run.published else RunChange.FINISHED
            change = change if run.status.is_terminal else RunChange.STARTED
            self._bus.publish(RunsChanged(at_us=self._clock.now_us(), change=change, runs=(run,)))
