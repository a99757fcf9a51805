"""Long work that a person began and may cancel: each job has a thread, a name, and a flag that ends it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from kafka_agent_studio.api.faults import CommandRefused

MOST_JOBS = 8

ResultT = TypeVar("ResultT")


class JobThreads:
    """Runs jobs beside the engine's loop. All methods are called on the loop."""

    def __init__(self, *, limit: int = MOST_JOBS) -> None:
        self._limit = limit
        self._cancelled: dict[str, threading.Event] = {}
        self._threads = ThreadPoolExecutor(max_workers=limit, thread_name_prefix="job")

    async def run(self, job_id: str, work: Callable[[threading.Event], ResultT]) -> ResultT:
        """Do `work` in a thread; it has to end soon after its flag is set.

        Raises:
            CommandRefused: the name is taken, or too many run; and whatever `work` raises.
        """
        with self.named(job_id) as cancelled:
            try:
                return await asyncio.get_running_loop().run_in_executor(self._threads, work, cancelled)
            finally:
                cancelled.set()

    @contextmanager
    def named(self, job_id: str) -> Iterator[threading.Event]:
        """Hold the name for a job that runs on the loop. Raises: CommandRefused where it is taken, or too many run."""
        if job_id in self._cancelled:
            raise CommandRefused(f"A job {job_id} runs already.")
        if len(self._cancelled) >= self._limit:
            raise CommandRefused(f"{self._limit} searches and transfers run already: stop one of them first.")
        flag = self._cancelled[job_id] = threading.Event()
        try:
            yield flag
        finally:
            del self._cancelled[job_id]

    def cancel(self, job_id: str) -> bool:
        """Ask a job to end; False: there is none of that name."""
        flag = self._cancelled.get(job_id)
        if flag is not None:
            flag.set()
        return flag is not None

    async def close(self) -> None:
        """End all jobs and wait for their threads."""
        for flag in self._cancelled.values():
            flag.set()
        await asyncio.to_thread(self._threads.shutdown, wait=True)
