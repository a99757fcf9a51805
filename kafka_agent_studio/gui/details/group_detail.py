"""One consumer group: its members, how far it is in each partition, and where it goes on."""

from PySide6.QtWidgets import QHBoxLayout, QTabWidget, QVBoxLayout

from kafka_agent_studio.api.cluster_commands import DescribeGroup, GroupDescription, GroupPartition
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.clusters.reset_panel import ResetPanel
from kafka_agent_studio.gui.details.detail import Detail
from kafka_agent_studio.gui.models.cluster_tables import group_look, group_partition_table
from kafka_agent_studio.gui.navigation import connector_address, split_cluster
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, MARGIN
from kafka_agent_studio.gui.trouble import Trouble
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.error_panel import ErrorPanel
from kafka_agent_studio.gui.widgets.key_value import KeyValue
from kafka_agent_studio.gui.widgets.labels import button, icon_button
from kafka_agent_studio.gui.widgets.state_badge import StateBadge


class GroupDetail(Detail):
    """Asks the cluster each time a group is shown, and after its offsets were set."""

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__(parts=parts)
        self._place = ""
        self.cluster = self.group = self._connector = ""
        theme = parts.theme
        self.badge = StateBadge(theme=theme, look=group_look("EMPTY"), name="State")
        self.connector = button("", self._on_connector, kind="link")
        self.refresh = icon_button("Ask again", parts.icons.icon("arrow-clockwise"), self._ask)
        self.facts = KeyValue(theme=theme, columns=2)
        self.error = ErrorPanel(theme=theme, action="Try again", on_action=self._ask)
        self._partitions = group_partition_table(theme)
        self.partitions = DataTable[GroupPartition](
            name="group/partitions",
            accessible_name="Partitions",
            model=self._partitions,
            theme=theme,
            preferences=parts.preferences,
            stretched="member",
        )
        self.reset = ResetPanel(parts=parts)
        self.reset.done.connect(self._ask)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setAccessibleName("Parts of the group")
        self.tabs.addTab(self.partitions, "Lag")
        self.tabs.addTab(self.reset, "Set offsets")
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.addWidget(self.badge)
        head.addStretch(1)
        head.addWidget(self.connector)
        head.addWidget(self.refresh)
        top = QVBoxLayout()
        top.setContentsMargins(MARGIN, GAP, MARGIN, GAP)
        top.setSpacing(GAP)
        top.addLayout(head)
        top.addWidget(self.error)
        top.addWidget(self.facts)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.tabs, 1)

    def take_focus(self) -> None:
        """Put the focus into the partitions."""
        self.partitions.setFocus()

    def show_place(self, rest: str) -> str:
        """Show the group at `cluster/group`."""
        if rest != self._place:
            self._partitions.reset(())
            self.facts.show_pairs([])
        self._place = rest
        self.cluster, self.group = split_cluster(rest)
        self._ask()
        return f"Group {self.group}"

    def _ask(self) -> None:
        place = self._place
        self.error.show_trouble(None)
        self.parts.bridge.submit(
            DescribeGroup(self.cluster, self.group),
            lambda found: self._on_described(place, found),
            lambda words: self._on_refused(place, words),
        )

    def _on_refused(self, place: str, words: str) -> None:
        if place == self._place:
            self.error.show_trouble(Trouble(f"The group {self.group} cannot be looked at.", "", words))

    def _on_described(self, place: str, found: GroupDescription | None) -> None:
        if place != self._place or found is None:
            return
        self.badge.show_look(group_look(found.state))
        lag = formats.count(found.lag)
        self.facts.show_pairs(
            [
                ("Cluster", self.cluster),
                ("Lag", lag),
                ("Members", formats.count(len(found.members))),
                ("Here", ", ".join(found.connectors) or "no connector of this workspace"),
                *[(f"Member {n}", f"{m.client_id} {m.host}") for n, m in enumerate(found.members[:8], 1)],
            ]
        )
        first = next(iter(found.connectors), "")
        self.connector.setVisible(bool(first))
        self.connector.setText(f"{first} →")
        self.connector.setAccessibleName(f"Open the connector {first}")
        self._connector = first
        self._partitions.reset(found.partitions)
        self.tabs.setTabText(0, f"Lag {lag}" if found.lag else "Lag")
        self.reset.show_group(self.cluster, found)

    def _on_connector(self) -> None:
        self.parts.navigator.go(connector_address(self._connector))
