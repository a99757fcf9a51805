"""What a browse hands to the window: in batches, bounded, and honest about what was left out."""

import time
from collections.abc import Callable

from kafka_agent_studio.api.browse import BrowseProgress
from kafka_agent_studio.model.message import Record

EVERY_S = 0.1
MOST_AT_ONCE = 2000
KEPT_BYTES = 64 * 1024 * 1024

Tell = Callable[[tuple[Record, ...], BrowseProgress], None]


class Delivery:
    """Takes matches and tells of them. Used in the browse's thread.

    Finite, it delivers the first `keep` matches, and KEPT_BYTES of them; following, that many in each second, since
    whoever looks cannot follow more anyway.
    """

    def __init__(
        self,
        *,
        keep: int,
        is_tail: bool,
        progress: Callable[[int, int], BrowseProgress],
        tell: Tell,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`progress(delivered, left_out)` makes what is told beside the records."""
        self.delivered = 0
        self.left_out = 0
        self._keep = keep
        self._is_tail = is_tail
        self._progress = progress
        self._tell = tell
        self._now_s = now_s
        self._waiting: list[Record] = []
        self._taken = 0
        self._taken_bytes = 0
        self._period_s = self._told_s = now_s()

    def take(self, matches: list[Record]) -> None:
        """Deliver what there is room for, and tell how far it is where the last time was EVERY_S ago."""
        now_s = self._now_s()
        if self._is_tail and now_s - self._period_s >= 1:
            self._period_s, self._taken, self._taken_bytes = now_s, 0, 0
        for record in matches:
            if self._taken >= self._keep or self._taken_bytes >= KEPT_BYTES:
                self.left_out += 1
                continue
            self._taken += 1
            self._taken_bytes += len(record.value or b"") + len(record.key or b"")
            self._waiting.append(record)
        if now_s - self._told_s >= EVERY_S or len(self._waiting) >= MOST_AT_ONCE:
            self.flush()

    def flush(self) -> BrowseProgress:
        """Tell of what waits now; returns what was told."""
        records, self._waiting = tuple(self._waiting), []
        self.delivered += len(records)
        self._told_s = self._now_s()
        progress = self._progress(self.delivered, self.left_out)
        self._tell(records, progress)
        return progress
