"""A process with a window, or with the engine alone, that does one thing and says in JSON what it measured.

python -m benchmarks.window_process SCENARIO ARGUMENTS-AS-JSON
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow

from benchmarks.memory import resident_mb
from benchmarks.messages_source import MessagesSource
from benchmarks.pipeline import Tally
from benchmarks.stalls import StallProbe
from benchmarks.window_actions import PACE_MS, Walk
from kafka_agent_studio.bootstrap import build_engine
from kafka_agent_studio.engine.host import EngineHost, HostedEngine
from kafka_agent_studio.engine.options import EngineOptions
from kafka_agent_studio.engine.runtime import Runtime
from kafka_agent_studio.gui.application import run_window
from kafka_agent_studio.gui.main_window import MainWindow
from kafka_agent_studio.gui.pages.table_page import TablePage
from kafka_agent_studio.model.message import Record

Answer = dict[str, Any]
SETTLED_AFTER_MS = 4_000
"""The window has made its other pages by then."""
SCROLLED = 20
"""Pages of a list that are scrolled to."""


def later(after_ms: int, act: Callable[[], object]) -> None:
    """Do something on the window's thread, in a while."""
    QTimer.singleShot(after_ms, act)


def bare(seconds: float) -> Answer:
    """Show an empty window: what the machine itself does to a thread that has nothing to do."""
    application = QApplication(sys.argv[:1])
    window, probe = QMainWindow(), StallProbe()
    answer: Answer = {}
    window.setCentralWidget(QLabel("bare"))
    window.resize(1280, 800)
    window.show()

    def end() -> None:
        answer.update(asdict(probe.stop()))
        application.quit()

    later(500, probe.start)
    later(500 + int(seconds * 1000), end)
    application.exec()
    return answer


def live(rate_per_s: int, seconds: float) -> Answer:
    """Show the live page while messages arrive; memory after a sixth of the time and at the end."""
    source = MessagesSource(rate_per_s=rate_per_s)
    probe = StallProbe()
    answer: Answer = {}

    def end(window: MainWindow) -> None:
        answer.update(asdict(probe.stop()), last_mb=resident_mb(), said=source.said, seen=_messages_seen(window))
        window.close_without_asking()

    def ready(window: MainWindow) -> None:
        later(SETTLED_AFTER_MS, probe.start)
        later(int(seconds * 1000 / 6), lambda: answer.update(first_mb=resident_mb()))
        later(int(seconds * 1000), lambda: end(window))

    _show(_given(source), "messages", ready)
    return answer


def value(size_bytes: int) -> Answer:
    """Open a message with a large JSON value."""
    items = b",".join(b'{"sku": "widget-%d", "price": %d.25}' % (n, n) for n in range(size_bytes // 38))
    record = Record("orders", 0, 7, 1_790_000_000_000, b"large", b'{"items": [' + items + b"]}")
    probe, answer = StallProbe(), {"size_bytes": len(record.value or b"")}

    def open_it(window: MainWindow) -> None:
        probe.start()
        window.show_address("message/orders/0/7")

    def end(window: MainWindow) -> None:
        answer.update(asdict(probe.stop()))
        window.close_without_asking()

    def ready(window: MainWindow) -> None:
        later(SETTLED_AFTER_MS, lambda: open_it(window))
        later(SETTLED_AFTER_MS + 4_000, lambda: end(window))

    _show(_given(MessagesSource(rate_per_s=0, first=(record,))), "messages", ready)
    return answer


def headless(root: str, count: int) -> Answer:
    """Run the engine alone, as the command does."""

    async def run() -> Answer:
        engine = await build_engine(EngineOptions(root=Path(root), environ={}))
        await engine.start()
        try:
            return await _tally(engine, count)
        finally:
            await engine.stop()
            await engine.tasks.close()

    return asyncio.run(run())


def with_window(root: str, count: int) -> Answer:
    """Run the engine behind a window on its live page; nothing else looks at the window meanwhile."""
    engine = _RealEngine(Path(root), count)
    answer: Answer = {}

    def look(window: MainWindow) -> None:
        if not engine.tallied.done():
            later(100, lambda: look(window))
            return
        answer.update(seen=_messages_seen(window))
        window.close_without_asking()

    def ready(window: MainWindow) -> None:
        later(SETTLED_AFTER_MS, lambda: look(window))

    _show(engine.new, "messages", ready)
    return {**answer, **engine.tallied.result()}


def actions(root: str) -> Answer:
    """Do what a person does, one thing after the other, while the engine works at full load."""
    engine = _RealEngine(Path(root), 0)
    answer: Answer = {}

    def end(window: MainWindow, walk: Walk) -> None:
        answer.update(actions={name: asdict(stalls) for name, stalls in walk.found.items()})
        answer.update(seen=_messages_seen(window))
        window.close_without_asking()

    def ready(window: MainWindow) -> None:
        walk = Walk(window)
        walk.on_end = lambda: end(window, walk)
        later(SETTLED_AFTER_MS, walk.start)

    _show(engine.new, "overview", ready)
    return answer


def open_runs(root: str, long: list[str], brief: list[str]) -> Answer:
    """Open runs as pages, those of two lengths in turn."""
    ids = [run_id for pair in zip(long, brief, strict=True) for run_id in pair]

    def steps(window: MainWindow) -> list[Callable[[], object]]:
        return [partial(window.page.parts.navigator.go, f"run/{run_id}") for run_id in ids]

    found = _stepped(root, "runs", steps)
    return {"long": found[::2], "brief": found[1::2]}


def scroll(root: str) -> Answer:
    """Scroll down in the list of runs: one page of it more at each step."""

    def down(window: MainWindow) -> None:
        page = window.page
        assert isinstance(page, TablePage)
        bar = page.table.verticalScrollBar()
        bar.setValue(bar.maximum())

    return {"steps": _stepped(root, "runs", lambda window: [lambda: down(window)] * SCROLLED)}


def _stepped(root: str, place: str, steps: Callable[[MainWindow], list[Callable[[], object]]]) -> list[Answer]:
    """Return the stalls after each of some steps, which a window on a real engine takes one after the other."""
    engine = _RealEngine(Path(root), 0)
    probe, found = StallProbe(), []

    def step(window: MainWindow, waiting: list[Callable[[], object]]) -> None:
        if not waiting:
            window.close_without_asking()
            return
        probe.start()
        waiting.pop(0)()
        later(PACE_MS, lambda: end(window, waiting))

    def end(window: MainWindow, waiting: list[Callable[[], object]]) -> None:
        found.append(asdict(probe.stop()))
        step(window, waiting)

    _show(engine.new, place, lambda window: later(SETTLED_AFTER_MS, lambda: step(window, steps(window))))
    return found


class _RealEngine:
    """Builds the engine on its thread; `tallied` has its rate once `count` results are acknowledged (0: never)."""

    def __init__(self, root: Path, count: int) -> None:
        self.tallied: Future[Answer] = Future()
        self._root = root
        self._count = count

    async def new(self) -> HostedEngine:
        """Return the engine."""
        engine = await build_engine(EngineOptions(root=self._root, environ={}))
        return _TalliedEngine(engine, self._count, self.tallied) if self._count else engine


class _TalliedEngine:
    """An engine whose results are counted from its very start on."""

    def __init__(self, engine: Runtime, count: int, tallied: Future[Answer]) -> None:
        self.execute, self.subscribe = engine.execute, engine.subscribe
        self.snapshot, self.stop = engine.snapshot, engine.stop
        self._engine = engine
        self._count = count
        self._tallied = tallied

    async def start(self) -> None:
        """Begin to work, and to count before the first result can be there."""
        await self._engine.start()
        self._engine.tasks.start("tally", self._tally(Tally(self._engine)))

    async def _tally(self, tally: Tally) -> None:
        try:
            await tally.until(self._count)
            self._tallied.set_result({"rate_per_s": tally.rate_per_s})
        except Exception as error:
            self._tallied.set_exception(error)
        finally:
            tally.close()


async def _tally(engine: Runtime, count: int) -> Answer:
    tally = Tally(engine)
    try:
        await tally.until(count)
    finally:
        tally.close()
    return {"rate_per_s": tally.rate_per_s}


def _given(source: MessagesSource) -> Callable[[], Awaitable[HostedEngine]]:
    async def new() -> HostedEngine:
        return source

    return new


def _show(
    new_engine: Callable[[], Awaitable[HostedEngine]], first_place: str, ready: Callable[[MainWindow], None]
) -> None:
    host = EngineHost(new_engine)
    host.start()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        try:
            run_window(client=host, on_ready=ready, first_place=first_place, settings_file=Path(folder) / "window.ini")
        finally:
            host.close()


def _messages_seen(window: MainWindow) -> int:
    return window.page.parts.bridge.messages_seen


_SCENARIOS: dict[str, Callable[..., Answer]] = {
    "bare": bare,
    "live": live,
    "value": value,
    "headless": headless,
    "with_window": with_window,
    "actions": actions,
    "open_runs": open_runs,
    "scroll": scroll,
}

if __name__ == "__main__":
    print(json.dumps(_SCENARIOS[sys.argv[1]](**json.loads(sys.argv[2]))), flush=True)
    # what was measured is said; taking Qt's objects apart at the interpreter's end is no part of it
    os._exit(0)
