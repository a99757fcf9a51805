"""Where a window is on the desktop: how large at first, in front of others when someone asks for it."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QWidget

from kafka_agent_studio.gui.theme import FRAME_HEIGHT, SMALLEST_WINDOW, WINDOW_SIZE


def bring_to_front(window: QWidget) -> None:
    """Show a window before all others, also where it was minimised."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized | Qt.WindowState.WindowActive)
    window.show()
    window.raise_()
    window.activateWindow()


def first_size(available: QSize) -> QSize:
    """Return how large a window opens at first: as planned, but never larger than a screen has room for its frame."""
    return QSize(*WINDOW_SIZE).boundedTo(available - QSize(0, FRAME_HEIGHT)).expandedTo(QSize(*SMALLEST_WINDOW))
