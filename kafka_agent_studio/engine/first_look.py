"""What a window shows while its engine is still starting: what the files say, and then the engine's own word."""

import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future

from kafka_agent_studio.api.client import Subscription
from kafka_agent_studio.api.events import (
    ConnectorState,
    ConnectorStatus,
    EngineStopped,
    Event,
    Snapshot,
    StandIns,
)
from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.engine.options import EngineOptions
from kafka_agent_studio.workspace.loader import load_workspace

STARTING = "The engine is starting."


def first_look(options: EngineOptions) -> Snapshot:
    """Return what the files of a workspace say; none of its tools is imported. Raises: OSError."""
    loaded = load_workspace(options.root, environ=options.environ, trust_tools=False, is_glance=True)
    connectors = loaded.workspace.connectors
    return Snapshot(
        at_us=time.time_ns() // 1000,
        workspace=loaded.workspace,
        problems=(),  # what the engine finds in them is the engine's to say
        connectors=tuple(
            ConnectorStatus(name, ConnectorState.CONNECTING) for name, c in sorted(connectors.items()) if c.enabled
        ),
        figures=(),
        runs=(),
        stand_ins=StandIns(sandbox=options.sandbox, rehearse=options.rehearse),
        read_only=STARTING,
        is_starting=True,
    )


class EarlySubscription:
    """A Subscription that begins before the engine is there; `ready` is done when it is, or could not start."""

    def __init__(self, *, first: Snapshot, ready: "Future[None]", subscribe: Callable[[], Subscription]) -> None:
        self._waiting: list[Event] = [first]
        self._ready = ready
        self._subscribe = subscribe
        self._own: Subscription | None = None
        self._is_over = False

    def drain(self, limit: int = 10_000) -> list[Event]:
        """Return what is waiting: the first look, then the engine's events, or why there is no engine."""
        if self._own is None and self._ready.done() and not self._is_over:
            self._begin()
        waiting, self._waiting = self._waiting, []
        return waiting if self._own is None else [*waiting, *self._own.drain(limit)]

    def batches(self) -> AsyncIterator[list[Event]]:
        """Raises: RuntimeError; those on the engine's own loop are never early."""
        raise RuntimeError("read this subscription with drain()")

    def close(self) -> None:
        """End it; safe to call twice."""
        self._is_over = True
        if self._own is not None:
            self._own.close()

    def _begin(self) -> None:
        failure = self._ready.exception()
        if failure is None:
            self._own = self._subscribe()
            return
        self._is_over = True
        fault = getattr(failure, "fault", None) or Fault(FaultCode.INTERNAL, {"detail": str(failure)})
        self._waiting.append(EngineStopped(at_us=time.time_ns() // 1000, fault=fault))
