"""The topics of a cluster: look into one, write to it, import into it, replay it, make a new one."""

from urllib.parse import parse_qs

from PySide6.QtWidgets import QDialog

from kafka_agent_studio.api.cluster_commands import ListTopics, TopicSummary
from kafka_agent_studio.gui.clusters.cluster_choice import is_production
from kafka_agent_studio.gui.clusters.import_dialog import ImportDialog
from kafka_agent_studio.gui.clusters.new_topic import NewTopicBar
from kafka_agent_studio.gui.clusters.produce_dialog import ProduceDialog
from kafka_agent_studio.gui.clusters.replay_dialog import ReplayDialog
from kafka_agent_studio.gui.models.cluster_tables import topic_table
from kafka_agent_studio.gui.navigation import topic_address
from kafka_agent_studio.gui.pages.cluster_page import ClusterPage
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.widgets.empty_state import EmptyState
from kafka_agent_studio.gui.widgets.labels import button


class TopicsPage(ClusterPage[TopicSummary]):
    """Addresses: `topics`, `topics?produce=<topic>&connection=<name>`, `topics?redrive=<topic>&connection=<name>`."""

    address = "topics"
    noun = "topics"

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__(parts=parts)
        self.dialog: QDialog | None = None
        self.produce = button("Produce", lambda: self.open_produce(), icon=parts.icons.icon("paper-plane-tilt"))
        self.import_ = button("Import…", self.open_import, tip="Write the messages of a file to a topic")
        self.new = button("New topic", self._on_new, icon=parts.icons.icon("plus"))
        self.new_bar = NewTopicBar(parts=parts, ask=self.ask_bar)
        self.new_bar.created.connect(self._on_created)
        model = topic_table(parts.theme)
        self.put_together(
            model=model,
            empty=EmptyState(
                theme=parts.theme,
                icons=parts.icons,
                icon="stack",
                heading="No topics",
                explanation="A topic is where messages lie. This cluster has none that you may see.",
                action="New topic",
                on_action=self._on_new,
            ),
            placeholder="Find a topic by a part of its name",
        )
        self.body.insertWidget(2, self.new_bar)
        self.header.add(self.produce)
        self.header.add(self.import_)
        self.header.add(self.new)

    def list_command(self, cluster: str) -> ListTopics:
        """Ask for the topics."""
        return ListTopics(cluster)

    def name_of(self, row: TopicSummary) -> str:
        """The topic's name."""
        return row.name

    def address_of(self, row: TopicSummary) -> str:
        """Return the topic's own address."""
        return topic_address(self.choice.current, row.name)

    def show_place(self, rest: str) -> None:
        """Open what the address asks for."""
        asked = parse_qs(rest, keep_blank_values=True)
        self.choice.choose(asked.get("connection", [""])[0])
        if "produce" in asked:
            self.open_produce(asked["produce"][0])
        elif "redrive" in asked:
            self._show(ReplayDialog(parts=self.parts, parent=self.window(), cluster=self.choice.current))
            assert isinstance(self.dialog, ReplayDialog)
            self.dialog.redrive(asked["redrive"][0])

    def open_produce(self, topic: str = "") -> None:
        """Write a message to a topic: the one named, else the selected one."""
        row = self.table.selected
        self._show(ProduceDialog(parts=self.parts, parent=self.window()))
        assert isinstance(self.dialog, ProduceDialog)
        self.dialog.write_to(self.choice.current, topic or ("" if row is None else row.name))

    def open_import(self) -> None:
        """Write the messages of a file to a topic: the selected one, until another is named."""
        row = self.table.selected
        self._show(ImportDialog(parts=self.parts, parent=self.window()))
        assert isinstance(self.dialog, ImportDialog)
        self.dialog.import_into(self.choice.current, "" if row is None else row.name)

    def _show(self, dialog: QDialog) -> None:
        self.dialog = dialog
        dialog.finished.connect(dialog.deleteLater)
        dialog.finished.connect(lambda _result: self._on_dialog_over())
        dialog.open()

    def _on_dialog_over(self) -> None:
        # Else the same action asked for again would lead to where one is.
        if self.parts.navigator.current.startswith("topics?"):
            self.parts.navigator.go("topics")

    def _on_new(self) -> None:
        cluster = self.choice.current
        self.new_bar.open_for(cluster, is_production=is_production(self.parts.bridge.view, cluster))

    def _on_created(self, topic: str) -> None:
        self.ask()
        self.parts.navigator.go(topic_address(self.choice.current, topic))
