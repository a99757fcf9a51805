"""A workspace in which nothing is yet: connection, connector, agent, each with "do it for me with the sandbox"."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from kafka_agent_studio.api.commands import SaveFields, SaveFiles, SetOrderStream
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.state_look import Glyph, StateLook
from kafka_agent_studio.gui.theme import GAP, MARGIN, SPACE, Tone
from kafka_agent_studio.gui.widgets.labels import button, label
from kafka_agent_studio.gui.widgets.state_badge import StateBadge

_CONNECTOR_FILE = "connectors/orders-in.yaml"
_AGENT_FILE = "agents/order-reader.yaml"
_AGENT_NAME = "order-reader"
_CONNECTOR = """\
version: "1.0"
name: orders-in
direction: inbound
connection: sandbox
topic: orders
agents: []
"""
_AGENT = f"""\
version: "1.0"
name: {_AGENT_NAME}
type: llm
description: "Reads an order and says what it is about"
model: sandbox/rehearsal
system_prompt: |
  You receive an order event in JSON (from Kafka). Say in one sentence what was ordered, and by whom.
"""
_ORDERS_PER_S = 5.0
_DONE = StateLook(Glyph.DISC, "done", Tone.OK)
_TO_DO = StateLook(Glyph.RING, "to do", Tone.OFF)
_WIDTH = 720


class FirstSteps(QWidget):
    """Each step knows from the workspace whether it is done; the next one has the primary button."""

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__()
        self._parts = parts
        theme = parts.theme
        outer = QVBoxLayout(self)
        outer.setContentsMargins(MARGIN, MARGIN * 2, MARGIN, MARGIN)
        column = QVBoxLayout()
        column.setSpacing(GAP + SPACE)
        column.addWidget(label("Three steps to a running pipeline", font=theme.title))
        column.addWidget(
            label(
                "A connector reads a Kafka topic and gives every message to an agent. The sandbox is a broker inside this "
                "program: with it, nothing needs to be installed and no account is needed.",
                tone=Tone.MUTED,
                is_wrapped=True,
            )
        )
        self._steps = [
            _Step(parts, "1", "Connection", "Which cluster, and how to log in to it. The sandbox is always there."),
            _Step(parts, "2", "Connector", "Which topic is read, from where on, and what happens when a run fails."),
            _Step(parts, "3", "Agent", "What is done with each message: a model with tools, or a function of yours."),
            _Step(parts, "4", "Watch", "Send sample orders to the topic and see them become runs."),
        ]
        self.buttons = [
            self._steps[1].offer("Create orders-in on the sandbox", self._make_connector),
            self._steps[2].offer("Create an agent that rehearses", self._make_agent),
            self._steps[3].offer("Send sample orders", self._send_orders),
        ]
        for step in self._steps:
            column.addWidget(step)
        middle = QWidget()
        middle.setFixedWidth(_WIDTH)
        middle.setLayout(column)
        outer.addWidget(middle, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(1)
        self.show_progress()

    def show_progress(self) -> None:
        """Show what is done."""
        workspace = self._parts.bridge.view.workspace
        is_read_only = self._parts.bridge.view.read_only is not None
        done = [True, bool(workspace.connectors), bool(workspace.agents), False]
        following = done.index(False)
        for number, step in enumerate(self._steps):
            is_next = number == following and not is_read_only
            step.show_state(_DONE if done[number] else _TO_DO, is_next=is_next)

    def _make_connector(self) -> None:
        self._parts.bridge.submit(SaveFiles({_CONNECTOR_FILE: _CONNECTOR}, expected={_CONNECTOR_FILE: None}))

    def _make_agent(self) -> None:
        def link(_before: object) -> None:
            self._parts.bridge.submit(SaveFields(_CONNECTOR_FILE, {"agents": [_AGENT_NAME]}))

        self._parts.bridge.submit(SaveFiles({_AGENT_FILE: _AGENT}, expected={_AGENT_FILE: None}), link)

    def _send_orders(self) -> None:
        self._parts.bridge.submit(SetOrderStream(rate_per_s=_ORDERS_PER_S))


class _Step(QFrame):
    """A card: number, what it is, whether it is done, and the button that does it."""

    def __init__(self, parts: WindowParts, number: str, name: str, explanation: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self._badge = StateBadge(theme=parts.theme, look=_TO_DO, name=name)
        self._button: QPushButton | None = None
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(name, font=parts.theme.heading))
        words.addWidget(label(explanation, tone=Tone.MUTED, is_wrapped=True))
        figure: QLabel = label(number, font=parts.theme.big_figure, tone=Tone.MUTED)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(MARGIN, GAP + SPACE, MARGIN, GAP + SPACE)
        self._row.setSpacing(MARGIN)
        self._row.addWidget(figure)
        self._row.addLayout(words, 1)
        self._row.addWidget(self._badge)

    def offer(self, text: str, on_click: Callable[[], object]) -> QPushButton:
        """Offer to do the step."""
        self._button = button(text, on_click, kind="primary")
        self._row.addWidget(self._button)
        return self._button

    def show_state(self, look: StateLook, *, is_next: bool) -> None:
        """Show whether it is done; only the next one can be pressed."""
        self._badge.show_look(look)
        if self._button is not None:
            self._button.setEnabled(is_next)
            self._button.setVisible(look is not _DONE)
