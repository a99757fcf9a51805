"""The links as rows: what the canvas shows, for those who read or work by keyboard."""

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.models.columns import Column
from kafka_agent_studio.gui.models.link_graph import LinkEdge, LinkGraph
from kafka_agent_studio.gui.models.live_table import LiveTableModel
from kafka_agent_studio.gui.theme import Theme, Tone


def link_columns() -> list[Column[LinkEdge]]:
    """Return the columns of the table of links."""
    return [
        Column(
            "state",
            "State",
            lambda e: e.look.word,
            width=104,
            sort=lambda e: e.look.order,
            look=lambda e: e.look,
            tip=lambda e: e.trouble or e.look.word,
        ),
        Column("from", "From", lambda e: e.key.source.name, width=140),
        Column("to", "To", lambda e: e.key.target.name, width=140),
        Column(
            "does",
            "What it does",
            lambda e: "starts the agent" if e.key.is_inbound else "publishes its results",
            width=150,
            tone=Tone.MUTED,
            is_hidden=True,
        ),
        Column(
            "rate",
            "Rate",
            lambda e: formats.rate(e.rate_per_s),
            width=80,
            sort=lambda e: e.rate_per_s,
            value=lambda e: e.rate_per_s,
            is_right=True,
        ),
        Column(
            "in_flight",
            "In flight",
            lambda e: formats.count(e.in_flight),
            width=76,
            sort=lambda e: e.in_flight or 0,
            value=lambda e: e.in_flight,
            is_right=True,
        ),
        Column(
            "failed",
            "Failed",
            lambda e: formats.count(e.failed),
            width=68,
            sort=lambda e: e.failed,
            value=lambda e: e.failed,
            is_right=True,
        ),
        Column(
            "lag",
            "Lag",
            lambda e: formats.count(e.lag),
            width=64,
            sort=lambda e: -1 if e.lag is None else e.lag,
            value=lambda e: e.lag,
            is_right=True,
        ),
        Column("trouble", "What is wrong", lambda e: e.trouble or formats.NOTHING, width=160),
    ]


class LinkTableModel(LiveTableModel[LinkEdge]):
    """One row a link; `update_from` keeps selection and order."""

    def __init__(self, *, theme: Theme) -> None:
        super().__init__(columns=link_columns(), key_of=lambda e: e.key, theme=theme, is_newest_first=False)

    def update_from(self, graph: LinkGraph) -> None:
        """Show the links as they are now."""
        edges = sorted(graph.edges.values(), key=lambda e: (e.key.source, e.key.target))
        if [edge.key for edge in edges] == [self._rows[number].key for number in sorted(self._rows)]:
            self.upsert(edges)
        else:
            self.reset(edges)
