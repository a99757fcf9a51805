"""The fields of connectors that are not about the cluster, each with the line that explains it."""

from kafka_agent_studio.gui.forms.choice_fields import ChoiceField, PickField, SwitchField
from kafka_agent_studio.gui.forms.field import NumberField, TextField
from kafka_agent_studio.gui.forms.offer_field import OfferField
from kafka_agent_studio.gui.theme import Theme


class ConnectorFields:
    """One of each; the form lays them out."""

    def __init__(self, *, theme: Theme) -> None:
        self.name = TextField(
            title="Name",
            explanation="Its file is connectors/<name>.yaml.",
            theme=theme,
            placeholder="orders-in",
            is_mono=True,
        )
        self.enabled = SwitchField(
            title="Enabled",
            explanation="Off: the file stays, and nothing is read or published.",
            theme=theme,
            default=True,
        )
        self.agents = PickField(
            title="Agents",
            explanation="",
            theme=theme,
            nothing="There is no agent in this workspace yet: add one to agents/.",
        )
        self._make_inbound(theme)
        self._make_outbound(theme)

    def _make_inbound(self, theme: Theme) -> None:
        self.group = OfferField(
            title="Consumer group",
            explanation="Connectors with one group share the messages; different groups each get all of them.",
            theme=theme,
        )
        self.reset = ChoiceField(
            title="A group that never read begins at",
            explanation="Only until its first commit; after that it goes on where it was.",
            theme=theme,
            options=(("latest", "the latest: only what is new"), ("earliest", "the earliest: everything there is")),
            default="latest",
        )
        self.ordering = ChoiceField(
            title="Order",
            explanation="What an agent gets one after the other; the rest runs side by side.",
            theme=theme,
            options=(("key", "messages of one key"), ("partition", "messages of one partition"), ("none", "nothing")),
            default="key",
        )
        self.max_in_flight = NumberField(
            title="Most in flight",
            explanation="So many messages at work at once; beyond that, reading waits.",
            theme=theme,
            default=64,
        )
        self.on_failure = ChoiceField(
            title="When a run fails",
            explanation="After the agent's own retries.",
            theme=theme,
            options=(
                ("skip", "note it and go on"),
                ("dead_letter", "send the message to another topic and go on"),
                ("stop", "pause here until somebody decides"),
            ),
            default="skip",
        )

    def _make_outbound(self, theme: Theme) -> None:
        self.inputs = PickField(
            title="Only runs started by",
            explanation="None ticked: the runs of all inbound connectors.",
            theme=theme,
            nothing="There is no inbound connector yet.",
        )
        self.payload = ChoiceField(
            title="What is published",
            explanation="The envelope has run id, status, times and tokens around the output.",
            theme=theme,
            options=(("envelope", "the whole run (envelope)"), ("output", "the output alone")),
            default="envelope",
        )
        self.publish = ChoiceField(
            title="Which runs",
            explanation="Failed ones have no output: they need the envelope.",
            theme=theme,
            options=(("completed", "completed ones"), ("all", "failed ones, too")),
            default="completed",
        )
        self.skip_empty = SwitchField(
            title="Leave out empty results",
            explanation="For an agent that has nothing to say yet, such as one that correlates.",
            theme=theme,
            default=False,
        )
        self.allow_loop = SwitchField(
            title="Allow a loop",
            explanation="An agent that publishes to a topic which triggers it runs for ever: off, that is a mistake.",
            theme=theme,
            default=False,
        )
