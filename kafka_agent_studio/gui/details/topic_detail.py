"""One topic of a cluster: its partitions and what they hold, its settings, and what can be done with it."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kafka_agent_studio.api.browse import Oldest, Scan
from kafka_agent_studio.api.cluster_commands import DescribeTopic, TopicDescription, TopicPartitionState
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.clusters.produce_dialog import ProduceDialog
from kafka_agent_studio.gui.clusters.replay_dialog import ReplayDialog
from kafka_agent_studio.gui.details.cluster_detail import ClusterDetail
from kafka_agent_studio.gui.models.cluster_tables import topic_partition_table
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, MARGIN, SPACE
from kafka_agent_studio.gui.trouble import Trouble
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.key_value import KeyValue
from kafka_agent_studio.gui.widgets.labels import button

_TOLD_FIRST = ("cleanup.policy", "retention.ms", "retention.bytes", "max.message.bytes", "min.insync.replicas")


class TopicDetail(ClusterDetail):
    """Asks the cluster each time a topic is shown."""

    noun = "topic"

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__(parts=parts)
        theme = parts.theme
        self.browse = button("Browse", self._on_browse, tip="Read it from any place, without a group")
        self.produce = button("Produce", self._on_produce, tip="Write a message to it")
        self.replay = button("Replay", self._on_replay, tip="Write its messages again, here or elsewhere")
        self.redrive = button("Redrive", self._on_redrive, tip="Send dead letters back to the topics they came from")
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
        actions = QHBoxLayout()
        actions.setSpacing(SPACE)
        for made in (self.browse, self.produce, self.replay, self.redrive):
            actions.addWidget(made)
        actions.addStretch(1)
        self.lay_out(actions, ((self.partitions, "Partitions"), (settings, "Settings")))

    def take_focus(self) -> None:
        """Put the focus on what is done most."""
        self.browse.setFocus()

    def command(self) -> DescribeTopic:
        """Ask about the topic."""
        return DescribeTopic(self.cluster, self.name)

    def forget(self) -> None:
        """Show no partitions."""
        self._partitions.reset(())

    def show_answer(self, found: TopicDescription | None) -> None:
        """Show its partitions and settings, or that there is none."""
        may_act = self.parts.bridge.view.read_only is None
        for made in (self.produce, self.replay, self.redrive):
            made.setEnabled(found is not None and may_act)
        if found is None:
            self.error.show_trouble(Trouble(f"There is no topic {self.name} on {self.cluster}.", "", ""))
            return
        self.facts.show_pairs(_facts(self.cluster, found))
        self._partitions.reset(found.partitions)
        self.settings.show_pairs(_settings(found) or [("Settings", "this cluster does not tell them")])

    # what can be done

    def _on_browse(self) -> None:
        self.parts.navigator.go(f"browse?connection={self.cluster}&topic={self.name}")

    def _on_produce(self) -> None:
        dialog = ProduceDialog(parts=self.parts, parent=self.window())
        dialog.finished.connect(dialog.deleteLater)
        dialog.finished.connect(lambda _result: self.ask())
        dialog.open()
        dialog.write_to(self.cluster, self.name)

    def _on_replay(self) -> None:
        self._open_replay().replay_scan(Scan(connection=self.cluster, topic=self.name, start=Oldest()))

    def _on_redrive(self) -> None:
        self._open_replay().redrive(self.name)

    def _open_replay(self) -> ReplayDialog:
        dialog = ReplayDialog(parts=self.parts, parent=self.window(), cluster=self.cluster)
        dialog.finished.connect(dialog.deleteLater)
        dialog.finished.connect(lambda _result: self.ask())
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
