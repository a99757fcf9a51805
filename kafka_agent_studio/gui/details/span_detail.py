"""One span of a run, or the run itself: its figures, its error, what went in and what came out."""

from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.theme import GAP, MARGIN, Theme
from kafka_agent_studio.gui.trouble import Trouble
from kafka_agent_studio.gui.widgets.error_panel import ErrorPanel
from kafka_agent_studio.gui.widgets.json_view import JsonView
from kafka_agent_studio.gui.widgets.key_value import KeyValue
from kafka_agent_studio.gui.widgets.labels import label
from kafka_agent_studio.model.run import RunDetail, RunError, RunStatus, Span

_ERROR_WORDS = {
    "timeout": "It took longer than it may.",
    "model_error": "The model gave no usable answer.",
    "model_refused": "The model's provider refused the request.",
    "schema_mismatch": "The answer does not fit its schema.",
    "max_iterations": "The model asked for tools again and again.",
    "tool_error": "A tool failed.",
    "result_too_large": "The result is too large for its topic.",
    "cancelled": "It was cancelled.",
    "dropped": "It was dropped: another run with its key was at work.",
    "internal": "Something went wrong inside the program.",
}


def error_in_words(error: RunError) -> Trouble:
    """Return a run's or a span's error as a person reads it."""
    return Trouble(_ERROR_WORDS.get(error.type.value, error.type.value), error.message)


class SpanDetail(QWidget):
    """Shows one at a time; its facts stand in `columns`."""

    def __init__(self, *, theme: Theme, columns: int = 2) -> None:
        super().__init__()
        self._title = label("", font=theme.heading)
        self.facts = KeyValue(theme=theme, columns=columns)
        self.error = ErrorPanel(theme=theme)
        self.input = JsonView(theme=theme, accessible_name="Input")
        self.output = JsonView(theme=theme, accessible_name="Output")
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setAccessibleName("Input and output")
        self.tabs.addTab(self.input, "Input")
        self.tabs.addTab(self.output, "Output")
        top = QVBoxLayout()
        top.setContentsMargins(MARGIN, GAP + GAP // 2, MARGIN, 0)
        top.setSpacing(GAP)
        top.addWidget(self._title)
        top.addWidget(self.facts)
        top.addWidget(self.error)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addLayout(top)
        column.addWidget(self.tabs, 1)

    def show_span(self, span: Span) -> None:
        """Show a span."""
        self._title.setText(f"{span.kind.value.capitalize()} · {span.name}")
        ended = span.ended_at_us
        usage = span.token_usage
        pairs = [
            ("Duration", formats.duration(None if ended is None else (ended - span.started_at_us) / 1e6)),
            ("Started", formats.clock(span.started_at_us)),
        ]
        if usage.total_tokens:
            pairs += [
                ("Tokens", f"{usage.total_tokens:,} ({usage.prompt_tokens:,} in, {usage.candidates_tokens:,} out)"),
                ("Cost", formats.cost(span.cost)),
            ]
        if span.attempt > 1:
            pairs.append(("Attempt", str(span.attempt)))
        self.facts.show_pairs(pairs)
        self.error.show_trouble(None if span.error is None else error_in_words(span.error))
        self._show_both("Input", span.input, "Output", span.output)

    def show_run(self, detail: RunDetail) -> None:
        """Show the run itself: the message that went in, the result that came out."""
        run = detail.run
        usage = run.token_usage
        self._title.setText(f"Run · {run.agent_name}")
        pairs = [
            ("Started", formats.moment(run.started_at_us)),
            ("Duration", formats.duration(run.duration_s)),
            ("Tokens", f"{usage.total_tokens:,} ({usage.prompt_tokens:,} in, {usage.candidates_tokens:,} out)"),
            ("Cost", formats.cost(run.cost)),
            ("Connector", run.connector),
            ("Attempts", str(run.attempts)),
        ]
        self.facts.show_pairs(pairs)
        self.error.show_trouble(None if run.error is None else error_in_words(run.error))
        self.tabs.setTabText(0, "Message")
        self.tabs.setTabText(1, "Output")
        if detail.record is None:
            self.input.show_json("The message is not kept any more.")
        else:
            self.input.show_bytes(detail.record.value)
        self.output.show_json("" if run.output is None else run.output)
        self.tabs.setCurrentIndex(1 if run.status is RunStatus.COMPLETED else 0)

    def _show_both(self, first: str, given: object, second: str, got: object) -> None:
        self.tabs.setTabText(0, first)
        self.tabs.setTabText(1, second)
        self.input.show_json("" if given is None else given)
        self.output.show_json("" if got is None else got)
        self.tabs.setCurrentIndex(1 if got is not None else 0)
