"""What an agent's text may go on with at the cursor: fields, models, tools, schemas, agents. Pure, without Qt."""

import re
from collections.abc import Iterable

import msgspec

from kafka_agent_studio.gui.agents_page.agent_fields import OPENS_BLOCK, VALUES, field_names, meaning
from kafka_agent_studio.gui.agents_page.yaml_place import PlaceKind, YamlPlace, yaml_place
from kafka_agent_studio.model.agent import LlmAgent
from kafka_agent_studio.model.model_call import REHEARSAL_MODEL
from kafka_agent_studio.model.workspace import Workspace

_ANYWHERE_FROM = 3
_PARTS = re.compile(r"[^a-z0-9]+")


class Candidate(msgspec.Struct, frozen=True):
    """`word` is what is shown, `insert` what is written in the place of what was typed, `hint` says what it is."""

    word: str
    insert: str
    hint: str


class Completion(msgspec.Struct, frozen=True):
    """Candidates for text[start:position], best first."""

    start: int
    candidates: tuple[Candidate, ...]


def complete(text: str, position: int, workspace: Workspace, *, name: str = "") -> Completion | None:
    """Return what fits at `position` of an agent's text; `name` is the agent's own. None where nothing does."""
    place = yaml_place(text, position)
    if place is None:
        return None
    found = _fitting(_candidates(text, place, workspace, name), place.typed)
    return Completion(place.start, found) if found else None


def _candidates(text: str, place: YamlPlace, workspace: Workspace, name: str) -> list[Candidate]:
    if place.kind is PlaceKind.KEY:
        return _fields(text, place.key)
    if place.kind is PlaceKind.ITEM:
        return _items(place.key, workspace, name)
    return _values(place.key, workspace)


def _fields(text: str, parent: str) -> list[Candidate]:
    written = {line.partition(":")[0].strip() for line in text.split("\n") if ":" in line}
    return [
        Candidate(field, f"{field}:" if field in OPENS_BLOCK else f"{field}: ", meaning(field, parent))
        for field in field_names(text, parent)
        if field not in written
    ]


def _items(key: str, workspace: Workspace, name: str) -> list[Candidate]:
    if key == "tools":
        modules = sorted({tool.ref.rpartition(".")[0] for tool in workspace.tools})
        return [*_tools(workspace), *(_word(f"{module}.*", f"all tools of {module}") for module in modules)]
    if key == "agents":
        return [
            _word(agent.name, agent.description) for other, agent in sorted(workspace.agents.items()) if other != name
        ]
    return []


def _values(key: str, workspace: Workspace) -> list[Candidate]:
    if key in ("model", "fallback_model"):
        return [_word(model, hint) for model, hint in models_in_use(workspace)]
    if key == "tool_name":
        return _tools(workspace)
    if key == "output_schema":
        return [_word(schema, str(rules.get("title", "schema"))) for schema, rules in sorted(workspace.schemas.items())]
    return [_word(value, meaning(key)) for value in VALUES.get(key, ())]


def models_in_use(workspace: Workspace) -> list[tuple[str, str]]:
    """Return the models that agents name, each with who uses it, and the stand-in model at the end."""
    users: dict[str, list[str]] = {}
    for agent in workspace.agents.values():
        if isinstance(agent, LlmAgent):
            for model in (agent.model, agent.fallback_model):
                if model is not None:
                    users.setdefault(model, []).append(agent.name)
    users.setdefault(REHEARSAL_MODEL, [])
    return [
        (model, f"used by {', '.join(names)}" if names else "the stand-in that needs no key")
        for model, names in sorted(users.items(), key=lambda entry: (entry[0] == REHEARSAL_MODEL, entry[0]))
    ]


def _tools(workspace: Workspace) -> list[Candidate]:
    return [_word(tool.ref, tool.description.partition("\n")[0]) for tool in workspace.tools]


def _word(word: str, hint: str) -> Candidate:
    return Candidate(word, word, hint)


def _fitting(candidates: Iterable[Candidate], typed: str) -> tuple[Candidate, ...]:
    wanted = typed.lower()
    begins = [c for c in candidates if c.word.lower().startswith(wanted)]
    holds = [c for c in candidates if c not in begins and _is_within(wanted, c.word.lower())]
    found = (*begins, *holds)
    return () if [c.insert.strip() for c in found] == [typed] else found


def _is_within(wanted: str, word: str) -> bool:
    """Whether a part of the word begins so; from three letters on, whether they are anywhere in it."""
    return wanted in word if len(wanted) >= _ANYWHERE_FROM else any(p.startswith(wanted) for p in _PARTS.split(word))
