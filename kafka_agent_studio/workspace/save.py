"""Writes workspace files: each atomically, several all or none, symbolic links and permissions kept."""

import contextlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path


class SaveError(Exception):
    """Nothing was written; the message is one sentence that says why."""


def write_atomically(path: Path, data: bytes) -> None:
    """Put `data` in place of a file's content: whoever reads sees the old or the new, also after a power cut.

    A symbolic link stays one (its target is replaced), and permissions stay as they were. Raises: OSError.
    """
    target = path.resolve()
    staged = _stage(target, data)
    try:
        staged.replace(target)
    except OSError:
        staged.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def read_files(root: Path, paths: list[str]) -> dict[str, str | None]:
    """Return the text of each path below `root`, None where there is no file; Raises: SaveError."""
    return {path: _read(inside(root, path)) for path in paths}


def save_files(
    root: Path, changes: Mapping[str, str | None], *, expected: Mapping[str, str | None] | None = None
) -> dict[str, str | None]:
    """Write (text) or delete (None) files below `root`, all or none; returns what stood there before.

    Raises:
        SaveError: a path leads out of the workspace, the disk refuses, or a file is not as `expected` (its text, or
            None for no file). Nothing has changed then.
    """
    for path, text in (expected or {}).items():
        if _read(inside(root, path)) != text:
            raise SaveError(f"{path} was changed meanwhile by someone else; nothing was saved")
    before = read_files(root, list(changes))
    staged: dict[str, Path] = {}
    done: list[str] = []
    try:
        for path, text in changes.items():
            if text is not None:
                target = inside(root, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                staged[path] = _stage(target, text.encode("utf-8"))
        for path, text in changes.items():
            done.append(path)
            if text is None:
                inside(root, path).unlink(missing_ok=True)
            else:
                staged[path].replace(inside(root, path))
                del staged[path]
    except (OSError, UnicodeEncodeError) as error:
        for leftover in staged.values():
            with contextlib.suppress(OSError):
                leftover.unlink(missing_ok=True)
        _put_back(root, {path: before[path] for path in done})
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SaveError(f"nothing was saved: {reason}") from error
    for folder in {inside(root, path).parent for path in changes}:
        _sync_folder(folder)
    return before


def inside(root: Path, path: str) -> Path:
    """Return the file that a relative path names, symbolic links followed; Raises: SaveError where it leads out."""
    parts = Path(path).parts
    if Path(path).is_absolute() or ".." in parts or not parts:
        raise SaveError(f"'{path}' is no path inside the workspace")
    return (root / path).resolve()


def _put_back(root: Path, before: Mapping[str, str | None]) -> None:
    for path, text in before.items():
        with contextlib.suppress(OSError):
            target = inside(root, path)
            if text is None:
                target.unlink(missing_ok=True)
            elif _read(target) != text:
                _stage(target, text.encode("utf-8")).replace(target)


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SaveError(f"{path.name} cannot be read: {reason}") from error


def _stage(target: Path, data: bytes) -> Path:
    """Write `data` beside `target` under a name of its own, durable, with the permissions that `target` has."""
    staged = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
    # O_BINARY: without it, Windows writes another line ending than it was given.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(staged, flags, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileNotFoundError):
            staged.chmod(target.stat().st_mode & 0o7777)
    except OSError:
        staged.unlink(missing_ok=True)
        raise
    return staged


def _sync_folder(folder: Path) -> None:
    """Make a rename durable; some systems and file systems do not offer this for folders."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
