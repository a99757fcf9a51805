"""What a new agent, tool or schema begins with: small, valid, and ready to be tried. Pure, without Qt."""

import re
from enum import Enum

import msgspec

from kafka_agent_studio.model.base import NAME_PATTERN


class NewKind(Enum):
    """What can be made, by the words of the menu."""

    LLM = "Agent with a model"
    TOOL_AGENT = "Agent that is one function"
    SEQUENTIAL = "Agents in a row"
    TOOLS = "Tools (Python)"
    SCHEMA = "Schema (JSON)"


class NewFile(msgspec.Struct, frozen=True):
    """A file to be written."""

    path: str
    text: str


_LLM = """\
version: "1.0"
name: {name}
type: llm
model: {model}
description: "What this agent is for"
system_prompt: |
  You receive an event in JSON (from Kafka).
  Answer with one sentence about it.
tools: []
"""
_TOOL_AGENT = """\
# An agent without a model: one Python function, called for every message.
version: "1.0"
name: {name}
type: tool
description: "What this agent is for"
tool_name: {tool}
"""
_SEQUENTIAL = """\
# Each agent gets the output of the one before it.
version: "1.0"
name: {name}
type: sequential
description: "What this row of agents is for"
agents:
  - {agent}
"""
_TOOLS = '''\
"""Tools: a model sees the functions below by name, with their type hints and docstrings."""

from typing import Any


def {function}(text: str, context: dict[str, Any]) -> dict[str, Any]:
    """Say in one sentence what this does: the model reads it.

    Args:
        text: What the model has to pass in.
    """
    return {{"text": text, "run_id": context["run_id"]}}
'''
_SCHEMA = """\
{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "status": {"type": "string"}
  },
  "required": ["status"]
}
"""
_MODULE = re.compile(r"[a-z_][a-z0-9_]*")


def new_file(kind: NewKind, name: str, *, model: str, tool: str, agent: str) -> NewFile:
    """Return the file of a new thing; `model`, `tool` and `agent` are what a template refers to."""
    if kind is NewKind.TOOLS:
        return NewFile(f"tools/{name}.py", _TOOLS.format(function=f"{name.strip('_') or 'tool'}_text"))
    if kind is NewKind.SCHEMA:
        return NewFile(f"schemas/{name}.json", _SCHEMA)
    template = {NewKind.LLM: _LLM, NewKind.TOOL_AGENT: _TOOL_AGENT, NewKind.SEQUENTIAL: _SEQUENTIAL}[kind]
    return NewFile(f"agents/{name}.yaml", template.format(name=name, model=model, tool=tool, agent=agent))


def name_mistake(kind: NewKind, name: str) -> str:
    """Return what is wrong with a name, in a sentence; empty where nothing is."""
    if kind is NewKind.TOOLS:
        return (
            "" if _MODULE.fullmatch(name) else "Use a-z, 0-9 and “_”, beginning with a letter: it is a Python module."
        )
    return (
        "" if re.fullmatch(NAME_PATTERN, name) else "Use a-z, 0-9 and “-”, beginning and ending with a letter or digit."
    )


def renamed(text: str, name: str) -> str:
    """Return an agent's text with another name; everything else stays."""
    return re.sub(r"^name:.*$", f"name: {name}", text, count=1, flags=re.MULTILINE)


def free_name(wanted: str, taken: frozenset[str], *, separator: str = "-") -> str:
    """Return `wanted`, or `wanted-2`, `wanted-3` … where it is taken."""
    number, name = 1, wanted
    while name in taken:
        number += 1
        name = f"{wanted}{separator}{number}"
    return name
