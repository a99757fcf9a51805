"""What runs after files changed: the new version of what is valid, the running version of what no longer is."""

from collections.abc import Collection, Mapping
from typing import TypeVar

import msgspec

from kafka_agent_studio.model.workspace import Workspace

ItemT = TypeVar("ItemT")


def valid_part(workspace: Workspace, invalid: Collection[str]) -> Workspace:
    """Return `workspace` without what must not run.

    `invalid` holds keys like `connector/orders-in`: what has a mistake of its own, or rests on something that has.
    """
    return keep_running_versions(None, workspace, invalid)


def keep_running_versions(before: Workspace | None, after: Workspace, invalid: Collection[str]) -> Workspace:
    """Return what is valid of `after`, and what is invalid now as it was in `before`; what was deleted is gone.

    A connection that was deleted under a connector that runs on stays for that connector.
    """

    def kept(kind: str, old: Mapping[str, ItemT], new: Mapping[str, ItemT]) -> dict[str, ItemT]:
        good = {name: item for name, item in new.items() if f"{kind}/{name}" not in invalid}
        return good | {name: item for name, item in old.items() if f"{kind}/{name}" in invalid}

    if before is None:
        before = msgspec.structs.replace(after, connections={}, connectors={}, agents={}, schemas={})
    schemas = {n: s for n, s in before.schemas.items() if f"schema/{n}" in after.files}
    connectors = kept("connector", before.connectors, after.connectors)
    runs_on = {connector.connection for name, connector in connectors.items() if f"connector/{name}" in invalid}
    needed = {name: connection for name, connection in before.connections.items() if name in runs_on}
    return msgspec.structs.replace(
        after,
        connections=needed | kept("connection", before.connections, after.connections),
        connectors=connectors,
        agents=kept("agent", before.agents, after.agents),
        schemas={**schemas, **after.schemas},
    )


def shown(running: Workspace, after: Workspace) -> Workspace:
    """Return what a person is shown: what runs, and what the files hold beside it and may not run.

    A connection that only runs on is not shown: its file is gone.
    """
    there = {n: c for n, c in running.connections.items() if n in after.connections or f"connection/{n}" in after.files}
    return msgspec.structs.replace(
        after,
        connections={**after.connections, **there},
        connectors={**after.connectors, **running.connectors},
        agents={**after.agents, **running.agents},
    )
