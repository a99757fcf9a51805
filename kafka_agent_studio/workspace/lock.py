"""One engine per state folder: an OS lock that dies with its process, and who holds it.

Source: flock(2); LockFileEx through msvcrt.locking on Windows.
"""

import contextlib
import json
import os
import socket
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

LOCK_FILE = "lock"

_LOCKED_AT = 1 << 30
"""The byte that is locked on Windows, far behind the text: there, a locked byte cannot be read by others."""


class LockHolder(msgspec.Struct, frozen=True):
    """Who holds a lock: the workspace's name, the process, and the machine it runs on."""

    name: str
    pid: int
    host: str

    def __str__(self) -> str:
        here = "" if self.host == socket.gethostname() else f" on {self.host}"
        return f"'{self.name}' (process {self.pid}{here})"


class LockHeldError(Exception):
    """Another engine uses the state folder; `holder` is None where it cannot be told which."""

    def __init__(self, state_dir: Path, holder: LockHolder | None) -> None:
        who = "another engine" if holder is None else f"the engine of {holder}"
        super().__init__(f"{who} already runs on {state_dir}; stop it first, or choose another --state-dir")
        self.holder = holder


class EngineLock:
    """Held from `acquire` until `release`, or until the process dies."""

    def __init__(self, *, state_dir: Path, name: str) -> None:
        self._state_dir = state_dir
        self._path = state_dir / LOCK_FILE
        self._name = name
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock without waiting.

        Raises:
            LockHeldError: another process, or another lock of this one, holds it.
            OSError: the lock file cannot be opened.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(descriptor)
        except OSError:
            os.close(descriptor)
            raise LockHeldError(self._state_dir, lock_holder(self._state_dir)) from None
        text = json.dumps({"name": self._name, "pid": os.getpid(), "host": socket.gethostname()})
        os.ftruncate(descriptor, 0)
        os.write(descriptor, text.encode())
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; does nothing where it is not held."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            with contextlib.suppress(OSError):
                _unlock(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        """Acquire."""
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release."""
        self.release()


def lock_holder(state_dir: Path) -> LockHolder | None:
    """Return who wrote the lock file last; None where it is empty or cannot be read. Says nothing of who is alive."""
    try:
        data = json.loads((state_dir / LOCK_FILE).read_text(encoding="utf-8"))
        return LockHolder(name=str(data["name"]), pid=int(data["pid"]), host=str(data["host"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, _LOCKED_AT, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, _LOCKED_AT, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
