"""A theme that is chosen in an open window: what is in sight changes first, then the rest, and dialogs, too."""

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QScrollArea, QSplitter, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from kafka_agent_studio.gui.dressing import Dressing
from kafka_agent_studio.gui.pages.table_page import TablePage
from kafka_agent_studio.gui.theme import ThemeChoice
from tests.helpers.gui_window import WindowUnderTest
from tests.helpers.theme_change import pictures_of_a_change

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


def test_the_parts_change_one_after_the_other_those_in_sight_first(
    room: Room, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr("kafka_agent_studio.gui.dressing._TURN_S", 1e-9)
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


def put_in_large_part(room: Room, rows: int = 100) -> tuple[QWidget, QWidget, QVBoxLayout]:
    """Add a splitter with a scroll area of many buttons: the part, what is scrolled in it, and the layout of that."""
    part, side, inside = QSplitter(), QScrollArea(), QWidget()
    column = QVBoxLayout(inside)
    for _ in range(rows):
        column.addWidget(QPushButton())
    side.setWidget(inside)
    part.addWidget(QLabel("left"))
    part.addWidget(side)
    layout = room.window.layout()
    assert layout is not None
    layout.addWidget(part)
    room.dressing.add_part(part)
    return part, inside, column


def test_a_large_part_is_taken_piece_by_piece(room: Room, qtbot: QtBot) -> None:
    part, inside, _column = put_in_large_part(room)
    room.dressing.change(DARK)
    qtbot.waitUntil(lambda: room.dressing.is_settled)
    buttons = inside.findChildren(QPushButton)
    assert {ground(button) for button in buttons} == {"#101010"}
    assert part.styleSheet() == inside.styleSheet() == ""
    assert all(button.styleSheet() == DARK for button in buttons)


def test_what_comes_into_a_large_part_later_wears_the_same(room: Room, qtbot: QtBot) -> None:
    _part, _inside, column = put_in_large_part(room)
    room.dressing.change(DARK)
    qtbot.waitUntil(lambda: room.dressing.is_settled)
    late = QPushButton()
    column.insertWidget(0, late)
    qtbot.waitUntil(late.isVisible)
    assert ground(late) == "#101010"
    room.dressing.change(LIGHT)
    qtbot.waitUntil(lambda: room.dressing.is_settled)
    assert ground(late) == "#ffffff"


@pytest.mark.parametrize("place", ["agents", "topics", "log"])
def test_a_page_that_changes_looks_as_one_that_was_dressed_at_once(
    window: WindowUnderTest, qtbot: QtBot, place: str
) -> None:
    window.go(place)
    changed, at_once = pictures_of_a_change(window, qtbot)
    assert changed == at_once


def test_the_line_beside_the_inspector_changes_with_the_theme(window: WindowUnderTest, qtbot: QtBot) -> None:
    window.go("runs")
    page, theme = window.main.page, window.parts.theme
    assert isinstance(page, TablePage)
    page.table.selectRow(0)
    split = window.main.findChild(QSplitter)
    assert split is not None
    handle = split.handle(1)
    qtbot.waitUntil(handle.isVisible)
    for choice in (ThemeChoice.DARK, ThemeChoice.LIGHT):
        theme.choose(choice)
        qtbot.waitUntil(lambda: theme.dressing.is_settled)
        middle = handle.mapTo(window.main, handle.rect().center())
        assert window.main.grab().toImage().pixelColor(middle).name() == theme.tokens.border.lower()
