"""Reference cycles are looked for on the window's thread alone.

Python looks for them on whichever thread makes the next object, the engine's among them. A cycle that holds an object
of Qt would then be taken down there, with its timers still running on this one: the next timeout ends the process.
"""

import gc
from time import perf_counter
from types import TracebackType

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 100
_OLDEST = 2
_REST = 500
"""So many times as long as a look among the oldest objects took must pass until the next one."""
_LONG_S = 0.005
_ALL_EVERY_S = 900.0
"""What survived a long look is left out of the next ones: modules, pages, models. So often all is looked through."""


class OwnGarbage:
    """In force for the length of a `with` block; the thresholds are those of `gc`, whoever set them."""

    def __enter__(self) -> None:
        self._was_enabled = gc.isenabled()
        gc.disable()
        self._owner = QObject()
        timer = QTimer(self._owner)
        timer.setInterval(_EVERY_MS)
        self._look = CycleLook()  # Qt does not keep it
        timer.timeout.connect(self._look.look)
        timer.start()

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        del self._owner, self._look
        gc.unfreeze()
        # what the window left, before another thread can come upon it
        gc.collect()
        if self._was_enabled:
            gc.enable()


class CycleLook:
    """Looks for cycles among the objects that are due, the oldest the less often the longer it takes."""

    def __init__(self) -> None:
        self._rests_until_s = 0.0
        self._all_due_s = 0.0

    def look(self) -> None:
        """Look now."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        due = [generation for generation in range(_OLDEST + 1) if counts[generation] > thresholds[generation] > 0]
        if not due:
            return
        began_s = perf_counter()
        if due[-1] < _OLDEST or began_s < self._rests_until_s:
            gc.collect(min(due[-1], _OLDEST - 1))
            return
        if began_s >= self._all_due_s:
            self._all_due_s = began_s + _ALL_EVERY_S
            gc.unfreeze()
        gc.collect(_OLDEST)
        ended_s = perf_counter()
        if ended_s - began_s > _LONG_S:
            gc.freeze()
        self._rests_until_s = ended_s + _REST * (ended_s - began_s)
