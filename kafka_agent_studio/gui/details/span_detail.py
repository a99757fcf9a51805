"""One span of a run, or the run itself: its figures, its error, what went in and what came out."""

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.runs.chat import ChatPart, answered, offered_tools, sent_messages
from kafka_agent_studio.gui.runs.chat_view import ChatView
from kafka_agent_studio.gui.theme import GAP, MARGIN, Theme
from kafka_agent_studio.gui.trouble import Trouble
from kafka_agent_studio.gui.widgets.error_panel import ErrorPanel
from kafka_agent_studio.gui.widgets.json_view import JsonView
from kafka_agent_studio.gui.widgets.key_value import KeyValue
from kafka_agent_studio.gui.widgets.labels import label
from kafka_agent_studio.model.run import RunDetail, RunError, RunStatus, Span, SpanKind

_CHAT, _INPUT, _OUTPUT = range(3)

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
    """Shows one at a time; its facts stand in `columns`. `error_asked`: show the span in which the run went wrong."""

    error_asked = Signal()

    def __init__(self, *, theme: Theme, columns: int = 2) -> None:
        super().__init__()
        self._title = label("", font=theme.heading)
        self.facts = KeyValue(theme=theme, columns=columns)
        self.error = ErrorPanel(theme=theme, action="Go to where it happened", on_action=self.error_asked.emit)
        self.chat = ChatView(theme=theme)
        self.input = JsonView(theme=theme, accessible_name="Input")
        self.output = JsonView(theme=theme, accessible_name="Output")
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setAccessibleName("Input and output")
        self.tabs.addTab(self.chat, "Messages")
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
            pairs.append(
                ("Tokens", f"{usage.total_tokens:,} ({usage.prompt_tokens:,} in, {usage.candidates_tokens:,} out)")
            )
        if span.kind is SpanKind.MODEL:
            tools = offered_tools(span)
            pairs += [("Cost", formats.cost(span.cost)), ("Attempt", str(span.attempt))]
            pairs += [("Tools offered", ", ".join(tools))] if tools else []
        elif span.attempt > 1:
            pairs.append(("Attempt", str(span.attempt)))
        self.facts.show_pairs(pairs)
        self._show_error(span.error, may_jump=False)
        self._show_chat([*sent_messages(span), *answered(span)])
        self._show_both("Input", span.input, "Output", span.output)

    def _show_error(self, error: RunError | None, *, may_jump: bool) -> None:
        self.error.show_trouble(None if error is None else error_in_words(error))
        if self.error.action is not None:
            self.error.action.setVisible(may_jump)

    def _show_chat(self, parts: Sequence[ChatPart]) -> None:
        self.tabs.setTabVisible(_CHAT, bool(parts))
        self.chat.show_chat(parts)

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
        self._show_error(run.error, may_jump=any(span.error is not None for span in detail.spans))
        self._show_chat([])
        # first: a tab that goes out of sight need not be filled
        self.tabs.setCurrentIndex(_OUTPUT if run.status is RunStatus.COMPLETED else _INPUT)
        self.tabs.setTabText(_INPUT, "Message")
        self.tabs.setTabText(_OUTPUT, "Output")
        payload = None if run.changes is msgspec.UNSET else run.changes.payload
        if payload is not None:
            self.tabs.setTabText(_INPUT, "Message, changed for this run")
            self.input.show_json(payload)
        elif detail.record is None:
            self.input.show_json("The message is not kept any more.")
        else:
            self.input.show_bytes(detail.record.value)
        self.output.show_json("" if run.output is None else run.output)

    def _show_both(self, first: str, given: object, second: str, got: object) -> None:
        self.tabs.setTabText(_INPUT, first)
        self.tabs.setTabText(_OUTPUT, second)
        has_chat = self.tabs.isTabVisible(_CHAT)
        self.tabs.setCurrentIndex(_CHAT if has_chat else _OUTPUT if got is not None else _INPUT)
        self.input.show_json("" if given is None else given)
        self.output.show_json("" if got is None else got)
