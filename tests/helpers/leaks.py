"""Finding what a test left behind: asyncio tasks and threads that nobody ended."""

import asyncio
import sys
import threading
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

_GRACE_S = 2.0
_FOREIGN_THREADS = ("pytest_timeout", "tqdm_monitor", "pydevd", "asyncio_")


async def leaked_tasks(*, known: Collection["asyncio.Task[Any]"]) -> list[str]:
    """Return one line for each task of this loop that neither is in `known` nor ends by itself within a moment."""
    mine = {task for task in asyncio.all_tasks() if task not in known and not _belongs_to_litellm(task)}
    mine.discard(asyncio.current_task())
    if mine:
        await asyncio.wait(mine, timeout=_GRACE_S)
    return sorted(f"{task.get_name()}: {task.get_coro()}" for task in mine if not task.done())


def leaked_threads(*, known: Collection[threading.Thread]) -> list[str]:
    """Return the name of each thread that neither is in `known` nor ends by itself within a moment.

    Threads that Python did not start (Qt's, librdkafka's) are not seen, or only as dummies: those are let be.
    """
    deadline = time.monotonic() + _GRACE_S
    leaked = []
    for thread in threading.enumerate():
        if thread in known or _is_foreign(thread):
            continue
        thread.join(max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            leaked.append(thread.name)
    return sorted(leaked)


def _belongs_to_litellm(task: "asyncio.Task[Any]") -> bool:
    # It starts a worker that logs for it, once a loop, and never ends it.
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and "litellm" in Path(code.co_filename).parts


def _is_foreign(thread: threading.Thread) -> bool:
    if thread is threading.current_thread() or isinstance(thread, threading._DummyThread):
        return True
    return thread.name.startswith(_FOREIGN_THREADS) or thread in _litellm_threads()


def _litellm_threads() -> set[threading.Thread]:
    module = sys.modules.get("litellm.litellm_core_utils.thread_pool_executor")
    return set(getattr(getattr(module, "executor", None), "_threads", ()))
