"""The runs that change while the page that lists them is out of sight: held back, each once, as it is now."""

from collections.abc import Callable, Sequence
from itertools import islice

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from kafka_agent_studio.model.run import Run

PORTION = 500
_BETWEEN_MS = 4


class UnseenRuns:
    """Hands runs on to `take` while `page` is in sight; what waited first, in portions that keep nobody waiting."""

    def __init__(self, *, page: QWidget, most: Callable[[], int], take: Callable[[list[Run]], object]) -> None:
        """`most` says how many the list keeps: the oldest of those that wait beyond it would be pushed out anyhow."""
        self._page = page
        self._most = most
        self._take = take
        self._waiting: dict[str, Run] = {}
        self._next = QTimer(page)
        self._next.setInterval(_BETWEEN_MS)
        self._next.timeout.connect(lambda: self.hand_on())

    def add(self, runs: Sequence[Run]) -> None:
        """Hand these on, or hold them back; oldest first."""
        is_seen = self._page.isVisible()
        if is_seen and not self._waiting:
            self._take(list(runs))
            return
        for run in runs:
            self._waiting.pop(run.run_id, None)
            self._waiting[run.run_id] = run
        for run_id in list(islice(self._waiting, max(0, len(self._waiting) - self._most()))):
            del self._waiting[run_id]
        if is_seen:
            self._next.start()

    def hand_on(self) -> None:
        """The page is in sight: hand on a portion of what waited, and the rest in turns."""
        portion = list(islice(self._waiting.values(), PORTION))
        for run in portion:
            del self._waiting[run.run_id]
        if portion:
            self._take(portion)
        if self._waiting and self._page.isVisible():
            self._next.start()
        else:
            self._next.stop()

    def forget(self) -> None:
        """The list begins anew."""
        self._waiting.clear()
