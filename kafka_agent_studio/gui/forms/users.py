"""Who uses a connection, and what a change does to them."""

from collections.abc import Sequence

from kafka_agent_studio.api.events import ConnectorState
from kafka_agent_studio.gui.engine_view import EngineView
from kafka_agent_studio.model.workspace import Workspace

_AT_REST = (ConnectorState.STOPPED, ConnectorState.DISABLED, ConnectorState.FAILED)


def users_of(workspace: Workspace, connection: str) -> list[str]:
    """Return the connectors that name a connection, in order."""
    return sorted(name for name, connector in workspace.connectors.items() if connector.connection == connection)


def restarts(view: EngineView, connectors: Sequence[str]) -> str:
    """Return what a change of these connectors does, after "Save …"."""
    working = [name for name in connectors if view.state(name) not in _AT_REST]
    if working:
        noun = "connector" if len(working) == 1 else "connectors"
        return f"restarts {len(working)} {noun}: {', '.join(working)}. Runs in flight finish first"
    if connectors:
        return f"changes {', '.join(connectors)}; nothing of it is running"
    return "restarts nothing: no connector uses it"
