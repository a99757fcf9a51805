"""Texts in the roles they have: title, heading, explanation, figure; and buttons in theirs."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QIcon
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from kafka_agent_studio.gui.theme import ICON_SIZE, SPACE, Tone
from kafka_agent_studio.gui.widgets.enter_button import EnterButton, EnterToolButton
from kafka_agent_studio.gui.widgets.filled_button import FilledButton


def label(text: str, *, font: QFont | None = None, tone: Tone | None = None, is_wrapped: bool = False) -> QLabel:
    """Return a text; plain, so that nothing from a message is ever taken for markup."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if font is not None:
        made.setFont(font)
    if tone is not None:
        made.setProperty("tone", tone.value)
    if is_wrapped:
        made.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.MinimumExpanding)
        policy.setHeightForWidth(True)
        made.setSizePolicy(policy)
    return made


def set_tone(widget: QWidget, tone: Tone | None) -> None:
    """Give a label another colour; nothing is done where it has it."""
    value = None if tone is None else tone.value
    if widget.property("tone") != value:
        widget.setProperty("tone", value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def button(
    text: str, on_click: Callable[[], object], *, kind: str = "", icon: QIcon | None = None, tip: str = ""
) -> QPushButton:
    """Return a push button; `kind` is primary, quiet, link, pill or nothing."""
    made = FilledButton(text, is_round=kind == "pill") if kind in ("primary", "pill") else EnterButton(text)
    made.setAccessibleName(text)
    made.setAutoDefault(False)
    if kind:
        made.setProperty("kind", kind)
    if icon is not None:
        made.setIcon(icon)
    made.setIconSize(QSize(ICON_SIZE + SPACE, ICON_SIZE))
    made.setToolTip(tip)
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    made.clicked.connect(lambda _checked=False: on_click())
    return made


def icon_button(name: str, icon: QIcon, on_click: Callable[[], object] | None = None) -> QToolButton:
    """Return a button that shows an icon alone; `name` is what it does, for the tip and the screen reader."""
    made = EnterToolButton()
    made.setIcon(icon)
    made.setIconSize(QSize(ICON_SIZE, ICON_SIZE))
    made.setAccessibleName(name)
    made.setToolTip(name)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    if on_click is not None:
        made.clicked.connect(lambda _checked=False: on_click())
    return made


def hairline() -> QFrame:
    """Return a line of one pixel between two sections."""
    line = QFrame()
    line.setObjectName("hairline")
    line.setFixedHeight(1)
    return line
