"""Runs, live and from the store: filtered in one line, older ones as one scrolls, many acted on at once."""

import time
from collections.abc import Callable
from urllib.parse import parse_qsl

import msgspec
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QMenu

from kafka_agent_studio.api.commands import ListRuns
from kafka_agent_studio.api.queries import RunPage, RunQuery
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.models.run_table import RunTableModel
from kafka_agent_studio.gui.navigation import run_address
from kafka_agent_studio.gui.pages.table_page import TablePage
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.run_filter import fits, fits_without_text
from kafka_agent_studio.gui.runs.query_text import field_term, read_filter
from kafka_agent_studio.gui.runs.row_menu import fill_row_menu
from kafka_agent_studio.gui.runs.run_line import RunLine
from kafka_agent_studio.gui.runs.selection_bar import SelectionBar
from kafka_agent_studio.gui.runs.unseen_runs import UnseenRuns
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.empty_state import EmptyState
from kafka_agent_studio.model.run import Run

_FROM_ADDRESS = ("status", "agent", "connector", "key", "message", "since", "before")


class RunsPage(TablePage[Run]):
    """One query at a time: its first page comes from the store, what happens since from the events."""

    rail_address = "runs"

    def __init__(self, *, parts: WindowParts, now_us: Callable[[], int] = lambda: time.time_ns() // 1_000) -> None:
        super().__init__(parts=parts, title="Runs")
        self._now_us = now_us
        self._runs = RunTableModel(theme=parts.theme)
        self._query = RunQuery()
        self._cursor: str | None = None
        self._is_loading = False
        self._is_at_end = False
        self._asking = 0
        self._since: dict[str, Run] | None = None
        self._last: Run | None = None
        self._unseen = UnseenRuns(page=self, most=lambda: self._runs.cap, take=self._take_in)
        self.line = RunLine(parts=parts)
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
            filter_line=self.line,
        )
        self.header.add_beside(self.line.menu_button)
        self.body.insertWidget(0, self.line.chips)
        self.selection = SelectionBar(parts=parts)
        self.body.addWidget(self.selection)
        self.table.fill_menu = self._fill_menu
        self.table.end_reached.connect(self._load_older)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._on_selection())
        self._runs.modelReset.connect(self._on_selection)
        self._runs.kept_changed.connect(self._say_counts)
        parts.bridge.rebuilt.connect(self.ask_anew)
        parts.bridge.runs_changed.connect(self._on_runs_changed)
        self.ask_anew()

    @property
    def is_filtered(self) -> bool:
        """Whether the query leaves runs out."""
        return self._query != RunQuery()

    def address_of(self, row: Run) -> str:
        """Return the run's own address."""
        return run_address(row.run_id)

    def show_place(self, rest: str) -> None:
        """Show the runs that the address asks for: `status=failed`, `connector=orders-in&agent=…`."""
        wanted = dict(parse_qsl(rest))
        terms = [field_term(name, wanted[name]) for name in _FROM_ADDRESS if name in wanted]
        if terms:
            self.line.set_text(" ".join(terms))

    def on_filter_changed(self, text: str) -> None:
        """Ask the store anew, where the line says something else than before."""
        read = read_filter(text, now_us=self._now_us())
        self.line.show_terms(read.terms, read.mistake)
        if not read.mistake and read.query != self._query:
            self.ask_anew()

    def ask_anew(self) -> None:
        """Ask the store for the newest runs of the filter as it stands."""
        read = read_filter(self.line.text, now_us=self._now_us())
        self.line.show_terms(read.terms, read.mistake)
        query = self._query if read.mistake else read.query
        self._query = query
        self._since = {}
        self._unseen.forget()
        self._asking += 1
        turn = self._asking
        self.parts.bridge.submit(ListRuns(query), lambda page: self._on_first_page(turn, page), self._on_refused)

    def _on_first_page(self, turn: int, page: RunPage | None) -> None:
        if turn != self._asking or page is None:
            return
        since, self._since = self._since or {}, None
        self._is_loading = False
        self._runs.reset(reversed(page.runs))
        self._take_end(page)
        # what happened while the store was asked is newer than its answer
        self._take_in(list(since.values()))
        self._say_counts()

    def _load_older(self) -> None:
        if self._is_loading or self._is_at_end:
            return
        self._is_loading = True
        turn = self._asking
        asked = ListRuns(self._older_query())
        self.parts.bridge.submit(asked, lambda page: self._on_older(turn, page), self._on_refused)

    def _older_query(self) -> RunQuery:
        last = self._runs.oldest
        if last is None or self._last is None or last.run_id == self._last.run_id or last.started_at_us is None:
            return msgspec.structs.replace(self._query, cursor=self._cursor)
        # a busy table forgets its oldest rows: what is below it now begins at the last one that is left
        before_us = last.started_at_us + 1
        if self._query.started_before_us is not None:
            before_us = min(before_us, self._query.started_before_us)
        return msgspec.structs.replace(self._query, started_before_us=before_us)

    def _on_older(self, turn: int, page: RunPage | None) -> None:
        if turn != self._asking or page is None:
            return
        self._is_loading = False
        added = self._runs.add_older(page.runs)
        self._take_end(page)
        self._say_counts()
        if not added and not self._is_at_end:
            self._load_older()

    def _on_refused(self, text: str) -> None:
        self._is_loading = False
        self._since = None
        self.parts.bridge.refused.emit(text)

    def _take_end(self, page: RunPage) -> None:
        self._cursor = page.cursor
        self._is_at_end = page.cursor is None
        self._last = self._runs.oldest

    def _on_runs_changed(self, runs: list[Run]) -> None:
        if self._since is not None:
            self._since.update((run.run_id, run) for run in runs)
        self._unseen.add(runs)

    def _take_in(self, runs: list[Run]) -> None:
        query, last = self._query, self._runs.oldest
        known = [run for run in runs if self._runs.find(run.run_id) is not None]
        self._runs.drop(run.run_id for run in known if not fits_without_text(run, query))
        wanted = [run for run in runs if self._runs.find(run.run_id) is not None or fits(run, query)]
        if wanted:
            self._runs.upsert(wanted)
        if last is not None and self._runs.find(last.run_id) is None:
            self._is_at_end = False
            self._say_counts()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened out of sight."""
        super().showEvent(event)
        self._unseen.hand_on()

    def _on_selection(self) -> None:
        self.selection.show_selected(self.table.selected_rows())

    def _fill_menu(self, menu: QMenu) -> None:
        run = self.table.selected
        if run is not None:
            fill_row_menu(menu, run, parts=self.parts, line=self.line)

    def _say_counts(self) -> None:
        count = self._runs.kept
        if not count:
            self.header.set_remark("")
        else:
            self.header.set_remark(formats.count(count) + ("" if self._is_at_end else " newest, older below"))
