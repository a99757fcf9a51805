"""The Links page on an engine that saves, as the engine does: the file changes, then the event comes."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kafka_agent_studio.api.commands import ReadFile, SaveFields, SaveFiles
from kafka_agent_studio.api.events import Snapshot, WorkspaceChanged
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.gui.models.link_graph import EdgeKey, NodeKey, NodeKind
from kafka_agent_studio.gui.pages.links import LinksPage
from kafka_agent_studio.model.workspace import Workspace
from tests.gui.conftest import OpenWindow
from tests.helpers.fake_engine import FakeEngineClient
from tests.helpers.gui_scene import NOW_US, make_snapshot
from tests.helpers.gui_window import WindowUnderTest


def inbound(name: str) -> NodeKey:
    """The card of an inbound connector."""
    return NodeKey(NodeKind.INBOUND, name)


def agent(name: str) -> NodeKey:
    """The card of an agent."""
    return NodeKey(NodeKind.AGENT, name)


def outbound(name: str) -> NodeKey:
    """The card of an outbound connector."""
    return NodeKey(NodeKind.OUTBOUND, name)


ORDERS, SHIPMENTS = inbound("orders-in"), inbound("shipments-in")
PROCESSOR, CORRELATOR, TAGGER = agent("order-processor"), agent("event-correlator"), agent("order-tagger")
RESULTS, CORRELATED = outbound("results-out"), outbound("correlated-out")


@dataclass
class Files:
    """The connectors' files; `# as a person wrote it` stands in those that no save has touched."""

    engine: FakeEngineClient
    workspace: Workspace
    texts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, connector in self.workspace.connectors.items():
            text = f"agents: [{', '.join(connector.agents)}]  # as a person wrote it\n"
            self.texts[f"connectors/{name}.yaml"] = text
        self.engine.answer(ReadFile, lambda command: self.texts.get(command.path))
        self.engine.answer(SaveFields, self._save_fields)
        self.engine.answer(SaveFiles, self._save_files)

    def agents(self, connector: str) -> list[str]:
        """What the file of a connector says now."""
        text = self.texts[f"connectors/{connector}.yaml"]
        return [name for name in text.partition("[")[2].partition("]")[0].split(", ") if name]

    def _save_fields(self, command: SaveFields) -> dict[str, str | None]:
        before = self.texts[command.path]
        self._write(command.path, f"agents: [{', '.join(command.values['agents'])}]\n")
        return {command.path: before}

    def _save_files(self, command: SaveFiles) -> dict[str, str | None]:
        for path, expected in command.expected.items():
            if self.texts.get(path) != expected:
                raise CommandRefused(f"{path} changed meanwhile")
        before: dict[str, str | None] = {path: self.texts[path] for path in command.changes}
        for path, text in command.changes.items():
            self._write(path, text or "")
        return before

    def _write(self, path: str, text: str) -> None:
        self.texts[path] = text
        name = path.removeprefix("connectors/").removesuffix(".yaml")
        changed = self.workspace.connectors[name].model_copy(update={"agents": tuple(self.agents(name))})
        connectors = {**self.workspace.connectors, name: changed}
        self.workspace = Workspace(
            root=self.workspace.root,
            settings=self.workspace.settings,
            connections=self.workspace.connections,
            connectors=connectors,
            agents=self.workspace.agents,
            files=self.workspace.files,
        )
        self.engine.say(WorkspaceChanged(NOW_US, self.workspace, ()))


@dataclass
class LinksUnderTest:
    """The page, its window, and the files behind it."""

    window: WindowUnderTest
    page: LinksPage
    files: Files
    qtbot: QtBot

    def settle(self) -> None:
        """Let the engine's events in."""
        self.window.bridge.drain()
        self.window.bridge.drain()

    def edges(self) -> set[tuple[str, str]]:
        """The links on the canvas, by the names of their cards."""
        return {(edge.source.name, edge.target.name) for edge in self.page.scene.edges}

    def at(self, point: QPointF) -> QPoint:
        """Where a point of the canvas is in the view."""
        return self.page.canvas.mapFromScene(point)

    def middle(self, key: NodeKey) -> QPointF:
        """The middle of a card."""
        return self.page.scene.nodes[key].sceneBoundingRect().center()

    def press(self, point: QPointF) -> None:
        """Press the mouse."""
        QTest.mousePress(self.page.canvas.viewport(), Qt.MouseButton.LeftButton, pos=self.at(point))

    def move(self, point: QPointF) -> None:
        """Move it, with the button down."""
        QTest.mouseMove(self.page.canvas.viewport(), self.at(point))

    def release(self, point: QPointF) -> None:
        """Let go."""
        QTest.mouseRelease(self.page.canvas.viewport(), Qt.MouseButton.LeftButton, pos=self.at(point))

    def click(self, point: QPointF) -> None:
        """Click."""
        QTest.mouseClick(self.page.canvas.viewport(), Qt.MouseButton.LeftButton, pos=self.at(point))

    def drag(self, start: QPointF, end: QPointF) -> None:
        """Drag from one point to another."""
        self.press(start)
        self.move((start + end) / 2)
        self.move(end)
        self.release(end)

    def keys(self, *keys: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press keys on the canvas."""
        for key in keys:
            QTest.keyClick(self.page.canvas, key, modifier)
        if modifier != Qt.KeyboardModifier.NoModifier:
            # Qt takes Ctrl or Shift for held until it hears of a key without, and selecting a row asks it.
            QTest.keyClick(self.page, Qt.Key.Key_F35)


OpenLinks = Callable[..., LinksUnderTest]


@pytest.fixture
def open_links(open_window: OpenWindow, qtbot: QtBot) -> OpenLinks:
    """Return a function that opens the Links page on a snapshot."""

    def make(snapshot: Snapshot | None = None) -> LinksUnderTest:
        given = snapshot or make_snapshot()
        window = open_window(given, first_place="links")
        page = window.main.page
        assert isinstance(page, LinksPage)
        return LinksUnderTest(window, page, Files(window.engine, given.workspace), qtbot)

    return make


@pytest.fixture
def links(open_links: OpenLinks) -> LinksUnderTest:
    """The Links page on the sample workspace."""
    return open_links()


def edge(source: NodeKey, target: NodeKey) -> EdgeKey:
    """The link between two cards."""
    return EdgeKey(source, target)
