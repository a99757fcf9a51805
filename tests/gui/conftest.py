"""What tests of the window get: windows on fake engines that are closed afterwards, and a theme."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kafka_agent_studio.api.events import Snapshot
from kafka_agent_studio.gui import engine_bridge
from kafka_agent_studio.gui.theme import Theme, ThemeChoice
from tests.helpers.gui_scene import make_snapshot
from tests.helpers.gui_window import WindowUnderTest, make_window

OpenWindow = Callable[..., WindowUnderTest]


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one drain() take in what is waiting, however slow the machine is at the moment."""
    monkeypatch.setattr(engine_bridge, "BUDGET_S", 5.0)


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    """The light theme."""
    return Theme(application=qapp, choice=ThemeChoice.LIGHT)


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[OpenWindow]:
    """Return a function that opens a window on a snapshot, 1280x800; the settings last for one test."""
    opened: list[WindowUnderTest] = []

    def make(snapshot: Snapshot | None = None, first_place: str = "overview") -> WindowUnderTest:
        window = make_window(
            snapshot or make_snapshot(), settings_file=tmp_path / "window.ini", first_place=first_place
        )
        window.main.resize(1280, 800)
        opened.append(window)
        with qtbot.waitActive(window.main):
            window.main.show()
            window.main.activateWindow()
        window.main.page.take_focus()
        return window

    yield make
    for window in opened:
        window.close()


@pytest.fixture
def window(open_window: OpenWindow) -> WindowUnderTest:
    """A window on an engine at work."""
    return open_window()
