"""A child process that cannot outlive this one, whatever ends it."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path


class ChildProcess:
    """A command whose output goes to a file, and which is killed when this process ends, even by SIGKILL.

    A watcher reads from a pipe that only we hold open: its end means that we are gone. Linux's PR_SET_PDEATHSIG needs
    no watcher, but fires when the THREAD that started the child ends, and exists on Linux alone.
    """

    def __init__(self, command: Sequence[str], *, output_file: Path) -> None:
        with output_file.open("ab") as output:
            # A session of its own: Ctrl+C in the terminal is for the test run, which then ends this in good order.
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
        self._watcher = subprocess.Popen(
            ["/bin/sh", "-c", f"read -r _; kill -KILL {self._process.pid} 2>/dev/null"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The process id of the command."""
        return self._process.pid

    def is_running(self) -> bool:
        """Whether the command has not ended; a frozen one has not."""
        return self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; a command that has ended does not get it."""
        if self.is_running():
            os.kill(self._process.pid, number)

    def end(self, *, graceful_s: float = 0.0) -> None:
        """End the command and wait for it: SIGTERM, then SIGKILL after `graceful_s` seconds; 0 is SIGKILL at once."""
        self._end_watcher()
        if graceful_s > 0:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(graceful_s)
        self.signal(signal.SIGKILL)
        self._process.wait()

    def _end_watcher(self) -> None:
        # Before the command: afterwards its process id may already be somebody else's.
        self._watcher.kill()
        self._watcher.wait()
        if self._watcher.stdin is not None:
            self._watcher.stdin.close()
