"""The overview: figures, what needs attention first, connectors, latest runs; or the first steps of a new workspace."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from kafka_agent_studio.api.commands import StartConnector
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.attention import concerns
from kafka_agent_studio.gui.models.connector_table import ConnectorRow, ConnectorTableModel
from kafka_agent_studio.gui.models.run_table import RunTableModel
from kafka_agent_studio.gui.navigation import connector_address, run_address
from kafka_agent_studio.gui.overview.budget import percent, share_of_budget
from kafka_agent_studio.gui.overview.chart_board import ChartBoard
from kafka_agent_studio.gui.pages.first_steps import FirstSteps
from kafka_agent_studio.gui.pages.page import Page
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.runs.unseen_runs import UnseenRuns
from kafka_agent_studio.gui.theme import GAP, MARGIN, ROW_HEIGHT, SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.attention_list import AttentionList
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.figure_tile import FigureTile
from kafka_agent_studio.gui.widgets.labels import button, label
from kafka_agent_studio.model.run import Run

_LATEST_RUNS = 100
_MOST_CONNECTOR_ROWS = 6
_FEWEST_RUN_ROWS = 6
_SKIPPED = "overview/steps_skipped"
_TILES = (
    ("rate", "Messages per second", "messages"),
    ("in_flight", "In flight", "connectors"),
    ("completed", "Completed runs", "runs?status=completed"),
    ("failed", "Failed runs", "runs?status=failed"),
    ("lag", "Lag", "groups"),
)


class OverviewPage(Page):
    """What is going on, at one look."""

    rail_address = "overview"

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__(parts=parts, title="Overview")
        theme, navigator = parts.theme, parts.navigator
        self._connectors = ConnectorTableModel(theme=theme)
        self._runs = RunTableModel(theme=theme, cap=_LATEST_RUNS)
        self._unseen = UnseenRuns(page=self, most=lambda: self._runs.cap, take=self._take_in)
        self.connectors = DataTable[ConnectorRow](
            name="overview/connectors",
            accessible_name="Connectors",
            model=self._connectors,
            theme=theme,
            preferences=parts.preferences,
            stretched="agents",
        )
        self.runs = DataTable[Run](
            name="overview/runs",
            accessible_name="Latest runs",
            model=self._runs,
            theme=theme,
            preferences=parts.preferences,
            stretched="outcome",
            shown={"result"},
            is_live=True,
        )
        self.connectors.row_opened.connect(lambda row: navigator.go(connector_address(row.connector.name)))
        self.runs.row_opened.connect(lambda run: navigator.go(run_address(run.run_id)))
        self.tiles: dict[str, FigureTile] = {}
        for name, caption, address in _TILES:
            tile = FigureTile(theme=theme, caption=caption)
            tile.chosen.connect(lambda address=address: navigator.go(address))
            self.tiles[name] = tile
        self.budget = FigureTile(theme=theme, caption="Budget today")
        self.budget.chosen.connect(lambda: navigator.go("runs"))
        self.attention = AttentionList(theme=theme)
        self.attention.place_chosen.connect(navigator.go)
        self.attention.retry_asked.connect(lambda name: parts.bridge.submit(StartConnector(name)))
        self.charts = ChartBoard(parts=parts)
        self.first_steps = FirstSteps(parts=parts, on_skip=self._on_skip)
        self._is_stepping = False
        self._stack = QStackedWidget()
        self._stack.addWidget(self._at_work(theme, navigator.go))
        self._stack.addWidget(self.first_steps)
        self.body.addWidget(self._stack)
        self._connect()
        self._on_rebuilt()

    def _at_work(self, theme: Theme, go: Callable[[str], None]) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, GAP)
        column.setSpacing(GAP)
        tiles = QHBoxLayout()
        tiles.setSpacing(GAP + SPACE)
        for tile in self.tiles.values():
            tiles.addWidget(tile)
        tiles.addWidget(self.budget)
        column.addLayout(tiles)
        column.addSpacing(SPACE)
        column.addWidget(self.attention)
        column.addWidget(self.charts)
        column.addSpacing(SPACE)
        column.addLayout(_heading("Connectors", "All connectors", lambda: go("connectors"), theme))
        column.addWidget(self.connectors)
        column.addSpacing(SPACE)
        column.addLayout(_heading("Latest runs", "All runs", lambda: go("runs"), theme))
        column.addWidget(self.runs, 1)
        self.runs.setMinimumHeight(_FEWEST_RUN_ROWS * ROW_HEIGHT)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(content)
        return area

    def _connect(self) -> None:
        bridge = self.parts.bridge
        bridge.rebuilt.connect(self._on_rebuilt)
        bridge.figures_updated.connect(self._on_figures)
        bridge.runs_changed.connect(self._on_runs)
        for signal in (
            bridge.workspace_changed,
            bridge.connector_changed,
            bridge.connector_noticed,
            bridge.certificates_changed,
            bridge.engine_stopped,
        ):
            signal.connect(self._on_state)

    def take_focus(self) -> None:
        """Put the focus on the first figure, or on the first step."""
        if self._stack.currentWidget() is self.first_steps:
            next((b for b in self.first_steps.buttons if b.isEnabled()), self.first_steps.skip).setFocus()
        else:
            self.runs.setFocus()

    def _on_rebuilt(self) -> None:
        self._unseen.forget()
        self._runs.reset(reversed(self.parts.bridge.view.runs[:_LATEST_RUNS]))
        self._on_figures()

    def _on_figures(self) -> None:
        totals = self.parts.bridge.view.totals
        failed_tone = Tone.FAILED if totals.failed else None
        self.tiles["rate"].show_value(formats.rate(totals.messages_per_s))
        self.tiles["in_flight"].show_value(formats.count(totals.in_flight))
        self.tiles["completed"].show_value(formats.count(totals.completed))
        self.tiles["failed"].show_value(formats.count(totals.failed), tone=failed_tone)
        self.tiles["lag"].show_value(formats.count(totals.lag))
        self._show_budget()
        self.charts.show_now()
        self._on_state()

    def _show_budget(self) -> None:
        view = self.parts.bridge.view
        used = share_of_budget(view.workspace.settings.budget, view.today)
        self.budget.setVisible(used is not None)
        if used is not None:
            share, words = used
            self.budget.show_value(percent(share), tone=Tone.FAILED if share >= 1 else None, detail=words)
            self.budget.setToolTip(f"{words}; it begins anew at midnight UTC")

    def _on_state(self, _what: object = None) -> None:
        view = self.parts.bridge.view
        self._connectors.update_from(view)
        shown = min(max(self._connectors.rowCount(), 1), _MOST_CONNECTOR_ROWS)
        header = self.connectors.horizontalHeader().sizeHint().height()
        self.connectors.setFixedHeight(header + shown * ROW_HEIGHT + SPACE)
        self.header.set_remark(view.workspace.name)
        self.attention.show_concerns(concerns(view))
        self.first_steps.show_progress()
        self._stack.setCurrentIndex(1 if self._shows_steps() else 0)

    def _shows_steps(self) -> bool:
        """The steps stay from an empty workspace to its first run."""
        view, preferences = self.parts.bridge.view, self.parts.preferences
        if not view.is_ready or preferences.get(_SKIPPED, False):
            return False
        if self._runs.rowCount():
            self._is_stepping = False
        elif not view.workspace.connectors or not view.workspace.agents:
            self._is_stepping = True
        return self._is_stepping and not view.errors

    def _on_runs(self, runs: list[Run]) -> None:
        self._unseen.add(runs)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened out of sight."""
        super().showEvent(event)
        self._unseen.hand_on()

    def _take_in(self, runs: list[Run]) -> None:
        self._runs.upsert(runs)
        if self._is_stepping:
            self._on_state()

    def _on_skip(self) -> None:
        self.parts.preferences.put(_SKIPPED, True)
        self._on_state()
        self.take_focus()


def _heading(text: str, more: str, on_more: Callable[[], object], theme: Theme) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(label(text, font=theme.heading))
    row.addStretch(1)
    row.addWidget(button(f"{more} →", on_more, kind="link"))
    return row
