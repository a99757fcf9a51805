"""Whether this machine can show a window."""

import os
import sys


def has_display() -> bool:
    """On Linux and BSD a window needs X11 or Wayland, or a Qt platform that was chosen; elsewhere there is a screen."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
