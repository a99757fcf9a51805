"""Reads a whole workspace in one pass: everything valid as frozen models, every mistake at its place."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from kafka_agent_studio.model.workspace import Problem, Workspace
from kafka_agent_studio.workspace.agent_files import AgentFiles
from kafka_agent_studio.workspace.connector_files import ConnectorFiles
from kafka_agent_studio.workspace.cross_checks import (
    by_name,
    check_agents,
    check_connectors,
    check_shared_names,
    spread_faults,
)
from kafka_agent_studio.workspace.entries import Entry
from kafka_agent_studio.workspace.folder import Folder
from kafka_agent_studio.workspace.problems import Place, ProblemLog
from kafka_agent_studio.workspace.schema_files import read_schemas
from kafka_agent_studio.workspace.secret_names import SecretUse, secret_uses
from kafka_agent_studio.workspace.settings_file import read_settings
from kafka_agent_studio.workspace.tool_catalogue import ToolCatalogue
from kafka_agent_studio.workspace.tool_modules import read_tools


class LoadedWorkspace(msgspec.Struct, frozen=True):
    """What `load_workspace` understood.

    `invalid` names all that must not run, and why: `connector/orders-in` → the problem. What is itself in error is
    missing in `workspace`; what rests on something in error (a connector on its agents, connection and outbound
    connectors) is there. `secret_uses` are the secrets and model keys that the files mention.
    """

    workspace: Workspace
    problems: tuple[Problem, ...]
    tools: ToolCatalogue
    invalid: Mapping[str, Problem] = msgspec.field(default_factory=dict)
    secret_uses: tuple[SecretUse, ...] = ()

    @property
    def has_errors(self) -> bool:
        """Whether any problem is an error."""
        return any(problem.level == "error" for problem in self.problems)


def load_workspace(
    root: Path,
    *,
    environ: Mapping[str, str],
    trust_tools: bool = True,
    drafts: Mapping[str, str] | None = None,
    before: Workspace | None = None,
    is_glance: bool = False,
) -> LoadedWorkspace:
    """Read the workspace in `root`; contacts nothing, and never raises for what its files hold.

    `environ` fills `${NAME}`. With `trust_tools` the modules of tools/ are imported, so their code runs; without, their
    names come from the source and no tool can be called. `drafts` are texts by path that count in place of the files,
    so that they can be checked before they are saved; a draft of a tool module is read, but never run. `before` is an
    earlier version: it tells which agent a file held that cannot be read now, perhaps because it is being saved.
    `is_glance` takes schemas on trust, which saves loading what checks them.
    """
    problems = ProblemLog()
    folder = Folder(root=root.resolve(), problems=problems, drafts=drafts or {})
    if not folder.root.is_dir():
        problems.error(Place("."), "there is no such folder")
    cluster_files = ConnectorFiles(folder=folder, environ=environ)
    connections = by_name(cluster_files.connections(), "connection", problems)
    connectors = by_name(cluster_files.connectors(), "connector", problems)
    files_before = before.files if before is not None else {}
    names_before = {file: key.removeprefix("agent/") for key, file in files_before.items() if key.startswith("agent/")}
    agents = by_name(AgentFiles(folder=folder, names_before=names_before).agents(), "agent", problems)
    schemas = read_schemas(folder, is_glance=is_glance)
    tools = read_tools(folder, trust=trust_tools)
    settings = read_settings(folder, connections=set(connections))
    check_shared_names(connections, connectors, problems)
    check_agents(agents, schemas, tools, problems)
    check_connectors(connectors, connections, agents, problems)
    spread_faults(connectors, connections, agents)
    _warn_of_other_endings(folder)
    every: list[tuple[str, Entry[Any]]] = [
        *((f"connection/{name}", entry) for name, entry in connections.items()),
        *((f"connector/{name}", entry) for name, entry in connectors.items()),
        *((f"agent/{name}", entry) for name, entry in agents.items()),
    ]
    return LoadedWorkspace(
        workspace=Workspace(
            root=folder.root,
            settings=settings,
            connections={name: e.model for name, e in connections.items() if e.model is not None and e.fault is None},
            connectors={name: e.model for name, e in connectors.items() if e.model is not None and e.fault is None},
            agents={name: e.model for name, e in agents.items() if e.model is not None and e.fault is None},
            schemas=schemas.valid,
            tools=tuple(tools.descriptions.values()),
            files={key: entry.file for key, entry in every}
            | {f"schema/{name}": f"schemas/{name}.json" for name in sorted(schemas.names)},
        ),
        problems=problems.sorted(),
        tools=tools,
        invalid={key: entry.any_fault for key, entry in every if entry.any_fault is not None},
        secret_uses=tuple(secret_uses(connections, connectors, agents, settings)),
    )


def _warn_of_other_endings(folder: Folder) -> None:
    for directory in ("connections", "connectors", "agents"):
        for file in folder.files(directory, ".yml", deep=directory == "agents"):
            folder.problems.warning(Place(file), "this file is not read: its name must end in .yaml")
