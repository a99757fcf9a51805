"""Runs the jobs of one agent: as many at a time as it allows, one after the other within a lane.

A worker takes many jobs, and a further worker starts only when the running ones wait for something: a task per
message would cost more than most messages.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Protocol

from kafka_agent_studio.api.tasks import TaskGroupOwner

YIELD_EVERY_S = 0.004
"""A worker whose jobs never wait lets the event loop breathe this often."""


class Job(Protocol):
    """What a pool needs to know of a job."""

    lane: Hashable | None
    """Jobs of one lane run one after the other; None is free."""
    worker: "asyncio.Task[None] | None"
    """Set by the pool while the job runs."""


class AgentPool:
    """Jobs of one agent, from any number of connectors."""

    def __init__(
        self, *, name: str, max_concurrent: int, work: Callable[[Job], Awaitable[None]], tasks: TaskGroupOwner
    ) -> None:
        self._name = name
        self._max_concurrent = max_concurrent
        self._work = work
        self._tasks = tasks
        self._ready: deque[Job] = deque()
        self._lanes: dict[Hashable, deque[Job]] = {}
        self._workers = 0
        self._is_growing = False

    @property
    def waiting(self) -> int:
        """Jobs that have not begun."""
        return len(self._ready) + sum(map(len, self._lanes.values()))

    def resize(self, max_concurrent: int) -> None:
        """Allow more or fewer jobs at a time from now on."""
        self._max_concurrent = max_concurrent
        self._grow_soon()

    def submit(self, job: Job) -> None:
        """Queue a job behind those of its lane."""
        lane = job.lane
        if lane is not None:
            queue = self._lanes.get(lane)
            if queue is not None:
                queue.append(job)
                return
            self._lanes[lane] = deque()
        self._ready.append(job)
        self._grow_soon()

    def discard(self, unwanted: Callable[[Job], bool]) -> None:
        """Forget the jobs that have not begun and are unwanted; their lanes go on with the next."""
        for lane, queue in list(self._lanes.items()):
            if queue:
                self._lanes[lane] = deque(j for j in queue if not unwanted(j))
        dropped = [j for j in self._ready if unwanted(j)]
        if dropped:
            self._ready = deque(j for j in self._ready if not unwanted(j))
            for job in dropped:
                self._release(job.lane)

    def _grow_soon(self) -> None:
        if self._ready and not self._is_growing and self._workers < self._max_concurrent:
            self._is_growing = True
            asyncio.get_running_loop().call_soon(self._grow)

    def _grow(self) -> None:
        # runs only once the present workers wait: jobs that never wait are all done by one of them
        self._is_growing = False
        if self._ready and self._workers < self._max_concurrent:
            self._workers += 1
            self._tasks.start(f"{self._name}-{self._workers}", self._worker())

    async def _worker(self) -> None:
        task = asyncio.current_task()
        last_yield = time.monotonic()
        try:
            while self._ready and self._workers <= self._max_concurrent:
                job = self._ready.popleft()
                self._grow_soon()
                job.worker = task
                try:
                    await self._work(job)
                finally:
                    job.worker = None
                    self._release(job.lane)
                now = time.monotonic()
                if now - last_yield > YIELD_EVERY_S:
                    await asyncio.sleep(0)
                    last_yield = time.monotonic()
        finally:
            self._workers -= 1
            self._grow_soon()

    def _release(self, lane: Hashable | None) -> None:
        if lane is None:
            return
        queue = self._lanes[lane]
        if queue:
            self._ready.append(queue.popleft())
            self._grow_soon()
        else:
            del self._lanes[lane]
