"""Where messages are written: the cluster, and a topic that is there."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from kafka_agent_studio.api.cluster_commands import ListTopics, TopicSummary
from kafka_agent_studio.gui.clusters.cluster_choice import clusters_of, is_production
from kafka_agent_studio.gui.forms.choice_fields import QuietComboBox
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, SPACE, Tone
from kafka_agent_studio.gui.widgets.labels import label, set_tone


class TargetRow(QWidget):
    """`edited` when either changes. Topics are offered as the cluster knows them; another can be typed."""

    edited = Signal()

    def __init__(self, *, parts: WindowParts, topic_name: str = "Topic") -> None:
        super().__init__()
        self._parts = parts
        self.cluster = QuietComboBox()
        self.cluster.addItems(clusters_of(parts.bridge.view))
        self.topic = QuietComboBox()
        self.topic.setEditable(True)
        self.topic.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        line = self.topic.lineEdit()
        assert line is not None
        line.setAccessibleName(topic_name)
        completer = self.topic.completer()
        if completer is not None:
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.about = label("", font=parts.theme.small, tone=Tone.MUTED, is_wrapped=True)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        for name, field, stretch in (("Cluster", self.cluster, 1), (topic_name, self.topic, 2)):
            text = label(name, tone=Tone.MUTED)
            text.setBuddy(field)
            part = QVBoxLayout()
            part.setSpacing(SPACE)
            part.addWidget(text)
            part.addWidget(field)
            row.addLayout(part, stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(row)
        column.addWidget(self.about)
        self.cluster.currentTextChanged.connect(self._on_cluster)
        self.topic.currentTextChanged.connect(lambda _text: self.edited.emit())

    def choose(self, cluster: str, topic: str) -> None:
        """Begin with these."""
        self.topic.setCurrentText(topic)
        if self.cluster.findText(cluster) < 0:
            self.cluster.addItem(cluster)
        if self.cluster.currentText() != cluster:
            self.cluster.setCurrentText(cluster)
        else:
            self._on_cluster(cluster)

    def fix_topic(self, words: str) -> None:
        """Let nobody choose a topic, and say in its place which it is."""
        line = self.topic.lineEdit()
        assert line is not None
        line.setPlaceholderText(words)
        self.topic.setEnabled(False)

    @property
    def chosen(self) -> tuple[str, str]:
        """Cluster and topic; the topic may be empty."""
        return self.cluster.currentText(), self.topic.currentText().strip()

    @property
    def is_production(self) -> bool:
        """Whether the cluster is marked as production."""
        return is_production(self._parts.bridge.view, self.cluster.currentText())

    def _on_cluster(self, cluster: str) -> None:
        marked = self.is_production
        self.about.setText(f"{cluster} is marked as production." if marked else "")
        self.about.setVisible(marked)
        set_tone(self.about, Tone.FAILED if marked else Tone.MUTED)
        self._parts.bridge.submit(
            ListTopics(cluster),
            lambda topics: self._on_topics(cluster, topics),
            lambda words: self._on_refused(cluster, words),
        )
        self.edited.emit()

    def _on_topics(self, cluster: str, topics: tuple[TopicSummary, ...] | None) -> None:
        if cluster != self.cluster.currentText() or topics is None:
            return
        typed = self.topic.currentText()
        self.topic.blockSignals(True)
        self.topic.clear()
        self.topic.addItems([topic.name for topic in topics])
        self.topic.setCurrentText(typed)
        self.topic.blockSignals(False)

    def _on_refused(self, cluster: str, words: str) -> None:
        if cluster == self.cluster.currentText():
            self.about.setText(f"The topics cannot be listed: {words}")
            self.about.show()
            set_tone(self.about, Tone.WAITING)
