"""What runs after files changed: the new version of what is valid, the running version of what no longer is."""

from collections.abc import Mapping, Set
from dataclasses import replace
from typing import TypeVar

from kafka_agent_studio.model.workspace import Problem, Workspace

ItemT = TypeVar("ItemT")


def files_in_error(problems: tuple[Problem, ...]) -> frozenset[str]:
    """The files that hold at least one error."""
    return frozenset(p.file for p in problems if p.level == "error")


def keep_running_versions(before: Workspace, after: Workspace, problems: tuple[Problem, ...]) -> Workspace:
    """Return `after`, with what its mistakes made invalid taken from `before`. A deleted file stays deleted."""
    bad = files_in_error(problems)
    if not bad:
        return after

    def merged(kind: str, old: Mapping[str, ItemT], new: Mapping[str, ItemT]) -> dict[str, ItemT]:
        kept = {n: item for n, item in old.items() if n not in new and before.files.get(f"{kind}/{n}") in bad}
        return {**new, **kept}

    files = {place: file for place, file in before.files.items() if place not in after.files and file in bad}
    return replace(
        after,
        connections=merged("connection", before.connections, after.connections),
        connectors=merged("connector", before.connectors, after.connectors),
        agents=merged("agent", before.agents, after.agents),
        schemas=merged("schema", before.schemas, after.schemas),
        files={**after.files, **files},
    )


def invalid_connectors(workspace: Workspace, problems: tuple[Problem, ...]) -> Set[str]:
    """The names of connectors whose file holds an error."""
    bad = files_in_error(problems)
    return {c for c in workspace.connectors if workspace.files.get(f"connector/{c}") in bad}
