"""Every colour, size and font of the window. No other file names one.

Widgets ask for a token by its meaning (`tokens.failed`), never for a colour; the window
repaints when `Theme.changed` comes.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from kafka_agent_studio.gui.dressing import Dressing

# The grid: everything is a multiple of 4 px.
SPACE = 4
GAP = 8
MARGIN = 16
ROW_HEIGHT = 26
CELL_MARGIN = 8
CONTROL_HEIGHT = 30
HEADER_HEIGHT = 52
STRIP_HEIGHT = 28
RAIL_WIDTH = 84
INSPECTOR_WIDTH = 380
INSPECTOR_FOLDS_BELOW = 900
WINDOW_SIZE = (1280, 800)
SMALLEST_WINDOW = (720, 480)
FRAME_HEIGHT = 36
TILE_HEIGHT = 66
CHART_HEIGHT = 148
ICON_SIZE = 16
RAIL_ICON_SIZE = 20
RADIUS = 6
BAR = 3
"""How wide the line is that marks the selected row at its left."""
READING_WIDTH = 520
"""The widest a line of explanation gets, in px."""

_FONTS = Path(__file__).with_name("fonts")
_FALLBACK_FAMILIES = frozenset({"DejaVu Sans", "Bitstream Vera Sans", "Sans Serif", ""})
"""What fontconfig answers where nobody has chosen a font: there the window brings its own."""


class ThemeChoice(StrEnum):
    """What the person chose; `system` follows the desktop."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Tone(StrEnum):
    """The meaning of a colour."""

    TEXT = "text"
    MUTED = "muted"
    ACCENT = "accent"
    OK = "ok"
    WAITING = "waiting"
    FAILED = "failed"
    PAUSED = "paused"
    OFF = "off"
    ON_ACCENT = "on_accent"


@dataclass(frozen=True)
class Tokens:
    """The colours of one theme, as #RRGGBB."""

    is_dark: bool
    bg: str
    panel: str
    selection: str
    hover: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    ok: str
    waiting: str
    failed: str
    paused: str
    off: str

    def color(self, tone: Tone) -> QColor:
        """Return the colour of a meaning."""
        return QColor(getattr(self, tone.value))

    def tint(self, tone: Tone, strength: float = 0.12) -> QColor:
        """Return the background mixed with a little of a meaning, for chips and bars behind text."""
        back, front = QColor(self.bg), self.color(tone)
        mixed = [b + (f - b) * strength for b, f in zip(back.getRgb()[:3], front.getRgb()[:3], strict=False)]  # type: ignore[index]
        return QColor(*(round(part) for part in mixed))

    @cached_property
    def palette(self) -> QPalette:
        """The Fusion palette of these colours."""
        palette = QPalette()
        roles = QPalette.ColorRole
        for role, color in (
            (roles.Window, self.bg),
            (roles.Base, self.bg),
            (roles.AlternateBase, self.panel),
            (roles.Button, self.panel),
            (roles.ToolTipBase, self.panel),
            (roles.WindowText, self.text),
            (roles.Text, self.text),
            (roles.ButtonText, self.text),
            (roles.ToolTipText, self.text),
            (roles.BrightText, self.failed),
            (roles.PlaceholderText, self.muted),
            (roles.Highlight, self.selection),
            (roles.HighlightedText, self.text),
            (roles.Link, self.accent),
            (roles.LinkVisited, self.accent),
            (roles.Accent, self.accent),
            (roles.Mid, self.border),
            (roles.Midlight, self.border),
            (roles.Light, self.panel),
            (roles.Dark, self.border),
            (roles.Shadow, self.border),
        ):
            palette.setColor(role, QColor(color))
        for role in (roles.WindowText, roles.Text, roles.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(self.off))
        return palette


LIGHT = Tokens(
    is_dark=False,
    bg="#FFFFFF",
    panel="#F5F6F8",
    selection="#DCEBFB",
    hover="#EEF1F5",
    border="#D9DDE3",
    text="#1B1F24",
    muted="#5A6472",
    accent="#0A66C2",
    on_accent="#FFFFFF",
    ok="#17734A",
    waiting="#7D5A00",
    failed="#B4232A",
    paused="#6246B0",
    off="#5E6773",
)

DARK = Tokens(
    is_dark=True,
    bg="#15181C",
    panel="#1D2126",
    selection="#1F3A57",
    hover="#23282E",
    border="#343A42",
    text="#E7EAEE",
    muted="#9AA5B1",
    accent="#62AEF8",
    on_accent="#0C1722",
    ok="#4FC48C",
    waiting="#E2B34D",
    failed="#FF8080",
    paused="#B7A2FF",
    off="#A3ACB8",
)


class Theme(QObject):
    """The theme in use. `changed` comes once the application has its new palette; the style sheet follows in turns."""

    changed = Signal()

    def __init__(self, *, application: QApplication, choice: ThemeChoice = ThemeChoice.SYSTEM) -> None:
        super().__init__()
        self._application = application
        self._choice = choice
        self.family, self.mono_family, self.base_px = _families(application)
        self.tokens = self._chosen()
        application.setStyle("Fusion")
        application.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self.dressing = Dressing()
        application.setFont(self.font())
        self._apply()

    @property
    def choice(self) -> ThemeChoice:
        """What the person chose."""
        return self._choice

    def dress(self, window: QWidget) -> None:
        """Put the style sheet on a window, once it is built.

        On the window, not on the application: under a style sheet each widget that gets a parent is styled anew with
        all that is in it. So a page is built without, and styled once, when it comes into the window.
        """
        self.dressing.dress(window, style_sheet(self.tokens))

    def choose(self, choice: ThemeChoice) -> None:
        """Change the theme of the running window."""
        self._choice = choice
        self._refresh()

    def font(self, *, px: int = 0, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """Return the interface font, `px` larger (or smaller) than running text."""
        font = QFont(self.family)
        font.setPixelSize(self.base_px + px)
        font.setWeight(weight)
        return font

    @property
    def figures(self) -> QFont:
        """The interface font with figures of one width, for columns of numbers."""
        font = self.font()
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    @property
    def title(self) -> QFont:
        """Page titles."""
        return self.font(px=4, weight=QFont.Weight.DemiBold)

    @property
    def heading(self) -> QFont:
        """Headings of sections and cards."""
        return self.font(weight=QFont.Weight.DemiBold)

    @property
    def small(self) -> QFont:
        """Column headings, captions, the strip."""
        return self.font(px=-1)

    @property
    def big_figure(self) -> QFont:
        """The number on a tile."""
        font = self.font(px=10, weight=QFont.Weight.DemiBold)
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    @property
    def mono(self) -> QFont:
        """Keys, JSON, offsets, ids."""
        font = QFont(self.mono_family)
        font.setStyleHint(QFont.StyleHint.Monospace)
        font.setPixelSize(self.base_px - 1)
        return font

    def _chosen(self) -> Tokens:
        if self._choice is ThemeChoice.SYSTEM:
            is_dark = self._application.styleHints().colorScheme() == Qt.ColorScheme.Dark
        else:
            is_dark = self._choice is ThemeChoice.DARK
        return DARK if is_dark else LIGHT

    def _on_system_changed(self) -> None:
        if self._choice is ThemeChoice.SYSTEM:
            self._refresh()

    def _refresh(self) -> None:
        tokens = self._chosen()
        if tokens is not self.tokens:
            self.tokens = tokens
            self._apply()
            self.changed.emit()

    def _apply(self) -> None:
        self._application.setPalette(self.tokens.palette)
        self.dressing.change(style_sheet(self.tokens))


def _families(application: QApplication) -> tuple[str, str, int]:
    """The system's own fonts where it has a choice of its own, else the ones in fonts/; and the size of text in px."""
    info = QFontInfo(application.font())
    family = info.family()
    base_px = min(max(info.pixelSize(), 13), 20)
    if family in _FALLBACK_FAMILIES:
        for name in ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf"):
            if QFontDatabase.addApplicationFont(str(_FONTS / name)) >= 0:
                family = "Inter"
    mono = QFontInfo(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)).family()
    if (
        not mono.startswith(("SF Mono", "Menlo", "Cascadia", "Consolas"))
        and QFontDatabase.addApplicationFont(str(_FONTS / "JetBrainsMono-Regular.ttf")) >= 0
    ):
        mono = "JetBrains Mono"
    return family, mono, base_px


def style_sheet(t: Tokens) -> str:
    """Return what a palette cannot say, for the colours `t`."""
    return f"""
    QToolTip {{ border: 1px solid {t.border}; padding: 4px 6px; color: {t.text}; background: {t.panel}; }}
    QMenuBar {{ background: {t.panel}; padding: 2px 6px; }}
    QMenuBar::item {{ padding: 3px 9px; border-radius: 4px; background: transparent; }}
    QMenuBar::item:selected {{ background: {t.selection}; }}
    QMenu {{ background: {t.bg}; border: 1px solid {t.border}; padding: 4px; }}
    QMenu::item {{ padding: 5px 24px 5px 9px; border-left: {BAR}px solid transparent; }}
    QMenu::item:selected {{ background: {t.selection}; color: {t.text}; border-left-color: {t.accent}; }}
    QMenu::item:disabled {{ color: {t.off}; }}
    QMenu::separator {{ height: 1px; background: {t.border}; margin: 4px 8px; }}
    QMenu::icon {{ padding-left: 8px; }}

    QPushButton {{ min-height: 26px; padding: 0 12px; border: 1px solid {t.border}; border-radius: {RADIUS}px;
        background: {t.bg}; }}
    QPushButton:hover {{ background: {t.hover}; }}
    QPushButton:pressed {{ background: {t.selection}; }}
    QPushButton:disabled {{ color: {t.off}; background: {t.panel}; }}
    QPushButton:focus {{ border: 2px solid {t.accent}; padding: 0 11px; min-height: 24px; }}
    QPushButton[kind="primary"] {{ background: {t.accent}; color: {t.on_accent}; border-color: {t.accent};
        font-weight: 600; }}
    QPushButton[kind="primary"]:focus {{ border: 2px solid {t.accent}; padding: 0 11px; min-height: 24px; }}
    QPushButton[kind="primary"]:disabled {{ background: {t.panel}; color: {t.off}; border-color: {t.border}; }}
    QPushButton[kind="quiet"], QPushButton[kind="link"] {{ border: 1px solid transparent; background: transparent; }}
    QPushButton[kind="link"] {{ color: {t.accent}; padding: 0 4px; min-height: 20px; }}
    QPushButton[kind="quiet"]:hover, QPushButton[kind="link"]:hover {{ background: {t.hover}; }}
    QPushButton[kind="quiet"]:checked {{ background: {t.selection}; }}
    QPushButton[kind="quiet"]:focus, QPushButton[kind="link"]:focus {{ border: 2px solid {t.accent}; }}
    QPushButton[kind="link"]:focus {{ padding: 0 3px; min-height: 18px; }}
    QPushButton[kind="plain"] {{ border: 1px solid transparent; background: transparent; color: {t.muted};
        padding: 0 4px; min-height: 20px; }}
    QPushButton[kind="plain"][tone="failed"] {{ color: {t.failed}; }}
    QPushButton[kind="plain"]:hover {{ color: {t.text}; background: {t.hover}; }}
    QPushButton[kind="plain"]:focus {{ border: 2px solid {t.accent}; padding: 0 3px; min-height: 18px; }}
    QPushButton[kind="chip"] {{ background: {t.panel}; border-radius: 11px; min-height: 20px; padding: 0 8px; }}
    QPushButton[kind="chip"]:hover {{ background: {t.hover}; }}
    QPushButton[kind="chip"]:focus {{ border: 2px solid {t.accent}; padding: 0 7px; min-height: 18px; }}
    QPushButton[kind="pill"] {{ background: {t.accent}; color: {t.on_accent}; border: none; border-radius: 13px;
        font-weight: 600; padding: 0 14px; }}
    QPushButton[kind="pill"]:focus {{ border: none; padding: 0 14px; min-height: 26px; }}

    QToolButton {{ border: 1px solid transparent; border-radius: {RADIUS}px; padding: 4px; background: transparent; }}
    QToolButton:hover {{ background: {t.hover}; }}
    QToolButton:checked {{ background: {t.selection}; }}
    QToolButton:focus {{ border: 2px solid {t.accent}; padding: 3px; }}
    QToolButton::menu-indicator {{ image: none; }}

    QLineEdit, QComboBox, QPlainTextEdit[kind="field"] {{ min-height: 26px; padding: 0 8px;
        border: 1px solid {t.border}; border-radius: {RADIUS}px; background: {t.bg};
        selection-background-color: {t.selection}; selection-color: {t.text}; }}
    QLineEdit:focus, QComboBox:focus {{ border: 2px solid {t.accent}; padding: 0 7px; min-height: 24px; }}
    QPlainTextEdit[kind="field"]:focus {{ border: 2px solid {t.accent}; padding: 0 7px; }}
    QLineEdit[mistake="true"], QComboBox[mistake="true"] {{ border-color: {t.failed}; }}
    QComboBox::drop-down {{ border: none; width: 18px; }}
    QComboBox QAbstractItemView {{ border: 1px solid {t.border}; background: {t.bg}; padding: 4px; outline: none; }}

    QTableView, QTreeView, QListView, QPlainTextEdit, QTextBrowser {{ border: none; background: {t.bg}; outline: none;
        selection-background-color: {t.selection}; selection-color: {t.text}; }}
    QTableView::item {{ padding: 0 5px; }}
    QTreeView::item {{ padding: 3px 4px; }}
    QListView::item {{ border-left: {BAR}px solid transparent; }}
    QListView::item:selected {{ border-left-color: {t.accent}; background: {t.selection}; color: {t.text}; }}
    #rows::item, #completions::item, QComboBox QAbstractItemView::item {{ padding: 0 8px 0 5px;
        min-height: {ROW_HEIGHT}px; }}
    QHeaderView {{ background: {t.bg}; border: none; }}
    QHeaderView::section {{ background: {t.bg}; color: {t.muted}; border: none; border-bottom: 1px solid {t.border};
        padding: 4px 8px; }}
    QHeaderView::section:hover {{ background: {t.hover}; }}
    QTableCornerButton::section {{ background: {t.bg}; border: none; }}
    QTabBar {{ background: transparent; border: none; }}
    QTabBar::tab {{ padding: 4px 8px; color: {t.muted}; border: 2px solid transparent; background: transparent; }}
    QTabBar::tab:hover {{ color: {t.text}; }}
    QTabBar::tab:selected {{ color: {t.text}; border-bottom-color: {t.accent}; }}
    QTabBar::tab:focus {{ border-color: {t.accent}; border-radius: 4px; }}
    QTabWidget::pane {{ border: none; border-top: 1px solid {t.border}; top: -1px; }}

    QSplitter::handle {{ background: palette(mid); }}
    QSplitter::handle:horizontal {{ width: 1px; }}
    QSplitter::handle:vertical {{ height: 1px; }}
    QScrollBar:vertical {{ width: 10px; background: transparent; margin: 0; }}
    QScrollBar:horizontal {{ height: 10px; background: transparent; margin: 0; }}
    QScrollBar::handle {{ background: {t.border}; border-radius: 3px; margin: 2px; }}
    QScrollBar::handle:vertical {{ min-height: 28px; }}
    QScrollBar::handle:horizontal {{ min-width: 28px; }}
    QScrollBar::handle:hover {{ background: {t.off}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QScrollArea {{ border: none; background: transparent; }}

    #completions {{ border: 1px solid {t.off}; }}
    #popup {{ background: {t.bg}; border: 1px solid {t.off}; }}
    #rail, #strip {{ background: {t.panel}; }}
    #rail {{ border-right: 1px solid {t.border}; }}
    #strip {{ border-top: 1px solid {t.border}; }}
    #pageHeader {{ border-bottom: 1px solid {t.border}; background: {t.bg}; }}
    #card {{ border: 1px solid {t.border}; border-radius: 8px; background: {t.bg}; padding: 1px; }}
    #card:focus {{ border: 2px solid {t.accent}; padding: 0; }}
    #hairline {{ background: {t.border}; }}
    #rail QToolButton {{ padding: 6px 2px; border-radius: 8px; color: {t.muted}; }}
    #rail QToolButton:checked {{ color: {t.accent}; }}
    QLabel[tone="muted"] {{ color: {t.muted}; }}
    QLabel[tone="failed"] {{ color: {t.failed}; }}
    QLabel[tone="waiting"] {{ color: {t.waiting}; }}
    QLabel[tone="accent"] {{ color: {t.accent}; }}
    QLabel[tone="ok"] {{ color: {t.ok}; }}
    QLabel[tone="paused"] {{ color: {t.paused}; }}
    QLabel[tone="off"] {{ color: {t.off}; }}
    """
