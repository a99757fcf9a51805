"""Runs a coroutine at once, without a loop, for tests of widgets that submit commands to a fake engine."""

from collections.abc import Coroutine
from typing import Any


class ImmediateTasks:
    """What TaskGroupOwner is to the window, for work that never waits."""

    def start(self, name: str, work: Coroutine[Any, Any, Any], /) -> object:
        """Run `work` to its end. Raises: AssertionError where it waits for something."""
        try:
            work.send(None)
        except StopIteration as end:
            return end.value
        work.close()
        raise AssertionError(f"{name} waits for something, which a fake engine never does")
