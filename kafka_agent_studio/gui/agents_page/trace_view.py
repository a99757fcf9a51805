"""What happened when an agent was tried: its figures, the waterfall, and the span that is selected."""

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from kafka_agent_studio.api.queries import ToolTrace
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.details.span_detail import SpanDetail
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.state_look import RUN_LOOKS
from kafka_agent_studio.gui.theme import GAP, MARGIN, ROW_HEIGHT, SPACE, Tone
from kafka_agent_studio.gui.widgets.chip import Chip
from kafka_agent_studio.gui.widgets.labels import hairline, label
from kafka_agent_studio.gui.widgets.state_badge import StateBadge
from kafka_agent_studio.gui.widgets.waterfall import Waterfall
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.run import ErrorType, Run, RunDetail, RunStatus, Span

_LOWEST_WATERFALL = 5 * ROW_HEIGHT


class TraceView(QWidget):
    """Hidden until there is a trace."""

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__()
        theme = parts.theme
        self._detail: RunDetail | None = None
        self.badge = StateBadge(theme=theme, look=RUN_LOOKS[RunStatus.QUEUED], name="Outcome")
        self.figures = label("", tone=Tone.MUTED)
        self.rehearsal = Chip("REHEARSAL", theme=theme, tone=Tone.PAUSED, tip="the stand-in answered, no real model")
        self.waterfall = Waterfall(theme=theme, icons=parts.icons)
        self.waterfall.show_narrow(True)
        self.waterfall.setMinimumHeight(_LOWEST_WATERFALL)
        self.span = SpanDetail(theme=theme)
        self.waterfall.span_selected.connect(self._on_span)
        self.span.error_asked.connect(self.waterfall.go_to_error)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.waterfall)
        self._split.addWidget(self.span)
        self._split.setSizes([150, 240])
        row = QHBoxLayout()
        row.setContentsMargins(MARGIN, SPACE, GAP, SPACE)
        row.setSpacing(GAP)
        row.addWidget(self.badge)
        row.addWidget(self.figures)
        row.addStretch(1)
        row.addWidget(self.rehearsal)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(hairline())
        column.addLayout(row)
        column.addWidget(self._split, 1)
        self.hide()

    def show_trace(self, trace: ToolTrace, *, agent: str, message: bytes, started_at_us: int) -> None:
        """Show what came back; `message` is the JSON that went in."""
        run = _run_of(trace, agent, started_at_us)
        self._detail = RunDetail(run, trace.spans, Record("", 0, 0, None, None, message))
        self.badge.show_look(RUN_LOOKS[run.status])
        figures = [formats.duration(trace.duration_s)]
        figures += [f"{trace.token_usage.total_tokens:,} tokens"] if trace.token_usage.total_tokens else []
        figures += [formats.cost(trace.cost)] if trace.cost is not None else []
        self.figures.setText(" · ".join(figures))
        self.rehearsal.setVisible("rehearsal" in trace.stand_ins)
        self.show()
        self.waterfall.show_run(run, trace.spans)
        self._on_span(self.waterfall.spans.span_at(self.waterfall.currentIndex()))

    def _on_span(self, span: Span | None) -> None:
        if self._detail is None:
            return
        if span is None:
            self.span.show_run(self._detail)
        else:
            self.span.show_span(span)


def _run_of(trace: ToolTrace, agent: str, started_at_us: int) -> Run:
    """The trace as the run that it would have been."""
    began = min((span.started_at_us for span in trace.spans), default=started_at_us)
    status = RunStatus.COMPLETED
    if trace.error is not None:
        status = RunStatus.CANCELLED if trace.error.type is ErrorType.CANCELLED else RunStatus.FAILED
    run = Run(
        run_id="",
        agent_name=agent,
        status=status,
        output=trace.output,
        error=trace.error,
        started_at_us=began,
        ended_at_us=began + round(trace.duration_s * 1e6),
        token_usage=trace.token_usage,
        connector="try it",
        topic="",
        partition=0,
        offset=0,
        timestamp_ms=None,
        key=None,
        attempts=max((span.attempt for span in trace.spans), default=1),
        cost=trace.cost,
        stand_ins=trace.stand_ins,
    )
    ends = max((span.ended_at_us or began for span in trace.spans), default=began)
    return msgspec.structs.replace(run, ended_at_us=max(run.ended_at_us or began, ends))
