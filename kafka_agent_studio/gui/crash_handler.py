"""Keeps what is known of a crash in a file, so that the next start can offer it. Nothing is ever sent anywhere.

Each process writes `crash-<pid>-<start>.txt` in a folder of the person's own: an exception that nobody caught, in any
thread, and, where the process dies of a signal, the stacks that faulthandler can still write.
"""

import faulthandler
import logging
import os
import platform
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TextIO

_PATTERN = "crash-*.txt"
_EMPTY_FOR_S = 30 * 86_400.0
"""An empty file this old belongs to a process that was killed, and says nothing."""
_MOST_RECORDS = 20
"""Of one process: an exception in a timer would otherwise fill the disk."""

_log = logging.getLogger(__name__)


class CrashHandler:
    """Installed for as long as the window is there. A folder that cannot be written means that nothing is kept."""

    def __init__(self, *, folder: Path) -> None:
        self._folder = folder
        self._file: TextIO | None = None
        self._path = folder / f"crash-{os.getpid()}-{time.time_ns()}.txt"
        self._records = 0
        self._owns_faulthandler = False
        self._excepthook = sys.excepthook
        self._thread_hook = threading.excepthook
        self.on_record: Callable[[str], None] | None = None
        """Called with the last line of what was recorded, in the thread where it happened."""

    def install(self) -> None:
        """Begin to listen; hooks that were there before are still called."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("w", encoding="utf-8")
        except OSError as error:
            _log.warning("a crash will leave no report: %s", error)
        self._excepthook, sys.excepthook = sys.excepthook, self._on_exception
        self._thread_hook, threading.excepthook = threading.excepthook, self._on_thread_exception
        if self._file is not None and not faulthandler.is_enabled():
            faulthandler.enable(self._file)
            self._owns_faulthandler = True

    def remove(self) -> None:
        """Stop listening; the file is deleted where nothing was written."""
        sys.excepthook, threading.excepthook = self._excepthook, self._thread_hook
        if self._owns_faulthandler:
            faulthandler.disable()
            self._owns_faulthandler = False
        if self._file is not None:
            self._file.close()
            self._file = None
            if not self._path.stat().st_size:
                self._path.unlink()

    def record(self, where: str, error: BaseException) -> None:
        """Write an exception down; `where` names the task or thread."""
        self._records += 1
        if self._file is not None and self._records <= _MOST_RECORDS:
            when = time.strftime("%Y-%m-%d %H:%M:%S %z")
            system = f"Python {platform.python_version()}, {platform.platform()}"
            self._file.write(f"{when}, {where}, {system}\n{''.join(traceback.format_exception(error))}\n")
            self._file.flush()
        if self.on_record is not None:
            self.on_record(traceback.format_exception_only(error)[-1].strip())

    def earlier_reports(self) -> str:
        """Return what earlier processes left, newest last, "" where there is nothing."""
        texts = []
        for path in self._earlier():
            try:
                texts.append(path.read_text(encoding="utf-8", errors="replace"))
            except OSError as error:
                _log.warning("%s cannot be read: %s", path, error)
        return "\n".join(text for text in texts if text.strip())

    def forget_earlier(self) -> None:
        """Delete what earlier processes left."""
        for path in self._earlier():
            try:
                if path.stat().st_size or time.time() - path.stat().st_mtime > _EMPTY_FOR_S:
                    path.unlink()
            except OSError as error:
                _log.warning("%s cannot be deleted: %s", path, error)

    def _earlier(self) -> list[Path]:
        return sorted(
            (path for path in self._folder.glob(_PATTERN) if path != self._path), key=lambda path: path.stat().st_mtime
        )

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            self.record("window", error)
        self._excepthook(kind, error, trace)

    def _on_thread_exception(self, given: threading.ExceptHookArgs) -> None:
        if given.exc_value is not None and not isinstance(given.exc_value, SystemExit):
            self.record("thread " + (given.thread.name if given.thread is not None else "?"), given.exc_value)
        self._thread_hook(given)
