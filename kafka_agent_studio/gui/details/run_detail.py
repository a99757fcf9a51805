"""One run: from its message over all that happened in it to the place where the result landed."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from kafka_agent_studio.api.commands import CancelRun, GetRun, RerunRun
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.details.detail import Detail
from kafka_agent_studio.gui.details.span_detail import SpanDetail
from kafka_agent_studio.gui.models.run_table import run_columns
from kafka_agent_studio.gui.navigation import message_address, run_address
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.state_look import RUN_LOOKS
from kafka_agent_studio.gui.theme import GAP, MARGIN, Tone
from kafka_agent_studio.gui.trouble import Trouble
from kafka_agent_studio.gui.widgets.chip import Chip
from kafka_agent_studio.gui.widgets.copying import rows_as_json
from kafka_agent_studio.gui.widgets.error_panel import ErrorPanel
from kafka_agent_studio.gui.widgets.labels import button, hairline, label
from kafka_agent_studio.gui.widgets.place_link import PlaceLink
from kafka_agent_studio.gui.widgets.state_badge import StateBadge
from kafka_agent_studio.gui.widgets.waterfall import Waterfall
from kafka_agent_studio.model.run import Run, RunDetail, RunStatus, Span

_MOST_RESULTS = 3


class RunDetailView(Detail):
    """`is_wide` puts waterfall and span side by side, as a page has room for."""

    def __init__(self, *, parts: WindowParts, is_wide: bool) -> None:
        super().__init__(parts=parts)
        self._run_id = ""
        self._detail: RunDetail | None = None
        theme, icons = parts.theme, parts.icons
        self.badge = StateBadge(theme=theme, look=RUN_LOOKS[RunStatus.QUEUED], name="Status")
        self.message = PlaceLink(navigator=parts.navigator, theme=theme)
        self.results = [PlaceLink(navigator=parts.navigator, theme=theme) for _ in range(_MOST_RESULTS)]
        self.figures = label("", tone=Tone.MUTED)
        self.rehearsal = Chip("REHEARSAL", theme=theme, tone=Tone.PAUSED, tip="no real model answered")
        self.sandbox = Chip("SANDBOX", theme=theme, tone=Tone.WAITING, tip="on the embedded broker")
        self.cancel = button("Cancel", self._on_cancel, icon=icons.icon("stop"))
        self.again = button("Run again", self._on_again, icon=icons.icon("arrow-clockwise"))
        self.again.setToolTip("Run the stored message again under a new id; nothing is published")
        self.copy = button("Copy JSON", self._on_copy, icon=icons.icon("copy"))
        self.missing = ErrorPanel(theme=theme)
        self.waterfall = Waterfall(theme=theme, icons=icons)
        self.waterfall.show_narrow(not is_wide)
        self.span = SpanDetail(theme=theme, columns=2 if is_wide else 1)
        self.waterfall.span_selected.connect(self._on_span_selected)
        self._split = QSplitter(Qt.Orientation.Horizontal if is_wide else Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.waterfall)
        self._split.addWidget(self.span)
        self._split.setSizes([640, 560] if is_wide else [230, 400])
        self._lay_out(is_wide=is_wide)
        parts.bridge.runs_changed.connect(self._on_runs_changed)

    def _lay_out(self, *, is_wide: bool) -> None:
        path = QHBoxLayout()
        path.setSpacing(GAP)
        path.addWidget(self.message)
        path.addWidget(label("→", tone=Tone.MUTED))
        path.addWidget(self.badge)
        if is_wide:
            path.addWidget(self.figures)
        self._arrow = label("→", tone=Tone.MUTED)
        path.addWidget(self._arrow)
        landed = path if is_wide else QHBoxLayout()
        for link in self.results:
            landed.addWidget(link)
        if not is_wide:
            landed.addStretch(1)
            landed.insertWidget(0, self._arrow)
        path.addStretch(1)
        for chip in (self.sandbox, self.rehearsal):
            path.addWidget(chip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        top = QVBoxLayout()
        top.setContentsMargins(MARGIN, GAP, MARGIN, GAP)
        top.setSpacing(GAP)
        top.addLayout(path)
        top.addWidget(self.missing)
        if not is_wide:
            top.addLayout(landed)
            top.addWidget(self.figures)
            actions = QHBoxLayout()
            for made in (self.cancel, self.again, self.copy):
                actions.addWidget(made)
            actions.addStretch(1)
            top.addLayout(actions)
        column.addLayout(top)
        column.addWidget(hairline())
        column.addWidget(self._split, 1)

    @property
    def header_actions(self) -> tuple[QWidget, ...]:
        """The buttons, for a page's header."""
        return self.cancel, self.again, self.copy

    def take_focus(self) -> None:
        """Put the focus on the waterfall."""
        self.waterfall.setFocus()

    def show_place(self, rest: str) -> str:
        """Show the run of this id."""
        if rest != self._run_id:
            self._run_id = rest
            self._detail = None
            self._fetch()
        return f"Run {formats.short_id(rest)}"

    def _fetch(self) -> None:
        run_id = self._run_id
        self.parts.bridge.submit(GetRun(run_id), lambda detail: self._on_detail(run_id, detail))

    def _on_detail(self, run_id: str, detail: RunDetail | None) -> None:
        if run_id != self._run_id:
            return
        self._detail = detail
        is_known = detail is not None
        for widget in (self._split, self.badge, self.figures, self.message, self._arrow, *self.header_actions):
            widget.setVisible(is_known)
        self.missing.show_trouble(
            None
            if is_known
            else Trouble(
                f"The run {run_id} is not in the run store (any more).", "studio.yaml says how long runs are kept."
            )
        )
        if detail is None:
            for link in (*self.results, self.rehearsal, self.sandbox):
                link.hide()
        else:
            self._show_run(detail.run)
            self.waterfall.show_run(detail.run, detail.spans)
            self._on_span_selected(self.waterfall.spans.span_at(self.waterfall.currentIndex()))

    def _show_run(self, run: Run) -> None:
        self.badge.show_look(RUN_LOOKS[run.status])
        self.message.show_link(run.place, message_address(run.topic, run.partition, run.offset))
        figures = [formats.duration(run.duration_s)] if run.duration_s is not None else []
        figures += [f"{run.token_usage.total_tokens:,} tokens"] if run.token_usage.total_tokens else []
        figures += [formats.cost(run.cost)] if run.cost is not None else []
        figures += [f"{run.attempts} attempts"] if run.attempts > 1 else []
        self.figures.setText(" · ".join(figures))
        self._arrow.setVisible(bool(run.published))
        for number, link in enumerate(self.results):
            link.setVisible(number < len(run.published))
            if number < len(run.published):
                landed = run.published[number]
                place = f"{landed.topic}/{landed.partition}/{landed.offset}"
                link.show_link(place, message_address(landed.topic, landed.partition, landed.offset))
        self.rehearsal.setVisible("rehearsal" in run.stand_ins)
        self.sandbox.setVisible("sandbox" in run.stand_ins)
        may_act = self.parts.bridge.view.read_only is None
        self.cancel.setVisible(not run.status.is_terminal)
        self.cancel.setEnabled(may_act)
        self.again.setEnabled(may_act)

    def _on_span_selected(self, span: Span | None) -> None:
        if self._detail is None:
            return
        if span is None:
            self.span.show_run(self._detail)
        else:
            self.span.show_span(span)

    def _on_runs_changed(self, runs: list[Run]) -> None:
        if self._run_id and any(run.run_id == self._run_id for run in runs):
            self._fetch()

    def _on_cancel(self) -> None:
        self.parts.bridge.submit(CancelRun(self._run_id))

    def _on_again(self) -> None:
        navigator = self.parts.navigator
        self.parts.bridge.submit(RerunRun(self._run_id), lambda run_id: navigator.go(run_address(run_id)))

    def _on_copy(self) -> None:
        if self._detail is not None:
            QGuiApplication.clipboard().setText(rows_as_json(run_columns(), [self._detail.run]))
