"""A job that waits where it is until a person lets it go on."""

import threading


class Hold:
    """Told on the engine's loop, asked in the job's thread. Waiting takes no time of the processor."""

    def __init__(self) -> None:
        self.objection = ""
        """Why the job must not go on after all: a sentence; empty while it may."""
        self._is_over = False
        self._may_go_on = threading.Event()
        self._may_go_on.set()

    @property
    def is_held(self) -> bool:
        """Whether the job has to wait."""
        return not self._may_go_on.is_set()

    def hold(self) -> None:
        """Let the job wait at its next look; one that is ending is not held up."""
        if not self._is_over:
            self._may_go_on.clear()

    def let_go(self, objection: str = "") -> None:
        """Let it go on, or, with an objection, fail for that reason."""
        self.objection = objection
        self._may_go_on.set()

    def end(self) -> None:
        """Wake it for the last time: it was cancelled."""
        self._is_over = True
        self._may_go_on.set()

    def wait(self) -> None:
        """Return when the job may go on, or has to end."""
        self._may_go_on.wait()
