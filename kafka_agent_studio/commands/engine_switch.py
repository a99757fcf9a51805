"""The engine behind a window, and the next one in its place: at most one runs, and each holds its own lock."""

import asyncio
import json
import logging
import threading
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import msgspec

from kafka_agent_studio.api.commands import Command
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.api.words import one_line
from kafka_agent_studio.api.workspaces import OpenWorkspace
from kafka_agent_studio.engine.first_look import first_look
from kafka_agent_studio.engine.host import EngineHost, HostedEngine
from kafka_agent_studio.engine.options import EngineOptions, engine_lock
from kafka_agent_studio.workspace.lock import EngineLock, LockHeldError
from kafka_agent_studio.workspace.recent import RecentWorkspaces
from kafka_agent_studio.workspace.sample import copy_sample
from kafka_agent_studio.workspace.save import write_atomically
from kafka_agent_studio.workspace.settings_file import SETTINGS_FILE
from kafka_agent_studio.workspace.state_dir import STATE_DIR, StateDirError

_log = logging.getLogger(__name__)


class _Running(msgspec.Struct, frozen=True):
    options: EngineOptions
    host: EngineHost
    lock: EngineLock | None
    """None where another process holds it, and this one looks on."""


class EngineSwitch:
    """A WorkspaceOpener over EngineHost. `new_options` says how a folder is opened, its trust included."""

    def __init__(self, *, recent: RecentWorkspaces, new_options: Callable[[Path], EngineOptions]) -> None:
        self._recent = recent
        self._new_options = new_options
        self._running: _Running | None = None
        self._switching = threading.Lock()

    # for the command

    def prepare(self, options: EngineOptions) -> OpenWorkspace:
        """Take the lock of the first engine, which begin() starts; its client answers at once with what the files say.

        Raises:
            StateDirError, OSError: the folder cannot be read or written.
        """
        lock, reason = _take_lock(options)
        self._running = _Running(options, _new_host(options, reason=reason, is_early=True), lock)
        return OpenWorkspace(self._running.host, self.identity_of(options))

    def begin(self) -> None:
        """Start the engine that was prepared, on its own thread."""
        if self._running is not None:
            self._running.host.begin()

    def start(self, options: EngineOptions) -> OpenWorkspace:
        """Start the first engine; blocks. Raises: StateDirError, OSError, or what kept the engine from starting."""
        with self._switching:
            return self._start(options, *_take_lock(options))

    @property
    def failure(self) -> BaseException | None:
        """What kept the engine of the open workspace from starting; None where nothing did."""
        return None if self._running is None else self._running.host.failure

    def submit(self, command: Command[Any]) -> None:
        """Give the engine that runs a command, and do not wait for it."""
        if self._running is not None:
            self._running.host.submit(command)

    def close(self) -> None:
        """Stop the engine that runs; blocks, for a switch under way too."""
        with self._switching:
            self._stop()

    # for the window

    def recent(self) -> tuple[Path, ...]:
        """Return the workspaces opened last, newest first."""
        return tuple(self._recent.recent())

    def forget(self, root: Path) -> None:
        """Take a workspace off that list."""
        self._recent.forget(root)

    def identity(self, root: Path) -> str:
        """Return the state folder's path, which tells one engine from another."""
        return self.identity_of(self._new_options(root))

    def identity_of(self, options: EngineOptions) -> str:
        """Return it for options that say where the state is."""
        return str((options.root / STATE_DIR if options.state_dir is None else options.state_dir).resolve())

    async def open(self, root: Path) -> OpenWorkspace:
        """Open a folder in place of the one that is open. Raises: CommandRefused."""
        return await asyncio.to_thread(self._open, root)

    async def create(self, root: Path, *, with_sample: bool) -> OpenWorkspace:
        """Make a workspace and open it. Raises: CommandRefused."""

        def make() -> OpenWorkspace:
            _make_workspace(root, with_sample=with_sample)
            # What this program wrote itself needs no question.
            self._recent.trust(root)
            return self._open(root)

        return await asyncio.to_thread(make)

    # within

    def _open(self, root: Path) -> OpenWorkspace:
        if not root.is_dir():
            raise CommandRefused(f"There is no folder {root}.")
        if not self._switching.acquire(blocking=False):
            raise CommandRefused("Another workspace is being opened; wait until it is there.")
        try:
            return self._replace(self._new_options(root.resolve()))
        finally:
            self._switching.release()

    def _replace(self, options: EngineOptions) -> OpenWorkspace:
        before = self._running
        if before is not None and self.identity_of(before.options) == self.identity_of(options):
            raise CommandRefused(f"{options.root.name} is open already.")
        try:
            lock, reason = _take_lock(options)
        except (StateDirError, OSError) as error:
            raise CommandRefused(f"{options.root} cannot be opened: {_words(error)}.") from error
        self._stop()
        try:
            opened = self._start(options, lock, reason)
        except Exception as error:
            _log.exception("the engine of %s did not start", options.root)
            if before is None:
                raise CommandRefused(f"{options.root} cannot be opened: {_words(error)}.") from error
            again = self._start(before.options, *_take_lock(before.options))
            remark = f"{options.root} could not be opened: {_words(error)}. This is the workspace from before."
            return OpenWorkspace(again.client, again.identity, remark)
        self._recent.opened(options.root)
        return opened

    def _start(self, options: EngineOptions, lock: EngineLock | None, reason: str) -> OpenWorkspace:
        host = _new_host(options, reason=reason)
        try:
            host.start()
        except BaseException:
            host.close()
            if lock is not None:
                lock.release()
            raise
        self._running = _Running(options, host, lock)
        return OpenWorkspace(host, self.identity_of(options))

    def _stop(self) -> None:
        running, self._running = self._running, None
        if running is None:
            return
        has_ended = running.host.close()
        if not has_ended:
            # Its lock stays until the process ends: a second engine on the same folder would be worse.
            _log.error("the engine of %s did not end in time", running.options.root)
        elif running.lock is not None:
            running.lock.release()


def _new_host(options: EngineOptions, *, reason: str, is_early: bool = False) -> EngineHost:
    """Return the host of an engine, or of an onlooker where there is a `reason` to look on only."""

    async def new() -> HostedEngine:
        # imported on the engine's thread, after the window is there: it is most of what a start takes
        from kafka_agent_studio.bootstrap import build_engine, build_onlooker

        return await (build_onlooker(options, reason=reason) if reason else build_engine(options))

    return EngineHost(new, first_look=cache(partial(first_look, options)) if is_early else None)


def _take_lock(options: EngineOptions) -> tuple[EngineLock | None, str]:
    """Return the lock, held, or None with whose it is. Raises: StateDirError, OSError."""
    lock = engine_lock(options)
    try:
        lock.acquire()
    except LockHeldError as error:
        return None, str(error)
    return lock, ""


def _make_workspace(root: Path, *, with_sample: bool) -> None:
    try:
        if root.exists() and (not root.is_dir() or any(root.iterdir())):
            raise CommandRefused(f"{root} is not empty: choose another name, or open the folder as it is.")
        if with_sample:
            copy_sample(root)
        else:
            root.mkdir(parents=True, exist_ok=True)
            write_atomically(root / SETTINGS_FILE, f"name: {json.dumps(root.name, ensure_ascii=False)}\n".encode())
    except OSError as error:
        raise CommandRefused(f"{root} cannot be made: {_words(error)}.") from error


def _words(error: Exception) -> str:
    fault = getattr(error, "fault", None)
    if fault is not None:
        return one_line(fault)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)
