"""`kafka-agent-studio check`: reads a whole workspace, contacts nothing, and reports every mistake in one pass."""

import argparse
import asyncio
import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from kafka_agent_studio.commands.arguments import add_workspace
from kafka_agent_studio.model.connector import InboundConnector, OutboundConnector
from kafka_agent_studio.model.workspace import AnyAgent, AnyConnector, Problem, Workspace
from kafka_agent_studio.workspace.loader import load_workspace
from kafka_agent_studio.workspace.secrets import SecretStore, missing_secrets

_KEYRING_WAIT_S = 3.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The workspace, and whether to print what was understood."""
    add_workspace(parser)
    parser.add_argument("--json", action="store_true", help="print what was understood as one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Check the workspace; 1 where it holds an error, 2 where there is no such folder."""
    root = Path(arguments.workspace)
    if not root.is_dir():
        print(f"kafka-agent-studio check: error: there is no folder '{root}'", file=sys.stderr)
        return 2
    with contextlib.redirect_stdout(sys.stderr):  # a tool module may print when it is imported
        loaded = load_workspace(root, environ=os.environ)
    store = SecretStore(environ=os.environ, wait_s=_KEYRING_WAIT_S)
    problems = (*loaded.problems, *asyncio.run(missing_secrets(store, loaded.secret_uses)))
    for problem in sorted(problems, key=lambda p: (p.file, p.line, p.column)):
        print(_line(problem, root), file=sys.stderr)
    if arguments.json:
        print(json.dumps(_understood(loaded.workspace, problems), ensure_ascii=False, indent=2))
    elif not loaded.has_errors:
        print(_summary(loaded.workspace))
    return 1 if loaded.has_errors else 0


def _line(problem: Problem, root: Path) -> str:
    """Return `file:line:column: level: message`, the path as seen from the current folder."""
    path = os.path.relpath(root / problem.file)
    return f"{path}:{problem.line}:{problem.column}: {problem.level}: {problem.message}"


def _summary(workspace: Workspace) -> str:
    counts = (
        (len(workspace.connectors), "connector"),
        (len(workspace.agents), "agent"),
        (len(workspace.tools), "tool"),
    )
    return f"{workspace.name}: " + ", ".join(f"{n} {noun}{'' if n == 1 else 's'}" for n, noun in counts) + ", no errors"


def _understood(workspace: Workspace, problems: tuple[Problem, ...]) -> dict[str, Any]:
    return {
        "connections": [c.model_dump(mode="json") for _, c in sorted(workspace.connections.items())],
        "connectors": [_connector(c, workspace) for _, c in sorted(workspace.connectors.items())],
        "links": _links(workspace),
        "agents": [_agent(agent) for _, agent in sorted(workspace.agents.items())],
        "tools": [
            {"ref": t.ref, "name": t.name, "description": t.description, "parameters": dict(t.parameters)}
            for t in workspace.tools
        ],
        "problems": [
            {"file": p.file, "line": p.line, "column": p.column, "level": p.level, "message": p.message}
            for p in problems
        ],
    }


def _connector(connector: AnyConnector, workspace: Workspace) -> dict[str, Any]:
    fields = connector.model_dump(mode="json")
    if isinstance(connector, InboundConnector):
        fields["group_id"] = connector.group(workspace.name)
    return fields


def _agent(agent: AnyAgent) -> dict[str, Any]:
    """Return an agent's fields, its tools as a file writes them."""
    fields = agent.model_dump(mode="json")
    if "tools" in fields:
        fields["tools"] = [
            use["ref"] if use["condition"] is None else {use["ref"]: use["condition"]} for use in fields["tools"]
        ]
    return fields


def _links(workspace: Workspace) -> list[dict[str, str | None]]:
    """Return every way from an inbound connector through an agent to an outbound one; null where an end is open."""
    links: list[dict[str, str | None]] = []
    for inbound in workspace.inbound:
        for agent in inbound.agents:
            ends: list[str | None] = [o.name for o in workspace.outbound if _publishes(o, agent, inbound.name)]
            links += [{"inbound": inbound.name, "agent": agent, "outbound": end} for end in ends or [None]]
    fed = {agent for inbound in workspace.inbound for agent in inbound.agents}
    for outbound in workspace.outbound:
        links += [{"inbound": None, "agent": a, "outbound": outbound.name} for a in outbound.agents if a not in fed]
    return links


def _publishes(outbound: OutboundConnector, agent: str, inbound: str) -> bool:
    return agent in outbound.agents and (outbound.inputs is None or inbound in outbound.inputs)
