"""The front end with a window: one call, from an engine to a closed window.

    run_window(client=…) -> int

blocks until the window is closed and returns the exit code 0. It must be called on the main thread, and `client` must
answer from another one (EngineHost). The caller stops the engine afterwards. `on_ready(window)` is called on the
window's thread once it is on screen. SIGINT and SIGTERM close the window.
"""

import asyncio
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from PySide6.QtCore import QSettings, QStandardPaths
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from kafka_agent_studio.api.client import EngineClient
from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.gui.icons import application_icon
from kafka_agent_studio.gui.main_window import MainWindow
from kafka_agent_studio.gui.window import Window, open_window

_Handler = Callable[[int, FrameType | None], Any] | int | signal.Handlers | None


def run_window(
    *,
    client: EngineClient,
    on_ready: Callable[[MainWindow], None] | None = None,
    first_place: str | None = None,
    settings_file: Path | None = None,
) -> int:
    """Show the window on an engine until it is closed.

    `first_place` is the address to open (None: where it was left); `settings_file` replaces the person's own settings.
    """
    application = _application()
    with asyncio.Runner(loop_factory=lambda: QEventLoop(application)) as runner:
        runner.run(_serve(application, client, on_ready, first_place, settings_file))
    return 0


def _application() -> QApplication:
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("kafka-agent-studio")
    application.setApplicationDisplayName("")
    application.setDesktopFileName("kafka-agent-studio")
    # The loop ends when the shutdown below is over, not when Qt sees no window any more.
    application.setQuitOnLastWindowClosed(False)
    return application


async def _serve(
    application: QApplication,
    client: EngineClient,
    on_ready: Callable[[MainWindow], None] | None,
    first_place: str | None,
    settings_file: Path | None,
) -> None:
    closed = asyncio.Event()
    tasks = TaskGroupOwner(name="window")
    snapshot = await client.snapshot()
    window = open_window(
        application=application,
        client=client,
        tasks=tasks,
        settings=_settings(settings_file),
        workspace_root=snapshot.workspace.root,
        first_place=first_place,
    )
    application_icon(application, window.parts.theme)
    window.main.closed.connect(closed.set)
    previous = _close_on_signals(window)
    window.main.show()
    if on_ready is not None:
        on_ready(window.main)
    try:
        await closed.wait()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        window.parts.bridge.close()
        await tasks.close()
        window.main.deleteLater()


def _settings(file: Path | None) -> QSettings:
    if file is None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation)
        file = Path(folder) / "kafka-agent-studio" / "window.ini"
    return QSettings(str(file), QSettings.Format.IniFormat)


def _close_on_signals(window: Window) -> dict[signal.Signals, _Handler]:
    # Python runs handlers between two of its own instructions: the bridge's timer gives it thirty chances a second.
    previous: dict[signal.Signals, _Handler] = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        previous[number] = signal.signal(number, lambda _number, _frame: window.main.close_without_asking())
    return previous
