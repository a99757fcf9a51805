"""Workspaces written for a test."""

from collections.abc import Mapping
from pathlib import Path

from kafka_agent_studio.workspace.loader import LoadedWorkspace, load_workspace

AGENT = """\
version: "1.0"
name: a
description: An agent
model: sandbox/rehearsal
system_prompt: Do it
"""
TOOL_AGENT = """\
version: "1.0"
name: t
type: tool
description: A tool agent
tool_name: m.one
"""
INBOUND = """\
version: "1.0"
name: i
direction: inbound
connection: sandbox
topic: orders
"""
OUTBOUND = """\
version: "1.0"
name: o
direction: outbound
connection: sandbox
topic: results
"""
CONNECTION = """\
version: "1.0"
name: c
bootstrap_servers: kafka:9092
"""
TOOLS = '''\
def one(order_id: str) -> str:
    """Do one thing.

    Args:
        order_id: Which order.
    """
    return order_id


async def two(total: float = 1.5) -> float:
    return total


def _private() -> None: ...
'''


def write(root: Path, files: Mapping[str, str]) -> Path:
    """Write `files` (path → text) below `root` and return it."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


def load(root: Path, files: Mapping[str, str], **environ: str) -> LoadedWorkspace:
    """Write a workspace and load it."""
    return load_workspace(write(root, files), environ=environ)


def lines(loaded: LoadedWorkspace) -> list[str]:
    """Return the problems as `check` prints them, paths relative to the workspace."""
    return [f"{p.file}:{p.line}:{p.column}: {p.level}: {p.message}" for p in loaded.problems]
