"""Tells which files of a workspace changed.

What counts is the difference between two looks at the folder; the operating system's notices, through watchfiles, only
say when to look, so none of them has to be complete. The folder may be renamed, deleted and come back: its files are
then gone, and there again.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import msgspec
from watchfiles import DefaultFilter, awatch

from kafka_agent_studio.workspace.settings_file import SETTINGS_FILE

FOLDERS = ("agents", "connections", "connectors", "schemas", "tools")
_ENDINGS = {"tools": (".py",), "schemas": (".json",)}

Stamp = tuple[int, int, int]
"""What tells two versions of a file apart: time of change in ns, size in bytes, inode."""


class WorkspaceWatcher:
    """Watches the files that `load_workspace` reads."""

    def __init__(self, *, root: Path, interval_s: float = 2.0, debounce_ms: int = 100) -> None:
        """`interval_s` is how often to look without any notice."""
        self._root = root
        self._interval_s = interval_s
        self._debounce_ms = debounce_ms
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """End `changes` at once; on the loop's thread."""
        self._stop.set()

    async def begin(self) -> AsyncIterator[frozenset[str]]:
        """Take the first look and return the changes from then on: who reads the files afterwards misses none."""
        return self._changes_since(await asyncio.to_thread(_look, self._root))

    async def changes(self) -> AsyncIterator[frozenset[str]]:
        """Yield the paths, relative to the workspace, that were written, made or removed, until `stop`.

        The first look is taken when the iteration begins; changes from then on are told, also those that happen
        while the consumer is busy with earlier ones.
        """
        async for changed in await self.begin():
            yield changed

    async def _changes_since(self, seen: "_Look") -> AsyncIterator[frozenset[str]]:
        while not self._stop.is_set():
            async with aclosing(self._notices()) as notices:
                async for _ in notices:
                    before, seen = seen, await asyncio.to_thread(_look, self._root)
                    changed = {path for path, _ in before.files.items() ^ seen.files.items()}
                    if changed:
                        yield frozenset(changed)
                    if self._stop.is_set() or seen.folders != before.folders:
                        break

    async def _notices(self) -> AsyncGenerator[None, None]:
        """Yield when it is time to look: something happened, or `interval_s` went by. Ends when watching is lost."""
        folders = [folder for folder in _watched_folders(self._root) if folder.is_dir()]
        if not folders:
            await self._pause()
            yield
            return
        watching = awatch(
            *folders,
            watch_filter=DefaultFilter(),
            debounce=self._debounce_ms,
            stop_event=self._stop,
            rust_timeout=int(self._interval_s * 1000),
            yield_on_timeout=True,
            recursive=False,
        )
        try:
            async with aclosing(watching) as notices:
                async for _ in notices:
                    yield
        except (OSError, RuntimeError):  # a folder went away, or the system has no more watches to give
            await self._pause()
            yield

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), self._interval_s)
        except TimeoutError:
            return


def _watched_folders(root: Path) -> Iterator[Path]:
    """Yield the folders to watch, one by one: a workspace may hold a `.venv` with more files than can be watched."""
    yield root
    for folder in FOLDERS:
        for directory, names, _ in os.walk(root / folder):
            names[:] = [name for name in names if not name.startswith((".", "__"))]
            yield Path(directory)


class _Look(msgspec.Struct, frozen=True):
    """The workspace's files, with what tells two versions of each apart, and its folders."""

    files: dict[str, Stamp]
    folders: frozenset[Path]


def _look(root: Path) -> _Look:
    files: dict[str, Stamp] = {}
    folders = set()
    for directory in _watched_folders(root):
        top = directory.relative_to(root).parts[:1]
        endings = _ENDINGS.get(top[0], (".yaml", ".yml")) if top else (SETTINGS_FILE,)
        try:
            entries = list(os.scandir(directory))
        except OSError:
            continue
        folders.add(directory)
        for entry in entries:
            stamp = _stamp(entry) if entry.name.endswith(endings) and not entry.name.startswith(".") else None
            if stamp is not None:
                files[Path(entry.path).relative_to(root).as_posix()] = stamp
    return _Look(files=files, folders=frozenset(folders))


def _stamp(entry: "os.DirEntry[str]") -> Stamp | None:
    try:
        status = entry.stat()
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_size, status.st_ino)
