"""The log: a file in the state folder that never grows beyond a few MB, and events for whoever looks at a log page."""

import asyncio
import logging
import logging.handlers
import sys
from collections.abc import Callable
from pathlib import Path

from kafka_agent_studio.api.events import Event, Logged

LOG_FILE = "logs/engine.log"
MAX_SIZE_BYTES = 5 * 1024 * 1024
OLD_FILES = 3
PACKAGE = "kafka_agent_studio"
_LISTENED = (PACKAGE, "aiokafka")


class EngineLogs:
    """Listens to the package's loggers and the client's, from `open` to `close`; lines below `level` are not told."""

    def __init__(self, *, state_dir: Path, publish_event: Callable[[Event], None], level: int = logging.INFO) -> None:
        self._file = state_dir / LOG_FILE
        self._publish_event = publish_event
        self._level = level
        self._handlers: list[logging.Handler] = []

    def open(self) -> None:
        """Begin; on the engine's loop. A file that cannot be written is no obstacle: the events still come."""
        self._handlers = [_ToEvents(asyncio.get_running_loop(), self._publish_event)]
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            to_file = _ToFile(self._file, maxBytes=MAX_SIZE_BYTES, backupCount=OLD_FILES, encoding="utf-8", delay=True)
        except OSError:
            pass
        else:
            to_file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
            self._handlers.append(to_file)
        for handler in self._handlers:
            handler.setLevel(self._level)
            for name in _LISTENED:
                logging.getLogger(name).addHandler(handler)
        package = logging.getLogger(PACKAGE)
        if package.level == logging.NOTSET:
            package.setLevel(self._level)

    def close(self) -> None:
        """Stop listening; safe to call twice."""
        for handler in self._handlers:
            for name in _LISTENED:
                logging.getLogger(name).removeHandler(handler)
            handler.close()
        self._handlers = []


class _ToFile(logging.handlers.RotatingFileHandler):
    """A line that finds no room on the disk is not in the file; it is on stderr and among the events all the same."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Keep quiet about a disk that does not take it; the logging module would print a traceback for each line."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


class _ToEvents(logging.Handler):
    """Lines come from any thread; events are published on the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, publish_event: Callable[[Event], None]) -> None:
        super().__init__()
        self._loop = loop
        self._publish_event = publish_event

    def emit(self, record: logging.LogRecord) -> None:
        line = Logged(
            at_us=round(record.created * 1e6),
            level=record.levelname,
            logger=record.name,
            message=record.getMessage(),
            run_id=getattr(record, "run_id", None),
            connector=getattr(record, "connector", None),
        )
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._publish_event, line)
