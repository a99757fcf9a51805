"""Runs for tests of the run store, as a pipeline would save them."""

import json
from typing import Any

import msgspec

from kafka_agent_studio.engine.ports import StoredRun
from kafka_agent_studio.engine.run_ids import run_id_for
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.run import NO_TOKENS, Run, RunStatus, Span

NOW_US = 1_790_000_000_000_000
"""2026-09-21, in the afternoon, UTC."""


def make_record(offset: int = 0, **changes: Any) -> Record:
    """Return a record of the topic orders, with the offset in its value and key."""
    value = json.dumps({"order_id": f"o-{offset}", "customer": "john@example.com"}).encode()
    record = Record("orders", 0, offset, 1_700_000_000_000 + offset, f"order-{offset}".encode(), value)
    return msgspec.structs.replace(record, **changes)


def make_stored(
    offset: int = 0,
    *,
    record: Record | None = None,
    keeps_record: bool = True,
    spans: tuple[Span, ...] = (),
    is_text: bool = False,
    is_owed: bool = False,
    **changes: Any,
) -> StoredRun:
    """Return a completed run of the message at `offset` (or of `record`), started so many ms after NOW_US."""
    source = record or make_record(offset)
    agent = changes.get("agent_name", "order-processor")
    connector = changes.get("connector", "orders-in")
    run = Run(
        run_id=run_id_for(connector, source, agent),
        agent_name=agent,
        status=RunStatus.COMPLETED,
        output={"order_id": f"o-{offset}", "route": "standard"},
        error=None,
        started_at_us=NOW_US + source.offset % 1_000_000 * 1000,
        ended_at_us=NOW_US + source.offset % 1_000_000 * 1000 + 500,
        token_usage=NO_TOKENS,
        connector=connector,
        topic=source.topic,
        partition=source.partition,
        offset=source.offset,
        timestamp_ms=source.timestamp_ms,
        key=None if source.key is None else source.key.decode(errors="replace"),
    )
    run = msgspec.structs.replace(run, **changes)
    return StoredRun(run, spans, source if keeps_record else None, is_text, is_owed)
