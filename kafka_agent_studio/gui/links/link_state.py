"""The graph of links, kept up to date from the engine's events, for everyone who shows it."""

from PySide6.QtCore import QObject, QTimer, Signal

from kafka_agent_studio.gui.engine_bridge import EngineBridge
from kafka_agent_studio.gui.links.link_saver import LinkSaver
from kafka_agent_studio.gui.models.link_graph import LinkGraph, NodeKey
from kafka_agent_studio.gui.models.link_projection import link_graph
from kafka_agent_studio.gui.models.link_rules import Side, why_not
from kafka_agent_studio.gui.models.link_traffic import LinkTraffic
from kafka_agent_studio.model.run import Run

_REFRESH_MS = 500


class LinkState(QObject):
    """`graph` is what there is now; `changed` comes when it may have changed, at most twice a second for figures."""

    changed = Signal()

    def __init__(self, *, bridge: EngineBridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._traffic = LinkTraffic()
        self.saver = LinkSaver(bridge=bridge)
        self.graph = LinkGraph({}, {})
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_REFRESH_MS)
        self._later.timeout.connect(self.refresh)
        bridge.rebuilt.connect(self._on_rebuilt)
        bridge.runs_changed.connect(self._on_runs)
        self.saver.changed.connect(self.refresh)
        for signal in (bridge.figures_updated, bridge.connector_changed):
            signal.connect(lambda *_: self._soon())
        self.refresh()

    @property
    def read_only(self) -> str:
        """Why links cannot be changed here, in words; empty where they can."""
        return self._bridge.view.read_only or ""

    def why_not(self, start: NodeKey, end: NodeKey, *, side: Side | None = None) -> str | None:
        """Return why two cards cannot be linked; None where they can."""
        return self.read_only or why_not(self.graph, self._bridge.view.workspace, start, end, side=side)

    def refresh(self) -> None:
        """Make the graph anew."""
        self._later.stop()
        self.graph = link_graph(self._bridge.view, self._traffic, self.saver.pending)
        self.changed.emit()

    def _on_rebuilt(self) -> None:
        self._traffic = LinkTraffic()
        self._traffic.take(reversed(self._bridge.view.runs))
        self.refresh()

    def _on_runs(self, runs: list[Run]) -> None:
        self._traffic.take(runs)
        self._soon()

    def _soon(self) -> None:
        if not self._later.isActive():
            self._later.start()
