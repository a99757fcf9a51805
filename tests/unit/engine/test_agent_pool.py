"""The pool: lanes keep their order, free jobs run side by side, and never more than allowed."""

import asyncio
from collections.abc import AsyncIterator, Hashable

import pytest

from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.engine.agent_pool import AgentPool, Job


class Task:
    """A job that waits until it is let go."""

    def __init__(self, name: str, lane: Hashable | None = None) -> None:
        self.name = name
        self.lane = lane
        self.worker: asyncio.Task[None] | None = None
        self.go = asyncio.Event()


class Bench:
    """A pool and what it did."""

    def __init__(self, max_concurrent: int) -> None:
        self.tasks = TaskGroupOwner(name="test")
        self.began: list[str] = []
        self.ended: list[str] = []
        self.most_at_once = 0
        self.pool = AgentPool(name="agent", max_concurrent=max_concurrent, work=self.work, tasks=self.tasks)

    async def work(self, job: Job) -> None:
        assert isinstance(job, Task)
        self.began.append(job.name)
        self.most_at_once = max(self.most_at_once, len(self.began) - len(self.ended))
        await job.go.wait()
        self.ended.append(job.name)

    async def all_ended(self, count: int) -> None:
        for _ in range(10_000):
            await asyncio.sleep(0)
            if len(self.ended) == count:
                return
        raise AssertionError(f"{len(self.ended)} of {count} ended")

    async def settle(self) -> None:
        for _ in range(50):
            await asyncio.sleep(0)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench(3)
    yield bench
    await bench.tasks.close()


async def test_one_lane_runs_one_after_the_other_in_order(bench: Bench) -> None:
    jobs = [Task(str(n), lane="order-1") for n in range(4)]
    for job in jobs:
        job.go.set()
        bench.pool.submit(job)
    await bench.settle()
    assert bench.ended == ["0", "1", "2", "3"]
    assert bench.most_at_once == 1


async def test_free_jobs_run_side_by_side_up_to_the_limit(bench: Bench) -> None:
    jobs = [Task(str(n)) for n in range(5)]
    for job in jobs:
        bench.pool.submit(job)
    await bench.settle()
    assert bench.began == ["0", "1", "2"]
    jobs[1].go.set()
    await bench.settle()
    assert bench.began == ["0", "1", "2", "3"]
    for job in jobs:
        job.go.set()
    await bench.settle()
    assert sorted(bench.ended) == ["0", "1", "2", "3", "4"]
    assert bench.most_at_once == 3


async def test_a_waiting_lane_does_not_hold_up_another(bench: Bench) -> None:
    slow, behind, other = Task("slow", "a"), Task("behind", "a"), Task("other", "b")
    other.go.set()
    for job in (slow, behind, other):
        bench.pool.submit(job)
    await bench.settle()
    assert bench.ended == ["other"]
    slow.go.set()
    behind.go.set()
    await bench.settle()
    assert bench.ended == ["other", "slow", "behind"]


async def test_discarded_jobs_never_begin_and_their_lane_goes_on(bench: Bench) -> None:
    bench.pool.resize(1)
    first, dropped, dropped_head, after = (
        Task("first", "a"),
        Task("dropped", "a"),
        Task("head", "b"),
        Task("after", "b"),
    )
    for job in (first, dropped, dropped_head, after):
        bench.pool.submit(job)
    await bench.settle()
    bench.pool.discard(lambda job: job in (dropped, dropped_head))
    first.go.set()
    after.go.set()
    await bench.settle()
    assert bench.ended == ["first", "after"]
    assert bench.pool.waiting == 0


async def test_a_cancelled_worker_leaves_the_pool_working(bench: Bench) -> None:
    bench.pool.resize(1)
    stuck, after = Task("stuck", "a"), Task("after", "a")
    after.go.set()
    bench.pool.submit(stuck)
    bench.pool.submit(after)
    await bench.settle()
    assert stuck.worker is not None
    stuck.worker.cancel()
    await bench.settle()
    assert bench.ended == ["after"]


async def test_jobs_that_never_wait_are_done_by_one_worker(bench: Bench) -> None:
    for number in range(2000):
        job = Task(str(number))
        job.go.set()
        bench.pool.submit(job)
    await bench.all_ended(2000)
    assert bench.most_at_once == 1
