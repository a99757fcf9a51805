"""Every control of every page has a name and can be reached with Tab."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)

from tests.gui.conftest import OpenWindow
from tests.helpers.gui_scene import make_empty_snapshot, make_runs, make_snapshot, make_troubled_snapshot
from tests.helpers.gui_window import WindowUnderTest, let_messages_arrive

CONTROLS = (QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QPlainTextEdit, QTabBar)
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
)
MOST_TABS = 200


def _controls(window: WindowUnderTest) -> list[QWidget]:
    return [
        widget
        for widget in window.main.findChildren(QWidget)
        if isinstance(widget, CONTROLS)
        and not isinstance(widget, QHeaderView)
        and widget.isVisible()
        and widget.isEnabled()
        and not _is_part_of_a_control(widget)
    ]


def _is_part_of_a_control(widget: QWidget) -> bool:
    # The clear button of a line edit, the corner of a table, the arrows of a tab bar.
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QLineEdit | QComboBox | QTabBar):
            return True
        if isinstance(parent, QAbstractItemView) and not (isinstance(widget, QAbstractButton) and widget.text()):
            return True
        parent = parent.parentWidget()
    return False


def _name(widget: QWidget) -> str:
    if isinstance(widget, QComboBox):
        labels = [label for label in widget.window().findChildren(QLabel) if label.buddy() is widget]
        return labels[0].text() if labels else ""
    return widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")


def _reached_with_tab(window: WindowUnderTest) -> set[QWidget]:
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


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("snapshot", [make_snapshot, make_troubled_snapshot, make_empty_snapshot])
def test_every_control_has_a_name(open_window: OpenWindow, place: str, snapshot: object) -> None:
    assert callable(snapshot)
    window = open_window(snapshot())
    let_messages_arrive(window)
    window.go(place)
    nameless = [f"{type(w).__name__} in {type(w.parentWidget()).__name__}" for w in _controls(window) if not _name(w)]
    assert nameless == []


@pytest.mark.parametrize("place", PLACES)
def test_every_control_can_be_reached_with_tab(open_window: OpenWindow, place: str) -> None:
    window = open_window(make_troubled_snapshot())
    let_messages_arrive(window)
    window.go(place)
    window.main.activateWindow()
    window.main.page.take_focus()
    reached = _reached_with_tab(window)
    assert reached, "the focus never was on a control"
    missed = [f"{type(w).__name__} '{_name(w)}'" for w in _controls(window) if w not in reached]
    assert missed == []
