"""What measures text as it is drawn finds what cannot be read; test_accessibility.py has it look at every picture."""

from PySide6.QtWidgets import QLabel, QPushButton, QTabBar, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from kafka_agent_studio.gui.theme import LIGHT
from tests.helpers.contrast import pale, texts_of


def shown(qtbot: QtBot, *widgets: QWidget) -> QWidget:
    top = QWidget()
    qtbot.addWidget(top)
    top.setStyleSheet("* { background: #FFFFFF; color: #1B1F24; font-size: 28px; } QPushButton { border: none; }")
    column = QVBoxLayout(top)
    for widget in widgets:
        column.addWidget(widget)
    top.resize(500, 300)
    top.show()
    return top


def test_what_is_too_pale_is_found_with_its_figure(qtbot: QtBot) -> None:
    well, faint, button = QLabel("This can be read"), QLabel("Hardly to be seen"), QPushButton("Press me")
    faint.setStyleSheet("color: #B0B0B0")
    button.setStyleSheet("color: #FFFF00")
    top = shown(qtbot, well, faint, button)
    found = list(pale(top, LIGHT))
    assert len(found) == 2
    assert found[0].startswith("2.17: 'Hardly to be seen' #B0B0B0 on #FFFFFF")
    assert "'Press me' #FFFF00" in found[1]


def test_a_pale_text_beside_a_dark_one_is_found(qtbot: QtBot) -> None:
    tabs = QTabBar()
    for text in ("one", "two"):
        tabs.addTab(text)
    tabs.setStyleSheet("QTabBar::tab { color: #C9A0A0; padding: 8px; } QTabBar::tab:selected { color: #1B1F24; }")
    top = shown(qtbot, tabs)
    assert ["'two'" in line for line in pale(top, LIGHT)] == [True]


def test_what_is_disabled_or_hidden_is_not_measured(qtbot: QtBot) -> None:
    disabled, hidden = QPushButton("Not now"), QLabel("Not here")
    top = shown(qtbot, disabled, hidden)
    disabled.setEnabled(False)
    hidden.hide()
    assert list(texts_of(top)) == []
