"""The agents page in a window, on files that a fake engine keeps."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from kafka_agent_studio.api.events import Snapshot
from tests.gui.agents_page.scene import PROCESSOR, AgentsUnderTest, Disk, make_agents_snapshot
from tests.helpers.gui_window import make_window

OpenAgents = Callable[..., AgentsUnderTest]


@pytest.fixture
def open_agents(qtbot: QtBot, tmp_path: Path) -> Iterator[OpenAgents]:
    """Return a function that opens the page on a snapshot and on files."""
    opened: list[AgentsUnderTest] = []

    def make(snapshot: Snapshot | None = None, *, disk: Disk | None = None) -> AgentsUnderTest:
        disk = disk or Disk()
        window = make_window(
            snapshot or make_agents_snapshot(),
            settings_file=tmp_path / "window.ini",
            first_place="agents",
            prepare=disk.answer,
        )
        window.main.resize(1280, 800)
        with qtbot.waitActive(window.main):
            window.main.show()
            window.main.activateWindow()
        opened.append(AgentsUnderTest(window, disk))
        return opened[-1]

    yield make
    for agents in opened:
        agents.window.close()


@pytest.fixture
def agents(open_agents: OpenAgents) -> AgentsUnderTest:
    """The page with the order processor in the editor."""
    made = open_agents()
    made.page.open(PROCESSOR)
    return made
