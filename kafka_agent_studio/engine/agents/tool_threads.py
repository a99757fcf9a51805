"""Threads for tools that are plain functions: bounded, off the loop, and no obstacle to leaving."""

import asyncio
import contextvars
import queue
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

MAX_THREADS = 32


class _Job:
    __slots__ = ("context", "failure", "future", "result", "work", "worker")

    def __init__(self, work: Callable[[], Any], future: "asyncio.Future[Any]") -> None:
        self.work = work
        self.future = future
        self.context = contextvars.copy_context()
        self.worker: _Worker | None = None
        self.result: Any = None
        self.failure: BaseException | None = None


class _Worker:
    """One thread and the jobs given to it, one at a time."""

    def __init__(self, *, name: str, loop: asyncio.AbstractEventLoop, on_done: Callable[[_Job], None]) -> None:
        self._loop = loop
        self._on_done = on_done
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def give(self, job: _Job | None) -> None:
        """Work on a job; None: end."""
        self._jobs.put(job)

    def join(self, timeout_s: float) -> None:
        """Wait for the thread's end."""
        self._thread.join(timeout_s)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job.result = job.context.run(job.work)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the caller's
                job.failure = error
            except BaseException as error:  # noqa: BLE001 - sys.exit() in a tool must end no more than the tool
                job.failure = RuntimeError(f"{type(error).__name__}: {error}")
            try:
                self._loop.call_soon_threadsafe(self._on_done, job)
            except RuntimeError:  # the loop is closed: nobody waits any more
                return


class ToolThreads:
    """Runs blocking functions for the loop that it is used on.

    The threads are daemons and nobody waits for one that is inside a tool: concurrent.futures would do so at exit, for
    ever where a tool never returns. A thread whose caller gave up is replaced, so that tools which hang do not use up
    the threads of the others. All bookkeeping happens on the loop.
    """

    def __init__(self, *, max_threads: int = MAX_THREADS, name: str = "tool") -> None:
        self._name = name
        self._max_threads = max_threads
        self._idle: list[_Worker] = []
        self._pending: deque[_Job] = deque()
        self._busy = 0
        self._started = 0
        self._is_closed = False

    async def run(self, work: Callable[[], Any]) -> Any:
        """Return what `work` returns, or raise what it raises. Cancelled, it leaves the thread to itself."""
        job = _Job(work, asyncio.get_running_loop().create_future())
        self._pending.append(job)
        self._give_out()
        try:
            return await job.future
        except asyncio.CancelledError:
            self._abandon(job)
            raise

    def _give_out(self) -> None:
        while self._pending and self._busy < self._max_threads:
            job = self._pending.popleft()
            worker = self._idle.pop() if self._idle else self._new_worker()
            job.worker = worker
            self._busy += 1
            worker.give(job)

    def _new_worker(self) -> _Worker:
        self._started += 1
        return _Worker(name=f"{self._name}-{self._started}", loop=asyncio.get_running_loop(), on_done=self._done)

    def _done(self, job: _Job) -> None:
        worker, job.worker = job.worker, None
        if worker is None:  # abandoned
            return
        self._busy -= 1
        if self._is_closed:
            worker.give(None)
        else:
            self._idle.append(worker)
            self._give_out()
        if job.future.done():
            return
        if job.failure is None:
            job.future.set_result(job.result)
        elif isinstance(job.failure, StopIteration):  # a future refuses it
            job.future.set_exception(RuntimeError("StopIteration"))
        else:
            job.future.set_exception(job.failure)

    def _abandon(self, job: _Job) -> None:
        worker, job.worker = job.worker, None
        if worker is None:
            if job in self._pending:
                self._pending.remove(job)
            return
        worker.give(None)
        self._busy -= 1
        self._give_out()

    def close(self) -> None:
        """End the idle threads; one that is inside a tool ends after it, or with the process."""
        self._is_closed = True
        for worker in self._idle:
            worker.give(None)
        for worker in self._idle:
            worker.join(1.0)
        self._idle.clear()
