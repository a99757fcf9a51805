"""How long messages took, counted in steps of a tenth: adding is quick, any percentile can be asked for."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

_SHORTEST_S: Final = 1e-4
_RATIO: Final = 1.1
_STEPS: Final = 170
"""Up to about 1,000 s; what took longer counts as that."""
_BOUNDS_S: Final = [_SHORTEST_S * _RATIO**step for step in range(_STEPS - 1)]
"""The longest latency that counts as each step; the last step has no bound."""


class LatencyHistogram:
    """Counts since it was made; percentiles are within a tenth of the truth."""

    __slots__ = ("counts",)

    def __init__(self, counts: Sequence[int] = ()) -> None:
        self.counts = list(counts) or [0] * _STEPS

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(_BOUNDS_S, seconds)] += 1

    def merge(self, other: "LatencyHistogram") -> None:
        """Count all of another one."""
        self.counts = [mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)]

    def since(self, earlier: "LatencyHistogram | None") -> "LatencyHistogram":
        """Return what was counted after `earlier`, a copy of this one; all where that is None."""
        if earlier is None:
            return LatencyHistogram(self.counts)
        return LatencyHistogram([now - then for now, then in zip(self.counts, earlier.counts, strict=True)])

    def percentiles_ms(self, *shares: float) -> tuple[float | None, ...]:
        """Return the latency below which each share (0 to 1, ascending) lies, in ms; None where nothing was counted."""
        total = sum(self.counts)
        if not total:
            return tuple(None for _ in shares)
        found: list[float | None] = []
        seen, step = 0, -1
        for share in shares:
            while seen < share * total:
                step += 1
                seen += self.counts[step]
            found.append(round(_SHORTEST_S * _RATIO ** max(step, 0) * 1e3, 3))
        return tuple(found)
