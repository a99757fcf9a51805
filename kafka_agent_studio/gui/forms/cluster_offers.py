"""The topics and groups of a cluster, asked for in the background; and why they cannot be told, where they cannot."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from kafka_agent_studio.api.cluster_commands import (
    DescribeGroup,
    GroupDescription,
    GroupSummary,
    ListGroups,
    ListTopics,
    TopicSummary,
)
from kafka_agent_studio.gui.engine_bridge import EngineBridge
from kafka_agent_studio.model.base import SANDBOX


class ClusterOffers(QObject):
    """What is known of one cluster at a time; `changed` with each answer. `cluster` is empty: nobody can be asked."""

    changed = Signal()

    def __init__(self, *, bridge: EngineBridge) -> None:
        super().__init__()
        self._bridge = bridge
        self.cluster = ""
        self.topics: tuple[TopicSummary, ...] | None = None
        self.groups: tuple[GroupSummary, ...] | None = None
        self.group: GroupDescription | None = None
        self.trouble = ""
        self.group_trouble = ""
        self._turn = 0
        self._wanted_group = ""

    @property
    def is_looking(self) -> bool:
        """Whether the topics are being asked for."""
        return bool(self.cluster) and self.topics is None and not self.trouble

    @property
    def topic_names(self) -> list[str]:
        """The topics known; none while they are not."""
        return [topic.name for topic in self.topics or ()]

    def topic(self, name: str) -> TopicSummary | None:
        """Return a topic; None where there is none of that name, or it is not known."""
        return next((topic for topic in self.topics or () if topic.name == name), None)

    def look_at(self, cluster: str, *, again: bool = False) -> None:
        """Ask for what a connection or connector has; nothing is done where it is known already."""
        if cluster == self.cluster and not again:
            return
        self._turn += 1
        self.cluster = cluster
        self.topics, self.groups, self.group = None, None, None
        self.trouble, self.group_trouble, self._wanted_group = "", "", ""
        self.changed.emit()
        if not cluster:
            return
        turn = self._turn
        self._bridge.submit(
            ListTopics(cluster), self._guard(turn, self._on_topics), self._guard(turn, self._on_topics_trouble)
        )
        if cluster != SANDBOX:
            self._bridge.submit(
                ListGroups(cluster), self._guard(turn, self._on_groups), self._guard(turn, self._on_group_trouble)
            )

    def look_at_group(self, name: str) -> None:
        """Ask for the members of a group that exists."""
        if name == self._wanted_group or not any(group.name == name for group in self.groups or ()):
            return
        self._wanted_group, self.group = name, None
        turn = self._turn
        self._bridge.submit(
            DescribeGroup(self.cluster, name),
            self._guard(turn, self._on_group),
            self._guard(turn, self._on_group_trouble),
        )

    def _guard(self, turn: int, take: Callable[..., None]) -> Callable[..., None]:
        def answer(reply: object) -> None:
            if turn == self._turn:
                take(reply)
                self.changed.emit()

        return answer

    def _on_topics(self, topics: tuple[TopicSummary, ...] | None) -> None:
        self.topics = topics or ()

    def _on_topics_trouble(self, words: str) -> None:
        self.trouble = words

    def _on_groups(self, groups: tuple[GroupSummary, ...] | None) -> None:
        self.groups = groups or ()

    def _on_group(self, group: GroupDescription) -> None:
        self.group = group

    def _on_group_trouble(self, words: str) -> None:
        self.group_trouble = words
