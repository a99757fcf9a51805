"""The front end without a window: every event as a JSON line, until the engine stops or is asked to."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from kafka_agent_studio.api.certificates import ExpiringCertificate
from kafka_agent_studio.api.client import EngineClient
from kafka_agent_studio.api.events import (
    BrowseProgressed,
    CertificatesChanged,
    CheckStageFinished,
    ConnectorChanged,
    ConnectorFigures,
    ConnectorNoticed,
    ConnectorStatus,
    EngineStopped,
    Event,
    FiguresUpdated,
    Lagged,
    Logged,
    MessagesReceived,
    RunChange,
    RunsChanged,
    Snapshot,
    StandIns,
    StandInsChanged,
    TransferProgressed,
    WorkspaceChanged,
)
from kafka_agent_studio.api.faults import Fault
from kafka_agent_studio.api.words import one_line
from kafka_agent_studio.model.run import iso_utc, run_record
from kafka_agent_studio.model.workspace import Problem

Line = dict[str, Any]


async def write_events(client: EngineClient, write: Callable[[str], None]) -> None:
    """Write each event as a JSON line until the engine stops; the first line is a snapshot."""
    subscription = client.subscribe()
    encoder = msgspec.json.Encoder()
    try:
        async for batch in subscription.batches():
            text = "".join(encoder.encode(line).decode() + "\n" for event in batch for line in event_lines(event))
            await asyncio.to_thread(write, text)
    finally:
        subscription.close()


def event_lines(event: Event) -> Iterator[Line]:
    """Yield the JSON objects of one event: one for each message or run of a busy one."""
    match event:
        case RunsChanged(at_us=at_us, change=change, runs=runs):
            for run in runs:
                name = {
                    RunChange.QUEUED: "run_queued",
                    RunChange.STARTED: "run_started",
                    RunChange.PUBLISHED: "result_published",
                }.get(change, f"run_{run.status.value}")
                yield _line(name, at_us, **run_record(run))
        case MessagesReceived(at_us=at_us, connector=connector, records=records):
            for record in records:
                yield _line(
                    "message_received",
                    at_us,
                    connector=connector,
                    topic=record.topic,
                    partition=record.partition,
                    offset=record.offset,
                    timestamp=record.timestamp_ms,
                    key_size_bytes=None if record.key is None else len(record.key),
                    value_size_bytes=None if record.value is None else len(record.value),
                )
        case FiguresUpdated(at_us=at_us, figures=figures):
            for figure in figures:
                yield _line("figures", at_us, **_figures(figure))
        case CheckStageFinished() | BrowseProgressed() | TransferProgressed():
            return  # a job's progress is for whoever began it
        case _:
            yield _single(event)


def _single(event: Event) -> Line:
    match event:
        case Snapshot():
            return _line(
                "snapshot",
                event.at_us,
                workspace=event.workspace.name,
                problems=[_problem(p) for p in event.problems],
                connectors=[_status(s) for s in event.connectors],
                figures=[_figures(f) for f in event.figures],
                stand_ins=_stand_ins(event.stand_ins),
                certificates=[*map(_certificate, event.certificates)],
            )
        case ConnectorChanged():
            return _line("connector_state_changed", event.at_us, **_status(event.status))
        case ConnectorNoticed():
            return _line("connector_noticed", event.at_us, connector=event.connector, **_fault(event.fault))
        case CertificatesChanged():
            return _line("certificates_changed", event.at_us, certificates=[*map(_certificate, event.certificates)])
        case WorkspaceChanged():
            return _line("workspace_changed", event.at_us, problems=[_problem(p) for p in event.problems])
        case StandInsChanged():
            return _line("stand_ins_changed", event.at_us, **_stand_ins(event.stand_ins))
        case Logged():
            return _line(
                "log",
                event.at_us,
                level=event.level,
                logger=event.logger,
                message=event.message,
                run_id=event.run_id,
            )
        case Lagged():
            return _line("lagged", event.at_us, n=event.n)
        case EngineStopped():
            return _line("engine_stopped", event.at_us, **_fault(event.fault))
        case _:
            raise TypeError(f"no line for {type(event).__name__}")


def _line(name: str, at_us: int, **fields: Any) -> Line:
    return {"event": name, "at": iso_utc(at_us), **fields}


def _fault(fault: Fault | None) -> Line:
    if fault is None:
        return {"code": None, "reason": None}
    return {"code": fault.code.value, "reason": one_line(fault), "parameters": fault.parameters}


def _certificate(certificate: ExpiringCertificate) -> Line:
    return {
        "connection": certificate.source,
        "kind": certificate.kind.value,
        "certificate": certificate.where,
        "ends_at": iso_utc(certificate.ends_at_us),
        "days": certificate.days,
        **_fault(certificate.fault),
    }


def _status(status: ConnectorStatus) -> Line:
    return {
        "connector": status.name,
        "state": status.state.value,
        "attempt": status.attempt,
        "next_try_at": iso_utc(status.next_try_at_us),
        "partitions": list(status.partitions),
        **_fault(status.fault),
    }


def _figures(figures: ConnectorFigures) -> Line:
    return {
        "connector": figures.name,
        **{name: getattr(figures, name) for name in figures.__struct_fields__ if name != "name"},
    }


def _stand_ins(stand_ins: StandIns) -> Line:
    return {
        "sandbox": stand_ins.sandbox,
        "rehearse": stand_ins.rehearse,
        "sandbox_address": stand_ins.sandbox_address,
    }


def _problem(problem: Problem) -> Line:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "level": problem.level,
        "message": problem.message,
    }
