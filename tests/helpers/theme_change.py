"""A window whose theme changes while it is open, against the same window dressed anew at once."""

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kafka_agent_studio.gui.theme import DARK, ThemeChoice, style_sheet
from tests.helpers.gui_window import WindowUnderTest


def pictures_of_a_change(window: WindowUnderTest, qtbot: QtBot) -> tuple[QImage, QImage]:
    """Change the theme from light to dark; return what the window shows then, and what it shows dressed at once."""
    main, theme = window.main, window.parts.theme
    focused = main.focusWidget()
    if focused is not None:
        # a cursor blinks
        focused.clearFocus()
    theme.choose(ThemeChoice.DARK)
    qtbot.waitUntil(lambda: theme.dressing.is_settled)
    changed = _settled(main, qtbot)
    for widget in window.main.findChildren(QWidget):
        if widget.styleSheet():
            widget.setStyleSheet("")
    window.main.setStyleSheet(style_sheet(DARK))
    return changed, _settled(main, qtbot)


def _settled(widget: QWidget, qtbot: QtBot) -> QImage:
    pictures = [widget.grab().toImage()]

    def is_settled() -> bool:
        pictures.append(widget.grab().toImage())
        return pictures[-2] == pictures[-1]

    qtbot.wait(50)
    qtbot.waitUntil(is_settled)
    return pictures[-1]
