"""Keeps stdout for what a command writes there: whatever a tool prints goes to stderr instead."""

import contextlib
import sys
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def own_stdout() -> Iterator[Callable[[str], None]]:
    """Give a function that writes text to stdout and flushes; meanwhile `print` of everybody else goes to stderr."""
    out = sys.stdout

    def write(text: str) -> None:
        out.write(text)
        out.flush()

    with contextlib.redirect_stdout(sys.stderr):
        yield write
