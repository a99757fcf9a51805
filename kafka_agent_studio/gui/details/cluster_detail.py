"""What the views of a topic and of a group share: something of a cluster, asked about each time it is shown."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QLayout, QTabWidget, QVBoxLayout, QWidget

from kafka_agent_studio.api.commands import Command
from kafka_agent_studio.gui.details.detail import Detail
from kafka_agent_studio.gui.left_open import LeftOpenError
from kafka_agent_studio.gui.navigation import split_cluster
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, MARGIN
from kafka_agent_studio.gui.trouble import Trouble
from kafka_agent_studio.gui.widgets.error_panel import ErrorPanel
from kafka_agent_studio.gui.widgets.key_value import KeyValue


class ClusterDetail(Detail):
    """A subclass says what it is called (`noun`), what to ask, and shows the answer; `name` is the topic or group."""

    noun = ""

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__(parts=parts)
        self._place = ""
        self.cluster = self.name = ""
        self.facts = KeyValue(theme=parts.theme, columns=2)
        self.error = ErrorPanel(theme=parts.theme, action="Try again", on_action=self.ask)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setAccessibleName(f"Parts of the {self.noun}")

    def lay_out(self, head: QLayout, tabs: Sequence[tuple[QWidget, str]]) -> None:
        """Put the view together: what stands at its top, then error and facts, then its parts."""
        for widget, title in tabs:
            self.tabs.addTab(widget, title)
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

    # what a subclass says

    def command(self) -> Command[Any]:
        """What asks about it."""
        raise LeftOpenError(self)

    def show_answer(self, found: Any) -> None:
        """Show what the cluster told."""
        raise LeftOpenError(self)

    def forget(self) -> None:
        """Show nothing of what was shown before."""

    # asking

    def show_place(self, rest: str) -> str:
        """Show what is at `cluster/name`."""
        if rest != self._place:
            self.facts.show_pairs([])
            self.forget()
        self._place = rest
        self.cluster, self.name = split_cluster(rest)
        self.ask()
        return f"{self.noun.capitalize()} {self.name}"

    def ask(self) -> None:
        """Ask the cluster."""
        place = self._place
        self.error.show_trouble(None)
        self.parts.bridge.submit(
            self.command(),
            lambda found: self.show_answer(found) if place == self._place else None,
            lambda words: self._on_refused(place, words),
        )

    def _on_refused(self, place: str, words: str) -> None:
        if place == self._place:
            self.error.show_trouble(Trouble(f"The {self.noun} {self.name} cannot be looked at.", "", words))
