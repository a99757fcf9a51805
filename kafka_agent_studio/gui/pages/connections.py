"""Connections: the clusters that connectors share, and how to log in to them."""

from kafka_agent_studio.gui.forms.connection_form import ConnectionForm
from kafka_agent_studio.gui.forms.file_changes import FileChanges
from kafka_agent_studio.gui.forms.users import users_of
from kafka_agent_studio.gui.models.connection_table import ConnectionRow, ConnectionTableModel
from kafka_agent_studio.gui.navigation import connection_address
from kafka_agent_studio.gui.pages.form_page import FormPage
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.empty_state import EmptyState
from kafka_agent_studio.gui.widgets.labels import button


class ConnectionsPage(FormPage[ConnectionRow]):
    """The table; the form of a connection opens beside it."""

    address = "connections"

    def __init__(self, *, parts: WindowParts, changes: FileChanges) -> None:
        super().__init__(parts=parts, title="Connections", changes=changes)
        self._connections = ConnectionTableModel(theme=parts.theme)
        icons = parts.icons
        self.new = button("New connection", self.begin_new, icon=icons.icon("plus"), tip="A new connection (Ctrl+N)")
        for widget in (self.edit, self.duplicate, self.delete, self.new):
            self.header.add(widget)
        self.set_up(
            model=self._connections,
            table=DataTable[ConnectionRow](
                name="connections",
                accessible_name="Connections",
                model=self._connections,
                theme=parts.theme,
                preferences=parts.preferences,
                stretched="servers",
            ),
            empty=EmptyState(
                theme=parts.theme,
                icons=icons,
                icon="wifi-high",
                heading="No connections yet",
                explanation="A connection says where a Kafka cluster is and how to log in to it; connectors share it. "
                "Until there is one, connectors use the sandbox, a broker inside this program.",
                action="New connection",
                on_action=self.begin_new,
            ),
        )
        self.set_up_form(ConnectionForm(parts=parts, changes=changes))
        for signal in (parts.bridge.rebuilt, parts.bridge.workspace_changed):
            signal.connect(self._on_state)
        self._on_state()

    def address_of(self, row: ConnectionRow) -> str:
        """Return the address of the connection's form."""
        return connection_address(row.connection.name)

    def name_of(self, row: ConnectionRow) -> str:
        """The connection's name."""
        return row.connection.name

    def path_of(self, name: str) -> str | None:
        """The connection's file."""
        workspace = self.parts.bridge.view.workspace
        known = f"connections/{name}.yaml" if name in workspace.connections else None
        return workspace.files.get(f"connection/{name}", known)

    def open_new(self, new: str, **given: str) -> None:
        """Begin a connection."""
        self.form.open_new({"version": "1.0"})

    def begin_new(self) -> None:
        """Go to the form of a new connection; nothing happens where nothing may be saved."""
        if self.new.isEnabled():
            self.parts.navigator.go("connections?new=")

    def before_delete(self, name: str) -> str:
        """Who uses it, and that it is production."""
        workspace = self.parts.bridge.view.workspace
        users = users_of(workspace, name)
        production = f"{name} is marked as production. " if name in workspace.settings.production else ""
        if users:
            noun = "connector uses" if len(users) == 1 else "connectors use"
            return (
                f"{production}{len(users)} {noun} {name}: {', '.join(users)}. Without it their files have a mistake. "
                "What works goes on with the old settings until the program ends, also when it is stopped and started; "
                "after that it does not start until its file is corrected."
            )
        return production and f"{production}No connector uses it."

    def _on_state(self) -> None:
        view = self.parts.bridge.view
        self._connections.update_from(view)
        count = self._connections.rowCount()
        self.header.set_remark(f"{count} saved" if count else "")
        self.new.setEnabled(view.read_only is None)
        self._show_buttons()
