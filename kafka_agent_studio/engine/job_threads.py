"""Long work that a person began and may cancel: each job has a thread, a name, and a flag that ends it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.engine.hold import Hold

MOST_JOBS = 8

ResultT = TypeVar("ResultT")


@dataclass(slots=True)
class _Job:
    """What a job looks at on its way."""

    hold: Hold
    cancelled: threading.Event = field(default_factory=threading.Event)

    def end(self) -> None:
        self.cancelled.set()
        self.hold.end()


class JobThreads:
    """Runs jobs beside the engine's loop. All methods are called on the loop."""

    def __init__(self, *, limit: int = MOST_JOBS) -> None:
        self._limit = limit
        self._running: dict[str, _Job] = {}
        self._threads = ThreadPoolExecutor(max_workers=limit, thread_name_prefix="job")

    async def run(
        self, job_id: str, work: Callable[[threading.Event], ResultT], *, hold: Hold | None = None
    ) -> ResultT:
        """Do `work` in a thread; it has to end soon after its flag is set. A `hold` it waits at is ended with it.

        Raises:
            CommandRefused: the name is taken, or too many run; and whatever `work` raises.
        """
        with self.named(job_id, hold=hold) as cancelled:
            job = self._running[job_id]
            try:
                return await asyncio.get_running_loop().run_in_executor(self._threads, work, cancelled)
            finally:
                job.end()

    @contextmanager
    def named(self, job_id: str, *, hold: Hold | None = None) -> Iterator[threading.Event]:
        """Hold the name for a job that runs on the loop. Raises: CommandRefused where it is taken, or too many run."""
        if job_id in self._running:
            raise CommandRefused(f"A job {job_id} runs already.")
        if len(self._running) >= self._limit:
            raise CommandRefused(f"{self._limit} searches and transfers run already: stop one of them first.")
        job = self._running[job_id] = _Job(hold or Hold())
        try:
            yield job.cancelled
        finally:
            del self._running[job_id]

    def cancel(self, job_id: str) -> bool:
        """Ask a job to end; False: there is none of that name."""
        job = self._running.get(job_id)
        if job is not None:
            job.end()
        return job is not None

    async def close(self) -> None:
        """End all jobs and wait for their threads."""
        for job in self._running.values():
            job.end()
        await asyncio.to_thread(self._threads.shutdown, wait=True)
