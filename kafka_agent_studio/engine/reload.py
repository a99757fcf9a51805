"""What runs after files changed: the new version of what is valid, the running version of what no longer is."""

from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

import msgspec

from kafka_agent_studio.model.agent import Agent, SequentialAgent
from kafka_agent_studio.model.workspace import Workspace

ItemT = TypeVar("ItemT")


def valid_part(workspace: Workspace, invalid: Collection[str]) -> Workspace:
    """Return `workspace` without what must not run.

    `invalid` holds keys like `connector/orders-in`: what has a mistake of its own, or rests on something that has.
    """
    return keep_running_versions(None, workspace, invalid)


def keep_running_versions(before: Workspace | None, after: Workspace, invalid: Collection[str]) -> Workspace:
    """Return what is valid of `after`, and what is invalid now as it was in `before`; what was deleted is gone.

    A connection or an agent that was deleted under a connector that runs on stays for that connector.
    """

    def kept(kind: str, old: Mapping[str, ItemT], new: Mapping[str, ItemT]) -> dict[str, ItemT]:
        good = {name: item for name, item in new.items() if f"{kind}/{name}" not in invalid}
        return good | {name: item for name, item in old.items() if f"{kind}/{name}" in invalid}

    if before is None:
        before = msgspec.structs.replace(after, connections={}, connectors={}, agents={}, schemas={})
    schemas = {n: s for n, s in before.schemas.items() if f"schema/{n}" in after.files}
    connectors = kept("connector", before.connectors, after.connectors)
    old = [connector for name, connector in connectors.items() if f"connector/{name}" in invalid]
    named = {connector.connection for connector in old}
    connections = {name: connection for name, connection in before.connections.items() if name in named}
    agents = {name: before.agents[name] for name in _behind(before.agents, [a for c in old for a in c.agents])}
    return msgspec.structs.replace(
        after,
        connections=connections | kept("connection", before.connections, after.connections),
        connectors=connectors,
        agents=agents | kept("agent", before.agents, after.agents),
        schemas={**schemas, **after.schemas},
    )


def _behind(agents: Mapping[str, Agent], names: Iterable[str]) -> set[str]:
    """Return which of `agents` have a part in the work of those named."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in agents and name not in found:
            found.add(name)
            agent = agents[name]
            waiting += agent.agents if isinstance(agent, SequentialAgent) else ()
    return found


def shown(running: Workspace, after: Workspace) -> Workspace:
    """Return what a person is shown: what runs, and what the files hold beside it and may not run.

    A connection or an agent that only runs on is not shown: its file is gone.
    """

    def there(kind: str, new: Mapping[str, ItemT], runs: Mapping[str, ItemT]) -> dict[str, ItemT]:
        return {**new, **{name: item for name, item in runs.items() if name in new or f"{kind}/{name}" in after.files}}

    return msgspec.structs.replace(
        after,
        connections=there("connection", after.connections, running.connections),
        connectors={**after.connectors, **running.connectors},
        agents=there("agent", after.agents, running.agents),
    )
