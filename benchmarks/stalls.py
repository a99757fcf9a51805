"""How long the window's thread keeps a person waiting: the delay of a timer that should come every few ms."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer

from benchmarks.figures import percentile

EVERY_MS = 4


@dataclass(frozen=True, slots=True)
class Stalls:
    """Delays in ms: by the clock on the wall, and by the processor time that the window's thread used meanwhile.

    The second leaves out what other processes took from this one; waiting for the engine's thread it leaves out, too.
    """

    longest_ms: float
    p99_ms: float
    longest_cpu_ms: float
    p99_cpu_ms: float


class StallProbe(QObject):
    """Notes each delay of the thread's event loop from `start` on."""

    def __init__(self) -> None:
        super().__init__()
        self._delays_ms: list[float] = []
        self._cpu_ms: list[float] = []
        self._last_s = self._last_cpu_s = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self._on_timeout)

    def start(self) -> None:
        """Begin anew."""
        self._delays_ms.clear()
        self._cpu_ms.clear()
        self._last_s, self._last_cpu_s = time.perf_counter(), time.thread_time()
        self._timer.start()

    def stop(self) -> Stalls:
        """End, and return what was found."""
        self._on_timeout()
        self._timer.stop()
        return Stalls(
            max(self._delays_ms),
            percentile(self._delays_ms, 0.99),
            max(self._cpu_ms),
            percentile(self._cpu_ms, 0.99),
        )

    def _on_timeout(self) -> None:
        now_s, cpu_s = time.perf_counter(), time.thread_time()
        self._delays_ms.append(max(0.0, (now_s - self._last_s) * 1000 - EVERY_MS))
        self._cpu_ms.append((cpu_s - self._last_cpu_s) * 1000)
        self._last_s, self._last_cpu_s = now_s, cpu_s


def worst(found: Sequence[Stalls]) -> Stalls:
    """Return the one with the longest delay."""
    return max(found, key=lambda stalls: stalls.longest_ms)
