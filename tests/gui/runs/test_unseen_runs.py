"""Runs that change while nobody sees their list: held back, handed on when it is seen, each as it is by then."""

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kafka_agent_studio.api.events import RunChange, RunsChanged
from kafka_agent_studio.gui.pages.runs import RunsPage
from kafka_agent_studio.gui.runs.unseen_runs import PORTION, UnseenRuns
from kafka_agent_studio.model.run import Run, RunStatus
from tests.helpers.gui_scene import NOW_US, make_run
from tests.helpers.gui_window import WindowUnderTest


class List:
    """What a page got, portion by portion."""

    def __init__(self, qtbot: QtBot, most: int = 10_000) -> None:
        self.portions: list[list[Run]] = []
        self.page = QWidget()
        qtbot.addWidget(self.page)
        self.unseen = UnseenRuns(page=self.page, most=lambda: most, take=self.portions.append)

    @property
    def offsets(self) -> list[int]:
        """The messages of all that was handed on."""
        return [run.offset for portion in self.portions for run in portion]

    def show(self) -> None:
        """Come into sight."""
        self.page.show()
        self.unseen.hand_on()


def test_in_sight_everything_is_handed_on_at_once(qtbot: QtBot) -> None:
    listed = List(qtbot)
    listed.show()
    listed.unseen.add([make_run(1), make_run(2)])
    listed.unseen.add([make_run(3)])
    assert listed.offsets == [1, 2, 3]


def test_out_of_sight_a_run_waits_once_and_as_it_is_now(qtbot: QtBot) -> None:
    listed = List(qtbot)
    listed.unseen.add([make_run(1, status=RunStatus.RUNNING), make_run(2)])
    listed.unseen.add([make_run(1)])
    assert listed.portions == []
    listed.show()
    assert listed.portions == [[make_run(2), make_run(1)]]


def test_many_are_handed_on_in_portions_and_what_comes_meanwhile_after_them(qtbot: QtBot) -> None:
    listed = List(qtbot)
    count = 2 * PORTION + 7
    listed.unseen.add([make_run(at) for at in range(count)])
    listed.show()
    listed.unseen.add([make_run(count)])
    assert len(listed.offsets) == PORTION
    qtbot.waitUntil(lambda: len(listed.offsets) == count + 1)
    assert listed.offsets == list(range(count + 1))
    assert max(map(len, listed.portions)) == PORTION


def test_no_more_wait_than_the_list_keeps(qtbot: QtBot) -> None:
    listed = List(qtbot, most=3)
    for at in range(10):
        listed.unseen.add([make_run(at)])
    listed.show()
    assert listed.offsets == [7, 8, 9]


@pytest.mark.parametrize("place", ["runs", "overview"])
def test_a_page_catches_up_when_it_is_seen(window: WindowUnderTest, place: str) -> None:
    window.go(place)
    window.go("log")
    new = make_run(9_999)
    window.engine.say(RunsChanged(NOW_US, RunChange.FINISHED, (new,)))
    window.bridge.drain()
    window.go(place)
    page = window.main.page
    table = page.table if isinstance(page, RunsPage) else page.runs  # type: ignore[attr-defined]
    assert table.row_at(0) == new
