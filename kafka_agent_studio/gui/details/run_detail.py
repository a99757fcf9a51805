"""One run: from its message over all that happened in it to the place where the result landed."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from kafka_agent_studio.api.commands import CancelRun, GetRun, ListRuns, RerunRun
from kafka_agent_studio.api.queries import RunPage, RunQuery
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.details.detail import Detail
from kafka_agent_studio.gui.details.span_detail import SpanDetail
from kafka_agent_studio.gui.navigation import message_address, run_address
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.runs.addresses import compare_address, rerun_address
from kafka_agent_studio.gui.runs.relatives import Relatives
from kafka_agent_studio.gui.runs.run_json import run_as_json
from kafka_agent_studio.gui.runs.run_words import figures_of, stand_in_words
from kafka_agent_studio.gui.state_look import RUN_LOOKS
from kafka_agent_studio.gui.theme import GAP, MARGIN, Tone
from kafka_agent_studio.gui.trouble import Trouble
from kafka_agent_studio.gui.widgets.banner import Banner
from kafka_agent_studio.gui.widgets.error_panel import ErrorPanel
from kafka_agent_studio.gui.widgets.labels import button, hairline, label
from kafka_agent_studio.gui.widgets.place_link import PlaceLink
from kafka_agent_studio.gui.widgets.state_badge import StateBadge
from kafka_agent_studio.gui.widgets.waterfall import Waterfall
from kafka_agent_studio.model.run import Run, RunDetail, RunStatus, Span

_MOST_RESULTS = 3
_LOOK_EVERY_MS = 1_000
"""How often a run that goes on is looked at for new spans."""


class RunDetailView(Detail):
    """`is_wide` puts waterfall and span side by side, as a page has room for."""

    def __init__(self, *, parts: WindowParts, is_wide: bool) -> None:
        super().__init__(parts=parts)
        self._run_id = ""
        self._detail: RunDetail | None = None
        self._shown: tuple[RunDetail | None, Span | None] = (None, None)
        self._is_stale = False
        theme, icons, navigator = parts.theme, parts.icons, parts.navigator
        self.badge = StateBadge(theme=theme, look=RUN_LOOKS[RunStatus.QUEUED], name="Status")
        self.message = PlaceLink(navigator=navigator, theme=theme)
        self.results = [PlaceLink(navigator=navigator, theme=theme) for _ in range(_MOST_RESULTS)]
        self.more_results = label("", tone=Tone.MUTED)
        self.figures = label("", tone=Tone.MUTED)
        self.stand_in = Banner(theme=theme, tone=Tone.PAUSED)
        self.relatives = Relatives(
            parts=parts, is_wide=is_wide, on_compare=lambda left, right: navigator.go(compare_address(left, right))
        )
        self.cancel = button("Cancel", self._on_cancel, icon=icons.icon("stop"))
        self.again = button("Run again", self._on_again, icon=icons.icon("arrow-clockwise"))
        self.again.setToolTip("Run the stored message again under a new id; nothing is committed or published")
        self.change = button("Change and run…", self._on_change, icon=icons.icon("pencil-simple"))
        self.change.setToolTip("Run again with another prompt, model or message")
        self.copy = button("Copy JSON", self._on_copy, icon=icons.icon("copy"))
        self.copy.setToolTip("The run, its message and all its spans")
        self.missing = ErrorPanel(theme=theme)
        self.waterfall = Waterfall(theme=theme, icons=icons)
        self.waterfall.show_narrow(not is_wide)
        self.span = SpanDetail(theme=theme, columns=2 if is_wide else 1)
        self.waterfall.span_selected.connect(self._on_span_selected)
        self.span.error_asked.connect(self.waterfall.go_to_error)
        self._split = QSplitter(Qt.Orientation.Horizontal if is_wide else Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.waterfall)
        self._split.addWidget(self.span)
        self._split.setSizes([700, 500] if is_wide else [230, 400])
        self._lay_out(is_wide=is_wide)
        self.ticks = QTimer(self)
        self.ticks.setInterval(_LOOK_EVERY_MS)
        self.ticks.timeout.connect(self._fetch)
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
        landed.addWidget(self.more_results)
        if not is_wide:
            landed.addStretch(1)
            landed.insertWidget(0, self._arrow)
        path.addStretch(1)
        top = QVBoxLayout()
        top.setContentsMargins(MARGIN, GAP, MARGIN, GAP)
        top.setSpacing(GAP)
        top.addLayout(path)
        top.addWidget(self.missing)
        if not is_wide:
            top.addLayout(landed)
            top.addWidget(self.figures)
        top.addWidget(self.relatives)
        top.addWidget(self.stand_in)
        if not is_wide:
            for pair in ((self.cancel, self.again, self.change), (self.copy,)):
                actions = QHBoxLayout()
                actions.setSpacing(GAP)
                for made in pair:
                    actions.addWidget(made)
                actions.addStretch(1)
                top.addLayout(actions)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(hairline())
        column.addWidget(self._split, 1)

    @property
    def header_actions(self) -> tuple[QWidget, ...]:
        """The buttons, for a page's header."""
        return self.cancel, self.again, self.change, self.copy

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

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: a run that goes on is not asked about."""
        super().hideEvent(event)
        self.ticks.stop()

    def showEvent(self, event: QShowEvent) -> None:
        """Follow a run that goes on, and catch up with what happened to it while nobody looked."""
        super().showEvent(event)
        if self._is_stale:
            self._fetch()
        self._follow()

    def _follow(self) -> None:
        goes_on = self._detail is not None and not self._detail.run.status.is_terminal
        if goes_on and self.isVisible():
            self.ticks.start()
        else:
            self.ticks.stop()

    def _fetch(self) -> None:
        self._is_stale = False
        run_id = self._run_id
        self.parts.bridge.submit(GetRun(run_id), lambda detail: self._on_detail(run_id, detail))

    def _on_detail(self, run_id: str, detail: RunDetail | None) -> None:
        if run_id != self._run_id:
            return
        if detail is not None and detail == self._detail:
            return
        self._detail = detail
        self._follow()
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
            for hidden in (*self.results, self.more_results, self.relatives, self.stand_in):
                hidden.hide()
            return
        self._show_run(detail.run)
        self.waterfall.show_run(detail.run, detail.spans)
        self._on_span_selected(self.waterfall.spans.span_at(self.waterfall.currentIndex()))
        self._find_children(detail.run)

    def _show_run(self, run: Run) -> None:
        self.badge.show_look(RUN_LOOKS[run.status])
        cluster_of = self.parts.bridge.view.cluster_of
        self.message.show_link(run.place, message_address(cluster_of(run.connector), run.place))
        self.figures.setText(figures_of(run))
        self._arrow.setVisible(bool(run.published))
        for number, link in enumerate(self.results):
            link.setVisible(number < len(run.published))
            if number < len(run.published):
                landed = run.published[number]
                link.show_link(landed.place, message_address(cluster_of(landed.connector), landed.place))
        self.more_results.setText(f"and {len(run.published) - _MOST_RESULTS:,} more")
        self.more_results.setVisible(len(run.published) > _MOST_RESULTS)
        self.stand_in.say(stand_in_words(run))
        self.relatives.show_run(run)
        may_act = self.parts.bridge.view.read_only is None
        self.cancel.setVisible(not run.status.is_terminal)
        self.cancel.setEnabled(may_act)
        self.again.setEnabled(may_act)
        self.change.setEnabled(may_act)

    def _find_children(self, run: Run) -> None:
        # a rerun is of the same message: the store finds those at once
        asked = ListRuns(RunQuery(agent=run.agent_name, place=run.place))

        def show(page: RunPage | None) -> None:
            if page is not None and self._detail is not None and self._run_id == run.run_id:
                children = [found for found in page.runs if found.parent_run_id == run.run_id]
                self.relatives.show_run(self._detail.run, children)

        self.parts.bridge.submit(asked, show)

    def _on_span_selected(self, span: Span | None) -> None:
        if self._detail is None or (self._shown[0] is self._detail and self._shown[1] == span):
            return
        self._shown = (self._detail, span)
        if span is None:
            self.span.show_run(self._detail)
        else:
            self.span.show_span(span)

    def _on_runs_changed(self, runs: list[Run]) -> None:
        if not self._run_id:
            return
        if any(run.run_id == self._run_id for run in runs):
            if self.isVisible():
                self._fetch()
            else:
                self._is_stale = True
        elif self._detail is not None and any(run.parent_run_id == self._run_id for run in runs):
            self._find_children(self._detail.run)

    def _on_cancel(self) -> None:
        self.parts.bridge.submit(CancelRun(self._run_id))

    def _on_again(self) -> None:
        navigator = self.parts.navigator
        self.parts.bridge.submit(RerunRun(self._run_id), lambda run_id: navigator.go(run_address(run_id)))

    def _on_change(self) -> None:
        self.parts.navigator.go(rerun_address(self._run_id))

    def _on_copy(self) -> None:
        if self._detail is not None:
            QGuiApplication.clipboard().setText(run_as_json(self._detail))
