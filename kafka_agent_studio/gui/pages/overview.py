"""The overview: figures, what needs attention first, connectors, latest runs; or the three steps of a new workspace."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.models.connector_table import ConnectorRow, ConnectorTableModel
from kafka_agent_studio.gui.models.run_table import RunTableModel
from kafka_agent_studio.gui.navigation import connector_address, run_address
from kafka_agent_studio.gui.pages.page import Page
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, MARGIN, Tone
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.figure_tile import FigureTile
from kafka_agent_studio.model.run import Run

_LATEST_RUNS = 100


class OverviewPage(Page):
    """What is going on, at one look."""

    rail_address = "overview"

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__(parts=parts, title="Overview")
        theme, navigator = parts.theme, parts.navigator
        self._connectors = ConnectorTableModel(theme=theme)
        self._runs = RunTableModel(theme=theme, cap=_LATEST_RUNS)
        self.connectors = DataTable[ConnectorRow](
            name="overview/connectors",
            accessible_name="Connectors",
            model=self._connectors,
            theme=theme,
            preferences=parts.preferences,
            stretched="trouble",
        )
        self.runs = DataTable[Run](
            name="overview/runs",
            accessible_name="Latest runs",
            model=self._runs,
            theme=theme,
            preferences=parts.preferences,
            stretched="outcome",
        )
        self.connectors.row_opened.connect(lambda row: navigator.go(connector_address(row.connector.name)))
        self.runs.row_opened.connect(lambda run: navigator.go(run_address(run.run_id)))
        self.tiles = {
            name: FigureTile(theme=theme, caption=caption, tone=tone)
            for name, caption, tone in (
                ("rate", "Messages per second", Tone.ACCENT),
                ("in_flight", "In flight", Tone.WAITING),
                ("completed", "Completed", Tone.OK),
                ("failed", "Failed", Tone.FAILED),
                ("lag", "Lag", Tone.PAUSED),
            )
        }
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(GAP)
        row = QHBoxLayout()
        for tile in self.tiles.values():
            row.addWidget(tile)
        column.addLayout(row)
        column.addWidget(self.connectors, 2)
        column.addWidget(self.runs, 3)
        self.body.addWidget(content)
        bridge = parts.bridge
        bridge.rebuilt.connect(self._on_rebuilt)
        bridge.workspace_changed.connect(self._on_state)
        bridge.connector_changed.connect(self._on_state)
        bridge.figures_updated.connect(self._on_figures)
        bridge.runs_changed.connect(self._runs.upsert)
        self._on_rebuilt()

    def _on_rebuilt(self) -> None:
        self._runs.reset(reversed(self.parts.bridge.view.runs[:_LATEST_RUNS]))
        self._on_figures()

    def _on_figures(self) -> None:
        totals = self.parts.bridge.view.totals
        self.tiles["rate"].show_value(formats.rate(totals.messages_per_s))
        self.tiles["in_flight"].show_value(formats.count(totals.in_flight))
        self.tiles["completed"].show_value(formats.count(totals.completed))
        self.tiles["failed"].show_value(formats.count(totals.failed), tone=Tone.FAILED if totals.failed else None)
        self.tiles["lag"].show_value(formats.count(totals.lag))
        self.tiles["rate"].add_point(totals.messages_per_s)
        self.tiles["in_flight"].add_point(totals.in_flight)
        self._on_state()

    def _on_state(self, _what: object = None) -> None:
        self._connectors.update_from(self.parts.bridge.view)
        self.header.set_remark(self.parts.bridge.view.workspace.name)
