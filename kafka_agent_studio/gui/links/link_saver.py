"""Writes links into the files of their connectors; what was asked for is shown as pending until the event comes."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, QTimer, Signal

from kafka_agent_studio.api.commands import ReadFile, SaveFields, SaveFiles
from kafka_agent_studio.gui.engine_bridge import EngineBridge

_GIVE_UP_AFTER_MS = 8_000

Agents = tuple[str, ...]


class LinkSaver(QObject):
    """`pending` are the agents of a connector that were saved and have not come back yet; `changed` when it changes.

    `refused` says in words why a save was not done.
    """

    changed = Signal()
    refused = Signal(str)

    def __init__(self, *, bridge: EngineBridge) -> None:
        super().__init__()
        self._bridge = bridge
        self.pending: dict[str, Agents] = {}
        self._give_up = QTimer(self)
        self._give_up.setSingleShot(True)
        self._give_up.setInterval(_GIVE_UP_AFTER_MS)
        self._give_up.timeout.connect(self._forget_all)
        bridge.workspace_changed.connect(self._on_workspace)
        bridge.rebuilt.connect(self._forget_all)

    def agents_of(self, connector: str) -> Agents:
        """Return the agents that a connector has, or will have once what was saved is in force."""
        if connector in self.pending:
            return self.pending[connector]
        known = self._bridge.view.connector(connector)
        return () if known is None else known.agents

    def save(
        self,
        connector: str,
        agents: Agents,
        *,
        on_saved: Callable[[Mapping[str, str | None], Mapping[str, str | None]], object],
        on_refused: Callable[[], object],
    ) -> None:
        """Write a connector's agents; `on_saved` gets the texts before and after, by path."""
        path = self._bridge.view.workspace.files.get(f"connector/{connector}")
        if path is None:
            self._refuse(f"There is no file of {connector}: it was renamed or deleted.", connector, on_refused)
            return
        self._expect(connector, agents)

        def saved(before: Mapping[str, str | None] | None) -> None:
            self._bridge.submit(ReadFile(path), lambda text: on_saved(dict(before or {}), {path: text}))

        self._bridge.submit(
            SaveFields(path, {"agents": list(agents)}), saved, lambda text: self._refuse(text, connector, on_refused)
        )

    def restore(
        self,
        connector: str,
        agents: Agents,
        *,
        texts: Mapping[str, str | None],
        expected: Mapping[str, str | None],
        on_refused: Callable[[], object],
    ) -> None:
        """Put back the text that stood there; where the file was changed meanwhile, only its agents are put back."""
        self._expect(connector, agents)

        def only_agents(_refusal: str) -> None:
            self.save(connector, agents, on_saved=lambda _before, _after: None, on_refused=on_refused)

        self._bridge.submit(SaveFiles(texts, expected=expected), on_error=only_agents)

    def _expect(self, connector: str, agents: Agents) -> None:
        self.pending[connector] = agents
        self._give_up.start()
        self.changed.emit()

    def _refuse(self, text: str, connector: str, on_refused: Callable[[], object]) -> None:
        self.pending.pop(connector, None)
        on_refused()
        self.changed.emit()
        self.refused.emit(text)

    def _on_workspace(self) -> None:
        """What is in force now is pending no longer; nor is what the engine found a mistake in."""
        view = self._bridge.view
        wrong = {problem.file for problem in view.errors}
        for name, agents in list(self.pending.items()):
            connector = view.connector(name)
            if (
                connector is None
                or connector.agents == agents
                or view.workspace.files.get(f"connector/{name}") in wrong
            ):
                del self.pending[name]
        self.changed.emit()

    def _forget_all(self) -> None:
        self.pending.clear()
        self.changed.emit()
