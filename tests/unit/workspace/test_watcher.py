"""Changes on disk, as they are told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from kafka_agent_studio.workspace.recent import RecentWorkspaces
from kafka_agent_studio.workspace.watcher import WorkspaceWatcher
from tests.unit.workspace.files import AGENT, INBOUND, write


class _Watch:
    """A watcher whose first look is taken, and what it has told."""

    def __init__(self, root: Path) -> None:
        self.watcher = WorkspaceWatcher(root=root, interval_s=0.2, debounce_ms=20)
        self._changes = self.watcher.changes()

    async def until(self, path: str) -> set[str]:
        """Return all that was told until a change of `path` came."""
        told: set[str] = set()
        while path not in told:
            told |= await anext(self._changes)
        return told


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[_Watch]:
    root = write(tmp_path / "ws", {"agents/a.yaml": AGENT, "connectors/i.yaml": INBOUND, "studio.yaml": ""})
    watch = _Watch(root)
    async with aclosing(watch._changes):  # type: ignore[type-var]
        first = asyncio.ensure_future(watch.until("agents/first.yaml"))
        while not first.done():
            write(root, {"agents/first.yaml": AGENT})
            await asyncio.wait([first], timeout=0.05)
            (root / "agents/first.yaml").unlink(missing_ok=True)
        await first
        yield watch
        watch.watcher.stop()


async def test_written_made_and_removed_files_are_told(tmp_path: Path, watch: _Watch) -> None:
    root = tmp_path / "ws"
    write(root, {"agents/a.yaml": AGENT + "timeout: 1\n"})
    await watch.until("agents/a.yaml")
    write(root, {"studio.yaml": "name: x\n"})
    await watch.until("studio.yaml")
    (root / "connectors/i.yaml").unlink()
    await watch.until("connectors/i.yaml")


async def test_new_folders_are_watched_too(tmp_path: Path, watch: _Watch) -> None:
    root = tmp_path / "ws"
    write(root, {"tools/deep/m.py": "x = 1\n"})
    await watch.until("tools/deep/m.py")
    write(root, {"tools/deep/m.py": "x = 22\n"})
    await watch.until("tools/deep/m.py")


async def test_other_files_are_not_told(tmp_path: Path, watch: _Watch) -> None:
    root = tmp_path / "ws"
    write(
        root,
        {
            ".studio/lock": "x",
            "README.md": "x",
            "agents/.a.yaml.swp": "x",
            "agents/.a.yaml": "x",
            "agents/a.yaml~": "x",
            "tools/__pycache__/m.pyc": "x",
            "agents/b.yaml": AGENT,
        },
    )
    assert await watch.until("agents/b.yaml") <= {"agents/b.yaml", "agents/first.yaml"}


async def test_a_folder_that_goes_and_comes_back(tmp_path: Path, watch: _Watch) -> None:
    root = tmp_path / "ws"
    root.rename(tmp_path / "elsewhere")
    assert {"agents/a.yaml", "connectors/i.yaml", "studio.yaml"} <= await watch.until("studio.yaml")
    (tmp_path / "elsewhere").rename(root)
    await watch.until("studio.yaml")
    write(root, {"agents/a.yaml": AGENT + "timeout: 2\n"})
    await watch.until("agents/a.yaml")


async def test_it_stops_when_told(watch: _Watch) -> None:
    waiting = asyncio.ensure_future(watch.until("agents/never.yaml"))
    await asyncio.sleep(0)
    watch.watcher.stop()
    with pytest.raises(StopAsyncIteration):
        await waiting


def test_recent_workspaces_are_remembered_newest_first(tmp_path: Path) -> None:
    recent = RecentWorkspaces(file=tmp_path / "config" / "workspaces.json")
    assert recent.last() is None
    for name in ("a", "b", "a", "gone"):
        (tmp_path / name).mkdir(exist_ok=True)
        recent.opened(tmp_path / name)
    (tmp_path / "gone").rmdir()
    assert RecentWorkspaces(file=tmp_path / "config" / "workspaces.json").recent() == [tmp_path / "a", tmp_path / "b"]
    recent.forget(tmp_path / "a")
    assert recent.last() == tmp_path / "b"


def test_trust_is_given_once_per_folder(tmp_path: Path) -> None:
    recent = RecentWorkspaces(file=tmp_path / "workspaces.json")
    assert not recent.is_trusted(tmp_path)
    recent.trust(tmp_path)
    assert recent.is_trusted(tmp_path)
    assert not recent.is_trusted(tmp_path / "below")


def test_a_damaged_list_counts_as_empty(tmp_path: Path) -> None:
    (tmp_path / "workspaces.json").write_text('{"recent": [1, null], "trusted": ')
    recent = RecentWorkspaces(file=tmp_path / "workspaces.json")
    assert recent.recent() == []
    recent.opened(tmp_path)
    assert recent.last() == tmp_path


def test_a_list_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way of the folder")
    recent = RecentWorkspaces(file=tmp_path / "file" / "workspaces.json")
    recent.opened(tmp_path)
    assert recent.last() is None
