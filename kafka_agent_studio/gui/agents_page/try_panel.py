"""Try it: the text in the editor, run on a sample or a real message; nothing is committed, published or stored."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QPlainTextDocumentLayout, QSplitter, QVBoxLayout, QWidget

from kafka_agent_studio.api.commands import PayloadOf, TryAgent
from kafka_agent_studio.api.queries import ToolTrace
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.agents_page.agent_rows import AgentRow
from kafka_agent_studio.gui.agents_page.code_editor import CodeEditor
from kafka_agent_studio.gui.agents_page.highlighter import CodeColors, Language
from kafka_agent_studio.gui.agents_page.message_choice import MessageChoice
from kafka_agent_studio.gui.agents_page.samples import NotAPayloadError, read_payload, sample_payload
from kafka_agent_studio.gui.agents_page.stand_ins import stand_in_words
from kafka_agent_studio.gui.agents_page.tool_uses import tools_used
from kafka_agent_studio.gui.agents_page.trace_view import TraceView
from kafka_agent_studio.gui.json_document import pretty
from kafka_agent_studio.gui.models.message_table import MessageTableModel
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, MARGIN, SPACE, Tone
from kafka_agent_studio.gui.trouble import Trouble
from kafka_agent_studio.gui.widgets.error_panel import ErrorPanel
from kafka_agent_studio.gui.widgets.labels import button, label
from kafka_agent_studio.model.message import Record

_TICK_MS = 100
_SIDE_BY_SIDE_FROM = 620
_LOWEST_MESSAGE = 72
_ABOUT = "Runs the text in the editor, saved or not. Tools run for real; nothing is committed, published or stored."


class TryPanel(QWidget):
    """One try at a time, with its seconds and a stop; `finished` comes when it is over, however it ended."""

    finished = Signal()

    def __init__(self, *, parts: WindowParts, messages: MessageTableModel) -> None:
        super().__init__()
        self._bridge = parts.bridge
        self._preferences = parts.preferences
        self._row: AgentRow | None = None
        self._draft = ""
        self._turn = 0
        self._started_s = 0.0
        self._cancel: Callable[[], object] | None = None
        theme = parts.theme
        self.choice = MessageChoice(messages=messages, theme=theme)
        self.choice.sample_asked.connect(self.put_sample)
        self.choice.message_chosen.connect(self._on_message)
        self.payload = CodeEditor(theme=theme, accessible_name="Message to try, in JSON")
        self._document = QTextDocument(self)
        self._document.setDocumentLayout(QPlainTextDocumentLayout(self._document))
        self._colors = CodeColors(document=self._document, language=Language.JSON, theme=theme)
        self.payload.show_document(self._document)
        self.payload.setMinimumHeight(_LOWEST_MESSAGE)
        self.run = button("Try it", self.start, icon=parts.icons.icon("play"), tip="Ctrl+Return")
        self.stop = button("Stop", self.cancel, icon=parts.icons.icon("stop"))
        self._elapsed = label("", tone=Tone.MUTED)
        self.stand_in = label("", tone=Tone.PAUSED, font=theme.small, is_wrapped=True)
        self.error = ErrorPanel(theme=theme)
        self.trace = TraceView(parts=parts)
        self._ticks = QTimer(self)
        self._ticks.setInterval(_TICK_MS)
        self._ticks.timeout.connect(self._say_elapsed)
        self._lay_out(label(_ABOUT, font=theme.small, tone=Tone.MUTED, is_wrapped=True))
        self.stop.hide()
        for signal in (parts.bridge.stand_ins_changed, parts.bridge.rebuilt):
            signal.connect(self._say_stand_ins)

    def _lay_out(self, about: QWidget) -> None:
        top = QWidget()
        column = QVBoxLayout(top)
        column.setContentsMargins(0, GAP, 0, 0)
        column.setSpacing(SPACE)
        for widget in (self.choice, about, self.stand_in):
            row = QHBoxLayout()
            row.setContentsMargins(MARGIN, 0, GAP, 0)
            row.addWidget(widget)
            column.addLayout(row)
        column.addWidget(self.payload, 1)
        actions = QHBoxLayout()
        actions.setContentsMargins(MARGIN, SPACE, GAP, GAP)
        actions.setSpacing(GAP)
        actions.addWidget(self.run)
        actions.addWidget(self.stop)
        actions.addWidget(self._elapsed)
        actions.addStretch(1)
        column.addWidget(self.error)
        column.addLayout(actions)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(top)
        self._split.addWidget(self.trace)
        self._split.setSizes([240, 460])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._split)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put message and trace side by side where there is room, else one above the other."""
        super().resizeEvent(event)
        is_wide = self.width() >= _SIDE_BY_SIDE_FROM
        wanted = Qt.Orientation.Horizontal if is_wide else Qt.Orientation.Vertical
        if wanted is not self._split.orientation():
            self._split.setOrientation(wanted)
            self._split.setSizes([1, 2])

    @property
    def is_running(self) -> bool:
        """Whether a try is under way."""
        return self._cancel is not None

    def show_agent(self, row: AgentRow | None, draft: str) -> None:
        """Say which agent is tried, and the text that stands in the editor; another agent brings its own message."""
        is_other = row is None or self._row is None or row.path != self._row.path
        self._row, self._draft = row, draft
        if is_other and row is not None:
            self.cancel()
            self.trace.hide()
            self.error.show_trouble(None)
            topics = self._topics()
            self.choice.prefer(topics)
            kept = self._preferences.get(f"try/{row.name}")
            if isinstance(kept, str):
                self.payload.setPlainText(kept)
            else:
                self.put_sample()
        self.run.setEnabled(row is not None and self._bridge.view.read_only is None and not self.is_running)
        self._say_stand_ins()

    def put_sample(self) -> None:
        """Put in a message made from what the agent's tools ask for."""
        if self._row is None:
            return
        tools = [used.tool for used in tools_used(self._bridge.view.workspace, self._row.agent)]
        self._put(sample_payload(tools, topic=next(iter(self._topics()), "sample")))

    def start(self) -> None:
        """Run the text on the message."""
        row = self._row
        if row is None or self.is_running or not self.run.isEnabled():
            return
        text = self.payload.toPlainText()
        try:
            payload = read_payload(text)
        except NotAPayloadError as mistake:
            self.error.show_trouble(Trouble(str(mistake), "Nothing was run."))
            self.payload.setFocus()
            return
        self.error.show_trouble(None)
        self._preferences.put(f"try/{row.name}", text)
        self._turn += 1
        turn, began_us = self._turn, time.time_ns() // 1000
        self._cancel = _nothing
        self._started_s = time.monotonic()
        self._show_running(True)
        cancel = self._bridge.submit(
            TryAgent(row.name, payload, draft=self._draft),
            lambda trace: self._on_trace(turn, trace, row.name, text.encode(), began_us),
            lambda words: self._on_refused(turn, words),
        )
        if self._turn == turn and self.stop.isVisibleTo(self):
            self._cancel = cancel

    def cancel(self) -> None:
        """Stop the try that is under way; what it did so far is not kept."""
        if self._cancel is None:
            return
        cancel = self._cancel
        self._turn += 1
        self._end()
        cancel()
        self._elapsed.setText("Stopped.")

    def _on_trace(self, turn: int, trace: ToolTrace, agent: str, message: bytes, began_us: int) -> None:
        if turn == self._turn:
            self._end()
            self.trace.show_trace(trace, agent=agent, message=message, started_at_us=began_us)

    def _on_refused(self, turn: int, words: str) -> None:
        if turn == self._turn:
            self._end()
            self.error.show_trouble(Trouble("It was not run.", words))

    def _end(self) -> None:
        self._cancel = None
        self._show_running(False)
        self.finished.emit()

    def _show_running(self, is_running: bool) -> None:
        had_focus = self.stop.hasFocus() or self.run.hasFocus()
        self.run.setEnabled(not is_running)
        self.stop.setVisible(is_running)
        if had_focus:
            (self.stop if is_running else self.run).setFocus()
        if is_running:
            self._ticks.start()
            self._say_elapsed()
        else:
            self._ticks.stop()
            self._elapsed.setText("")

    def _say_elapsed(self) -> None:
        self._elapsed.setText(f"Running, {time.monotonic() - self._started_s:.1f} s")

    def _on_message(self, record: Record) -> None:
        self._bridge.submit(PayloadOf(record), self._put)

    def _put(self, payload: Mapping[str, Any]) -> None:
        self.payload.setPlainText(pretty(formats.json_text(payload)))
        self.error.show_trouble(None)

    def _topics(self) -> list[str]:
        workspace, name = self._bridge.view.workspace, "" if self._row is None else self._row.name
        return [connector.topic for connector in workspace.inbound if name in connector.agents]

    def _say_stand_ins(self) -> None:
        words = "" if self._row is None else stand_in_words(self._bridge.view.stand_ins, self._row.agent, self._draft)
        self.stand_in.setText(words)
        self.stand_in.setVisible(bool(words))


def _nothing() -> None:
    """What cancels a command that was answered at once."""
