"""What the filter line of runs offers while one types, and what its menu offers to a click."""

from kafka_agent_studio.gui.runs.query_text import field_term
from kafka_agent_studio.model.run import RunStatus
from kafka_agent_studio.model.workspace import Workspace

HINTS = {
    "status:": "queued, running, completed, failed or cancelled",
    "agent:": "the agent that ran",
    "connector:": "the inbound connector that read the message",
    "key:": "the message's key, whole",
    "message:": "topic, topic/partition or topic/partition/offset",
    "since:": "started at or after: 15m, 1h, 2d, today, 14:30, 2024-01-15",
    "before:": "started before",
    "tokens>": "used more tokens than; <, >= and <= as well",
    "cost>": "cost more US dollars than; <, >= and <= as well",
}
_TIMES = ("15m", "1h", "24h", "7d", "today", "yesterday")
_TOKENS = ("100", "1000", "10000")
_COSTS = ("0.001", "0.01", "0.1")


def choices(workspace: Workspace) -> dict[str, list[tuple[str, str]]]:
    """Return the menu: per title the (words, term) to choose from."""
    return {
        "Status": [(status.value, f"status:{status.value}") for status in RunStatus],
        "Agent": [(name, field_term("agent", name)) for name in sorted(workspace.agents)],
        "Connector": [(c.name, field_term("connector", c.name)) for c in workspace.inbound],
        "Time": [
            ("the last 15 minutes", "since:15m"),
            ("the last hour", "since:1h"),
            ("the last 24 hours", "since:24h"),
            ("the last 7 days", "since:7d"),
            ("today", "since:today"),
            ("before today", "before:today"),
        ],
        "Tokens": [(f"more than {int(n):,}", f"tokens>{n}") for n in _TOKENS],
        "Cost": [(f"more than ${n}", f"cost>{n}") for n in _COSTS],
    }


def offers(word: str, workspace: Workspace) -> list[str]:
    """Return what the word at the cursor may become, the likeliest first; nothing where it is complete."""
    folded = word.casefold()
    found = [term for term in _terms(workspace) if term.casefold().startswith(folded) and term != word]
    if ":" not in word and ">" not in word:
        fields = [name for name in HINTS if name.startswith(folded)]
        # a value without its field: `fail` becomes status:failed
        by_value = [t for t in _terms(workspace) if folded and t.partition(":")[2].casefold().startswith(folded)]
        return [*fields, *by_value]
    return found


def _terms(workspace: Workspace) -> list[str]:
    return [
        *(f"status:{status.value}" for status in RunStatus),
        *(field_term("agent", name) for name in sorted(workspace.agents)),
        *(field_term("connector", c.name) for c in workspace.inbound),
        *(f"message:{topic}" for topic in sorted({c.topic for c in workspace.inbound})),
        *(f"since:{time}" for time in _TIMES),
        *(f"before:{time}" for time in _TIMES),
        *(f"tokens>{n}" for n in _TOKENS),
        *(f"cost>{n}" for n in _COSTS),
    ]
