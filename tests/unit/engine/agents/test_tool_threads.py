"""Tools that block run in threads, and one that never returns is nobody's problem."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from kafka_agent_studio.engine.agents.tool_threads import ToolThreads


@pytest.fixture
def threads() -> Iterator[ToolThreads]:
    pool = ToolThreads(max_threads=2, name="test-tool")
    yield pool
    pool.close()


async def test_a_function_runs_off_the_loop_and_its_result_comes_back(threads: ToolThreads) -> None:
    assert await threads.run(threading.get_ident) != threading.get_ident()


async def test_what_it_raises_is_raised(threads: ToolThreads) -> None:
    def fail() -> None:
        raise LookupError("nothing there")

    with pytest.raises(LookupError, match="nothing there"):
        await threads.run(fail)


async def test_sys_exit_ends_the_tool_alone(threads: ToolThreads) -> None:
    with pytest.raises(RuntimeError, match="SystemExit"):
        await threads.run(lambda: exec("raise SystemExit(3)"))
    assert await threads.run(lambda: 1) == 1


async def test_more_jobs_than_threads_are_all_done(threads: ToolThreads) -> None:
    seen: set[str] = set()

    def work(number: int) -> int:
        seen.add(threading.current_thread().name)
        return number

    results = await asyncio.gather(*(threads.run(lambda n=n: work(n)) for n in range(50)))  # type: ignore[misc]
    assert results == list(range(50))
    assert len(seen) <= 2


async def test_tools_that_hang_do_not_use_up_the_threads_of_others(threads: ToolThreads) -> None:
    release = threading.Event()
    try:
        hanging = [asyncio.ensure_future(threads.run(release.wait)) for _ in range(6)]
        await asyncio.sleep(0)
        for task in hanging:
            task.cancel()
        await asyncio.wait(hanging)
        assert await threads.run(lambda: "still served") == "still served"
    finally:
        release.set()


async def test_who_waits_for_a_thread_gets_the_one_of_a_cancelled_tool(threads: ToolThreads) -> None:
    release = threading.Event()
    try:
        hanging = [asyncio.ensure_future(threads.run(release.wait)) for _ in range(2)]
        waiting = asyncio.ensure_future(threads.run(lambda: "served"))
        await asyncio.sleep(0)
        hanging[0].cancel()
        assert await waiting == "served"
        hanging[1].cancel()
        await asyncio.wait(hanging)
    finally:
        release.set()
