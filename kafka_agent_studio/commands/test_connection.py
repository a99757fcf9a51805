"""`kafka-agent-studio test-connection`: why a connector or connection connects or does not, stage by stage."""

import argparse
import asyncio
import contextlib
import os
import sys
from pathlib import Path

import msgspec

from kafka_agent_studio.api.checks import CheckReport, CheckStage, StageState
from kafka_agent_studio.commands.arguments import add_workspace
from kafka_agent_studio.engine.kafka.cluster import needs_sandbox, resolve_cluster
from kafka_agent_studio.engine.kafka.connection_check import CheckTarget, check_connection
from kafka_agent_studio.engine.ports import FaultError
from kafka_agent_studio.model.base import SANDBOX
from kafka_agent_studio.model.connection import Connection
from kafka_agent_studio.model.connector import InboundConnector
from kafka_agent_studio.model.workspace import AnyConnector, Problem, Workspace
from kafka_agent_studio.sandbox.broker import SandboxBroker
from kafka_agent_studio.workspace.loader import load_workspace
from kafka_agent_studio.workspace.secrets import SecretStore

_KEYRING_WAIT_S = 3.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to check, the workspace, and the form of the answer."""
    parser.add_argument("name", metavar="NAME", help="a connector or a connection")
    add_workspace(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Check; 0 where every stage is well, 1 at the first failing one, 2 where there is nothing of that name."""
    root = Path(arguments.workspace)
    if not root.is_dir():
        return _refuse(f"there is no folder '{root}'")
    with contextlib.redirect_stdout(sys.stderr):  # a tool module may print when it is imported
        loaded = load_workspace(root, environ=os.environ)
    source = _source(arguments.name, loaded.workspace)
    if source is None:
        return _explain_missing(arguments.name, loaded.workspace, loaded.problems, root)
    broker = SandboxBroker()
    try:
        address = broker.address() if needs_sandbox(source, stand_in=False) else None
        target = _target(source, loaded.workspace, address)
        stages = asyncio.run(_check(target, as_json=arguments.json))
    except FaultError as error:
        message = str(error.fault.parameters.get("message", error.fault.code.value))
        _print_problems([p for p in loaded.problems if _is_about(p, source)], root)
        return _refuse(message, code=1)
    finally:
        broker.close()
    report = CheckReport(arguments.name, stages)
    if arguments.json:
        print(msgspec.json.encode(report).decode())
    return 0 if report.is_ok else 1


async def _check(target: CheckTarget, *, as_json: bool) -> tuple[CheckStage, ...]:
    secrets = SecretStore(environ=os.environ, wait_s=_KEYRING_WAIT_S)
    stages = []
    async for stage in check_connection(target, secrets):
        stages.append(stage)
        if not as_json:
            print(_line(stage), flush=True)
    return tuple(stages)


def _line(stage: CheckStage) -> str:
    line = f"{stage.name}: {stage.state}: {stage.reason}"
    return f"{line}. To do: {stage.remedy}." if stage.state is StageState.FAILED and stage.remedy else line


def _source(name: str, workspace: Workspace) -> AnyConnector | Connection | None:
    if name == SANDBOX:
        return Connection(version="1.0", name=SANDBOX, bootstrap_servers="127.0.0.1:9092")
    return workspace.connectors.get(name) or workspace.connections.get(name)


def _target(source: AnyConnector | Connection, workspace: Workspace, address: str | None) -> CheckTarget:
    cluster = resolve_cluster(source, workspace, sandbox_bootstrap=address)
    if isinstance(source, Connection):
        return CheckTarget(cluster=cluster)
    group = source.group(workspace.name) if isinstance(source, InboundConnector) else None
    return CheckTarget(cluster=cluster, direction=source.direction, topic=source.topic, group=group)


def _explain_missing(name: str, workspace: Workspace, problems: tuple[Problem, ...], root: Path) -> int:
    files = (f"connectors/{name}.yaml", f"connections/{name}.yaml")
    found = [p for p in problems if p.file in files and p.level == "error"]
    if found:
        _print_problems(found, root)
        return 1
    known = sorted({*workspace.connectors, *workspace.connections, SANDBOX})
    return _refuse(f"there is no connector or connection '{name}' (there are {', '.join(known)})")


def _is_about(problem: Problem, source: AnyConnector | Connection) -> bool:
    connection = None if isinstance(source, Connection) else source.connection
    return problem.file == f"connections/{connection}.yaml"


def _print_problems(problems: list[Problem], root: Path) -> None:
    for p in problems:
        print(f"{os.path.relpath(root / p.file)}:{p.line}:{p.column}: {p.level}: {p.message}", file=sys.stderr)


def _refuse(message: str, *, code: int = 2) -> int:
    print(f"kafka-agent-studio test-connection: error: {message}", file=sys.stderr)
    return code
