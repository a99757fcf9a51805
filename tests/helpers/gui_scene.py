"""A workspace with life in it, for tests of the window and for its pictures: always the same, down to the digit."""

import json
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import msgspec

from kafka_agent_studio.api.certificates import CertificateKind, ExpiringCertificate
from kafka_agent_studio.api.events import (
    ConnectorFigures,
    ConnectorState,
    ConnectorStatus,
    Snapshot,
    StandIns,
)
from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.model.agent import LlmAgent, ToolAgent
from kafka_agent_studio.model.connection import Connection
from kafka_agent_studio.model.connector import Direction, InboundConnector, OutboundConnector
from kafka_agent_studio.model.message import Published, Record
from kafka_agent_studio.model.run import (
    ErrorType,
    Run,
    RunDetail,
    RunError,
    RunStatus,
    Span,
    SpanKind,
    TokenUsage,
)
from kafka_agent_studio.model.workspace import StudioSettings, Workspace

NOW_US = 1_705_312_987_482_000
_LASTS_MS = {RunStatus.COMPLETED: 1_749, RunStatus.FAILED: 1_630, RunStatus.CANCELLED: 820}
_CUSTOMERS = ("john@example.com", "ada@example.com", "grace@example.com", "linus@example.com", "barbara@example.com")
_ITEMS = ("widget-a", "widget-b", "sprocket", "gear-xl", "flange-12")


def make_workspace(**fields: Any) -> Workspace:
    """The sample workspace, as understood."""
    inbound = [("orders-in", "orders"), ("shipments-in", "shipments")]
    outbound = [("results-out", "order-results"), ("correlated-out", "correlated-events")]
    connectors = {
        name: InboundConnector(
            version="1.0",
            name=name,
            direction=Direction.INBOUND,
            connection="staging",
            topic=topic,
            agents=("order-processor", "event-correlator") if topic == "orders" else ("event-correlator",),
        )
        for name, topic in inbound
    } | {
        name: OutboundConnector(
            version="1.0",
            name=name,
            direction=Direction.OUTBOUND,
            connection="staging",
            topic=topic,
            agents=("order-processor",) if topic == "order-results" else ("event-correlator",),
        )
        for name, topic in outbound
    }
    agents = {
        "order-processor": LlmAgent(
            version="1.0",
            name="order-processor",
            description="Validate orders and compute routing",
            model="gemini/gemini-2.5-flash",
            system_prompt="You receive an order event in JSON (from Kafka).",
        ),
        "event-correlator": LlmAgent(
            version="1.0",
            name="event-correlator",
            description="Correlate order + shipment events across topics",
            model="gemini/gemini-2.5-pro",
            system_prompt="Use the correlation tools to store incoming events by _kafka.key.",
        ),
        "order-tagger": ToolAgent(
            version="1.0",
            name="order-tagger",
            type="tool",
            description="Tags an order by its size",
            tool_name="orders.tag_order",
        ),
    }
    values: dict[str, Any] = {
        "root": Path("/home/ada/orders"),
        "settings": StudioSettings(name="orders"),
        "connections": {
            "staging": Connection(version="1.0", name="staging", bootstrap_servers="kafka-1:9092,kafka-2:9092")
        },
        "connectors": connectors,
        "agents": agents,
        "files": {f"connector/{name}": f"connectors/{name}.yaml" for name in connectors},
    }
    return Workspace(**(values | fields))


def make_record(offset: int = 1542, *, topic: str = "orders", partition: int = 2, value: bytes | None = b"") -> Record:
    """An order as the specification shows one; `value` b"" makes it, anything else is taken as it is."""
    order = {
        "order_id": str(12_345 + offset),
        "customer": _CUSTOMERS[offset % 5],
        "items": [_ITEMS[offset % 5], _ITEMS[(offset * 3 + 1) % 5]],
        "total": round(19.9 + offset * 7.35 % 240, 2),
        "account": 9_007_199_254_740_993 + offset,
    }
    data = json.dumps(order).encode() if value == b"" else value
    headers = (("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), ("source", b"web-shop"))
    timestamp_ms = NOW_US // 1000 - (1600 - offset) * 213
    return Record(topic, partition, offset, timestamp_ms, f"order-{12_345 + offset}".encode(), data, headers)


def make_run(offset: int = 1542, *, status: RunStatus = RunStatus.COMPLETED, **fields: Any) -> Run:
    """A run of the order processor over the message at `offset`."""
    record = make_record(offset)
    started = (record.timestamp_ms or 0) * 1000 + 4_000
    is_over = status.is_terminal
    output = {
        "order_id": str(12_345 + offset),
        "status": "approved",
        "risk_score": 0.02 if offset % 4 else 0.12,
        "route": "standard" if offset % 4 else "manual_review",
    }
    error = RunError(ErrorType.MODEL_ERROR, "503 from generativelanguage.googleapis.com: the model is overloaded")
    values: dict[str, Any] = {
        "run_id": str(uuid5(NAMESPACE_OID, f"run {offset}")),
        "agent_name": "order-processor",
        "status": status,
        "output": output if status is RunStatus.COMPLETED else None,
        "error": error if status is RunStatus.FAILED else None,
        "started_at_us": None if status is RunStatus.QUEUED else started,
        "ended_at_us": started + _LASTS_MS[status] * 1000 + offset * 7919 % 9_000 if is_over else None,
        "token_usage": TokenUsage(310 + offset % 40, 102, 412 + offset % 40) if is_over else TokenUsage(),
        "connector": "orders-in",
        "topic": "orders",
        "partition": 2,
        "offset": offset,
        "timestamp_ms": record.timestamp_ms,
        "key": f"order-{12_345 + offset}",
        "cost": 0.000_21 if is_over else None,
        "published": (Published("results-out", "order-results", 0, offset - 551),)
        if status is RunStatus.COMPLETED
        else (),
    }
    return Run(**(values | fields))


def make_detail(run: Run | None = None) -> RunDetail:
    """The waterfall of LOOK: model, two tools, model again, publish."""
    run = run or make_run()
    start = run.started_at_us or NOW_US
    payload = json.loads(make_record(run.offset).value or b"{}")
    calls = [{"name": "validate_order", "arguments": {"order_id": payload["order_id"], "items": payload["items"]}}]
    scored = {"customer": payload["customer"], "total": payload["total"]}
    prompt = [
        {"role": "system", "content": "You receive an order event in JSON (from Kafka)."},
        {"role": "user", "content": json.dumps(payload)},
    ]

    def span(number: int, kind: SpanKind, name: str, begin_ms: float, end_ms: float, **fields: Any) -> Span:
        return Span(f"s{number}", None, kind, name, start + int(begin_ms * 1000), start + int(end_ms * 1000), **fields)

    spans = [
        span(1, SpanKind.MODEL, "gemini/gemini-2.5-flash", 3, 712, input=prompt, output={"tool_calls": calls},
             token_usage=TokenUsage(268, 42, 310), cost=0.000_15),
        span(2, SpanKind.TOOL, "validate_order", 714, 716, input=calls[0]["arguments"], output={"ok": True}),
        span(3, SpanKind.TOOL, "score_risk", 714, 715, input=scored,
             output={"risk_score": 0.02, "route": "standard"}),
    ]  # fmt: skip
    if run.status is RunStatus.FAILED:
        for attempt in (1, 2, 3):
            begin = 720 + attempt * 240
            spans.append(
                span(3 + attempt, SpanKind.MODEL, "gemini/gemini-2.5-flash", begin, begin + 190, attempt=attempt,
                     error=run.error, input=prompt)
            )  # fmt: skip
    else:
        spans += [
            span(4, SpanKind.MODEL, "gemini/gemini-2.5-flash", 718, 1738, output=run.output, input=prompt,
                 token_usage=TokenUsage(42, 60, 102), cost=0.000_06),
            span(5, SpanKind.PUBLISH, "order-results", 1740, 1749, output={"partition": 0, "offset": run.offset - 551}),
        ]  # fmt: skip
    return RunDetail(run, tuple(spans), make_record(run.offset))


def make_runs(count: int = 60) -> tuple[Run, ...]:
    """Runs newest first: the newest still running or queued, now and then one failed or cancelled."""

    def status(age: int) -> RunStatus:
        if age < 2:
            return RunStatus.QUEUED
        if age < 5:
            return RunStatus.RUNNING
        return RunStatus.FAILED if age % 17 == 9 else RunStatus.CANCELLED if age % 41 == 30 else RunStatus.COMPLETED

    return tuple(make_run(1600 - age, status=status(age)) for age in range(count))


def make_snapshot(**fields: Any) -> Snapshot:
    """An engine at work with everything in order."""
    workspace: Workspace = fields.pop("workspace", make_workspace())
    figures = {
        "orders-in": ConnectorFigures("orders-in", 128_407, 12, 128_371, 24, 0, 12, 1_204.3),
        "shipments-in": ConnectorFigures("shipments-in", 31_220, 3, 31_216, 1, 0, 0, 310.8),
        "results-out": ConnectorFigures("results-out", published=128_371, messages_per_s=1_201.0),
        "correlated-out": ConnectorFigures("correlated-out", published=31_216, messages_per_s=309.4),
    }
    values: dict[str, Any] = {
        "at_us": NOW_US,
        "workspace": workspace,
        "problems": (),
        "connectors": tuple(
            ConnectorStatus(name, ConnectorState.RUNNING, partitions=(0, 1, 2, 3)) for name in workspace.connectors
        ),
        "figures": tuple(figures[name] for name in workspace.connectors if name in figures),
        "runs": make_runs(),
        "stand_ins": StandIns(),
    }
    return Snapshot(**(values | fields))


def make_troubled_snapshot() -> Snapshot:
    """A broker that refuses, a model that refuses, and the rest at work."""
    snapshot = make_snapshot()
    unreachable = Fault(FaultCode.BROKER_UNREACHABLE, {"address": "kafka-1:9092", "detail": "connection refused"})
    refused = Fault(
        FaultCode.MODEL_REFUSED, {"agent": "event-correlator", "detail": "401: API key not valid", "count": 10}
    )
    troubled = {
        "orders-in": ConnectorStatus("orders-in", ConnectorState.RETRYING, unreachable, 4, NOW_US + 8_000_000),
        "shipments-in": ConnectorStatus("shipments-in", ConnectorState.PAUSED, refused),
    }
    return msgspec.structs.replace(
        snapshot,
        connectors=tuple(troubled.get(status.name, status) for status in snapshot.connectors),
        stand_ins=StandIns(sandbox=True, rehearse=True, sandbox_address="127.0.0.1:40123"),
    )


def make_expiring_snapshot() -> Snapshot:
    """All at work; the broker's certificate has expired, and the client's will."""
    day_us = 86_400_000_000
    certificates = (
        ExpiringCertificate("staging", CertificateKind.BROKER, "kafka-1:9093", NOW_US - 4 * day_us, -4),
        ExpiringCertificate("staging", CertificateKind.CLIENT, "certs/studio.pem", NOW_US + 12 * day_us, 12),
    )
    return msgspec.structs.replace(make_snapshot(), certificates=certificates)


def make_empty_snapshot() -> Snapshot:
    """A workspace in which nothing is yet."""
    workspace = make_workspace(connections={}, connectors={}, agents={}, files={})
    return make_snapshot(workspace=workspace, runs=())
