"""Every control of every page and dialog has a name and is reached with Tab; every text is whole and can be read."""

import os
import re
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QLabel, QLineEdit, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OpenWindow
from tests.helpers.cluster_scene import answer_about_cluster
from tests.helpers.gui_scene import make_runs, make_troubled_snapshot
from tests.helpers.gui_window import WindowUnderTest, let_messages_arrive
from tests.helpers.look_over import arrowless, controls_of, cut_controls, cut_off, name_of, nameless
from tests.helpers.stray_windows import StrayWindows

PLACES = (
    "overview",
    "connectors",
    "messages",
    "runs",
    "log",
    f"run/{make_runs()[6].run_id}",
    "message/orders/2/1590",
    "connector/orders-in",
    "links",
    "link/orders-in/order-processor",
    "connections",
    "browse",
    "topics",
    "groups",
    "topic/staging/orders",
    "group/staging/billing",
)
MOST_TABS = 200


def reached_with_tab(window: WindowUnderTest) -> set[QWidget]:
    # Round and round until a round brings nothing new: a table that is reached selects a row, which opens more.
    reached: set[QWidget] = set()
    since_new = 0
    for _ in range(MOST_TABS):
        focused = QApplication.focusWidget()
        if focused is None or since_new > len(reached):
            break
        since_new = since_new + 1 if focused in reached else 0
        reached.add(focused)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    return reached


def looked_over(*arguments: str, scale: str) -> str:
    """Return the one line that is left where nothing was found in any picture."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.helpers.look_over", *arguments],
        env={**os.environ, "QT_SCALE_FACTOR": scale},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.count("\n")) == (0, 1), done.stdout[-3_000:] + done.stderr[-2_000:]
    return done.stdout


@pytest.mark.parametrize(("scale", "theme"), [("1", "light"), ("1.5", "dark")])
def test_in_every_picture_all_has_a_name_and_nothing_is_cut_off(scale: str, theme: str) -> None:
    looked_over(theme, scale=scale)


def test_every_text_of_every_picture_can_be_read_in_both_themes_too() -> None:
    measured = re.search(r"(\d+) texts and (\d+) states measured", looked_over("light", "--contrast", scale="2"))
    assert measured
    assert int(measured[1]) > 3_000, "so many that none of the pages can have been empty"
    assert int(measured[2]) > 600, "hovered, pressed, with the focus, selected, popped up"


def test_what_has_no_name_and_what_is_cut_off_is_found(qtbot: QtBot) -> None:
    top = QWidget()
    qtbot.addWidget(top)
    QLineEdit(top).move(0, 0)
    QComboBox(top).move(150, 0)
    QLabel("a text that is far longer than the room it has", top).setGeometry(0, 40, 60, 20)
    top.resize(300, 100)
    top.show()
    assert len(list(nameless(top))) == 2
    assert len(list(arrowless(top))) == 1
    (cut,) = cut_off(top)
    assert "a text that is far longer" in cut


def test_a_control_of_which_a_part_is_beyond_its_place_is_found(qtbot: QtBot) -> None:
    top = QWidget()
    qtbot.addWidget(top)
    narrow, scrolled = QWidget(top), QScrollArea(top)
    narrow.setGeometry(0, 0, 100, 40)
    field = QLineEdit(narrow)
    field.setAccessibleName("Find")
    field.setGeometry(0, 0, 140, 30)
    scrolled.setGeometry(0, 50, 100, 40)
    scrolled.setWidget(QLineEdit("as wide as what scrolls it lets it be"))
    top.resize(300, 100)
    top.show()
    assert list(cut_controls(top)) == ["cut off: QLineEdit 'Find' at (0, 0, 140, 30) in QWidget of 100x40"]


def test_a_widget_that_flashes_up_as_a_window_is_found(qapp: QApplication, qtbot: QtBot) -> None:
    strays = StrayWindows(qapp)
    meant, stray, inside = QDialog(), QLabel("shown too early"), QLabel("inside")
    inside.setParent(meant)
    for widget in (meant, stray):
        qtbot.addWidget(widget)
        widget.setVisible(True)
    qapp.removeEventFilter(strays)
    assert strays.seen == ["flashes up as a window: QLabel ''"]


@pytest.mark.parametrize("place", PLACES)
def test_every_control_can_be_reached_with_tab(open_window: OpenWindow, place: str) -> None:
    window = open_window(make_troubled_snapshot())
    answer_about_cluster(window.engine)
    let_messages_arrive(window)
    window.go(place)
    window.main.activateWindow()
    window.main.page.take_focus()
    reached = reached_with_tab(window)
    assert reached, "the focus never was on a control"
    missed = [f"{type(w).__name__} '{name_of(w)}'" for w in controls_of(window.main) if w not in reached]
    assert missed == []
