"""The workspace as if some of its files held another text; nothing of it is written to the workspace."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from kafka_agent_studio.workspace.loader import LoadedWorkspace, load_workspace
from kafka_agent_studio.workspace.save import inside


def load_draft(root: Path, changes: Mapping[str, str | None], *, environ: Mapping[str, str]) -> LoadedWorkspace:
    """Read the workspace with `changes` (path → text, None: no such file) in the place of what the disk holds.

    Tools are not imported: a draft runs no code. Raises: SaveError where a path leads out of the workspace.
    """
    with _overlaid(root, changes) as folder:
        return load_workspace(folder, environ=environ, trust_tools=False)


@contextmanager
def _overlaid(root: Path, changes: Mapping[str, str | None]) -> Iterator[Path]:
    """A folder of links to the workspace's entries, with real files and folders where the changes are."""
    with tempfile.TemporaryDirectory(prefix="kafka-agent-studio-") as temporary:
        # of the same name, since a workspace without a name of its own is called like its folder
        folder = Path(temporary) / (root.resolve().name or "workspace")
        folder.mkdir()
        for path in changes:
            inside(root, path)
        _link(root.resolve(), folder, {Path(path).parts: text for path, text in changes.items()})
        yield folder


def _link(source: Path, target: Path, changes: Mapping[tuple[str, ...], str | None]) -> None:
    here = {parts[0]: text for parts, text in changes.items() if len(parts) == 1}
    below = {parts[0] for parts in changes if len(parts) > 1}
    if source.is_dir():
        for entry in source.iterdir():
            if entry.name not in here and entry.name not in below and not entry.name.startswith("."):
                (target / entry.name).symlink_to(entry)
    for name, text in here.items():
        if text is not None:
            (target / name).write_text(text, encoding="utf-8")
    for name in below:
        (target / name).mkdir()
        _link(source / name, target / name, {p[1:]: t for p, t in changes.items() if len(p) > 1 and p[0] == name})
