"""Reference cycles are looked for on the window's thread alone.

Python looks for them on whichever thread makes the next object, the engine's among them. A cycle that holds an object
of Qt would then be taken down there, with its timers still running on this one: the next timeout ends the process.
"""

import gc
from time import perf_counter
from types import TracebackType

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 250
"""By the clock, not by the objects that were made: those that a busy table lets go of are counted against them."""
_SURVIVED_EVERY = 8
_OLDEST_EVERY = 400
"""So many looks among the young are one among what survived them, and one among all that is not left out."""
_LONG_S = 0.005
_ALL_EVERY_S = 900.0
"""What survived a long look is left out of the next ones: modules, pages, models. So often all is looked through."""


class OwnGarbage:
    """In force for the length of a `with` block."""

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


def leave_out_what_is_there() -> None:
    """Look through all objects, for the length of an OwnGarbage, and leave what stays out of the looks to come.

    A window has 160,000, which takes a tenth of a second: better once it is made than when somebody works with it.
    """
    gc.unfreeze()  # what a window before this one left
    gc.collect()
    gc.freeze()


class CycleLook:
    """Looks for cycles, the older the objects the less often."""

    def __init__(self) -> None:
        self._looks = 0
        self._all_due_s = perf_counter() + _ALL_EVERY_S

    def look(self) -> None:
        """Look once; called every so often."""
        self._looks += 1
        if self._looks % _OLDEST_EVERY == 0:
            self._look_at_the_oldest()
        else:
            gc.collect(0 if self._looks % _SURVIVED_EVERY else 1)

    def _look_at_the_oldest(self) -> None:
        began_s = perf_counter()
        if began_s >= self._all_due_s:
            self._all_due_s = began_s + _ALL_EVERY_S
            gc.unfreeze()
        gc.collect(2)
        if perf_counter() - began_s > _LONG_S:
            gc.freeze()
