"""One icon family (Phosphor, as QtAwesome carries it), drawn as a font in the theme's colours.

The font is read without importing QtAwesome, which would load ten other families and add 0.3 s to the start.
"""

import json
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from kafka_agent_studio.gui.theme import Theme, Tone

_FONT = "phosphor-1.3.0.ttf"
_CHARACTERS = "phosphor-charmap-1.3.0.json"


class Icons:
    """Makes icons by their Phosphor name (`play`, `magnifying-glass`); they follow the theme by themselves."""

    def __init__(self, *, theme: Theme) -> None:
        folder = _qtawesome_fonts()
        font_id = QFontDatabase.addApplicationFont(str(folder / _FONT))
        self._family = QFontDatabase.applicationFontFamilies(font_id)[0]
        self._characters: dict[str, str] = json.loads((folder / _CHARACTERS).read_text())
        self._theme = theme

    def icon(self, name: str, tone: Tone = Tone.MUTED, *, tone_on: Tone | None = None) -> QIcon:
        """Return an icon; `tone_on` is its colour while its button is checked. Raises: KeyError for an unknown name."""
        character = chr(int(self._characters[name], 16))
        return QIcon(_GlyphEngine(character, self._family, self._theme, tone, tone_on or tone))


class _GlyphEngine(QIconEngine):
    def __init__(self, character: str, family: str, theme: Theme, tone: Tone, tone_on: Tone) -> None:
        super().__init__()
        self._character = character
        self._family = family
        self._theme = theme
        self._tones = {QIcon.State.Off: tone, QIcon.State.On: tone_on}

    def clone(self) -> QIconEngine:
        """Return an engine that draws the same."""
        tones = self._tones
        return _GlyphEngine(self._character, self._family, self._theme, tones[QIcon.State.Off], tones[QIcon.State.On])

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw the glyph as large as `rect` in the colour of the mode."""
        tone = Tone.OFF if mode == QIcon.Mode.Disabled else self._tones[state]
        font = QFont(self._family)
        font.setPixelSize(max(rect.height(), 1))
        painter.save()
        painter.setFont(font)
        painter.setPen(self._theme.tokens.color(tone))
        if mode == QIcon.Mode.Disabled:
            painter.setOpacity(0.6)
        # A rectangle wider than high is an icon before a text: the rest of it is the space between them.
        is_before_text = rect.width() > rect.height()
        across = Qt.AlignmentFlag.AlignLeft if is_before_text else Qt.AlignmentFlag.AlignHCenter
        painter.drawText(QRectF(rect), across | Qt.AlignmentFlag.AlignVCenter, self._character)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return the glyph on nothing, `size` device pixels large."""
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap


def _qtawesome_fonts() -> Path:
    spec = find_spec("qtawesome")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("QtAwesome is not installed: the window's icons are its Phosphor font")
    return Path(next(iter(spec.submodule_search_locations))) / "fonts"


def application_icon(application: QApplication, theme: Theme) -> QIcon:
    """Return the program's mark: a message on its way through an agent."""
    icon = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        icon.addPixmap(brand_mark(size, theme))
    application.setWindowIcon(icon)
    return icon


def brand_mark(size: int, theme: Theme) -> QPixmap:
    """Return the mark as a square of `size` device pixels: two topics and the agent between them."""
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    unit = size / 16
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.tokens.color(Tone.ACCENT))
    painter.drawRoundedRect(QRectF(0, 0, size, size), 4 * unit, 4 * unit)
    painter.setBrush(theme.tokens.color(Tone.ON_ACCENT))
    painter.drawRect(QRectF(4 * unit, 7.4 * unit, 8 * unit, 1.2 * unit))
    for x, radius in ((4.0, 1.5), (8.0, 2.4), (12.0, 1.5)):
        painter.drawEllipse(QRectF((x - radius) * unit, (8 - radius) * unit, 2 * radius * unit, 2 * radius * unit))
    painter.end()
    return pixmap
