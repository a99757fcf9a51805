"""One consumer group: its members, how far it is in each partition, and where it goes on."""

from PySide6.QtWidgets import QHBoxLayout

from kafka_agent_studio.api.cluster_commands import DescribeGroup, GroupDescription, GroupPartition
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.clusters.reset_panel import ResetPanel
from kafka_agent_studio.gui.details.cluster_detail import ClusterDetail
from kafka_agent_studio.gui.models.cluster_tables import group_look, group_partition_table
from kafka_agent_studio.gui.navigation import connector_address
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.labels import button, icon_button
from kafka_agent_studio.gui.widgets.state_badge import StateBadge


class GroupDetail(ClusterDetail):
    """Asks the cluster each time a group is shown, and after its offsets were set."""

    noun = "group"

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__(parts=parts)
        self._connector = ""
        theme = parts.theme
        self.badge = StateBadge(theme=theme, look=group_look("EMPTY"), name="State")
        self.connector = button("", self._on_connector, kind="link")
        self.refresh = icon_button("Ask again", parts.icons.icon("arrow-clockwise"), self.ask)
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
        self.reset.done.connect(self.ask)
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.addWidget(self.badge)
        head.addStretch(1)
        head.addWidget(self.connector)
        head.addWidget(self.refresh)
        self.lay_out(head, ((self.partitions, "Lag"), (self.reset, "Set offsets")))

    def take_focus(self) -> None:
        """Put the focus into the partitions."""
        self.partitions.setFocus()

    def command(self) -> DescribeGroup:
        """Ask about the group."""
        return DescribeGroup(self.cluster, self.name)

    def forget(self) -> None:
        """Show no partitions."""
        self._partitions.reset(())

    def show_answer(self, found: GroupDescription | None) -> None:
        """Show members, lag, and where it goes on."""
        if found is None:
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
