"""Reference cycles are looked for on the window's thread alone.

Python looks for them on whichever thread makes the next object, the engine's among them. A cycle that holds an object
of Qt would then be taken down there, with its timers still running on this one: the next timeout ends the process.
"""

import gc
from types import TracebackType

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 100


class OwnGarbage:
    """In force for the length of a `with` block; the thresholds are those of `gc`, whoever set them."""

    def __enter__(self) -> None:
        self._was_enabled = gc.isenabled()
        gc.disable()
        self._owner = QObject()
        timer = QTimer(self._owner)
        timer.setInterval(_EVERY_MS)
        timer.timeout.connect(look)
        timer.start()

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        del self._owner
        # what the window left, before another thread can come upon it
        gc.collect()
        if self._was_enabled:
            gc.enable()


def look() -> None:
    """Look for cycles among the objects that are due, as Python would have by itself."""
    counts, thresholds = gc.get_count(), gc.get_threshold()
    due = [generation for generation in range(3) if counts[generation] > thresholds[generation] > 0]
    if due:
        gc.collect(due[-1])
