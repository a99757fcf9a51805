"""Saved connections: where they lead, how one logs in, and how many connectors use them."""

from typing import NamedTuple

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.engine_view import EngineView
from kafka_agent_studio.gui.forms.users import users_of
from kafka_agent_studio.gui.models.columns import Column
from kafka_agent_studio.gui.models.live_table import LiveTableModel
from kafka_agent_studio.gui.state_look import Glyph, StateLook
from kafka_agent_studio.gui.theme import Theme, Tone
from kafka_agent_studio.model.connection import Connection


class ConnectionRow(NamedTuple):
    """A connection's file, the connectors that name it, and whether it is marked as production."""

    connection: Connection
    users: tuple[str, ...]
    is_production: bool


def _login(row: ConnectionRow) -> str:
    security = row.connection.security
    mechanism = security.sasl_mechanism if security.protocol.uses_sasl else None
    return security.protocol.value if mechanism is None else f"{security.protocol.value}, {mechanism.value}"


def connection_columns() -> list[Column[ConnectionRow]]:
    """Return the columns of the connections page."""
    return [
        Column(
            "name",
            "Name",
            lambda r: r.connection.name,
            width=132,
            look=lambda r: StateLook(Glyph.TRIANGLE, r.connection.name, Tone.FAILED) if r.is_production else None,
            tip=lambda r: f"{r.connection.name} (production)" if r.is_production else r.connection.name,
        ),
        Column("servers", "Bootstrap servers", lambda r: r.connection.bootstrap_servers, width=220, is_mono=True),
        Column("login", "Security", _login, width=208, yields=1),
        Column("user", "User", lambda r: r.connection.security.username or formats.NOTHING, width=96, yields=3),
        Column(
            "users",
            "Used by",
            lambda r: ", ".join(r.users) or "nobody",
            width=150,
            sort=lambda r: len(r.users),
            value=lambda r: list(r.users),
            tone=Tone.MUTED,
            yields=2,
        ),
    ]


class ConnectionTableModel(LiveTableModel[ConnectionRow]):
    """One row a connection; `update_from` keeps selection and order."""

    def __init__(self, *, theme: Theme) -> None:
        super().__init__(
            columns=connection_columns(), key_of=lambda r: r.connection.name, theme=theme, is_newest_first=False
        )

    def update_from(self, view: EngineView) -> None:
        """Show the connections as they are now."""
        marked = view.workspace.settings.production
        rows = [
            ConnectionRow(connection, tuple(users_of(view.workspace, name)), name in marked)
            for name, connection in sorted(view.workspace.connections.items())
        ]
        if [row.connection.name for row in rows] == [self._rows[n].connection.name for n in sorted(self._rows)]:
            self.upsert(rows)
        else:
            self.reset(rows)
