"""Connectors: what reads and what publishes, in which state, how fast."""

from kafka_agent_studio.api.commands import StartConnector, StopConnector
from kafka_agent_studio.api.events import ConnectorState
from kafka_agent_studio.gui.forms.connector_form import ConnectorForm
from kafka_agent_studio.gui.forms.file_changes import FileChanges
from kafka_agent_studio.gui.models.connector_table import ConnectorRow, ConnectorTableModel
from kafka_agent_studio.gui.navigation import connector_address
from kafka_agent_studio.gui.pages.form_page import FormPage
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.empty_state import EmptyState
from kafka_agent_studio.gui.widgets.labels import button, icon_button
from kafka_agent_studio.model.connector import Direction

_AT_WORK = (ConnectorState.RUNNING, ConnectorState.CONNECTING, ConnectorState.RETRYING, ConnectorState.WAITING)


class ConnectorsPage(FormPage[ConnectorRow]):
    """The table; what is selected opens in the inspector, and its form, when asked for, in the inspector's place."""

    address = "connectors"

    def __init__(self, *, parts: WindowParts, changes: FileChanges) -> None:
        super().__init__(parts=parts, title="Connectors", changes=changes)
        self._connectors = ConnectorTableModel(theme=parts.theme)
        icons = parts.icons
        self.start = icon_button("Start all that is stopped", icons.icon("play"), self._on_start)
        self.stop = icon_button("Stop all; runs in flight finish", icons.icon("stop"), self._on_stop)
        self.new_inbound = button(
            "New inbound", self.begin_new, icon=icons.icon("plus"), tip="A new inbound connector (Ctrl+N)"
        )
        self.new_outbound = button("New outbound", lambda: self._on_new(Direction.OUTBOUND), icon=icons.icon("plus"))
        for widget in (self.start, self.stop, self.edit, self.duplicate, self.delete):
            self.header.add(widget)
        for new in (self.new_inbound, self.new_outbound):
            self.header.add(new, keeps_words=True)
        self.set_up(
            model=self._connectors,
            table=DataTable[ConnectorRow](
                name="connectors",
                accessible_name="Connectors",
                model=self._connectors,
                theme=parts.theme,
                preferences=parts.preferences,
                stretched="agents",
            ),
            empty=EmptyState(
                theme=parts.theme,
                icons=icons,
                icon="broadcast",
                heading="No connectors yet",
                explanation="An inbound connector reads a topic and starts agents; an outbound connector publishes "
                "their results. Each is a file in connectors/.",
                action="New inbound connector",
                on_action=lambda: self._on_new(Direction.INBOUND),
            ),
        )
        self._form = ConnectorForm(parts=parts, changes=changes)
        self.set_up_form(self._form)
        bridge = parts.bridge
        for signal in (bridge.rebuilt, bridge.workspace_changed, bridge.connector_changed, bridge.figures_updated):
            signal.connect(self._on_state)
        self._on_state()

    def address_of(self, row: ConnectorRow) -> str:
        """Return the connector's own address."""
        return connector_address(row.connector.name)

    def name_of(self, row: ConnectorRow) -> str:
        """The connector's name."""
        return row.connector.name

    def path_of(self, name: str) -> str | None:
        """The connector's file."""
        workspace = self.parts.bridge.view.workspace
        known = f"connectors/{name}.yaml" if name in workspace.connectors else None
        return workspace.files.get(f"connector/{name}", known)

    def open_new(self, new: str, **given: str) -> None:
        """Begin a connector; `new` is inbound or outbound, `agent` an agent to link it to."""
        agent = given.get("agent")
        linked = {"agents": [agent]} if agent in self.parts.bridge.view.workspace.agents else {}
        self._form.begin_new(Direction.OUTBOUND if new == Direction.OUTBOUND else Direction.INBOUND, **linked)

    def begin_new(self) -> None:
        """Go to the form of a new inbound connector; nothing happens where nothing may be saved."""
        if self.new_inbound.isEnabled():
            self._on_new(Direction.INBOUND)

    def before_delete(self, name: str) -> str:
        """Only a connector on a production connection is asked about: everything else can be undone."""
        view = self.parts.bridge.view
        connector = view.connector(name)
        if connector is None or connector.connection not in view.workspace.settings.production:
            return ""
        return f"{name} works on {connector.connection}, which is marked as production. It stops when it is deleted."

    def _on_new(self, direction: Direction) -> None:
        self.parts.navigator.go(f"connectors?new={direction.value}")

    def _on_state(self, _what: object = None) -> None:
        view = self.parts.bridge.view
        self._connectors.update_from(view)
        rows = [self._connectors.row(number) for number in range(self._connectors.rowCount())]
        inbound = [row for row in rows if row.is_inbound]
        running = sum(row.state is ConnectorState.RUNNING for row in rows)
        self.header.set_remark(f"{running} of {len(rows)} running" if rows else "")
        may_act = view.read_only is None
        self.new_inbound.setEnabled(may_act)
        self.new_outbound.setEnabled(may_act)
        self._show_buttons()
        self.start.setEnabled(may_act and any(row.state not in _AT_WORK for row in inbound))
        self.stop.setEnabled(may_act and any(row.state in _AT_WORK for row in inbound))

    def _on_start(self) -> None:
        for row in self._inbound():
            if row.state not in _AT_WORK and row.connector.enabled:
                self.parts.bridge.submit(StartConnector(row.connector.name))

    def _on_stop(self) -> None:
        for row in self._inbound():
            if row.state in _AT_WORK:
                self.parts.bridge.submit(StopConnector(row.connector.name))

    def _inbound(self) -> list[ConnectorRow]:
        rows = (self._connectors.row(number) for number in range(self._connectors.rowCount()))
        return [row for row in rows if row.is_inbound]
