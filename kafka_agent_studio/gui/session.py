"""From the first window to the last: a workspace, then perhaps another in its place, until the person closes it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication

from kafka_agent_studio.api.tasks import TaskGroupOwner
from kafka_agent_studio.api.workspaces import OpenWorkspace, WorkspaceOpener
from kafka_agent_studio.gui.crash_handler import CrashHandler
from kafka_agent_studio.gui.icons import Icons, application_icon
from kafka_agent_studio.gui.main_window import MainWindow
from kafka_agent_studio.gui.own_garbage import leave_out_what_is_there
from kafka_agent_studio.gui.preferences import Preferences
from kafka_agent_studio.gui.single_window import SingleWindow
from kafka_agent_studio.gui.theme import Theme
from kafka_agent_studio.gui.window import Window, open_window
from kafka_agent_studio.gui.window_place import bring_to_front
from kafka_agent_studio.gui.workspace_desk import WorkspaceDesk


class _Shown(Protocol):
    """A window on screen, whichever it is."""

    following: asyncio.Future[OpenWorkspace | None]
    """What comes after it; None: nothing, the person closed it."""

    def end(self) -> None:
        """Close it without asking."""
        ...

    async def close(self) -> None:
        """Free it."""
        ...


_FIRST_PAINT_S = 0.4
"""What the person sees, and does at once, comes first."""


class Session:
    """Shows one window at a time; `opener` None: there is only the first."""

    def __init__(
        self,
        *,
        application: QApplication,
        settings: QSettings,
        opener: WorkspaceOpener | None,
        crashes: CrashHandler,
        on_ready: Callable[[MainWindow], None] | None,
        on_painted: Callable[[], object] | None,
        first_place: str | None,
    ) -> None:
        self._application = application
        self._settings = settings
        self._opener = opener
        self._crashes = crashes
        self._on_ready = on_ready
        self._on_painted = on_painted
        self._first_place = first_place
        self._shown: _Shown | None = None
        self._is_closed = False

    async def run(self, opened: OpenWorkspace | None) -> None:
        """Show a workspace, or the welcome where there is none, until the person closes the window."""
        try:
            while not self._is_closed:
                before, self._shown = self._shown, await self._show(opened)
                if before is not None:
                    # Only now: the next window is there, in the same place, before this one goes.
                    await before.close()
                opened = await self._shown.following
                self._is_closed = self._is_closed or opened is None
        finally:
            if self._shown is not None:
                await self._shown.close()

    def close(self) -> None:
        """Close whatever is shown, without asking."""
        self._is_closed = True
        if self._shown is not None:
            self._shown.end()

    async def _show(self, opened: OpenWorkspace | None) -> _Shown:
        recent = () if self._opener is None else await asyncio.to_thread(self._opener.recent)
        if opened is None:
            assert self._opener is not None, "without a client there must be someone to open a workspace"
            return _ShownWelcome(
                application=self._application, settings=self._settings, opener=self._opener, recent=recent
            )
        tasks = TaskGroupOwner(name="window", on_failure=self._crashes.record)
        snapshot = await opened.client.snapshot()
        window = open_window(
            application=self._application,
            client=opened.client,
            tasks=tasks,
            settings=self._settings,
            workspace_root=snapshot.workspace.root,
            first_place=self._first_place,
            opener=self._opener,
            recent=recent,
            crashes=self._crashes,
        )
        self._first_place = None
        application_icon(self._application, window.parts.theme)
        shown = _ShownWorkspace(window=window, tasks=tasks, opened=opened)
        if self._on_painted is not None:
            # what is posted now comes after the paint that show() asked for
            QTimer.singleShot(0, self._on_painted)
            self._on_painted = None
        if self._on_ready is not None:
            self._on_ready(window.main)
        return shown


class _ShownWorkspace:
    def __init__(self, *, window: Window, tasks: TaskGroupOwner, opened: OpenWorkspace) -> None:
        self.following: asyncio.Future[OpenWorkspace | None] = asyncio.get_running_loop().create_future()
        self._window = window
        self._tasks = tasks
        self._single = SingleWindow(identity=opened.identity) if opened.identity else None
        if self._single is not None:
            self._single.raise_asked.connect(lambda: bring_to_front(window.main))
            self._single.listen()
        window.main.closed.connect(lambda: _settle(self.following, None))
        window.around.workspace_opened.connect(lambda following: _settle(self.following, following))
        window.main.show()
        tasks.start("make the other views", _make_the_rest(window))
        if opened.remark:
            window.main.notices.say(opened.remark)

    def end(self) -> None:
        """Close it without asking."""
        self._window.main.close_without_asking()

    async def close(self) -> None:
        """Free it; a second start does not find it any more."""
        if self._single is not None:
            self._single.close()
        self._window.around.close()
        self._window.parts.bridge.close()
        self._window.main.close_without_asking()
        await self._tasks.close()
        self._window.main.deleteLater()


class _ShownWelcome:
    def __init__(
        self, *, application: QApplication, settings: QSettings, opener: WorkspaceOpener, recent: tuple[Path, ...]
    ) -> None:
        # most starts show a workspace and never need it
        from kafka_agent_studio.gui.welcome import WelcomeWindow

        self.following: asyncio.Future[OpenWorkspace | None] = asyncio.get_running_loop().create_future()
        preferences = Preferences(settings=settings, workspace_root=Path())
        theme = Theme(application=application, choice=preferences.theme)
        application_icon(application, theme)
        self._tasks = TaskGroupOwner(name="welcome")
        self._desk = WorkspaceDesk(opener=opener, tasks=self._tasks)
        self._welcome = WelcomeWindow(theme=theme, icons=Icons(theme=theme), desk=self._desk, recent=recent)
        self._desk.opened.connect(lambda following: _settle(self.following, following))
        self._welcome.closed.connect(lambda: _settle(self.following, None))
        self._welcome.show()

    def end(self) -> None:
        """Close it."""
        self._welcome.close()

    async def close(self) -> None:
        """Free it."""
        self._welcome.close()
        await self._tasks.close()
        self._welcome.deleteLater()


async def _make_the_rest(window: Window) -> None:
    """Make in the pauses what nobody looks at yet."""
    await asyncio.sleep(_FIRST_PAINT_S)
    window.filler.filled.connect(leave_out_what_is_there)
    window.filler.start()


def _settle(following: asyncio.Future[OpenWorkspace | None], value: OpenWorkspace | None) -> None:
    if not following.done():
        following.set_result(value)
