"""One agent as the links see it: what it is, how it is doing, what starts it, where its results go, its latest runs."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from kafka_agent_studio.api.commands import ListRuns
from kafka_agent_studio.api.queries import RunPage, RunQuery
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.details.detail import Detail
from kafka_agent_studio.gui.links.link_state import LinkState
from kafka_agent_studio.gui.models.link_graph import LinkNode, NodeKey, NodeKind
from kafka_agent_studio.gui.models.run_table import RunTableModel
from kafka_agent_studio.gui.navigation import run_address
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.state_look import ENGINE_STOPPED
from kafka_agent_studio.gui.theme import GAP, MARGIN, Tone
from kafka_agent_studio.gui.trouble import Trouble
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.error_panel import ErrorPanel
from kafka_agent_studio.gui.widgets.key_value import KeyValue
from kafka_agent_studio.gui.widgets.labels import button, label
from kafka_agent_studio.gui.widgets.state_badge import StateBadge
from kafka_agent_studio.model.run import Run

_MOST = 100
_SHOWN = ("status", "message", "outcome")


class AgentTraffic(Detail):
    """Shows the agent at `agent/<name>`; follows its figures and its runs."""

    def __init__(self, *, parts: WindowParts, links: LinkState) -> None:
        super().__init__(parts=parts)
        self._links = links
        self._name = ""
        theme, navigator = parts.theme, parts.navigator
        self.badge = StateBadge(theme=theme, look=ENGINE_STOPPED, name="State")
        self.description = label("", tone=Tone.MUTED, is_wrapped=True)
        self.error = ErrorPanel(theme=theme)
        self.figures = KeyValue(theme=theme, columns=2)
        self.ways = KeyValue(theme=theme)
        self.runs_link = button("Runs", lambda: navigator.go(f"runs?agent={self._name}"), kind="link")
        self._runs = RunTableModel(theme=theme, cap=_MOST)
        self.runs = DataTable[Run](
            name="agent/runs",
            accessible_name="Latest runs of this agent",
            model=self._runs,
            theme=theme,
            preferences=parts.preferences,
            stretched="outcome",
            is_live=True,
        )
        for number, known in enumerate(self._runs.columns):
            self.runs.setColumnHidden(number, known.key not in _SHOWN)
        self.runs.row_opened.connect(lambda run: navigator.go(run_address(run.run_id)))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GAP, 0, 0)
        column.setSpacing(GAP)
        upper = QVBoxLayout()
        upper.setContentsMargins(MARGIN, 0, MARGIN, 0)
        upper.setSpacing(GAP)
        for widget in (self.badge, self.description, self.error, self.figures, self.ways):
            upper.addWidget(widget)
        line = QHBoxLayout()
        line.addWidget(label("Latest runs", font=theme.heading))
        line.addStretch(1)
        line.addWidget(self.runs_link)
        upper.addLayout(line)
        column.addLayout(upper)
        column.addWidget(self.runs, 1)
        links.changed.connect(self._refresh)
        parts.bridge.runs_changed.connect(self._on_runs)

    def show_place(self, rest: str) -> str:
        """Show the agent of this name."""
        if rest != self._name:
            self._name = rest
            self._runs.reset([])
            self.parts.bridge.submit(
                ListRuns(RunQuery(agent=rest, limit=_MOST)), lambda page: self._on_page(rest, page)
            )
        self._refresh()
        return rest

    def _refresh(self) -> None:
        if not self._name:
            return
        key = NodeKey(NodeKind.AGENT, self._name)
        node = self._links.graph.nodes.get(key)
        agent = self.parts.bridge.view.workspace.agents.get(self._name)
        self.badge.setVisible(node is not None)
        self.description.setText("" if agent is None else agent.description)
        self.description.setVisible(agent is not None)
        self.error.show_trouble(_trouble(self._name, node))
        if node is None:
            self.figures.show_pairs([])
            self.ways.show_pairs([])
            return
        self.badge.show_look(node.look)
        self.figures.show_pairs(
            [
                ("Rate", formats.rate(node.rate_per_s or 0.0)),
                ("In flight", formats.count(node.in_flight)),
                ("Failed", formats.count(node.failed)),
            ]
        )
        graph = self._links.graph
        starts = ", ".join(edge.source.name for edge in graph.into(key))
        goes_to = ", ".join(edge.target.name for edge in graph.out_of(key))
        what = "Steps" if node.icon == "list-numbers" else "Tool" if node.icon == "wrench" else "Model"
        self.ways.show_pairs(
            [
                (what, node.caption),
                ("Started by", starts or "nothing: no inbound connector is linked to it"),
                ("Results to", goes_to or "nowhere: they are kept in its runs"),
            ]
        )

    def _on_page(self, name: str, page: RunPage | None) -> None:
        if name == self._name and page is not None:
            self._runs.reset(reversed([run for run in page.runs if run.agent_name == name]))

    def _on_runs(self, runs: list[Run]) -> None:
        mine = [run for run in runs if run.agent_name == self._name]
        if mine:
            self._runs.upsert(mine)


def _trouble(name: str, node: LinkNode | None) -> Trouble | None:
    if node is None:
        return Trouble(f"There is no agent {name}.", "", "Its file was renamed, deleted, or has a mistake.")
    return Trouble(node.trouble) if node.trouble else None
