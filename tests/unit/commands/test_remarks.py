"""What stderr says of a running engine: each trouble once, and again when it comes back."""

import io
from collections.abc import AsyncIterator
from typing import Any

from kafka_agent_studio.api.events import ConnectorChanged, ConnectorState, ConnectorStatus, Event
from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.commands.remarks import tell_remarks

FULL = Fault(FaultCode.STORE_FULL, {"path": "runs.sqlite3", "detail": "disk full"})


class Engine:
    """Says a few things and stops."""

    def __init__(self, *events: Event) -> None:
        self._events = events

    def subscribe(self) -> "Engine":
        return self

    async def batches(self) -> AsyncIterator[list[Event]]:
        yield list(self._events)

    def close(self) -> None:
        return


def changed(state: ConnectorState, fault: Fault | None = None, attempt: int = 0) -> ConnectorChanged:
    return ConnectorChanged(0, ConnectorStatus("orders-in", state, fault, attempt))


async def said(*events: Event) -> list[str]:
    out = io.StringIO()
    engine: Any = Engine(*events)
    await tell_remarks(engine, out)
    return out.getvalue().splitlines()


async def test_trouble_that_comes_back_is_said_again() -> None:
    running, full = changed(ConnectorState.RUNNING), changed(ConnectorState.RUNNING, FULL)
    lines = await said(running, full, running, full)
    assert len(lines) == 4
    assert "disk full" in lines[1]
    assert lines[:2] == lines[2:]


async def test_tries_in_a_row_are_one_line() -> None:
    tries = [changed(ConnectorState.RETRYING, FULL, attempt) for attempt in range(3)]
    between = [changed(ConnectorState.CONNECTING) for _ in tries]
    assert len(await said(*[event for pair in zip(tries, between, strict=True) for event in pair])) == 1
