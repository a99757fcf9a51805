"""Writing a message to a topic: new, or one that lies somewhere, changed."""

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from kafka_agent_studio.api.transfers import MessagePlace, NewMessage, ProduceMessages
from kafka_agent_studio.gui.clusters.message_form import MessageForm
from kafka_agent_studio.gui.clusters.target_row import TargetRow
from kafka_agent_studio.gui.forms.ask_bar import AskBar
from kafka_agent_studio.gui.navigation import message_address
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, MARGIN, Tone
from kafka_agent_studio.gui.widgets.labels import button, label, set_tone
from kafka_agent_studio.model.message import Record

_SIZE = (680, 560)


class ProduceDialog(QDialog):
    """Stays open after a write, so that the next message is one click away; says where each one landed."""

    def __init__(self, *, parts: WindowParts, parent: QWidget) -> None:
        super().__init__(parent)
        self._parts = parts
        self._is_writing = False
        self._landed = ""
        self.setWindowTitle("Produce a message")
        self.resize(*_SIZE)
        self.target = TargetRow(parts=parts)
        self.form = MessageForm(theme=parts.theme, icons=parts.icons)
        self.ask = AskBar(theme=parts.theme)
        self.says = label("", is_wrapped=True)
        self.landed = button("", self._on_landed, kind="link")
        self.landed.hide()
        self.write = button("Produce", self._on_write, kind="primary")
        foot = QHBoxLayout()
        foot.setSpacing(GAP)
        foot.addWidget(self.landed)
        foot.addStretch(1)
        foot.addWidget(button("Close", self.close))
        foot.addWidget(self.write)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(GAP)
        column.addWidget(self.target)
        column.addWidget(self.form, 1)
        column.addWidget(self.ask)
        column.addWidget(self.says)
        column.addLayout(foot)
        self.target.edited.connect(self._on_edited)
        self.form.edited.connect(self._on_edited)
        self._on_edited()

    def write_to(self, cluster: str, topic: str) -> None:
        """Begin a new message for a topic."""
        self.target.choose(cluster, topic)
        (self.form.value if topic else self.target.topic).setFocus()

    def edit(self, cluster: str, record: Record) -> None:
        """Begin with a message that lies in a topic; its partition is left to the key."""
        self.target.choose(cluster, record.topic)
        self.form.show_message(NewMessage(key=record.key, value=record.value, headers=record.headers))
        self.form.value.setFocus()

    def _on_edited(self) -> None:
        self.ask.clear()
        cluster, topic = self.target.chosen
        mistake = "" if topic else "Name the topic to write to."
        try:
            _ = self.form.message
        except ValueError as error:
            mistake = str(error)
        words = f"Produce to {topic} on {cluster}" if topic else "Produce"
        self.write.setText(words)
        self.write.setAccessibleName(words)
        self.write.setEnabled(not mistake and not self._is_writing and self._parts.bridge.view.read_only is None)
        self._say(mistake, Tone.FAILED if topic else Tone.MUTED)

    def _say(self, words: str, tone: Tone) -> None:
        self.says.setText(words)
        self.says.setVisible(bool(words))
        set_tone(self.says, tone)

    def _on_write(self) -> None:
        cluster, topic = self.target.chosen
        if not self.target.is_production:
            self._write()
            return
        self.ask.ask(
            f"{cluster} is marked as production. Write 1 message to {topic} there?",
            ((f"Write it to {cluster}", self._write), ("Cancel", self.write.setFocus)),
            tone=Tone.FAILED,
        )

    def _write(self) -> None:
        cluster, topic = self.target.chosen
        command = ProduceMessages(cluster, topic, (self.form.message,))
        self._set_writing(True)
        self._say("Writing …", Tone.MUTED)
        self._parts.bridge.submit(command, lambda places: self._on_written(cluster, places), self._on_refused)

    def _on_written(self, cluster: str, places: tuple[MessagePlace, ...] | None) -> None:
        self._set_writing(False)
        if not places:
            return
        place = f"{places[0].topic}/{places[0].partition}/{places[0].offset}"
        self._landed = message_address(cluster, place)
        self._say("Written.", Tone.OK)
        self.landed.setText(f"{place} →")
        self.landed.setAccessibleName(f"Open {place}")
        self.landed.show()

    def _on_refused(self, words: str) -> None:
        self._set_writing(False)
        self._say(words, Tone.FAILED)

    def _set_writing(self, is_writing: bool) -> None:
        self._is_writing = is_writing
        self._on_edited()

    def _on_landed(self) -> None:
        self.close()
        self._parts.navigator.go(self._landed)
