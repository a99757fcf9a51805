"""Opening, making and remembering workspaces from a window: asks for a folder, and says what became of it."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from kafka_agent_studio.api.commands import SetOrderStream, SetStandIns
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.api.workspaces import OpenWorkspace, WorkspaceOpener
from kafka_agent_studio.gui.engine_bridge import TaskStarter
from kafka_agent_studio.gui.single_window import raise_window

SAMPLE_ORDERS_PER_S = 2.0


class WorkspaceDesk(QObject):
    """One request at a time. `opened` brings an OpenWorkspace; `began` and `refused` are for the person."""

    opened = Signal(object)
    began = Signal(str)
    refused = Signal(str)

    def __init__(self, *, opener: WorkspaceOpener, tasks: TaskStarter, here: Path | None = None) -> None:
        """`here` is the workspace that this window shows."""
        super().__init__()
        self._here = here
        self._opener = opener
        self._tasks = tasks
        self._is_busy = False

    def choose_folder(self, parent: QWidget, start: Path | None = None) -> None:
        """Let the person choose a folder, and open it."""
        dialog = QFileDialog(parent, "Open a workspace", str(start or Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda folder: self.open(Path(folder)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def open(self, root: Path) -> None:
        """Open a folder; where a window of its own has it, that window comes to the front."""
        if root == self._here:
            self.refused.emit(f"{root.name} is open already, in this window.")
            return
        self._begin(f"Opening {root.name}. What is in flight finishes first.", lambda: self._open(root))

    def create(self, root: Path, *, with_sample: bool) -> None:
        """Make a workspace and open it."""
        self._begin(
            f"Making {root.name}. What is in flight finishes first.",
            lambda: self._opener.create(root, with_sample=with_sample),
        )

    def show_sample(self, root: Path) -> None:
        """Open the sample, made at `root` where it is not there yet, and let it work without any account or key."""
        self._begin(f"Making {root.name}.", lambda: self._show_sample(root))

    def forget(self, root: Path) -> None:
        """Take a workspace off the list of recent ones."""
        self._opener.forget(root)

    async def _open(self, root: Path) -> OpenWorkspace | None:
        if await asyncio.to_thread(lambda: raise_window(self._opener.identity(root))):
            self.refused.emit(f"{root.name} is open already: its window is in front now.")
            return None
        return await self._opener.open(root)

    async def _show_sample(self, root: Path) -> OpenWorkspace | None:
        if await asyncio.to_thread(root.exists):
            opened = await self._open(root)
        else:
            opened = await self._opener.create(root, with_sample=True)
        if opened is not None:
            await opened.client.execute(SetStandIns(sandbox=True, rehearse=True))
            await opened.client.execute(SetOrderStream(rate_per_s=SAMPLE_ORDERS_PER_S))
        return opened

    def _begin(self, text: str, work: Callable[[], Coroutine[Any, Any, OpenWorkspace | None]]) -> None:
        if self._is_busy:
            return
        self._is_busy = True
        self.began.emit(text)
        self._tasks.start("open a workspace", self._carry_out(work))

    async def _carry_out(self, work: Callable[[], Coroutine[Any, Any, OpenWorkspace | None]]) -> None:
        try:
            opened = await work()
        except CommandRefused as refusal:
            self.refused.emit(str(refusal))
        else:
            if opened is not None:
                self.opened.emit(opened)
        finally:
            self._is_busy = False
