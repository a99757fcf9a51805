"""Two runs side by side: figures, output, prompt, message, spans."""

from typing import Any

import msgspec
from PySide6.QtCore import QThreadPool, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTabWidget, QVBoxLayout, QWidget

from kafka_agent_studio.api.commands import GetRun
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.navigation import run_address
from kafka_agent_studio.gui.pages.page import Page
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.runs.addresses import compare_address
from kafka_agent_studio.gui.runs.chat import laid_out, system_prompt
from kafka_agent_studio.gui.runs.differences import PairRow, figure_rows, is_different, span_rows, text_rows
from kafka_agent_studio.gui.runs.pair_table import PairTable
from kafka_agent_studio.gui.runs.run_words import stand_in_words
from kafka_agent_studio.gui.state_look import RUN_LOOKS
from kafka_agent_studio.gui.theme import GAP, MARGIN, Tone
from kafka_agent_studio.gui.trouble import Trouble
from kafka_agent_studio.gui.widgets.banner import Banner
from kafka_agent_studio.gui.widgets.error_panel import ErrorPanel
from kafka_agent_studio.gui.widgets.labels import button, hairline, icon_button, label
from kafka_agent_studio.gui.widgets.place_link import PlaceLink
from kafka_agent_studio.model.run import Run, RunDetail

_FIGURE_ROWS = 9
_AT_ONCE_CHARACTERS = 16_000
"""Longer texts are compared off the window's thread."""


class ComparePage(Page):
    """The address names both runs, the left one first."""

    rail_address = "runs"

    _compared = Signal(object, str, object)

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__(parts=parts, title="Compare two runs")
        self._ids = ("", "")
        self._found: dict[str, RunDetail | None] = {}
        self._turn = 0
        self._compared.connect(self._on_compared)
        theme, icons = parts.theme, parts.icons
        self.header.add_before_title(icon_button("Back (Alt+Left)", icons.icon("arrow-left"), parts.navigator.back))
        self.header.add(button("Swap sides", self._on_swap, icon=icons.icon("arrows-left-right")))
        self.links = [PlaceLink(navigator=parts.navigator, theme=theme) for _ in range(2)]
        self.about = [label("", tone=Tone.MUTED) for _ in range(2)]
        self.stand_in = Banner(theme=theme, tone=Tone.PAUSED)
        self.missing = ErrorPanel(theme=theme)
        self.figures = PairTable(theme=theme, accessible_name="Figures of both runs")
        self.tables = {
            "Output": PairTable(theme=theme, accessible_name="Output of both runs", is_text=True),
            "Prompt": PairTable(theme=theme, accessible_name="System prompt of both runs", is_text=True),
            "Message": PairTable(theme=theme, accessible_name="Message of both runs", is_text=True),
            "Spans": PairTable(theme=theme, accessible_name="Spans of both runs", what_width=230),
        }
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setAccessibleName("What is compared")
        for name, table in self.tables.items():
            self.tabs.addTab(table, name)
        self._content = QWidget()
        self._lay_out()
        parts.bridge.runs_changed.connect(self._on_runs_changed)

    def _lay_out(self) -> None:
        sides = QHBoxLayout()
        sides.setContentsMargins(MARGIN, GAP, MARGIN, GAP)
        sides.setSpacing(GAP)
        for number in range(2):
            if number:
                sides.addWidget(label("and", tone=Tone.MUTED))
            sides.addWidget(self.links[number])
            sides.addWidget(self.about[number])
        sides.addStretch(1)
        notes = QVBoxLayout()
        notes.setContentsMargins(MARGIN, 0, MARGIN, 0)
        notes.addWidget(self.missing)
        notes.addWidget(self.stand_in)
        height = self.figures.verticalHeader().defaultSectionSize() * _FIGURE_ROWS
        self.figures.setFixedHeight(height + self.figures.horizontalHeader().sizeHint().height() + GAP)
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.figures)
        column.addWidget(hairline())
        column.addWidget(self.tabs, 1)
        self.body.addLayout(sides)
        self.body.addLayout(notes)
        self.body.addWidget(self._content, 1)
        self.body.addStretch(0)

    def take_focus(self) -> None:
        """Put the focus on the figures."""
        self.figures.setFocus()

    def show_place(self, rest: str) -> None:
        """Show the two runs of `<left id>/<right id>`."""
        left, _, right = rest.partition("/")
        if (left, right) != self._ids:
            self._ids = (left, right)
            self._fetch()

    @property
    def words(self) -> str:
        """What is said about both sides, for tests."""
        return " ".join(made.text() for made in (*self.links, *self.about) if isinstance(made, QLabel | PlaceLink))

    def _fetch(self) -> None:
        self._found = {}
        for run_id in dict.fromkeys(self._ids):
            self.parts.bridge.submit(GetRun(run_id), lambda detail, run_id=run_id: self._on_detail(run_id, detail))  # type: ignore[misc]

    def _on_detail(self, run_id: str, detail: RunDetail | None) -> None:
        if run_id not in self._ids:
            return
        self._found[run_id] = detail
        left, right = (self._found.get(known) for known in self._ids)
        is_answered = all(known in self._found for known in self._ids)
        self._content.setVisible(left is not None and right is not None)
        gone = [known for known in self._ids if known in self._found and self._found[known] is None]
        self.missing.show_trouble(
            Trouble(
                f"There is nothing to compare: {' and '.join(gone)} is not in the run store (any more).",
                "studio.yaml says how long runs are kept.",
            )
            if gone
            else None
        )
        if is_answered and left is not None and right is not None:
            self._compare(left, right)

    def _compare(self, left: RunDetail, right: RunDetail) -> None:
        for link, about, detail in zip(self.links, self.about, (left, right), strict=True):
            run = detail.run
            link.show_link(formats.short_id(run.run_id), run_address(run.run_id))
            look = RUN_LOOKS[run.status]
            about.setText(
                f"{look.glyph.value} {look.word}, {formats.moment(run.started_at_us)}{_kin(run, left, right)}"
            )
        self.stand_in.say("  ".join(dict.fromkeys(w for w in map(stand_in_words, (left.run, right.run)) if w)))
        self.figures.show_rows(figure_rows(left, right))
        self._turn += 1
        self._show("Spans", span_rows(left.spans, right.spans))
        for name, texts in _texts(left, right).items():
            if sum(map(len, texts)) <= _AT_ONCE_CHARACTERS:
                self._show(name, text_rows(*texts))
            else:
                self.tabs.setTabText(self.tabs.indexOf(self.tables[name]), f"{name}: comparing…")
                _in_background(self._turn, name, texts, self._compared)

    def _on_compared(self, turn: object, name: str, rows: object) -> None:
        if turn == self._turn and isinstance(rows, list):
            self._show(name, rows)

    def _show(self, name: str, rows: list[PairRow]) -> None:
        table = self.tables[name]
        table.show_rows(rows)
        words = "nothing" if not rows else "differs" if is_different(rows) else "the same"
        self.tabs.setTabText(self.tabs.indexOf(table), f"{name}: {words}")

    def _on_swap(self) -> None:
        self.parts.navigator.go(compare_address(self._ids[1], self._ids[0]))

    def _on_runs_changed(self, runs: list[Run]) -> None:
        if any(run.run_id in self._ids for run in runs):
            self._fetch()


def _texts(left: RunDetail, right: RunDetail) -> dict[str, tuple[str, str]]:
    return {
        "Output": (_output(left.run), _output(right.run)),
        "Prompt": (system_prompt(left.spans) or "", system_prompt(right.spans) or ""),
        "Message": (_message(left), _message(right)),
    }


def _in_background(turn: int, name: str, texts: tuple[str, str], done: Any) -> None:
    def run() -> None:
        rows = text_rows(*texts)
        try:
            done.emit(turn, name, rows)
        except RuntimeError:
            # The page was closed meanwhile: nobody is there to see it.
            return

    QThreadPool.globalInstance().start(run)


def _kin(run: Run, left: RunDetail, right: RunDetail) -> str:
    other = right.run if run is left.run else left.run
    return ", runs the other again" if run.parent_run_id == other.run_id else ""


def _output(run: Run) -> str:
    if run.output is None:
        return "" if run.error is None else f"{run.error.type.value}: {run.error.message}"
    return laid_out(run.output)


def _message(detail: RunDetail) -> str:
    changes = detail.run.changes
    if changes is not msgspec.UNSET and changes.payload is not None:
        return laid_out(changes.payload)
    value = None if detail.record is None else detail.record.value
    return "" if value is None else laid_out(value.decode(errors="replace"))
