"""What goes over each link: counted from the runs that the window hears of, since the engine counts per connector."""

from collections import Counter, deque
from collections.abc import Iterable

from kafka_agent_studio.model.run import Run, RunStatus

_LATEST = 50
_FAILING_SHARE = 0.1
_FORGET_ABOVE = 2_000

Link = tuple[str, str]
"""An inbound connector and an agent, or an agent and an outbound connector."""


class LinkTraffic:
    """Runs in flight and failed of each (inbound connector, agent); results of each (agent, outbound connector)."""

    def __init__(self) -> None:
        self._in_flight: dict[Link, set[str]] = {}
        self._failed: Counter[Link] = Counter()
        self._latest: dict[Link, deque[bool]] = {}
        self._published: Counter[Link] = Counter()
        # Run id → how many of its results were counted; a run is heard of again when its results are acknowledged.
        self._counted: dict[str, int] = {}

    def take(self, runs: Iterable[Run]) -> None:
        """Take in runs as they are now, oldest first."""
        for run in runs:
            link = (run.connector, run.agent_name)
            at_work = self._in_flight.setdefault(link, set())
            if not run.status.is_terminal:
                at_work.add(run.run_id)
                continue
            at_work.discard(run.run_id)
            if run.run_id not in self._counted:
                has_failed = run.status is RunStatus.FAILED
                self._failed[link] += has_failed
                self._latest.setdefault(link, deque(maxlen=_LATEST)).append(has_failed)
            for place in run.published[self._counted.get(run.run_id, 0) :]:
                self._published[run.agent_name, place.connector] += 1
            self._counted[run.run_id] = len(run.published)
        self._forget()

    def in_flight(self, connector: str, agent: str) -> int:
        """Return how many runs of a link are queued or running."""
        return len(self._in_flight.get((connector, agent), ()))

    def agent_in_flight(self, agent: str) -> int:
        """Return how many runs of an agent are queued or running, whoever started them."""
        return sum(len(runs) for (_, name), runs in self._in_flight.items() if name == agent)

    def failed(self, connector: str, agent: str) -> int:
        """Return how many runs of a link failed since this window listens."""
        return self._failed[connector, agent]

    def is_failing(self, connector: str, agent: str) -> bool:
        """Whether the latest run of a link failed, or one in ten of the latest fifty."""
        latest = self._latest.get((connector, agent))
        return bool(latest and (latest[-1] or sum(latest) >= _FAILING_SHARE * len(latest)))

    def share(self, agent: str, outbound: str, agents: Iterable[str]) -> float:
        """Return which part of what `outbound` publishes comes from `agent`; equal parts where nothing was seen."""
        counts = {name: self._published[name, outbound] for name in agents}
        total = sum(counts.values())
        return counts.get(agent, 0) / total if total else 1 / max(len(counts), 1)

    def _forget(self) -> None:
        for run_id in list(self._counted)[:-_FORGET_ABOVE]:
            del self._counted[run_id]
        if self._published.total() > _FORGET_ABOVE:
            # What was long ago counts less and less.
            self._published = Counter({key: count // 2 for key, count in self._published.items()})
