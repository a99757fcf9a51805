"""In which order tests run side by side: those that wait for a broker between those that compute, in every worker.

Alphabetically all that waits comes last, in one worker after the other; then two cores have nothing to do.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

ItemT = TypeVar("ItemT")


def side_by_side(
    items: Sequence[ItemT], *, workers: int, waits: Callable[[ItemT], bool], file_of: Callable[[ItemT], str]
) -> list[ItemT]:
    """Return the items so that each of as many equal parts as there are workers has its share of both kinds.

    Items of one file stay together and in their order, since they share what was set up for them.
    """
    parts: list[list[ItemT]] = []
    waiting = _shares([item for item in items if waits(item)], workers, file_of)
    computing = _shares([item for item in items if not waits(item)], workers, file_of)
    for slow, quick in zip(waiting, computing, strict=True):
        parts.append(_mixed(slow, quick))
    return [item for part in parts for item in part]


def _shares(items: list[ItemT], workers: int, file_of: Callable[[ItemT], str]) -> list[list[ItemT]]:
    """Whole files, the largest first, each to whoever has least."""
    files: dict[str, list[ItemT]] = {}
    for item in items:
        files.setdefault(file_of(item), []).append(item)
    shares: list[list[ItemT]] = [[] for _ in range(workers)]
    for file in sorted(files.values(), key=len, reverse=True):
        min(shares, key=len).extend(file)
    return shares


def _mixed(slow: list[ItemT], quick: list[ItemT]) -> list[ItemT]:
    """One after the other in the measure of their numbers."""
    found: list[ItemT] = []
    given = 0
    for number, item in enumerate(slow):
        upto = len(quick) * number // max(len(slow), 1)
        found += quick[given:upto]
        given = upto
        found.append(item)
    return found + quick[given:]
