"""The engine as a process of its own, as on a server: started, asked to stop, killed."""

import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.helpers.child_process import ChildProcess

_SHORT_SESSION = """
import sys
from kafka_agent_studio.engine.kafka import inbound
inbound.SESSION_TIMEOUT_MS, inbound.HEARTBEAT_MS = 6_000, 1_000
from kafka_agent_studio.main import main
sys.exit(main())
"""
"""The same program, but the group gives a killed member up after the shortest time that brokers allow."""
TIMEOUT_S = 60.0


class EngineProcess:
    """`kafka-agent-studio run`; what it prints goes to `output_file`."""

    def __init__(self, *, root: Path, state_dir: Path, output_file: Path, is_session_short: bool) -> None:
        self.state_dir = state_dir
        self.output_file = output_file
        start = ["-c", _SHORT_SESSION] if is_session_short else ["-m", "kafka_agent_studio"]
        arguments = ["run", str(root), "--state-dir", str(state_dir)]
        self._process = ChildProcess([sys.executable, *start, *arguments], output_file=output_file)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def output(self) -> str:
        """What it and those before it printed so far."""
        return self.output_file.read_text(errors="replace")

    def kill(self) -> None:
        """End it as kill -9 does."""
        self._process.end()

    def stop(self) -> None:
        """Ask it to stop, and wait. Raises: AssertionError where it took longer than it may."""
        began_s = time.monotonic()
        self._process.end(graceful_s=TIMEOUT_S)
        assert time.monotonic() - began_s < TIMEOUT_S, f"it did not stop:\n{self.output()[-2000:]}"

    def freeze(self) -> None:
        """Stop it in its tracks."""
        self._process.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._process.signal(signal.SIGCONT)

    def limit_files(self, size_bytes: int | None) -> None:
        """Let no file of it grow beyond a size, as on a full disk; None lifts that. Linux only."""
        limit = resource.RLIM_INFINITY if size_bytes is None else size_bytes
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something is true. Raises: AssertionError, with what the engine printed."""
        deadline_s = time.monotonic() + TIMEOUT_S
        while not holds():
            assert self._process.is_running(), f"the engine ended, waiting for {what}:\n{self.output()[-3000:]}"
            assert time.monotonic() < deadline_s, f"waited in vain for {what}:\n{self.output()[-3000:]}"
            time.sleep(0.05)
