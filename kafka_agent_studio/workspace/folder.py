"""Reading the workspace's folder: which files belong to it, and their text."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from kafka_agent_studio.workspace.problems import Place, ProblemLog
from kafka_agent_studio.workspace.yaml_source import Node, parse_yaml


class Folder(msgspec.Struct, frozen=True):
    """The folder of a workspace. Paths go out relative to it, with `/`.

    `drafts` are texts that count in place of files, by path, so that a text can be checked before it is saved.
    """

    root: Path
    problems: ProblemLog
    drafts: Mapping[str, str] = msgspec.field(default_factory=dict)

    def files(self, folder: str, suffix: str, *, deep: bool = False) -> Iterator[str]:
        """Yield the files of `folder` that end in `suffix`, in order; hidden ones and those of caches are left out."""
        found = {path for path in self.drafts if path.startswith(folder + "/") and path.endswith(suffix)}
        for directory, names, files in os.walk(self.root / folder, onerror=self._unlisted):
            names[:] = [n for n in names if not n.startswith((".", "__"))] if deep else []
            for name in files:
                if name.endswith(suffix) and not name.startswith("."):
                    found.add((Path(directory) / name).relative_to(self.root).as_posix())
        yield from sorted(found)

    def read_text(self, file: str) -> str | None:
        """Return a file's text; None, and a problem, where it cannot be read."""
        if file in self.drafts:
            return self.drafts[file]
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
            return file in self.drafts or (self.root / file).is_file()
        except (OSError, ValueError):
            return False

    def _unlisted(self, error: OSError) -> None:
        path = Path(error.filename)
        if path != self.root and not isinstance(error, FileNotFoundError | NotADirectoryError):
            self.problems.error(Place(path.relative_to(self.root).as_posix()), f"cannot be listed: {error.strerror}")
