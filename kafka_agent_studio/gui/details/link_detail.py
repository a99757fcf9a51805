"""One link: its state, its figures, and the messages that went over it, newest first."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from kafka_agent_studio.api.commands import ListRuns
from kafka_agent_studio.api.queries import RunPage, RunQuery
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.details.detail import Detail
from kafka_agent_studio.gui.links.link_state import LinkState
from kafka_agent_studio.gui.models.link_graph import EdgeKey, LinkEdge
from kafka_agent_studio.gui.models.run_table import RunTableModel
from kafka_agent_studio.gui.navigation import connector_address, run_address
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.state_look import ENGINE_STOPPED
from kafka_agent_studio.gui.theme import GAP, MARGIN
from kafka_agent_studio.gui.trouble import Trouble
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.error_panel import ErrorPanel
from kafka_agent_studio.gui.widgets.key_value import KeyValue
from kafka_agent_studio.gui.widgets.labels import button, label
from kafka_agent_studio.gui.widgets.state_badge import StateBadge
from kafka_agent_studio.model.run import Run

_MOST = 100


class LinkDetail(Detail):
    """Shows the link at `link/<connector>/<agent>`; follows its figures and its runs."""

    def __init__(self, *, parts: WindowParts, links: LinkState) -> None:
        super().__init__(parts=parts)
        self._links = links
        self._rest = ""
        theme, navigator = parts.theme, parts.navigator
        self.badge = StateBadge(theme=theme, look=ENGINE_STOPPED, name="State")
        self.error = ErrorPanel(theme=theme)
        self.figures = KeyValue(theme=theme, columns=2)
        self.messages = button("Messages", lambda: navigator.go(self._messages_address), kind="link")
        self.runs_link = button("Runs", lambda: navigator.go(self._runs_address), kind="link")
        self.connector = button("", lambda: navigator.go(connector_address(self._connector)), kind="link")
        self._runs = RunTableModel(theme=theme, cap=_MOST)
        self.runs = DataTable[Run](
            name="link/runs",
            accessible_name="Messages on this link",
            model=self._runs,
            theme=theme,
            preferences=parts.preferences,
            stretched="outcome",
            is_live=True,
        )
        self.runs.row_opened.connect(lambda run: navigator.go(run_address(run.run_id)))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GAP, 0, 0)
        column.setSpacing(GAP)
        upper = QVBoxLayout()
        upper.setContentsMargins(MARGIN, 0, MARGIN, 0)
        upper.setSpacing(GAP)
        upper.addWidget(self.badge)
        upper.addWidget(self.error)
        upper.addWidget(self.figures)
        ways = QHBoxLayout()
        ways.setSpacing(GAP)
        for widget in (self.messages, self.runs_link, self.connector):
            ways.addWidget(widget)
        ways.addStretch(1)
        upper.addLayout(ways)
        self._heading = label("", font=theme.heading)
        upper.addWidget(self._heading)
        column.addLayout(upper)
        column.addWidget(self.runs, 1)
        links.changed.connect(self._refresh)
        parts.bridge.runs_changed.connect(self._on_runs)

    def show_place(self, rest: str) -> str:
        """Show the link of a connector and an agent: `orders-in/order-processor`."""
        if rest != self._rest:
            self._rest = rest
            shown = {"status", "outcome", "message" if self._is_inbound else "result"}
            for number, known in enumerate(self._runs.columns):
                self.runs.setColumnHidden(number, known.key not in shown)
            self._runs.reset([])
            query = RunQuery(agent=self._agent, connector=self._connector if self._is_inbound else None, limit=_MOST)
            self.parts.bridge.submit(ListRuns(query), lambda page: self._on_page(rest, page))
        self._refresh()
        edge = self._edge
        return f"{self._connector} – {self._agent}" if edge is None else edge.title

    @property
    def _connector(self) -> str:
        return self._rest.partition("/")[0]

    @property
    def _agent(self) -> str:
        return self._rest.partition("/")[2]

    @property
    def _edge(self) -> LinkEdge | None:
        graph = self._links.graph
        names = (self._connector, self._agent)
        return next((e for key, e in graph.edges.items() if (key.connector, key.agent) == names), None)

    @property
    def _is_inbound(self) -> bool:
        connector = self.parts.bridge.view.connector(self._connector)
        return connector is None or connector.direction.value == "inbound"

    @property
    def _messages_address(self) -> str:
        edge = self._edge
        return "messages" if edge is None else messages_address(edge.key)

    @property
    def _runs_address(self) -> str:
        return (
            f"runs?connector={self._connector}&agent={self._agent}" if self._is_inbound else f"runs?agent={self._agent}"
        )

    def _refresh(self) -> None:
        if not self._rest:
            return
        edge = self._edge
        self.badge.setVisible(edge is not None)
        self.connector.setText(self._connector)
        self.connector.setAccessibleName(f"Open {self._connector}")
        self._heading.setText("Newest messages" if self._is_inbound else "Newest results")
        if edge is None:
            words = f"{self._connector} and {self._agent} are not linked."
            self.error.show_trouble(Trouble(words, "", "The link was removed, or never was."))
            self.figures.show_pairs([])
            return
        self.badge.show_look(edge.look)
        self.error.show_trouble(Trouble(edge.trouble) if edge.trouble else None, tone=edge.look.tone)
        pairs = [("Rate", formats.rate(edge.rate_per_s)), ("Failed", formats.count(edge.failed))]
        if edge.key.is_inbound:
            pairs += [("In flight", formats.count(edge.in_flight)), ("Lag", formats.count(edge.lag))]
        if edge.inputs is not None:
            pairs.append(("Only from", ", ".join(sorted(edge.inputs))))
        self.figures.show_pairs(pairs)

    def _on_page(self, rest: str, page: RunPage | None) -> None:
        if rest == self._rest and page is not None:
            self._runs.reset(reversed([run for run in page.runs if self._is_mine(run)]))

    def _on_runs(self, runs: list[Run]) -> None:
        mine = [run for run in runs if self._is_mine(run)]
        if mine:
            self._runs.upsert(mine)

    def _is_mine(self, run: Run) -> bool:
        if run.agent_name != self._agent:
            return False
        if self._is_inbound:
            return run.connector == self._connector
        return any(place.connector == self._connector for place in run.published)


def messages_address(key: EdgeKey) -> str:
    """Return where the messages of a link are: those that were read, or the runs whose results were published."""
    return f"messages?connector={key.connector}" if key.is_inbound else f"runs?agent={key.agent}"
