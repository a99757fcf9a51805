"""Everything that can be undone on the canvas: links made and removed, cards moved, aligned and arranged."""

from collections.abc import Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoCommand, QUndoStack

from kafka_agent_studio.gui.links.layout import Place
from kafka_agent_studio.gui.links.link_saver import Agents, LinkSaver
from kafka_agent_studio.gui.links.scene import LinkScene
from kafka_agent_studio.gui.models.link_graph import EdgeKey, NodeKey

Texts = Mapping[str, str | None]


class LinkHistory(QObject):
    """A stack of what was done; a link that could not be saved never was on it."""

    def __init__(self, *, saver: LinkSaver, scene: LinkScene) -> None:
        super().__init__()
        self._saver = saver
        self._scene = scene
        self.stack = QUndoStack(self)

    def add(self, edge: EdgeKey) -> None:
        """Make a link."""
        before = self._saver.agents_of(edge.connector)
        if edge.agent not in before:
            text = f"link {edge.source.name} to {edge.target.name}"
            self._push(edge.connector, before, (*before, edge.agent), text)

    def remove(self, edges: list[EdgeKey]) -> None:
        """Remove links, as one step."""
        connectors = dict.fromkeys(edge.connector for edge in edges)
        is_many = len(connectors) > 1
        if is_many:
            self.stack.beginMacro(f"remove {len(edges)} links")
        for connector in connectors:
            gone = {edge.agent for edge in edges if edge.connector == connector}
            before = self._saver.agents_of(connector)
            after = tuple(agent for agent in before if agent not in gone)
            if after != before:
                ends = [edge for edge in edges if edge.connector == connector]
                text = f"remove {ends[0].source.name} → {ends[0].target.name}"
                self._push(connector, before, after, text if len(ends) == 1 else f"remove {len(ends)} links")
        if is_many:
            self.stack.endMacro()

    def move(self, before: dict[NodeKey, Place], after: dict[NodeKey, Place], text: str) -> None:
        """Pin cards to other places."""
        if before != after:
            self.stack.push(_Move(self._scene, before, after, text))

    def _push(self, connector: str, before: Agents, after: Agents, text: str) -> None:
        change = _Change(saver=self._saver, connector=connector, before=before, after=after)
        command = _ChangeCommand(change, text)
        change.on_refused = lambda: self._drop(command)
        self.stack.push(command)

    def _drop(self, command: QUndoCommand) -> None:
        """Forget a step that was not done; one below others is passed over when undoing comes to it."""
        command.setObsolete(True)
        at = self.stack.index()
        if at and self.stack.command(at - 1) is command:
            self.stack.undo()


class _Change:
    """One connector's agents before and after, with the texts of its file once they are known."""

    def __init__(self, *, saver: LinkSaver, connector: str, before: Agents, after: Agents) -> None:
        self._saver = saver
        self._connector = connector
        self._before = before
        self._after = after
        self._texts: tuple[Texts, Texts] | None = None
        self.on_refused = lambda: None

    def do(self) -> None:
        """Save what is to be."""
        self._saver.save(self._connector, self._after, on_saved=self._on_saved, on_refused=self.on_refused)

    def undo(self) -> None:
        """Save what stood there before: the very text where nothing else changed it, else only the agents."""
        if self._texts is None:
            self._saver.save(
                self._connector, self._before, on_saved=lambda _before, _after: None, on_refused=lambda: None
            )
            return
        texts, expected = self._texts
        self._saver.restore(self._connector, self._before, texts=texts, expected=expected, on_refused=lambda: None)

    def _on_saved(self, before: Texts, after: Texts) -> None:
        self._texts = (before, after) if before else None


class _ChangeCommand(QUndoCommand):
    def __init__(self, change: _Change, text: str) -> None:
        super().__init__(text)
        self._change = change

    def redo(self) -> None:
        self._change.do()

    def undo(self) -> None:
        self._change.undo()


class _Move(QUndoCommand):
    def __init__(self, scene: LinkScene, before: dict[NodeKey, Place], after: dict[NodeKey, Place], text: str) -> None:
        super().__init__(text)
        self._scene, self._before, self._after = scene, before, after

    def redo(self) -> None:
        self._scene.pin(self._after)

    def undo(self) -> None:
        self._scene.pin(self._before)
