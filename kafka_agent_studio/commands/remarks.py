"""What a person at a terminal should know while an engine runs: one line on stderr when something changes."""

from typing import TextIO

from kafka_agent_studio.api.client import EngineClient
from kafka_agent_studio.api.events import (
    ConnectorChanged,
    ConnectorNoticed,
    ConnectorState,
    ConnectorStatus,
    Event,
    Snapshot,
    StandIns,
    StandInsChanged,
    WorkspaceChanged,
)
from kafka_agent_studio.api.words import one_line
from kafka_agent_studio.model.workspace import Problem

_QUIET = (ConnectorState.CONNECTING, ConnectorState.STOPPING, ConnectorState.DISABLED)


async def tell_remarks(client: EngineClient, out: TextIO) -> None:
    """Write remarks until the engine stops.

    What is said of a connector's state is not repeated until something else was said of it: tries in a row are one
    line, and trouble that comes back is said again.
    """
    subscription = client.subscribe()
    told: list[str] = []
    states: dict[str, str] = {}
    try:
        async for batch in subscription.batches():
            for event in batch:
                if isinstance(event, Snapshot):
                    states.update((status.name, _status(status)) for status in event.connectors)
                for line in _remarks(event):
                    if isinstance(event, ConnectorChanged):
                        is_known = states.get(event.status.name) == line
                        states[event.status.name] = line
                    else:
                        is_known = line in told
                        if not is_known:
                            told.append(line)
                    if not is_known:
                        print(line, file=out, flush=True)
            del told[:-20]
    finally:
        subscription.close()


def _remarks(event: Event) -> list[str]:
    match event:
        case Snapshot():
            lines = [_status(s) for s in event.connectors if s.state not in _QUIET]
            return [*_stand_ins(event.stand_ins), *map(_problem, event.problems), *lines]
        case StandInsChanged():
            return _stand_ins(event.stand_ins)
        case WorkspaceChanged():
            return [_problem(p) for p in event.problems]
        case ConnectorChanged() if event.status.state not in _QUIET:
            return [_status(event.status)]
        case ConnectorNoticed():
            return [f"{event.connector}: {one_line(event.fault)}"]
        case _:
            return []


def _status(status: ConnectorStatus) -> str:
    if status.fault is None:
        return f"{status.name}: {status.state.value}"
    return f"{status.name}: {status.state.value}: {one_line(status.fault)}"


def _stand_ins(stand_ins: StandIns) -> list[str]:
    lines = []
    if stand_ins.sandbox_address is not None:
        everywhere = ", standing in for every connection" if stand_ins.sandbox else ""
        lines.append(f"sandbox broker at {stand_ins.sandbox_address}{everywhere}")
    if stand_ins.rehearsed_models:
        lines.append(f"rehearsal: a stand-in answers for {', '.join(stand_ins.rehearsed_models)}")
    return lines


def _problem(problem: Problem) -> str:
    return f"{problem.file}:{problem.line}:{problem.column}: {problem.level}: {problem.message}"
