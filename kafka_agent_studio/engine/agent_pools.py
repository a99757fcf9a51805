"""One pool per agent, shared by all connectors that link to it, across versions of its file."""

from collections.abc import Awaitable, Mapping

from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.engine.agent_pool import AgentPool, Job
from kafka_agent_studio.engine.jobs import RunJob

DEFAULT_CONCURRENT = 16


class AgentPools:
    """Pools by agent name, made on first use."""

    def __init__(self, *, tasks: TaskGroupOwner) -> None:
        self._tasks = tasks
        self._pools: dict[str, AgentPool] = {}
        self._limits: dict[str, int] = {}

    def resize(self, limits: Mapping[str, int]) -> None:
        """Set how many runs each agent may have at a time."""
        self._limits = dict(limits)
        for name, pool in self._pools.items():
            pool.resize(limits.get(name, DEFAULT_CONCURRENT))

    def get(self, agent: str) -> AgentPool:
        """Return the agent's pool."""
        pool = self._pools.get(agent)
        if pool is None:
            limit = self._limits.get(agent, DEFAULT_CONCURRENT)
            pool = self._pools[agent] = AgentPool(name=agent, max_concurrent=limit, work=_work, tasks=self._tasks)
        return pool


def _work(job: Job) -> Awaitable[None]:
    if not isinstance(job, RunJob):
        raise TypeError(f"{type(job).__name__} is no run")
    return job.dispatcher.work(job)
