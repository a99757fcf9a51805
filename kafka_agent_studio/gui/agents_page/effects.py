"""What a save will do, in one sentence. Pure, without Qt."""

import re

from kafka_agent_studio.model.agent import SequentialAgent
from kafka_agent_studio.model.workspace import Workspace

_NAME = re.compile(r"^name:\s*[\"']?([a-z0-9-]+)", re.MULTILINE)


def written_name(text: str) -> str:
    """Return the name that an agent's text says; empty where it says none."""
    found = _NAME.search(text)
    return found[1] if found else ""


def connectors_of(workspace: Workspace, agent: str) -> list[str]:
    """Return the connectors that are linked to an agent, in order of name."""
    return sorted(name for name, connector in workspace.connectors.items() if agent in connector.agents)


def rows_with(workspace: Workspace, agent: str) -> list[str]:
    """Return the sequential agents that call an agent, in order of name."""
    return sorted(
        name for name, known in workspace.agents.items() if isinstance(known, SequentialAgent) and agent in known.agents
    )


def effect_of_save(workspace: Workspace, *, path: str, name: str, text: str, errors: int) -> str:
    """Say what saving `text` does; `name` is the agent in the file now, empty for other files."""
    if errors:
        mistakes = "the mistake is" if errors == 1 else f"the {errors} mistakes are"
        return f"Save writes the text alone: the version that runs now stays until {mistakes} corrected."
    if path.startswith("tools/"):
        return "Save imports the tools anew; runs in flight finish with the old ones."
    if path.startswith("schemas/"):
        return "Save holds answers against the new schema from the next run on."
    new_name = written_name(text)
    users = [*connectors_of(workspace, name), *rows_with(workspace, name)]
    if name and new_name and new_name != name and users:
        return f"Save renames {name} to {new_name}: {_listed(users)} still {_verb(users, 'name')} {name}."
    if not users:
        return "Save changes nothing that runs: no connector is linked to it yet."
    return f"Save gives {_listed(users)} the new version from the next message on; runs in flight finish on the old."


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _verb(names: list[str], verb: str) -> str:
    return f"{verb}s" if len(names) == 1 else verb
