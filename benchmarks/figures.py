"""What a benchmark found: a measured value beside its baseline, their ratio, and what the ratio must reach."""

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One ratio. `at_least` and `at_most` are what it has to keep to; with neither it is shown alone.

    `is_count`: what is bound is ours as it is; the baseline says what the machine itself did meanwhile.
    """

    name: str
    ours: float
    baseline: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None
    is_count: bool = False

    @property
    def ratio(self) -> float:
        """Ours against the baseline."""
        return self.ours / self.baseline if self.baseline else float("inf")

    @property
    def value(self) -> float:
        """What is bound: the ratio, or ours alone."""
        return self.ours if self.is_count else self.ratio

    @property
    def is_kept(self) -> bool:
        """Whether the value is within its bound."""
        return (self.at_least is None or self.value >= self.at_least) and (
            self.at_most is None or self.value <= self.at_most
        )

    def line(self) -> str:
        """The figure for a person to read: what, value, target, whether it was reached, and from what."""
        bound = ""
        if self.at_least is not None:
            bound = f"at least {self.at_least:g}"
        elif self.at_most is not None:
            bound = f"at most {self.at_most:g}"
        verdict = "" if not bound else "reached" if self.is_kept else "NOT REACHED"
        values = f"{_short(self.ours)} against {_short(self.baseline)} {self.unit}"
        return f"{self.name:<66} {self.value:8.3f}  {bound:<13} {verdict:<12} ({values})"


def in_the_middle(name: str, rounds: list[tuple[float, float]], **fields: object) -> Figure:
    """Return the figure of the round whose ratio is the median: ours and the baseline of one and the same round."""
    by_ratio = sorted(rounds, key=lambda pair: pair[0] / pair[1])
    ours, baseline = by_ratio[len(by_ratio) // 2]
    return Figure(name=name, ours=ours, baseline=baseline, **fields)  # type: ignore[arg-type]


def percentile(values: list[float], share: float) -> float:
    """Return the value that `share` (0.99) of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def middle(values: list[float]) -> float:
    """Return the median."""
    return median(values)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
