"""One topic of a cluster: its partitions and what they hold, its settings, and what can be done with it."""

from PySide6.QtWidgets import QHBoxLayout, QTabWidget, QVBoxLayout, QWidget

from kafka_agent_studio.api.browse import Oldest, Scan
from kafka_agent_studio.api.cluster_commands import DescribeTopic, TopicDescription, TopicPartitionState
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.clusters.produce_dialog import ProduceDialog
from kafka_agent_studio.gui.clusters.replay_dialog import ReplayDialog
from kafka_agent_studio.gui.details.detail import Detail
from kafka_agent_studio.gui.models.cluster_tables import topic_partition_table
from kafka_agent_studio.gui.navigation import split_cluster
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, MARGIN, SPACE
from kafka_agent_studio.gui.trouble import Trouble
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.error_panel import ErrorPanel
from kafka_agent_studio.gui.widgets.key_value import KeyValue
from kafka_agent_studio.gui.widgets.labels import button

_TOLD_FIRST = ("cleanup.policy", "retention.ms", "retention.bytes", "max.message.bytes", "min.insync.replicas")


class TopicDetail(Detail):
    """Asks the cluster each time a topic is shown."""

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__(parts=parts)
        self._place = ""
        self.cluster = self.topic = ""
        theme = parts.theme
        self.facts = KeyValue(theme=theme, columns=2)
        self.error = ErrorPanel(theme=theme, action="Try again", on_action=self._ask)
        self.browse = button("Browse", self._on_browse, tip="Read it from any place, without a group")
        self.produce = button("Produce", self._on_produce, tip="Write a message to it")
        self.replay = button("Replay", self._on_replay, tip="Write its messages again, here or elsewhere")
        self.redrive = button("Redrive", self._on_redrive)
        self.redrive.setToolTip("Send dead letters back to the topics they came from")
        self._partitions = topic_partition_table(theme)
        self.partitions = DataTable[TopicPartitionState](
            name="topic/partitions",
            accessible_name="Partitions",
            model=self._partitions,
            theme=theme,
            preferences=parts.preferences,
            stretched="kept",
        )
        self.settings = KeyValue(theme=theme)
        settings = QWidget()
        inside = QVBoxLayout(settings)
        inside.setContentsMargins(MARGIN, GAP, MARGIN, GAP)
        inside.addWidget(self.settings)
        inside.addStretch(1)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setAccessibleName("Parts of the topic")
        self.tabs.addTab(self.partitions, "Partitions")
        self.tabs.addTab(settings, "Settings")
        self._lay_out()

    def _lay_out(self) -> None:
        actions = QHBoxLayout()
        actions.setSpacing(SPACE)
        for made in (self.browse, self.produce, self.replay, self.redrive):
            actions.addWidget(made)
        actions.addStretch(1)
        top = QVBoxLayout()
        top.setContentsMargins(MARGIN, GAP, MARGIN, GAP)
        top.setSpacing(GAP)
        top.addLayout(actions)
        top.addWidget(self.error)
        top.addWidget(self.facts)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.tabs, 1)

    def take_focus(self) -> None:
        """Put the focus on what is done most."""
        self.browse.setFocus()

    def show_place(self, rest: str) -> str:
        """Show the topic at `cluster/topic`."""
        self._place = rest
        self.cluster, self.topic = split_cluster(rest)
        self._ask()
        return f"Topic {self.topic}"

    def _ask(self) -> None:
        place = self._place
        self.error.show_trouble(None)
        self.facts.show_pairs([("Cluster", self.cluster)])
        self._partitions.reset(())
        self.parts.bridge.submit(
            DescribeTopic(self.cluster, self.topic),
            lambda found: self._on_described(place, found),
            lambda words: self._on_refused(place, words),
        )

    def _on_refused(self, place: str, words: str) -> None:
        if place == self._place:
            self.error.show_trouble(Trouble(f"{self.topic} cannot be looked at.", "", words))

    def _on_described(self, place: str, found: TopicDescription | None) -> None:
        if place != self._place:
            return
        may_act = self.parts.bridge.view.read_only is None
        for made in (self.produce, self.replay, self.redrive):
            made.setEnabled(found is not None and may_act)
        if found is None:
            self.error.show_trouble(Trouble(f"There is no topic {self.topic} on {self.cluster}.", "", ""))
            return
        self.facts.show_pairs(_facts(self.cluster, found))
        self._partitions.reset(found.partitions)
        self.settings.show_pairs(_settings(found) or [("Settings", "this cluster does not tell them")])

    # what can be done

    def _on_browse(self) -> None:
        self.parts.navigator.go(f"browse?connection={self.cluster}&topic={self.topic}")

    def _on_produce(self) -> None:
        dialog = ProduceDialog(parts=self.parts, parent=self.window())
        dialog.finished.connect(dialog.deleteLater)
        dialog.finished.connect(lambda _result: self._ask())
        dialog.open()
        dialog.write_to(self.cluster, self.topic)

    def _on_replay(self) -> None:
        self._open_replay().replay_scan(Scan(connection=self.cluster, topic=self.topic, start=Oldest()))

    def _on_redrive(self) -> None:
        self._open_replay().redrive(self.topic)

    def _open_replay(self) -> ReplayDialog:
        dialog = ReplayDialog(parts=self.parts, parent=self.window(), cluster=self.cluster)
        dialog.finished.connect(dialog.deleteLater)
        dialog.finished.connect(lambda _result: self._ask())
        dialog.open()
        return dialog


def _facts(cluster: str, found: TopicDescription) -> list[tuple[str, str]]:
    kept = [None if p.first is None or p.end is None else p.end - p.first for p in found.partitions]
    known = [count for count in kept if count is not None]
    total = formats.count(sum(known)) if len(known) == len(kept) else formats.NOTHING
    pairs = [("Cluster", cluster), ("Partitions", formats.count(len(found.partitions))), ("Offsets kept", total)]
    if found.operations is not None:
        pairs.append(("You may", ", ".join(o.lower().replace("_", " ") for o in found.operations) or "nothing"))
    return pairs


def _settings(found: TopicDescription) -> list[tuple[str, str]]:
    first = [(name, found.config[name]) for name in _TOLD_FIRST if name in found.config]
    return first + sorted((name, value) for name, value in found.config.items() if name not in _TOLD_FIRST)
