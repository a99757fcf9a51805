"""The folder for the state of this machine: runs, lock, logs. `.studio` in the workspace unless told otherwise."""

from pathlib import Path

STATE_DIR = ".studio"


class StateDirError(Exception):
    """The state folder cannot be used; the message is one sentence with what to do."""


def open_state_dir(root: Path, override: Path | None = None) -> Path:
    """Return the state folder, made where it is missing, absolute and known to be writable.

    Raises:
        StateDirError: it cannot be made or written.
    """
    path = (root / STATE_DIR if override is None else override).absolute()
    try:
        path.mkdir(parents=True, exist_ok=True)
        ignore = path / ".gitignore"
        if override is None and not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        probe = path / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        words = f"the state folder {path} cannot be written ({error.strerror or error})"
        raise StateDirError(f"{words}; choose another with --state-dir") from error
    return path
