"""The rail on the left: one icon with a word for each page; in a low window the icon alone."""

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QToolButton, QVBoxLayout

from kafka_agent_studio.gui.icons import Icons, brand_mark
from kafka_agent_studio.gui.theme import GAP, RAIL_ICON_SIZE, RAIL_WIDTH, SPACE, Theme, Tone

_MARK_SIZE = 28


class RailEntry(msgspec.Struct, frozen=True):
    """A page as the rail shows it; `address` is where its button goes."""

    address: str
    word: str
    icon: str
    shortcut: str


class Rail(QFrame):
    """Says which page was chosen; `show_current` marks the one that is open."""

    chosen = Signal(str)

    def __init__(self, *, entries: Sequence[RailEntry], theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setFixedWidth(RAIL_WIDTH)
        self._buttons: dict[str, QToolButton] = {}
        # No button group: in one, only the checked button can be reached with Tab.
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP + SPACE, GAP, GAP)
        column.setSpacing(SPACE)
        column.addWidget(self._mark(theme), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(GAP)
        for entry in entries:
            made = self._button(entry, theme, icons)
            self._buttons[entry.address] = made
            column.addWidget(made)
        column.addStretch(1)
        self._column = column
        self._has_words = True
        self._height_with_words = 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the words out where they do not fit, rather than a half of each."""
        super().resizeEvent(event)
        if self._has_words:
            self._height_with_words = self._column.minimumSize().height()
        has_words = self.height() >= self._height_with_words
        if has_words != self._has_words:
            self._has_words = has_words
            styles = Qt.ToolButtonStyle
            for made in self._buttons.values():
                made.setToolButtonStyle(styles.ToolButtonTextUnderIcon if has_words else styles.ToolButtonIconOnly)

    def add_below(self, widget: QToolButton) -> None:
        """Add a button at the foot of the rail."""
        self._column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)

    def show_current(self, address: str | None) -> None:
        """Mark the page that is open; None: none of them."""
        for known, made in self._buttons.items():
            made.setChecked(known == address)

    def _mark(self, theme: Theme) -> QLabel:
        mark = QLabel()
        ratio = self.devicePixelRatioF()

        def draw() -> None:
            pixmap = brand_mark(round(_MARK_SIZE * ratio), theme)
            pixmap.setDevicePixelRatio(ratio)
            mark.setPixmap(pixmap)

        draw()
        theme.changed.connect(draw)
        mark.setAccessibleName("Kafka Agent Studio")
        return mark

    def _button(self, entry: RailEntry, theme: Theme, icons: Icons) -> QToolButton:
        made = QToolButton()
        made.setText(entry.word)
        made.setAccessibleName(entry.word)
        made.setToolTip(f"{entry.word} ({entry.shortcut})")
        made.setIcon(icons.icon(entry.icon, Tone.MUTED, tone_on=Tone.ACCENT))
        made.setIconSize(QSize(RAIL_ICON_SIZE, RAIL_ICON_SIZE))
        made.setFont(theme.font(px=-2, weight=theme.heading.weight()))
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        made.setCheckable(True)
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        made.clicked.connect(lambda _checked=False: self.chosen.emit(entry.address))
        return made
