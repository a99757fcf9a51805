"""What runs after files changed: the new version of what is valid, the running version of what no longer is."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TypeVar

from kafka_agent_studio.model.workspace import Workspace

ItemT = TypeVar("ItemT")


def keep_running_versions(before: Workspace, after: Workspace, invalid: Collection[str]) -> Workspace:
    """Return `after`, with what is invalid now taken from `before`. What was deleted stays deleted.

    `invalid` holds keys like `connector/orders-in`: those whose own file, or something they rest on, has a mistake.
    """
    if not invalid:
        return after

    def merged(kind: str, old: Mapping[str, ItemT], new: Mapping[str, ItemT]) -> dict[str, ItemT]:
        return {**new, **{n: item for n, item in old.items() if n not in new and f"{kind}/{n}" in invalid}}

    return replace(
        after,
        connections=merged("connection", before.connections, after.connections),
        connectors=merged("connector", before.connectors, after.connectors),
        agents=merged("agent", before.agents, after.agents),
        schemas=merged("schema", before.schemas, after.schemas)
        | {n: s for n, s in before.schemas.items() if n not in after.schemas and f"schema/{n}" in after.files},
    )
