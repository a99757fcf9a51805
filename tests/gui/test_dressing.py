"""A theme that is chosen in an open window: what is in sight changes first, then the rest, and dialogs, too."""

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from kafka_agent_studio.gui.dressing import Dressing

LIGHT = "QPushButton { background: #ffffff; border: none; }"
DARK = "QPushButton { background: #101010; border: none; }"


class Room:
    """A window of three parts, the second of them out of sight."""

    def __init__(self, qtbot: QtBot) -> None:
        self.dressing = Dressing()
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.parts = [QPushButton() for _ in range(3)]
        column = QVBoxLayout(self.window)
        for part in self.parts:
            column.addWidget(part)
            self.dressing.add_part(part)
        self.parts[1].hide()
        self.dressing.dress(self.window, LIGHT)
        with qtbot.waitExposed(self.window):
            self.window.show()

    def grounds(self) -> list[str]:
        """The colours of the parts."""
        return [ground(part) for part in self.parts]


def ground(widget: QWidget) -> str:
    """The colour in the middle of a widget."""
    image = widget.grab().toImage()
    return QColor(image.pixelColor(image.width() // 2, image.height() // 2)).name()


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    return Room(qtbot)


def test_the_parts_change_one_after_the_other_those_in_sight_first(room: Room, qtbot: QtBot) -> None:
    seen: list[list[str]] = []
    room.dressing.change(DARK)
    assert room.grounds() == ["#ffffff"] * 3
    while not room.dressing.is_settled:
        room.dressing._dress_next()
        seen.append(room.grounds())
    assert [grounds.count("#101010") for grounds in seen] == [1, 2, 3]
    assert seen[1] == ["#101010", "#ffffff", "#101010"]
    room.dressing.change(LIGHT)
    qtbot.waitUntil(lambda: room.dressing.is_settled)
    assert room.grounds() == ["#ffffff"] * 3


def test_what_comes_later_wears_what_the_others_wear(room: Room, qtbot: QtBot) -> None:
    room.dressing.change(DARK)
    late = QPushButton(room.window)
    room.dressing.add_part(late)
    dialog = QDialog(room.window)
    inside = QPushButton(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    assert ground(late) == ground(inside) == "#101010"
    room.dressing.change(LIGHT)
    qtbot.waitUntil(lambda: room.dressing.is_settled)
    assert ground(inside) == "#ffffff"
    dialog.close()


def test_a_window_without_parts_changes_at_once(qtbot: QtBot) -> None:
    dressing = Dressing()
    window = QWidget()
    qtbot.addWidget(window)
    inside = QPushButton(window)
    dressing.dress(window, LIGHT)
    with qtbot.waitExposed(window):
        window.show()
    dressing.change(DARK)
    assert dressing.is_settled
    assert ground(inside) == "#101010"


def test_parts_that_are_gone_do_not_matter(room: Room) -> None:
    gone = QLabel()
    room.dressing.add_part(gone)
    room.dressing.change(DARK)
    delete(gone)
    while not room.dressing.is_settled:
        room.dressing._dress_next()
    room.dressing.change(LIGHT)
