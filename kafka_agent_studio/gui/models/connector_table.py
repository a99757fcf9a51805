"""Connectors with their state and figures, in order of name."""

from typing import NamedTuple

from kafka_agent_studio.api.events import ConnectorFigures, ConnectorState
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.engine_view import EngineView
from kafka_agent_studio.gui.models.columns import Column
from kafka_agent_studio.gui.models.live_table import LiveTableModel
from kafka_agent_studio.gui.state_look import CONNECTOR_LOOKS, Glyph, StateLook
from kafka_agent_studio.gui.theme import Theme, Tone
from kafka_agent_studio.gui.trouble import in_words
from kafka_agent_studio.model.connector import Direction
from kafka_agent_studio.model.workspace import AnyConnector


class ConnectorRow(NamedTuple):
    """A connector's file, its state now, its figures, and what is wrong in words (empty where nothing is).

    `is_production`: its connection is marked as production.
    """

    connector: AnyConnector
    state: ConnectorState
    figures: ConnectorFigures
    trouble: str
    is_production: bool = False

    @property
    def is_inbound(self) -> bool:
        """Whether it consumes."""
        return self.connector.direction is Direction.INBOUND


def connector_rows(view: EngineView) -> list[ConnectorRow]:
    """Return a row for each connector of the workspace, in order of name."""
    rows = []
    for name, connector in sorted(view.workspace.connectors.items()):
        fault = view.fault(name)
        trouble = "" if fault is None else in_words(fault).what
        is_production = connector.connection in view.workspace.settings.production
        rows.append(ConnectorRow(connector, view.state(name), view.figures_of(name), trouble, is_production))
    return rows


def _cluster(row: ConnectorRow) -> str:
    return row.connector.connection or row.connector.bootstrap_servers or formats.NOTHING


def connector_columns() -> list[Column[ConnectorRow]]:
    """Return the columns of the connectors page."""
    return [
        Column(
            "state",
            "State",
            lambda r: CONNECTOR_LOOKS[r.state].word,
            width=104,
            sort=lambda r: CONNECTOR_LOOKS[r.state].order,
            look=lambda r: CONNECTOR_LOOKS[r.state],
            tip=lambda r: r.trouble or CONNECTOR_LOOKS[r.state].word,
        ),
        Column("name", "Name", lambda r: r.connector.name, width=124),
        Column("direction", "Way", lambda r: "in" if r.is_inbound else "out", width=52, tone=Tone.MUTED),
        Column("topic", "Topic", lambda r: r.connector.topic, width=136),
        Column(
            "connection",
            "Connection",
            _cluster,
            width=100,
            tone=Tone.MUTED,
            look=lambda r: StateLook(Glyph.TRIANGLE, _cluster(r), Tone.FAILED) if r.is_production else None,
            tip=lambda r: f"{_cluster(r)} (production)" if r.is_production else _cluster(r),
            yields=2,
        ),
        Column("agents", "Agents", lambda r: ", ".join(r.connector.agents) or formats.NOTHING, width=150),
        Column(
            "rate",
            "Rate",
            lambda r: formats.rate(r.figures.messages_per_s),
            width=70,
            sort=lambda r: r.figures.messages_per_s,
            value=lambda r: r.figures.messages_per_s,
            is_right=True,
            yields=3,
        ),
        Column(
            "in_flight",
            "In flight",
            lambda r: formats.count(r.figures.in_flight) if r.is_inbound else formats.NOTHING,
            width=76,
            sort=lambda r: r.figures.in_flight,
            value=lambda r: r.figures.in_flight,
            is_right=True,
            yields=6,
        ),
        Column(
            "done",
            "Done",
            lambda r: formats.count(r.figures.completed if r.is_inbound else r.figures.published),
            width=80,
            sort=lambda r: r.figures.completed if r.is_inbound else r.figures.published,
            value=lambda r: r.figures.completed if r.is_inbound else r.figures.published,
            tip=lambda r: "runs completed" if r.is_inbound else "results published",
            is_right=True,
            yields=7,
        ),
        Column(
            "failed",
            "Failed",
            lambda r: formats.count(r.figures.failed) if r.is_inbound else formats.NOTHING,
            width=64,
            sort=lambda r: r.figures.failed,
            value=lambda r: r.figures.failed,
            is_right=True,
            yields=5,
        ),
        Column(
            "lag",
            "Lag",
            lambda r: formats.count(r.figures.lag),
            width=58,
            sort=lambda r: -1 if r.figures.lag is None else r.figures.lag,
            value=lambda r: r.figures.lag,
            is_right=True,
            yields=4,
        ),
        Column(
            "trouble",
            "What is wrong",
            lambda r: r.trouble or formats.NOTHING,
            width=260,
            value=lambda r: r.trouble,
            is_hidden=True,
        ),
    ]


class ConnectorTableModel(LiveTableModel[ConnectorRow]):
    """One row a connector; `update_from` keeps selection and order."""

    def __init__(self, *, theme: Theme) -> None:
        super().__init__(
            columns=connector_columns(), key_of=lambda r: r.connector.name, theme=theme, is_newest_first=False
        )

    def update_from(self, view: EngineView) -> None:
        """Show the connectors as they are now."""
        rows = connector_rows(view)
        if [row.connector.name for row in rows] == [self._rows[n].connector.name for n in sorted(self._rows)]:
            self.upsert(rows)
        else:
            self.reset(rows)
