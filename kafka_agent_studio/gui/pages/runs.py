"""Runs, live and from the store: filtered by status and full text, older ones as one scrolls."""

from urllib.parse import parse_qsl

import msgspec
from PySide6.QtWidgets import QComboBox, QLabel

from kafka_agent_studio.api.commands import ListRuns
from kafka_agent_studio.api.queries import RunPage, RunQuery
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.models.run_table import RunTableModel
from kafka_agent_studio.gui.navigation import run_address
from kafka_agent_studio.gui.pages.table_page import TablePage
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.run_filter import fits
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.empty_state import EmptyState
from kafka_agent_studio.gui.widgets.filter_line import FilterLine
from kafka_agent_studio.model.run import Run, RunStatus

_ALL = "All statuses"


class RunsPage(TablePage[Run]):
    """One query at a time: its first page comes from the store, what happens since from the events."""

    rail_address = "runs"

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__(parts=parts, title="Runs")
        self._runs = RunTableModel(theme=parts.theme)
        self._query = RunQuery()
        self._cursor: str | None = None
        self._is_loading = False
        self._is_at_end = False
        self.status = QComboBox()
        self.status.addItems([_ALL, *(status.value for status in RunStatus)])
        # A combo box has no name of its own on Linux: a label lends it one.
        self._status_name = QLabel("Status")
        self._status_name.setBuddy(self.status)
        self._status_name.hide()
        self.header.add(self._status_name)
        self.header.add(self.status)
        self.set_up(
            model=self._runs,
            table=DataTable[Run](
                name="runs",
                accessible_name="Runs",
                model=self._runs,
                theme=parts.theme,
                preferences=parts.preferences,
                stretched="outcome",
                is_live=True,
            ),
            empty=EmptyState(
                theme=parts.theme,
                icons=parts.icons,
                icon="play-circle",
                heading="No runs yet",
                explanation="A run is one message on its way through one agent. Each message of a running inbound "
                "connector starts one for every agent that is linked to it.",
                action="See the connectors",
                on_action=lambda: parts.navigator.go("connectors"),
            ),
            filter_line=FilterLine(
                name="runs",
                placeholder="Search runs: words of the message, the output, an error, a key",
                icons=parts.icons,
                preferences=parts.preferences,
            ),
        )
        self.status.currentTextChanged.connect(lambda _text: self._ask_anew())
        self.table.end_reached.connect(self._load_older)
        self._runs.kept_changed.connect(self._say_counts)
        parts.bridge.rebuilt.connect(self._on_rebuilt)
        parts.bridge.runs_changed.connect(self._on_runs_changed)
        self._on_rebuilt()

    @property
    def is_filtered(self) -> bool:
        """Whether the query leaves runs out."""
        return self._query != RunQuery()

    def address_of(self, row: Run) -> str:
        """Return the run's own address."""
        return run_address(row.run_id)

    def show_place(self, rest: str) -> None:
        """Show the runs that the address asks for: `status=failed`, `connector=orders-in`, `agent=…`."""
        if not rest:
            return
        wanted = dict(parse_qsl(rest))
        self.status.blockSignals(True)
        self.status.setCurrentText(wanted.get("status", _ALL))
        self.status.blockSignals(False)
        self._ask_anew(connector=wanted.get("connector"), agent=wanted.get("agent"))

    def on_filter_changed(self, text: str) -> None:
        """Ask the store anew."""
        if (text.strip() or None) != self._query.text:
            self._ask_anew(connector=self._query.connector, agent=self._query.agent)

    def clear_filter(self) -> None:
        """Show all runs again."""
        self.status.blockSignals(True)
        self.status.setCurrentText(_ALL)
        self.status.blockSignals(False)
        if self.filter is not None:
            self.filter.field.blockSignals(True)
            self.filter.field.clear()
            self.filter.field.blockSignals(False)
        self._ask_anew()

    def _on_rebuilt(self) -> None:
        text = self.filter.text if self.filter is not None else ""
        if text or self.status.currentText() != _ALL:
            self._ask_anew()
            return
        self._query = RunQuery()
        self._cursor, self._is_at_end = None, False
        self._runs.reset(reversed(self.parts.bridge.view.runs))

    def _ask_anew(self, *, connector: str | None = None, agent: str | None = None) -> None:
        status = self.status.currentText()
        text = self.filter.text.strip() if self.filter is not None else ""
        self._query = RunQuery(
            status=None if status == _ALL else RunStatus(status), text=text or None, connector=connector, agent=agent
        )
        query = self._query
        self.parts.bridge.submit(ListRuns(query), lambda page: self._on_first_page(query, page))

    def _on_first_page(self, query: RunQuery, page: RunPage | None) -> None:
        if query != self._query or page is None:
            return
        self._cursor = page.cursor
        self._is_at_end = page.cursor is None
        self._runs.reset(reversed(page.runs))

    def _load_older(self) -> None:
        if self._is_loading or self._is_at_end:
            return
        self._is_loading = True
        query = self._query
        asked = ListRuns(msgspec.structs.replace(query, cursor=self._cursor))
        self.parts.bridge.submit(asked, lambda page: self._on_older(query, page), self._on_older_refused)

    def _on_older(self, query: RunQuery, page: RunPage | None) -> None:
        self._is_loading = False
        if query != self._query or page is None:
            return
        self._cursor = page.cursor
        self._is_at_end = page.cursor is None
        added = self._runs.add_older(page.runs)
        if not added and not self._is_at_end:
            self._load_older()

    def _on_older_refused(self, text: str) -> None:
        self._is_loading = False
        self.parts.bridge.refused.emit(text)

    def _on_runs_changed(self, runs: list[Run]) -> None:
        query = self._query
        wanted = [run for run in runs if self._runs.find(run.run_id) is not None or fits(run, query)]
        if wanted:
            self._runs.upsert(wanted)

    def _say_counts(self) -> None:
        count = formats.count(self._runs.rowCount())
        more = "" if self._is_at_end else "+"
        limits = [self._query.connector, self._query.agent]
        of = "".join(f" · {name}" for name in limits if name)
        self.header.set_remark(f"{count}{more}{of}" if self._runs.rowCount() else of.removeprefix(" · "))
