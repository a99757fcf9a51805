"""What can be done with the message that stopped a connector: look at it, pass it over, park it."""

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.api.transfers import MessagePlace, MoveOn
from kafka_agent_studio.gui.clusters.cluster_choice import is_production
from kafka_agent_studio.gui.forms.ask_bar import AskBar
from kafka_agent_studio.gui.navigation import message_address
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import SPACE, Tone
from kafka_agent_studio.gui.widgets.labels import button, label, set_tone
from kafka_agent_studio.gui.widgets.place_link import PlaceLink


class PoisonBar(QWidget):
    """Hidden unless a failed run stopped the connector. Trying again is the connector's own button."""

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__()
        self._parts = parts
        self._connector = ""
        self._place = ""
        self.message = PlaceLink(navigator=parts.navigator, theme=parts.theme)
        self.skip = button("Skip it…", self._on_skip, tip="Go on past this message")
        self.park = button("Park it…", self._on_park, tip="Write it to another topic, then go on past it")
        self.topic = QLineEdit()
        self.topic.setPlaceholderText("topic to park it in")
        self.topic.setAccessibleName("Topic to park the message in")
        self.says = label("", is_wrapped=True)
        self.says.hide()
        self.ask = AskBar(theme=parts.theme)
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        row.addWidget(self.skip)
        row.addWidget(self.park)
        row.addWidget(self.topic, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(self.message)
        column.addLayout(row)
        column.addWidget(self.says)
        column.addWidget(self.ask)
        self.topic.textChanged.connect(lambda _text: self._show_buttons())
        self.hide()

    def show_fault(self, connector: str, fault: Fault | None, *, dead_letter_topic: str | None) -> None:
        """Offer what can be done about a fault; nothing where no message is to blame."""
        is_poison = fault is not None and fault.code is FaultCode.RUN_FAILED_STOP
        self.setVisible(is_poison)
        if fault is None or not is_poison:
            self._place = ""
            return
        place = str(fault.parameters["place"])
        if (connector, place) == (self._connector, self._place):
            return
        self._connector, self._place = connector, place
        self.message.show_link(place, message_address(self._cluster, place))
        self.topic.setText(dead_letter_topic or "")
        self.says.hide()
        self.ask.clear()
        self._show_buttons()

    def _show_buttons(self) -> None:
        may_act = self._parts.bridge.view.read_only is None
        self.skip.setEnabled(may_act)
        self.park.setEnabled(may_act and bool(self.topic.text().strip()))

    def _on_skip(self) -> None:
        self._ask(
            f"Go on past {self._place}? Its run ends as cancelled; the message stays in its topic.", "Skip it", None
        )

    def _on_park(self) -> None:
        topic = self.topic.text().strip()
        self._ask(f"Write {self._place} to {topic} on {self._cluster}, then go on past it?", "Park it", topic)

    def _ask(self, question: str, answer: str, topic: str | None) -> None:
        marked = is_production(self._parts.bridge.view, self._cluster)
        warning = f"{self._cluster} is marked as production. " if marked else ""
        answers = ((answer, lambda: self._move_on(topic)), ("Cancel", self.skip.setFocus))
        self.ask.ask(warning + question, answers, tone=Tone.FAILED if marked else Tone.WAITING)

    @property
    def _cluster(self) -> str:
        return self._parts.bridge.view.cluster_of(self._connector)

    def _move_on(self, topic: str | None) -> None:
        self._parts.bridge.submit(MoveOn(self._connector, topic), self._on_moved, self._on_refused)

    def _on_moved(self, parked: MessagePlace | None) -> None:
        if parked is not None:
            self._say(f"Parked at {parked.topic}/{parked.partition}/{parked.offset}.", Tone.OK)

    def _on_refused(self, words: str) -> None:
        self._say(words, Tone.FAILED)

    def _say(self, words: str, tone: Tone) -> None:
        self.says.setText(words)
        self.says.show()
        set_tone(self.says, tone)
