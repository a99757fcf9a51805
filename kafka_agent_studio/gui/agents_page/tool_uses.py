"""The tools that an agent may use, with their signatures. Pure, without Qt."""

import fnmatch
from collections.abc import Mapping
from typing import Any

import msgspec

from kafka_agent_studio.model.agent import LlmAgent, SequentialAgent, ToolAgent, ToolUse
from kafka_agent_studio.model.workspace import AnyAgent, ToolDescription, Workspace


class UsedTool(msgspec.Struct, frozen=True):
    """A tool and the condition under which a model may call it; None: always."""

    tool: ToolDescription
    condition: str | None = None


def tools_used(workspace: Workspace, agent: AnyAgent | None) -> list[UsedTool]:
    """Return the tools of an agent; of agents in a row, those of the first, which gets the message."""
    if isinstance(agent, SequentialAgent):
        first = workspace.agents.get(agent.agents[0])
        return [] if isinstance(first, SequentialAgent) else tools_used(workspace, first)
    if isinstance(agent, ToolAgent):
        return tools_named(workspace, [ToolUse(ref=agent.tool_name)])
    return tools_named(workspace, list(agent.tools)) if isinstance(agent, LlmAgent) else []


def tools_named(workspace: Workspace, uses: list[ToolUse]) -> list[UsedTool]:
    """Return the tools that references name; a later one replaces an earlier one."""
    found: dict[str, UsedTool] = {}
    for use in uses:
        module, _, name = use.ref.rpartition(".")
        for tool in workspace.tools:
            its_module, _, its_name = tool.ref.rpartition(".")
            if its_module == module and fnmatch.fnmatchcase(its_name, name):
                found.pop(tool.ref, None)
                found[tool.ref] = UsedTool(tool, use.condition)
    return list(found.values())


def uses_written(fields: Mapping[str, Any]) -> list[ToolUse] | None:
    """Return the references in the fields of a text; None where the text says nothing of tools."""
    if isinstance(fields.get("tool_name"), str):
        return [ToolUse(ref=fields["tool_name"])]
    if not isinstance(fields.get("tools"), list):
        return None
    uses = []
    for entry in fields["tools"]:
        if isinstance(entry, str):
            uses.append(ToolUse(ref=entry))
        elif isinstance(entry, Mapping) and isinstance(entry.get("ref"), str):
            condition = entry.get("condition")
            uses.append(ToolUse(ref=entry["ref"], condition=condition if isinstance(condition, str) else None))
    return uses


def signature(tool: ToolDescription) -> str:
    """Return `score_risk(customer: string, total: number)`, as the model may call it."""
    required = tool.parameters.get("required", ())
    arguments = [
        f"{name}: {_type_of(rules)}{'' if name in required else _default_of(rules)}"
        for name, rules in tool.parameters.get("properties", {}).items()
    ]
    return f"{tool.name}({', '.join(arguments)})"


def _default_of(rules: Mapping[str, Any]) -> str:
    # As a model writes it: null and true, not None and True.
    return f" = {msgspec.json.encode(rules['default']).decode()}" if "default" in rules else " = …"


def _type_of(rules: Mapping[str, Any]) -> str:
    if "anyOf" in rules:
        return " | ".join(_type_of(choice) for choice in rules["anyOf"])
    kind = rules.get("type", "any")
    if isinstance(kind, list):
        return " | ".join(kind)
    if kind == "array" and isinstance(rules.get("items"), Mapping):
        return f"array of {_type_of(rules['items'])}"
    return str(kind)
