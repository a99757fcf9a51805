"""Which cluster a connector or a connection means, with everything needed to reach it but the secrets."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.engine.ports import FaultError
from kafka_agent_studio.model.base import SANDBOX
from kafka_agent_studio.model.connection import Connection, split_bootstrap_servers
from kafka_agent_studio.model.security import Security
from kafka_agent_studio.model.workspace import AnyConnector, Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A cluster and how to log in to it. `root` is the folder that relative PEM paths are relative to.

    `is_sandbox`: it is the embedded broker, which knows no security, no administration and one member per group.
    """

    label: str
    bootstrap_servers: str
    security: Security = field(default_factory=Security)
    root: Path = field(default_factory=Path)
    is_sandbox: bool = False

    @property
    def servers(self) -> list[tuple[str, int]]:
        """The bootstrap servers as (host, port) pairs."""
        return split_bootstrap_servers(self.bootstrap_servers)

    @property
    def identity(self) -> Hashable:
        """Equal for clusters that may share clients: same servers in any order, same login, same files."""
        return frozenset(self.servers), self.security, self.root


def needs_sandbox(source: AnyConnector | Connection, *, stand_in: bool) -> bool:
    """Whether `source` leads to the embedded broker, by name or because it stands in for every connection."""
    if isinstance(source, Connection):
        return stand_in or source.name == SANDBOX
    return stand_in or source.connection == SANDBOX


def resolve_cluster(
    source: AnyConnector | Connection, workspace: Workspace, *, sandbox_bootstrap: str | None, stand_in: bool = False
) -> Cluster:
    """Return the cluster of a connector or connection.

    Args:
        source: the connector, whose own servers or named connection counts, or a connection.
        workspace: where named connections are looked up and relative paths begin.
        sandbox_bootstrap: the embedded broker's address; may be None where `needs_sandbox` is False.
        stand_in: the embedded broker takes every connection's place.

    Raises:
        FaultError: the named connection is not there or not valid (CONFIG_INVALID).
        ValueError: the embedded broker is needed and `sandbox_bootstrap` is None.
    """
    if needs_sandbox(source, stand_in=stand_in):
        if sandbox_bootstrap is None:
            raise ValueError("the embedded broker is needed, but has no address yet")
        return Cluster(label=SANDBOX, bootstrap_servers=sandbox_bootstrap, is_sandbox=True)
    if isinstance(source, Connection):
        return _of_connection(source, workspace)
    if source.connection is not None:
        connection = workspace.connections.get(source.connection)
        if connection is None:
            raise FaultError(_missing_connection(source, workspace), is_fatal=True)
        return _of_connection(connection, workspace)
    return Cluster(
        label=source.name,
        bootstrap_servers=source.bootstrap_servers or "",
        security=source.security or Security(),
        root=workspace.root,
    )


def _of_connection(connection: Connection, workspace: Workspace) -> Cluster:
    return Cluster(
        label=connection.name,
        bootstrap_servers=connection.bootstrap_servers,
        security=connection.security,
        root=workspace.root,
    )


def _missing_connection(connector: AnyConnector, workspace: Workspace) -> Fault:
    file = workspace.files.get(f"connector/{connector.name}", f"connectors/{connector.name}.yaml")
    message = f"connection '{connector.connection}' does not exist or is not valid"
    return Fault(FaultCode.CONFIG_INVALID, {"file": file, "line": 1, "column": 1, "message": message})
