"""One message: where it came from, its value, its headers, and the runs it started."""

from collections.abc import Callable

from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from kafka_agent_studio.api.commands import GetRun, ListRuns
from kafka_agent_studio.api.queries import RunPage, RunQuery
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.details.detail import Detail
from kafka_agent_studio.gui.models.live_table import CAP
from kafka_agent_studio.gui.models.run_table import RunTableModel
from kafka_agent_studio.gui.navigation import run_address, split_message
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import MARGIN
from kafka_agent_studio.gui.trouble import Trouble
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.error_panel import ErrorPanel
from kafka_agent_studio.gui.widgets.json_view import JsonView
from kafka_agent_studio.gui.widgets.key_value import KeyValue
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.run import Run, RunDetail

FindRecord = Callable[[str, int, int], Record | None]
"""Returns a record that the window still has; None where it has not."""


class MessageDetail(Detail):
    """Looks in the live messages first, then asks the run store for the message of a run."""

    def __init__(self, *, parts: WindowParts, find_record: FindRecord) -> None:
        super().__init__(parts=parts)
        self._find_record = find_record
        self._place = ""
        theme = parts.theme
        self.facts = KeyValue(theme=theme, columns=1)
        self.error = ErrorPanel(theme=theme)
        self.value = JsonView(theme=theme, accessible_name="Value")
        self.headers = KeyValue(theme=theme)
        self._runs = RunTableModel(theme=theme)
        self.runs = DataTable[Run](
            name="message/runs",
            accessible_name="Runs it started",
            model=self._runs,
            theme=theme,
            preferences=parts.preferences,
            stretched="outcome",
        )
        for number, known in enumerate(self._runs.columns):
            self.runs.setColumnHidden(number, known.key not in ("status", "agent", "duration", "outcome"))
        self.runs.row_opened.connect(lambda run: parts.navigator.go(run_address(run.run_id)))
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setAccessibleName("Parts of the message")
        self.tabs.addTab(self.value, "Value")
        self.tabs.addTab(_padded(self.headers), "Headers")
        self.tabs.addTab(self.runs, "Runs")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(MARGIN // 2)
        top = QVBoxLayout()
        top.setContentsMargins(MARGIN, MARGIN // 2, MARGIN, 0)
        top.addWidget(self.facts)
        top.addWidget(self.error)
        column.addLayout(top)
        column.addWidget(self.tabs, 1)
        parts.bridge.runs_changed.connect(self._on_runs_changed)

    def take_focus(self) -> None:
        """Put the focus on the value."""
        self.value.take_focus()

    def show_place(self, rest: str) -> str:
        """Show the message at `topic/partition/offset`."""
        place = split_message(rest)
        if rest == self._place and self.error.isHidden():
            return f"Message {rest}"
        self._place = rest
        self._runs.reset([])
        record = None if place is None else self._find_record(*place)
        if record is not None:
            self._show_record(record)
        else:
            self._show_missing()
        self.parts.bridge.submit(ListRuns(RunQuery(place=rest)), lambda page: self._on_runs(rest, page))
        return f"Message {rest}"

    def _show_record(self, record: Record) -> None:
        self.error.show_trouble(None)
        at_us = None if record.timestamp_ms is None else record.timestamp_ms * 1000
        self.facts.show_pairs(
            [
                ("Key", formats.key_text(record.key)),
                ("Place", f"{record.topic}, partition {record.partition}, offset {record.offset}"),
                ("Time", f"{formats.full_time(at_us)}"),
                ("Size", formats.size(None if record.value is None else len(record.value))),
            ]
        )
        self.value.show_bytes(record.value)
        self.tabs.setTabText(1, f"Headers {len(record.headers)}" if record.headers else "Headers")
        shown = [(name, formats.key_text(value) if value is not None else "null") for name, value in record.headers]
        self.headers.show_pairs(shown or [("No headers", "")])

    def _show_missing(self) -> None:
        self.facts.show_pairs([("Message", self._place)])
        self.value.show_bytes(b"")
        self.headers.show_pairs([])
        self.error.show_trouble(
            Trouble(
                "This message is no longer kept here.",
                f"The window keeps the newest {CAP:,} messages, the run store those of its runs.",
            )
        )

    def _on_runs(self, place: str, page: RunPage | None) -> None:
        if place != self._place or page is None:
            return
        self._runs.reset(reversed(page.runs))
        self._say_runs()
        if not self.error.isHidden() and page.runs:
            self.parts.bridge.submit(GetRun(page.runs[0].run_id), lambda detail: self._on_stored(place, detail))

    def _on_stored(self, place: str, detail: RunDetail | None) -> None:
        if place == self._place and detail is not None and detail.record is not None:
            self._show_record(detail.record)

    def _on_runs_changed(self, runs: list[Run]) -> None:
        mine = [run for run in runs if run.place == self._place]
        if mine:
            self._runs.upsert(mine)
            self._say_runs()

    def _say_runs(self) -> None:
        count = self._runs.rowCount()
        self.tabs.setTabText(2, f"Runs {count}" if count else "Runs")


def _padded(widget: QWidget) -> QWidget:
    outer = QWidget()
    column = QVBoxLayout(outer)
    column.setContentsMargins(MARGIN, MARGIN // 2, MARGIN, MARGIN)
    column.addWidget(widget)
    column.addStretch(1)
    return outer
