"""A missing topic, created from the form: how many partitions, on which cluster, and nothing else."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kafka_agent_studio.api.cluster_commands import CreateTopic
from kafka_agent_studio.gui.engine_bridge import EngineBridge
from kafka_agent_studio.gui.forms.ask_bar import AskBar
from kafka_agent_studio.gui.forms.field import NumberField
from kafka_agent_studio.gui.forms.mistakes import sentence
from kafka_agent_studio.gui.theme import GAP, SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import button, label

_MOST_PARTITIONS = 10_000


class CreateTopicPanel(QWidget):
    """Opens under the field of a topic. `created(name)` comes once the topic can be written."""

    created = Signal(str)

    def __init__(self, *, bridge: EngineBridge, theme: Theme, ask: AskBar) -> None:
        super().__init__()
        self._bridge = bridge
        self._ask = ask
        self._cluster = ""
        self._topic = ""
        self._is_production = False
        self.partitions = NumberField(
            title="Partitions", explanation="So many messages can be read side by side.", theme=theme, default=1
        )
        self.replicas = NumberField(
            title="Replicas", explanation="Empty: what the cluster takes by default.", theme=theme, default=1
        )
        self.replicas.line.setPlaceholderText("")
        self._about = label("", font=theme.small, tone=Tone.FAILED, is_wrapped=True)
        self._about.hide()
        self.create_button = button("Create", self._on_create, kind="primary")
        self.leave = button("Cancel", self.hide)
        row = QHBoxLayout()
        row.setSpacing(GAP * 2)
        for field in (self.partitions, self.replicas):
            row.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)
        buttons = QHBoxLayout()
        buttons.setSpacing(GAP)
        buttons.addWidget(self.create_button)
        buttons.addWidget(self.leave)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, SPACE, 0, SPACE)
        column.setSpacing(GAP)
        column.addLayout(row)
        column.addWidget(self._about)
        column.addLayout(buttons)
        for field in (self.partitions, self.replicas):
            field.edited.connect(self._check)
        self.hide()

    @property
    def text(self) -> str:
        """What it says is wrong; empty where nothing is."""
        return "" if self._about.isHidden() else self._about.text()

    def open_for(self, topic: str, cluster: str, *, is_production: bool) -> None:
        """Offer to create a topic; the button names the cluster."""
        self._topic, self._cluster, self._is_production = topic, cluster, is_production
        self.partitions.show_value(1)
        self.replicas.show_value(None)
        self.replicas.line.clear()
        self._say("")
        self._check()
        words = f"Create {topic} on {cluster}"
        self.create_button.setText(words)
        self.create_button.setAccessibleName(words)
        self.show()
        self.partitions.line.setFocus()
        self.partitions.line.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Create with Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.create_button.isEnabled():
            self._on_create()
        else:
            super().keyPressEvent(event)

    def _check(self) -> None:
        partitions, replicas = self.partitions.current, self.replicas.current
        is_number = isinstance(partitions, int) and 1 <= partitions <= _MOST_PARTITIONS
        self.partitions.show_mistake("" if is_number else f"A whole number from 1 to {_MOST_PARTITIONS:,}.")
        is_fine = replicas is None or (isinstance(replicas, int) and 1 <= replicas <= 100)
        self.replicas.show_mistake("" if is_fine else "A whole number from 1 to 100, or nothing.")
        self.create_button.setEnabled(is_number and is_fine)

    def _on_create(self) -> None:
        if not self._is_production:
            self._create()
            return
        answers: tuple[tuple[str, Callable[[], object]], ...] = (
            (f"Create on {self._cluster}", self._create),
            ("Cancel", self.leave.setFocus),
        )
        self._ask.ask(
            f"{self._cluster} is marked as production. Create the topic {self._topic} there?", answers, tone=Tone.FAILED
        )

    def _create(self) -> None:
        topic = self._topic
        self.create_button.setEnabled(False)
        self.create_button.setText("Creating…")

        def done(_none: None) -> None:
            self.hide()
            self.created.emit(topic)

        def refused(words: str) -> None:
            self.create_button.setText(f"Create {topic} on {self._cluster}")
            self._check()
            self._say(sentence(words))

        command = CreateTopic(
            self._cluster, topic, partitions=int(self.partitions.current), replicas=self.replicas.current
        )
        self._bridge.submit(command, done, refused)

    def _say(self, words: str) -> None:
        self._about.setText(words)
        self._about.setVisible(bool(words))
