"""A workspace in which nothing is yet: connection, connector, agent, each with "do it for me with the sandbox"."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from kafka_agent_studio.gui.pages.sandbox_steps import ORDERS_PER_S, SandboxSteps
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.state_look import Glyph, StateLook
from kafka_agent_studio.gui.theme import GAP, MARGIN, SPACE, Tone
from kafka_agent_studio.gui.widgets.labels import button, label
from kafka_agent_studio.gui.widgets.state_badge import StateBadge

_DONE = StateLook(Glyph.DISC, "done", Tone.OK)
_TO_DO = StateLook(Glyph.RING, "to do", Tone.OFF)
_WIDTH = 760
_FOR_ME = "Do it for me with the sandbox"


class FirstSteps(QScrollArea):
    """Each step knows from the workspace whether it is done; the next one has the primary button."""

    def __init__(self, *, parts: WindowParts, on_skip: Callable[[], object]) -> None:
        super().__init__()
        self._parts = parts
        self._sandbox = SandboxSteps(bridge=parts.bridge)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        theme, go = parts.theme, parts.navigator.go
        self.steps = [
            Step(
                parts,
                number="1",
                name="Connection",
                explanation="Which cluster, and how to log in to it. With the sandbox nothing needs to be installed: "
                f"it is a broker inside this program, and {ORDERS_PER_S:.0f} sample orders a second arrive there.",
                on_for_me=lambda: self._sandbox.send_orders(self.show_progress),
                own="Connect to my cluster…",
                on_own=lambda: go("connections?new="),
            ),
            Step(
                parts,
                number="2",
                name="Connector",
                explanation="Which topic is read, and what happens when a run fails. With the sandbox: orders-in "
                "reads the topic orders.",
                on_for_me=self._sandbox.make_connector,
                own="Choose a topic…",
                on_own=lambda: go("connectors?new=inbound"),
            ),
            Step(
                parts,
                number="3",
                name="Agent",
                explanation="What is done with each message. With the sandbox: order-reader, whose model is a stand-in "
                "that needs no key, and results-out, which publishes what it says.",
                on_for_me=self._sandbox.make_agent,
                own="Write an agent…",
                on_own=lambda: go("agents"),
            ),
        ]
        self.result = label("", tone=Tone.OK, is_wrapped=True)
        self.skip = button("Skip to the overview", on_skip, kind="link")
        column = QVBoxLayout()
        column.setSpacing(GAP + SPACE)
        column.addWidget(label("Three steps to a running pipeline", font=theme.title))
        column.addWidget(
            label(
                "A connection reaches a cluster, a connector reads one of its topics, and an agent works on each "
                "message. Each step can be done by hand or for you; everything is a file that you can change later.",
                tone=Tone.MUTED,
                is_wrapped=True,
            )
        )
        for step in self.steps:
            column.addWidget(step)
        column.addWidget(self.result)
        column.addWidget(self.skip, 0, Qt.AlignmentFlag.AlignLeft)
        middle = QWidget()
        middle.setMaximumWidth(_WIDTH)
        middle.setLayout(column)
        content = QWidget()
        outer = QVBoxLayout(content)
        outer.setContentsMargins(MARGIN, MARGIN * 2, MARGIN, MARGIN)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(middle, 100)
        across.addStretch(1)
        outer.addLayout(across)
        outer.addStretch(1)
        # As high as the texts are at their width: what Qt takes for the least has them wrapped far narrower.
        content.setMinimumHeight(1)
        self.setWidget(content)
        self.show_progress()

    @property
    def buttons(self) -> list[QPushButton]:
        """The buttons that do a step for the person, in order."""
        return [step.for_me for step in self.steps]

    def show_progress(self) -> None:
        """Show what is done, and offer what comes next."""
        view = self._parts.bridge.view
        workspace = view.workspace
        has_connection = bool(workspace.connections or workspace.connectors) or self._sandbox.sends_orders
        done = [has_connection, bool(workspace.inbound), bool(workspace.inbound and workspace.agents)]
        following = done.index(False) if False in done else len(done)
        for number, step in enumerate(self.steps):
            step.show_state(
                _DONE if done[number] else _TO_DO, is_next=number == following, may_act=view.read_only is None
            )
        self.result.setText("Waiting for the first message: its run opens the overview." if all(done) else "")
        self.result.setVisible(all(done))


class Step(QFrame):
    """A card: number, what it is, whether it is done, and the two ways to do it."""

    def __init__(
        self,
        parts: WindowParts,
        *,
        number: str,
        name: str,
        explanation: str,
        on_for_me: Callable[[], object],
        own: str,
        on_own: Callable[[], object],
    ) -> None:
        super().__init__()
        self.setObjectName("card")
        self._badge = StateBadge(theme=parts.theme, look=_TO_DO, name=name)
        self.for_me = button(_FOR_ME, on_for_me, kind="primary")
        self.for_me.setAccessibleName(f"{name}: {_FOR_ME}")
        self.own = button(own, on_own)
        figure: QLabel = label(number, font=parts.theme.big_figure, tone=Tone.MUTED)
        heading = QHBoxLayout()
        heading.addWidget(label(name, font=parts.theme.heading))
        heading.addStretch(1)
        heading.addWidget(self._badge)
        ways = QHBoxLayout()
        ways.setSpacing(GAP)
        ways.addWidget(self.for_me)
        ways.addWidget(self.own)
        ways.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(SPACE)
        words.addLayout(heading)
        words.addWidget(label(explanation, tone=Tone.MUTED, is_wrapped=True))
        words.addSpacing(SPACE)
        words.addLayout(ways)
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, GAP + SPACE, MARGIN, GAP + SPACE)
        row.setSpacing(MARGIN)
        row.addWidget(figure, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    @property
    def is_done(self) -> bool:
        """Whether there is nothing left to do here."""
        return self._badge.look is _DONE

    def show_state(self, look: StateLook, *, is_next: bool, may_act: bool) -> None:
        """Show whether it is done; only the next one can be pressed, and one that is done has no buttons."""
        self._badge.show_look(look)
        for made in (self.for_me, self.own):
            made.setEnabled(is_next and may_act)
            made.setVisible(look is not _DONE)
