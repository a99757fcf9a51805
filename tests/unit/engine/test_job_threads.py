import asyncio
import threading

import pytest

from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.engine.job_threads import JobThreads


def until_cancelled(cancelled: threading.Event) -> str:
    assert cancelled.wait(20)
    return "cancelled"


async def test_a_job_runs_beside_the_loop_and_ends_when_it_is_cancelled() -> None:
    jobs = JobThreads()
    job = asyncio.ensure_future(jobs.run("a", until_cancelled))
    await asyncio.sleep(0)
    with pytest.raises(CommandRefused, match="runs already"):
        await jobs.run("a", until_cancelled)
    assert not jobs.cancel("b")
    assert jobs.cancel("a")
    assert await job == "cancelled"
    assert not jobs.cancel("a")
    await jobs.close()


async def test_too_many_are_refused_and_closing_ends_all() -> None:
    jobs = JobThreads(limit=2)
    running = [asyncio.ensure_future(jobs.run(name, until_cancelled)) for name in ("a", "b")]
    await asyncio.sleep(0)
    with pytest.raises(CommandRefused, match="2 searches"):
        await jobs.run("c", until_cancelled)
    await jobs.close()
    assert await asyncio.gather(*running) == ["cancelled", "cancelled"]


async def test_who_no_longer_waits_ends_the_job() -> None:
    jobs = JobThreads()
    ended = threading.Event()

    def work(cancelled: threading.Event) -> None:
        until_cancelled(cancelled)
        ended.set()

    job = asyncio.ensure_future(jobs.run("a", work))
    await asyncio.sleep(0)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert await asyncio.to_thread(ended.wait, 20)
    await jobs.close()


async def test_what_a_job_raises_is_raised_to_who_waits() -> None:
    jobs = JobThreads()

    def work(_: threading.Event) -> None:
        raise CommandRefused("no")

    with pytest.raises(CommandRefused, match="no"):
        await jobs.run("a", work)
    assert not jobs.cancel("a")
    await jobs.close()
