"""Reading the workspace's folder: which files belong to it, and their text."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kafka_agent_studio.workspace.problems import Place, ProblemLog
from kafka_agent_studio.workspace.yaml_source import Node, parse_yaml


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of a workspace. Paths go out relative to it, with `/`."""

    root: Path
    problems: ProblemLog

    def files(self, folder: str, suffix: str, *, deep: bool = False) -> Iterator[str]:
        """Yield the files of `folder` that end in `suffix`, in order; hidden ones and those of caches are left out."""
        for directory, names, files in os.walk(self.root / folder, onerror=self._unlisted):
            names[:] = sorted(n for n in names if not n.startswith((".", "__"))) if deep else []
            for name in sorted(files):
                if name.endswith(suffix) and not name.startswith("."):
                    yield (Path(directory) / name).relative_to(self.root).as_posix()

    def read_text(self, file: str) -> str | None:
        """Return a file's text; None, and a problem, where it cannot be read."""
        try:
            data = (self.root / file).read_bytes()
        except OSError as error:
            self.problems.error(Place(file), f"cannot be read: {error.strerror or error}")
            return None
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = data[: error.start]
            line = before.count(b"\n") + 1
            column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", errors="replace")) + 1
            self.problems.error(Place(file, line, column), "not UTF-8 text; save the file as UTF-8")
            return None

    def read_yaml(self, file: str) -> Node | None:
        """Return the document of a YAML file; None, and a problem, where it cannot be read."""
        text = self.read_text(file)
        return None if text is None else parse_yaml(text, file, self.problems)

    def exists(self, file: str) -> bool:
        """Whether a path that a file mentions, relative to the workspace or absolute, is a file."""
        try:
            return (self.root / file).is_file()
        except (OSError, ValueError):
            return False

    def _unlisted(self, error: OSError) -> None:
        path = Path(error.filename)
        if path != self.root and not isinstance(error, FileNotFoundError | NotADirectoryError):
            self.problems.error(Place(path.relative_to(self.root).as_posix()), f"cannot be listed: {error.strerror}")
