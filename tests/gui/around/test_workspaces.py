"""Other workspaces from the window: opened, made, refused, and the old engine stopped in good order."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.api.workspaces import OpenWorkspace
from kafka_agent_studio.commands.engine_switch import EngineSwitch
from kafka_agent_studio.engine.options import EngineOptions
from kafka_agent_studio.gui.application import run_window
from kafka_agent_studio.gui.dialogs.new_workspace import NewWorkspaceDialog
from kafka_agent_studio.gui.main_window import MainWindow
from kafka_agent_studio.gui.pages.overview import OverviewPage
from kafka_agent_studio.model.workspace import StudioSettings
from kafka_agent_studio.workspace.lock import EngineLock
from kafka_agent_studio.workspace.recent import RecentWorkspaces
from kafka_agent_studio.workspace.state_dir import open_state_dir
from tests.gui.around.walk import Walk, action, can_press, press
from tests.helpers.fake_engine import FakeEngineClient
from tests.helpers.gui_scene import make_snapshot, make_workspace


class _Opener:
    """Opens names as fakes; `refused` says why a name is not opened."""

    def __init__(self, *roots: Path) -> None:
        self.roots = roots
        self.opened: list[Path] = []
        self.refused: dict[str, str] = {}
        self.remark = ""

    def recent(self) -> tuple[Path, ...]:
        return self.roots

    def forget(self, root: Path) -> None:
        pass

    def identity(self, root: Path) -> str:
        return f"test {root}"

    async def open(self, root: Path) -> OpenWorkspace:
        if root.name in self.refused:
            raise CommandRefused(self.refused[root.name])
        self.opened.append(root)
        return OpenWorkspace(_client(root), self.identity(root), self.remark)

    async def create(self, root: Path, *, with_sample: bool) -> OpenWorkspace:
        return await self.open(root)


def _client(root: Path) -> FakeEngineClient:
    return FakeEngineClient(
        make_snapshot(workspace=make_workspace(root=root, settings=StudioSettings(name=root.name)), runs=())
    )


def _run(tmp_path: Path, opener: _Opener | EngineSwitch, first: OpenWorkspace, walk: Walk) -> None:
    run_window(
        client=first.client,
        identity=first.identity,
        opener=opener,
        on_ready=walk.on_ready,
        settings_file=tmp_path / "window.ini",
    )
    assert walk.stuck_at is None, f"waited in vain at step {walk.stuck_at} of {walk.windows}"


def _is_shown(name: str) -> Callable[[MainWindow], bool]:
    return lambda main: main.windowTitle().startswith(f"{name} –")


def test_a_recent_workspace_takes_the_windows_place(qapp: QApplication, tmp_path: Path) -> None:
    first, shop = _client(Path("/orders")), Path("/home/ada/shop")
    walk = Walk(
        [
            (_is_shown("orders"), lambda main: action(main, "Open shop").trigger()),
            (_is_shown("shop"), lambda main: None),
        ]
    )
    opener = _Opener(shop, Path("/orders"))
    _run(tmp_path, opener, OpenWorkspace(first, ""), walk)
    assert opener.opened == [shop]
    assert walk.windows == ["orders – Kafka Agent Studio", "shop – Kafka Agent Studio"]
    assert [subscription.is_closed for subscription in first.subscriptions] == [True]


def test_a_folder_that_cannot_be_opened_leaves_the_window_as_it_is(qapp: QApplication, tmp_path: Path) -> None:
    said: list[str] = []
    opener = _Opener(Path("/home/ada/shop"))
    opener.refused["shop"] = "There is no folder /home/ada/shop."
    walk = Walk(
        [
            (_is_shown("orders"), lambda main: action(main, "Open shop").trigger()),
            (lambda main: "There is no folder" in main.notices.text, lambda main: said.append(main.notices.text)),
        ]
    )
    _run(tmp_path, opener, OpenWorkspace(_client(Path("/orders")), ""), walk)
    assert said == ["There is no folder /home/ada/shop."]
    assert len(walk.windows) == 1


def test_a_workspace_that_is_made_gets_the_name_that_was_typed(qapp: QApplication, tmp_path: Path) -> None:
    opener = _Opener()

    def make(main: MainWindow) -> None:
        (dialog,) = main.findChildren(NewWorkspaceDialog)
        dialog.folder.setText(str(tmp_path))
        dialog.name.setText("a/b")
        assert not dialog.make.isEnabled()
        assert "cannot hold /" in dialog.says.text()
        dialog.name.setText("shop")
        dialog.make.click()

    walk = Walk(
        [
            (_is_shown("orders"), lambda main: action(main, "New workspace").trigger()),
            (lambda main: bool(main.findChildren(NewWorkspaceDialog)), make),
            (_is_shown("shop"), lambda main: None),
        ]
    )
    _run(tmp_path, opener, OpenWorkspace(_client(Path("/orders")), ""), walk)
    assert opener.opened == [tmp_path / "shop"]


# with engines


@pytest.fixture
def switch(tmp_path: Path) -> EngineSwitch:
    recent = RecentWorkspaces(file=tmp_path / "workspaces.json")
    return EngineSwitch(
        recent=recent,
        new_options=lambda root: EngineOptions(
            root=root,
            environ={},
            trust_tools=recent.is_trusted(root),
            remember_trust=lambda: recent.trust(root),
        ),
    )


def _options(root: Path) -> EngineOptions:
    root.mkdir(exist_ok=True)
    return EngineOptions(root=root, environ={})


def _is_free(root: Path) -> bool:
    lock = EngineLock(state_dir=open_state_dir(root), name="test")
    try:
        with lock:
            return True
    except Exception:
        return False


def test_three_clicks_on_an_empty_folder_bring_runs_and_then_another_workspace(
    qapp: QApplication, tmp_path: Path, switch: EngineSwitch
) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    RecentWorkspaces(file=tmp_path / "workspaces.json").opened(shop)
    runs: list[int] = []

    def click(name: str) -> tuple[Callable[[MainWindow], bool], Callable[[MainWindow], object]]:
        full = f"{name}: Do it for me with the sandbox"
        return (lambda main: can_press(main, full)), (lambda main: press(main, full))

    def has_runs(main: MainWindow) -> bool:
        return (
            isinstance(main.page, OverviewPage) and main.page.runs.isVisible() and main.page.runs.model().rowCount() > 0
        )

    def look(main: MainWindow) -> None:
        assert isinstance(main.page, OverviewPage)
        runs.append(main.page.runs.model().rowCount())
        action(main, "Open shop").trigger()

    walk = Walk(
        [
            click("Connection"),
            click("Connector"),
            click("Agent"),
            (has_runs, look),
            (_is_shown("shop"), lambda main: None),
        ]
    )
    try:
        _run(tmp_path, switch, switch.start(_options(tmp_path / "orders")), walk)
        assert runs[0] > 0
        assert _is_free(tmp_path / "orders")
        assert not _is_free(shop)
    finally:
        switch.close()
    assert _is_free(shop)
    assert {path.name for path in (tmp_path / "orders" / "connectors").iterdir()} == {
        "orders-in.yaml",
        "results-out.yaml",
    }


async def test_what_another_process_holds_is_looked_at_and_says_whose_it_is(
    tmp_path: Path, switch: EngineSwitch
) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    await asyncio.to_thread(switch.start, _options(tmp_path / "orders"))
    try:
        with EngineLock(state_dir=open_state_dir(shop), name="shop"):
            opened = await switch.open(shop)
            snapshot = await opened.client.snapshot()
            assert snapshot.read_only is not None
            assert "'shop' (process" in snapshot.read_only
    finally:
        await asyncio.to_thread(switch.close)


async def test_a_refused_folder_leaves_the_engine_that_runs(tmp_path: Path, switch: EngineSwitch) -> None:
    first = await asyncio.to_thread(switch.start, _options(tmp_path / "orders"))
    try:
        with pytest.raises(CommandRefused, match="no folder"):
            await switch.open(tmp_path / "nowhere")
        with pytest.raises(CommandRefused, match="open already"):
            await switch.open(tmp_path / "orders")
        with pytest.raises(CommandRefused, match="not empty"):
            await switch.create(tmp_path / "orders", with_sample=False)
        assert (await first.client.snapshot()).workspace.root == tmp_path / "orders"
    finally:
        await asyncio.to_thread(switch.close)


async def test_an_engine_that_does_not_start_brings_the_one_before_back(tmp_path: Path, switch: EngineSwitch) -> None:
    shop = tmp_path / "shop"
    (shop / ".studio" / "runs.sqlite3").mkdir(parents=True)
    await asyncio.to_thread(switch.start, _options(tmp_path / "orders"))
    try:
        opened = await switch.open(shop)
        assert "shop could not be opened" in opened.remark
        assert (await opened.client.snapshot()).workspace.root == tmp_path / "orders"
        assert _is_free(shop)
    finally:
        await asyncio.to_thread(switch.close)


async def test_a_new_workspace_is_trusted_and_one_from_elsewhere_is_not(tmp_path: Path, switch: EngineSwitch) -> None:
    try:
        made = await switch.create(tmp_path / "my orders", with_sample=True)
        snapshot = await made.client.snapshot()
        assert snapshot.tools_trusted
        assert "order-processor" in snapshot.workspace.agents
        elsewhere = tmp_path / "elsewhere"
        (elsewhere / "tools").mkdir(parents=True)
        ran = tmp_path / "ran"
        (elsewhere / "tools" / "orders.py").write_text(f"open({str(ran)!r}, 'w')\n")
        opened = await switch.open(elsewhere)
        assert not (await opened.client.snapshot()).tools_trusted
        assert not ran.exists()
        assert switch.recent()[:2] == (elsewhere, tmp_path / "my orders")
    finally:
        await asyncio.to_thread(switch.close)
