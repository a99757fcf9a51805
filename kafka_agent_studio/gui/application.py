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

from kafka_agent_studio.api.client import HostedClient
from kafka_agent_studio.api.workspaces import OpenWorkspace, WorkspaceOpener
from kafka_agent_studio.gui.crash_handler import CrashHandler
from kafka_agent_studio.gui.main_window import MainWindow
from kafka_agent_studio.gui.own_garbage import OwnGarbage
from kafka_agent_studio.gui.session import Session

_Handler = Callable[[int, FrameType | None], Any] | int | signal.Handlers | None
_CRASHES = "crashes"


def run_window(
    *,
    client: HostedClient | None,
    identity: str = "",
    opener: WorkspaceOpener | None = None,
    on_ready: Callable[[MainWindow], None] | None = None,
    on_painted: Callable[[], object] | None = None,
    first_place: str | None = None,
    settings_file: Path | None = None,
) -> int:
    """Show the window on an engine until it is closed.

    `client` None: the person chooses a workspace first, through `opener`, which must be there then. With `identity`
    a second start finds this window; with `opener` other workspaces can be opened in it. `on_painted` is called once,
    when the first window has been painted. `first_place` is the address to open (None: where it was left);
    `settings_file` replaces the person's own settings.
    """
    application = _application()
    file = settings_file or _own_settings()
    crashes = CrashHandler(folder=file.parent / _CRASHES)
    session = Session(
        application=application,
        settings=QSettings(str(file), QSettings.Format.IniFormat),
        opener=opener,
        crashes=crashes,
        on_ready=on_ready,
        on_painted=on_painted,
        first_place=first_place,
    )
    opened = None if client is None else OpenWorkspace(client, identity)
    crashes.install()
    try:
        with OwnGarbage(), asyncio.Runner(loop_factory=lambda: QEventLoop(application)) as runner:
            runner.run(_until_closed(session, opened))
    finally:
        crashes.remove()
    return 0


def _application() -> QApplication:
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("kafka-agent-studio")
    application.setApplicationDisplayName("")
    application.setDesktopFileName("kafka-agent-studio")
    # The loop ends when the shutdown is over, not when Qt sees no window any more.
    application.setQuitOnLastWindowClosed(False)
    return application


def _own_settings() -> Path:
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation)
    return Path(folder) / "kafka-agent-studio" / "window.ini"


async def _until_closed(session: Session, opened: OpenWorkspace | None) -> None:
    # Python runs handlers between two of its own instructions: the bridge's timer gives it thirty chances a second.
    previous: dict[signal.Signals, _Handler] = {
        number: signal.signal(number, lambda _number, _frame: session.close())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        await session.run(opened)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
