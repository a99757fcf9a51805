"""What measures controls in their states finds what is faint; test_accessibility.py has it look at every picture."""

import pytest
from PySide6.QtCore import QStringListModel
from PySide6.QtWidgets import QCompleter, QLineEdit, QListWidget, QMenu, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from kafka_agent_studio.gui.theme import LIGHT, Theme
from kafka_agent_studio.gui.widgets.completion_popup import CompletionPopup
from kafka_agent_studio.gui.widgets.labels import button
from tests.helpers.states import States, faint_menu

_SHEET = """* { background: #FFFFFF; color: #1B1F24; font-size: 28px; outline: none; }
    QPushButton { border: 2px solid #FFFFFF; padding: 8px; } QPushButton:focus { border-color: #1B1F24; }
    QLineEdit { border: 2px solid #FFFFFF; } QLineEdit:focus { border-color: #1B1F24; }
    QListView::item:selected { background: #1B1F24; color: #FFFFFF; } """
_FAINT_ROW = "QListView::item:selected { background: #EEF4FB; color: #1B1F24; }"


def found(qtbot: QtBot, widget: QWidget, sheet: str) -> list[str]:
    top = QWidget()
    qtbot.addWidget(top)
    top.setStyleSheet(_SHEET + sheet)
    column = QVBoxLayout(top)
    column.addWidget(widget)
    top.resize(500, 300)
    with qtbot.waitActive(top):
        top.show()
        top.activateWindow()
    return [line.partition(":")[0] for line in States().faint(top, LIGHT)]


@pytest.mark.parametrize(
    ("sheet", "states"),
    [
        ("", []),
        ("QPushButton:hover { color: #B0B0B0; }", ["hovered", "pressed"]),
        ("QPushButton:pressed { color: #B0B0B0; }", ["pressed"]),
        ("QPushButton:focus { color: #B0B0B0; }", ["focused"]),
        ("QPushButton:focus { border-color: #D0D0D0; }", ["focused"]),
        ("QToolTip { background: #FFFFFF; color: #B0B0B0; }", ["tip of"]),
    ],
)
def test_a_button_that_is_faint_in_a_state_is_found(qtbot: QtBot, sheet: str, states: list[str]) -> None:
    made = QPushButton("Press me")
    made.setToolTip("What it does")
    assert found(qtbot, made, sheet) == [f"{state} QPushButton ''" for state in states]


@pytest.mark.parametrize(("sheet", "states"), [("", []), (_FAINT_ROW, ["selected QListWidget ''"])])
def test_a_selected_row_that_looks_like_the_others_is_found(qtbot: QtBot, sheet: str, states: list[str]) -> None:
    rows = QListWidget()
    rows.addItems(["one", "two"])
    assert found(qtbot, rows, sheet) == states


def test_a_faint_menu_is_found(qtbot: QtBot) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    menu.addAction("Open")
    sheet = "QMenu { background: #FFFFFF; color: #1B1F24; font-size: 28px; } QMenu::item:selected { %s }"
    for style, what in (
        ("background: #F4F6F8; color: #1B1F24;", ["it is hardly seen"]),
        ("background: #1B1F24; color: #505860;", ["'Open' #505860 on #1B1F24"]),
        ("background: #1B1F24; color: #FFFFFF;", []),
    ):
        menu.setStyleSheet(sheet % style)
        lines = list(faint_menu(menu, LIGHT))
        assert [part in line for part, line in zip(what, lines, strict=True)] == [True] * len(what)


@pytest.mark.parametrize(("sheet", "states"), [("", []), (_FAINT_ROW, ["completion of QLineEdit ''"])])
def test_a_completion_wears_what_its_field_wears(qtbot: QtBot, sheet: str, states: list[str]) -> None:
    field = QLineEdit()
    completer = QCompleter(QStringListModel(["one", "two"], field), field)
    completer.setPopup(CompletionPopup(field))
    field.setCompleter(completer)
    assert found(qtbot, field, sheet) == states


def test_the_focus_of_a_filled_button_is_a_ring_in_it(qtbot: QtBot, theme: Theme) -> None:
    for kind in ("primary", "pill"):
        made = button("Do it", lambda: None, kind=kind)
        top = QWidget()
        qtbot.addWidget(top)
        QVBoxLayout(top).addWidget(made)
        theme.dress(top)
        with qtbot.waitActive(top):
            top.show()
            top.activateWindow()
        assert [line for line in States().faint(top, theme.tokens) if line.startswith("focused")] == []
