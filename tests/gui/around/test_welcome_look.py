"""The first window that anybody sees is dressed like the others."""

from pathlib import Path

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from kafka_agent_studio.gui.theme import ThemeChoice
from kafka_agent_studio.gui.welcome import WelcomeWindow
from tests.helpers.gui_form_pictures import FORM_PICTURES


@pytest.mark.parametrize("theme", [ThemeChoice.LIGHT, ThemeChoice.DARK])
def test_the_welcome_window_has_the_colours_of_the_theme(qtbot: QtBot, tmp_path: Path, theme: ThemeChoice) -> None:
    picture = next(picture for picture in FORM_PICTURES if picture.name == "welcome")
    shot = picture.take(settings_file=tmp_path / "window.ini", theme=theme)
    qtbot.addWidget(shot.widget)
    assert isinstance(shot.widget, WelcomeWindow)
    image = shot.widget.sample.grab().toImage()
    inside = image.pixelColor(6, image.height() // 2)
    assert inside == QColor(shot.theme.tokens.accent)
