"""Windows with what is around them: other workspaces, earlier crashes."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kafka_agent_studio.api.events import Snapshot
from kafka_agent_studio.gui.window import Window
from kafka_agent_studio.gui.window import open_window as open_real_window
from tests.helpers.fake_engine import FakeEngineClient
from tests.helpers.gui_scene import NOW_US, make_snapshot
from tests.helpers.gui_window import answer_from
from tests.helpers.immediate_tasks import ImmediateTasks

OpenAround = Callable[..., tuple[Window, FakeEngineClient]]


@pytest.fixture
def open_around(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[OpenAround]:
    """Return a function that opens a window on a snapshot; `around` is what open_window() takes beyond that."""
    opened: list[Window] = []

    def make(snapshot: Snapshot | None = None, **around: Any) -> tuple[Window, FakeEngineClient]:
        engine = FakeEngineClient(snapshot or make_snapshot())
        answer_from(engine, engine.current)
        window = open_real_window(
            application=qapp,
            client=engine,
            tasks=ImmediateTasks(),
            settings=QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat),
            workspace_root=engine.current.workspace.root,
            now_us=lambda: NOW_US,
            **around,
        )
        opened.append(window)
        window.main.show()
        qtbot.waitExposed(window.main)
        # What the engine said first is in, however soon the window was there.
        window.parts.bridge.drain()
        return window, engine

    yield make
    for window in opened:
        window.around.close()
        window.parts.bridge.close()
        window.main.close_without_asking()
        shiboken6.delete(window.main)
