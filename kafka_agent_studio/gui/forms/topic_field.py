"""A topic as the broker offers it; one that is missing can be created on the spot."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kafka_agent_studio.gui.engine_bridge import EngineBridge
from kafka_agent_studio.gui.forms.ask_bar import AskBar
from kafka_agent_studio.gui.forms.cluster_offers import ClusterOffers
from kafka_agent_studio.gui.forms.create_topic import CreateTopicPanel
from kafka_agent_studio.gui.forms.mistakes import stopped
from kafka_agent_studio.gui.forms.offer_field import OfferField
from kafka_agent_studio.gui.theme import SPACE, Theme, Tone
from kafka_agent_studio.model.base import SANDBOX

_NOBODY_TO_ASK = "Topics are offered once the connection is saved."


class TopicField(QWidget):
    """The field, what the broker says about the topic in it, and the panel that creates it."""

    created = Signal(str)

    def __init__(
        self,
        *,
        title: str,
        explanation: str,
        placeholder: str,
        theme: Theme,
        bridge: EngineBridge,
        offers: ClusterOffers,
        ask: AskBar,
    ) -> None:
        super().__init__()
        self._bridge = bridge
        self._offers = offers
        self.field = OfferField(title=title, explanation=explanation, theme=theme, placeholder=placeholder)
        self.panel = CreateTopicPanel(bridge=bridge, theme=theme, ask=ask)
        self.panel.created.connect(self._on_created)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(self.field)
        column.addWidget(self.panel)
        offers.changed.connect(self._on_offers)
        self.field.edited.connect(self.say)
        self.say()

    def say(self) -> None:
        """Say what is known about the topic in the field."""
        offers, field = self._offers, self.field
        name = str(field.current or "")
        topic = offers.topic(name)
        if topic is not None or not name or not offers.cluster:
            self.panel.hide()
        if not offers.cluster:
            field.say(_NOBODY_TO_ASK)
        elif offers.is_looking:
            field.say(f"Asking {offers.cluster} for its topics…", tone=Tone.ACCENT)
        elif offers.trouble:
            words = f"The topics of {offers.cluster} cannot be listed: {stopped(offers.trouble)}"
            field.say(words, tone=Tone.WAITING, action="Try again", on_action=self._again)
        elif topic is not None:
            count = topic.partitions
            field.say(f"On {offers.cluster}, with {count:,} partition{'' if count == 1 else 's'}.", tone=Tone.OK)
        elif not name:
            field.say(_how_many(len(offers.topic_names), offers.cluster))
        elif offers.cluster == SANDBOX:
            field.say("The sandbox makes it with the first message.")
        else:
            action = "" if self._bridge.view.read_only else "Create it…"
            words = f"There is no topic “{name}” on {offers.cluster} yet."
            field.say(words, tone=Tone.WAITING, action=action, on_action=self._open_panel)

    def _on_offers(self) -> None:
        self.field.offer(self._offers.topic_names)
        self.say()

    def _again(self) -> None:
        self._offers.look_at(self._offers.cluster, again=True)

    def _open_panel(self) -> None:
        cluster = self._offers.cluster
        workspace = self._bridge.view.workspace
        connector = workspace.connectors.get(cluster)
        connection = cluster if connector is None else connector.connection
        is_production = connection in workspace.settings.production
        self.panel.open_for(str(self.field.current or ""), cluster, is_production=is_production)

    def _on_created(self, name: str) -> None:
        self._offers.look_at(self._offers.cluster, again=True)
        self.field.editor.setFocus()
        self.created.emit(name)


def _how_many(count: int, cluster: str) -> str:
    if count == 0:
        return f"There is no topic on {cluster} yet: type the name of the first."
    return f"{count:,} topic{'' if count == 1 else 's'} on {cluster}: type, or open the list."
