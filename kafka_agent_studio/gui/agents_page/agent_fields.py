"""The fields of an agent's file: which type has which, and what each means in one line. Pure, without Qt."""

import re

from kafka_agent_studio.model.agent import (
    ConcurrencyKey,
    LlmAgent,
    ReasoningEffort,
    RetryOptions,
    SequentialAgent,
    ToolAgent,
)
from kafka_agent_studio.model.base import FileModel
from kafka_agent_studio.model.workspace import AnyAgent

AGENT_TYPES: dict[str, type[AnyAgent]] = {"llm": LlmAgent, "tool": ToolAgent, "sequential": SequentialAgent}

_NESTED: dict[str, type[FileModel]] = {"retry_options": RetryOptions, "concurrency": ConcurrencyKey}
_TYPE = re.compile(r"^type:\s*[\"']?(\w+)", re.MULTILINE)

_MEANINGS = {
    "version": 'always "1.0"',
    "name": "a-z, 0-9 and -, unique in the workspace",
    "type": "llm, tool or sequential",
    "description": "what the agent is for",
    "model": "provider/model; sandbox/rehearsal needs no key",
    "fallback_model": "tried when the model's attempts are spent",
    "system_prompt": "what the model is told; {name} comes from the context",
    "temperature": "0 to 2; absent: the provider's choice",
    "reasoning_effort": "how hard a model that knows it thinks",
    "tools": "functions that the model may call",
    "tool_name": "the one function that is called",
    "agents": "agents in a row, each gets the previous output",
    "output_schema": "the answer must fit schemas/<name>.json",
    "retry_options": "attempts and the waits between them",
    "timeout": "seconds for a whole run; absent: no limit",
    "max_iterations": "model calls per run at the most",
    "max_concurrent_runs": "runs of this agent side by side",
    "concurrency": "one run at a time per value in the payload",
    "retry_options.attempts": "tries, the first included",
    "retry_options.initial_delay": "seconds before the second try",
    "retry_options.max_delay": "seconds to wait at the most",
    "concurrency.key": "dot path into the payload",
    "concurrency.on_conflict": "queue or drop",
}

VALUES = {
    "version": ('"1.0"',),
    "type": tuple(AGENT_TYPES),
    "reasoning_effort": tuple(effort.value for effort in ReasoningEffort),
    "concurrency.on_conflict": ("queue", "drop"),
}
"""Fields with a fixed set of values, as they are written."""

OPENS_BLOCK = frozenset({"tools", "agents", "retry_options", "concurrency"})
"""Fields whose value stands on the lines below them."""


def agent_type(text: str) -> str:
    """Return the type that an agent's text says; llm where it says none that is known."""
    found = _TYPE.search(text)
    return found[1] if found and found[1] in AGENT_TYPES else "llm"


def field_names(text: str, parent: str = "") -> tuple[str, ...]:
    """Return the fields that belong at the top (`parent` empty) or in a nested block, in order of use."""
    model: type[FileModel] | None = AGENT_TYPES[agent_type(text)] if not parent else _NESTED.get(parent)
    if model is None:
        return ()
    order = list(_MEANINGS)
    return tuple(sorted(model.model_fields, key=lambda name: order.index(f"{parent}.{name}" if parent else name)))


def meaning(name: str, parent: str = "") -> str:
    """Return what a field is for, in a line; empty where it is unknown."""
    return _MEANINGS.get(f"{parent}.{name}" if parent else name, "")
