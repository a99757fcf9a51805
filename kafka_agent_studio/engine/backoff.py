"""Exponential backoff with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter")."""

import random


class Backoff:
    """Delays for tries in a row: uniformly between 0 and a bound that doubles from `initial_s` to `max_s`."""

    def __init__(self, *, initial_s: float = 0.5, max_s: float = 30.0, source: random.Random) -> None:
        self._initial_s = initial_s
        self._max_s = max_s
        self._random = source
        self.attempt = 0
        """Failed tries in a row."""

    def next_delay_s(self) -> float:
        """Count one more failed try and return how long to wait before the next."""
        bound_s = min(self._max_s, self._initial_s * 2.0 ** min(self.attempt, 32))
        self.attempt += 1
        return self._random.uniform(0.0, bound_s)

    def reset(self) -> None:
        """Sustained progress: the next failure starts from the beginning."""
        self.attempt = 0
