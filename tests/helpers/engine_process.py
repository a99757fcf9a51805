"""The engine as a process of its own, as on a server: started, asked to stop, killed."""

import contextlib
import resource
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.helpers.child_process import ChildProcess

_PROGRAM = """
import sys
{preparations}
from kafka_agent_studio.main import main
sys.exit(main())
"""
_SHORT_SESSION = """
from kafka_agent_studio.engine.kafka import inbound
inbound.SESSION_TIMEOUT_MS, inbound.HEARTBEAT_MS = 6_000, 1_000
"""
"""The group gives a killed member up after the shortest time that brokers allow."""
_OWN_CLOCK = """
import mmap, struct, time
with open({clock_file!r}, "r+b") as file:
    ahead_s = mmap.mmap(file.fileno(), 8)
true_time, true_time_ns = time.time, time.time_ns
time.time = lambda: true_time() + struct.unpack("d", ahead_s[:8])[0]
time.time_ns = lambda: true_time_ns() + round(struct.unpack("d", ahead_s[:8])[0] * 1e9)
"""
"""Its wall clock is ahead of the machine's by what stands in a file; what is measured stays monotonic, as on Linux."""
_OWN_DISK = ("unshare", "--user", "--map-root-user", "--mount")
_MOUNT = 'mount -t tmpfs -o size={size_bytes} none "$0" && exec "$@"'
TIMEOUT_S = 60.0


class EngineProcess:
    """`kafka-agent-studio run`; what it prints goes to `output_file`."""

    def __init__(
        self,
        *,
        root: Path,
        state_dir: Path,
        output_file: Path,
        is_session_short: bool,
        clock: "EngineClock | None" = None,
        disk_bytes: int | None = None,
    ) -> None:
        """Start it. disk_bytes: its state folder is a disk of its own, of this size, which is gone when it ends."""
        self.output_file = output_file
        preparations = _SHORT_SESSION if is_session_short else ""
        if clock is not None:
            preparations = _OWN_CLOCK.format(clock_file=str(clock.file)) + preparations
        command = [sys.executable, "-c", _PROGRAM.format(preparations=preparations)]
        command += ["run", str(root), "--state-dir", str(state_dir)]
        if disk_bytes is not None:
            state_dir.mkdir(parents=True, exist_ok=True)
            command = [*_OWN_DISK, "/bin/sh", "-c", _MOUNT.format(size_bytes=disk_bytes), str(state_dir), *command]
        self._process = ChildProcess(command, output_file=output_file)
        self._is_disk_own = disk_bytes is not None
        self._state_dir = state_dir

    @property
    def state_dir(self) -> Path:
        """Its state folder, as this process has to open it."""
        return Path(f"/proc/{self.pid}/root{self._state_dir}") if self._is_disk_own else self._state_dir

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

    def fill_disk(self) -> None:
        """Fill the disk of its own to the last byte."""
        with contextlib.suppress(OSError), self._ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(65_536))
        with contextlib.suppress(OSError), self._ballast.open("ab", buffering=0) as file:
            while True:
                file.write(bytes(1))

    def empty_disk(self) -> None:
        """Take what fill_disk() wrote away."""
        self._ballast.unlink()

    @property
    def _ballast(self) -> Path:
        return self.state_dir / "ballast"

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something is true. Raises: AssertionError, with what the engine printed."""
        deadline_s = time.monotonic() + TIMEOUT_S
        while not holds():
            assert self._process.is_running(), f"the engine ended, waiting for {what}:\n{self.output()[-3000:]}"
            assert time.monotonic() < deadline_s, f"waited in vain for {what}:\n{self.output()[-3000:]}"
            time.sleep(0.05)


class EngineClock:
    """What an engine process takes for the time of day; the machine's own goes on as it is."""

    def __init__(self, file: Path) -> None:
        """Begin with the machine's time. `file` is where the process looks."""
        self.file = file
        self.jump(0)

    def jump(self, ahead_s: float) -> None:
        """Be so far ahead of the machine's clock from now on, behind it where negative."""
        mode = "r+b" if self.file.exists() else "wb"
        with self.file.open(mode) as file:
            file.write(struct.pack("d", ahead_s))


def missing_disk_reason() -> str | None:
    """Return why a process cannot be given a disk of its own here; None where it can."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return "a disk of its own needs Linux and unshare"
    mount = _MOUNT.format(size_bytes=1_000_000)
    tried = subprocess.run(
        [*_OWN_DISK, "/bin/sh", "-c", mount, "/mnt", "true"], capture_output=True, text=True, check=False
    )
    return None if tried.returncode == 0 else f"this machine gives no disk of its own: {tried.stderr.strip()}"
