"""The consumer groups of a cluster: who reads, how far behind, and where they go on."""

from kafka_agent_studio.api.cluster_commands import GroupSummary, ListGroups
from kafka_agent_studio.gui.models.cluster_tables import group_table
from kafka_agent_studio.gui.navigation import group_address
from kafka_agent_studio.gui.pages.cluster_page import ClusterPage
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.widgets.empty_state import EmptyState


class GroupsPage(ClusterPage[GroupSummary]):
    """What is selected opens on the right with members, lag and the reset of its offsets."""

    address = "groups"
    noun = "consumer groups"

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__(parts=parts)
        model = group_table(parts.theme)
        self.put_together(
            model=model,
            empty=EmptyState(
                theme=parts.theme,
                icons=parts.icons,
                icon="users-three",
                heading="No consumer groups",
                explanation="A group remembers how far its members have read a topic and shares the work among them. "
                "Every inbound connector reads in one.",
                action="See the connectors",
                on_action=lambda: parts.navigator.go("connectors"),
            ),
            placeholder="Find a group by a part of its name",
        )

    def list_command(self, cluster: str) -> ListGroups:
        """Ask for the groups."""
        return ListGroups(cluster)

    def name_of(self, row: GroupSummary) -> str:
        """The group's name."""
        return row.name

    def address_of(self, row: GroupSummary) -> str:
        """Return the group's own address."""
        return group_address(self.choice.current, row.name)
