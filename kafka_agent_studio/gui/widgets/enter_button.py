"""Buttons that Enter presses, as Space does."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QToolButton


class EnterButton(QPushButton):
    """Is pressed by Enter, too, while it has the focus.

    Left alone, Qt hands Enter on to what lies around the button: Enter on a Cancel would do what it is to prevent.
    """

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press it with Enter."""
        if _is_enter(event):
            self.click()
        else:
            super().keyPressEvent(event)


class EnterToolButton(QToolButton):
    """The same for a button that shows an icon."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press it with Enter."""
        if _is_enter(event):
            self.click()
        else:
            super().keyPressEvent(event)


def _is_enter(event: QKeyEvent) -> bool:
    keypad = Qt.KeyboardModifier.KeypadModifier
    return event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & ~keypad
