"""What the log says of connectors: each change of their state, each notice, and the runs that failed.

Every line carries `connector`, those about a run `run_id`, so that whoever reads the log gets from a line to both.
"""

import logging
from collections.abc import Callable, Sequence

from kafka_agent_studio.api.events import ConnectorState, ConnectorStatus
from kafka_agent_studio.api.faults import Fault
from kafka_agent_studio.api.words import one_line
from kafka_agent_studio.model.run import Run, RunStatus

MOST_RUNS_PER_S = 10
"""Failed runs that get a line of their own within a second; the others are counted."""

_LEVELS = {
    ConnectorState.FAILED: logging.ERROR,
    ConnectorState.PAUSED: logging.WARNING,
    ConnectorState.RETRYING: logging.WARNING,
    ConnectorState.WAITING: logging.WARNING,
}

_log = logging.getLogger(__name__)


class ConnectorLog:
    """Writes lines for all connectors of an engine."""

    def __init__(self, *, monotonic_s: Callable[[], float]) -> None:
        self._monotonic_s = monotonic_s
        self._said: dict[str, tuple[ConnectorState, Fault | None]] = {}
        self._began_s = 0.0
        self._lines = 0
        self._left_out: dict[str, int] = {}

    def note_status(self, status: ConnectorStatus) -> None:
        """Write a line where the state, or what is wrong, is another than before."""
        now = (status.state, status.fault)
        if self._said.get(status.name) == now:
            return
        self._said[status.name] = now
        why = "" if status.fault is None else f": {one_line(status.fault)}"
        level = _LEVELS.get(status.state, logging.INFO if status.fault is None else logging.WARNING)
        _log.log(level, "%s is %s%s", status.name, status.state.value, why, extra={"connector": status.name})

    def note_notice(self, name: str, fault: Fault) -> None:
        """Write what a connector has to say without stopping."""
        _log.warning("%s: %s", name, one_line(fault), extra={"connector": name})

    def note_runs(self, runs: Sequence[Run]) -> None:
        """Write a line for each of these that failed; where they are many in a second, how many more there were."""
        failed = [run for run in runs if run.status is RunStatus.FAILED]
        if not failed:
            return
        now_s = self._monotonic_s()
        if now_s - self._began_s >= 1.0:
            self._say_left_out()
            self._began_s, self._lines = now_s, 0
        for run in failed:
            if self._lines >= MOST_RUNS_PER_S:
                self._left_out[run.connector] = self._left_out.get(run.connector, 0) + 1
                continue
            self._lines += 1
            why = "" if run.error is None else f" ({run.error.type.value}): {run.error.message}"
            _log.warning(
                "%s failed on %s%s",
                run.agent_name,
                run.place,
                why,
                extra={"connector": run.connector, "run_id": run.run_id},
            )

    def _say_left_out(self) -> None:
        for name, count in self._left_out.items():
            _log.warning("%s: %d more runs failed", name, count, extra={"connector": name})
        self._left_out.clear()
