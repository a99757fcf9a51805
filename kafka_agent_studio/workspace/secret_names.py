"""Which secrets a workspace mentions, and what they are called in the environment."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from kafka_agent_studio.model.agent import LlmAgent
from kafka_agent_studio.model.connection import Connection
from kafka_agent_studio.model.model_provider import key_variable, needs_key, provider_of
from kafka_agent_studio.model.workspace import AnyAgent, AnyConnector, StudioSettings
from kafka_agent_studio.workspace.entries import Entry
from kafka_agent_studio.workspace.problems import Place


class SecretUse(msgspec.Struct, frozen=True):
    """A secret's name and the place that mentions it; `is_model_key` tells a provider's key from a cluster's secret."""

    name: str
    place: Place
    is_model_key: bool = False


def environment_name(secret: str) -> str:
    """Return the variable that wins over the keyring: upper case, every other character `_`."""
    return "KAFKA_AGENT_STUDIO_SECRET_" + re.sub(r"[^A-Z0-9]", "_", secret.upper())


def secret_uses(
    connections: Mapping[str, Entry[Connection]],
    connectors: Mapping[str, Entry[AnyConnector]],
    agents: Mapping[str, Entry[AnyAgent]],
    settings: StudioSettings,
) -> Iterator[SecretUse]:
    """Yield every mention of a secret or model key in the files, in their order."""
    holders: list[Entry[Any]] = [*connections.values(), *connectors.values()]
    for holder in holders:
        for field in ("password_secret", "client_key_password_secret"):
            node = holder.node.find(("security", field))
            if node is not None and node.text:
                yield SecretUse(name=node.text, place=node.place)
    for agent in agents.values():
        if not isinstance(agent.model, LlmAgent):
            continue
        for field, model in (("model", agent.model.model), ("fallback_model", agent.model.fallback_model)):
            if model and needs_key(model) and provider_of(model) not in settings.providers:
                yield SecretUse(name=key_variable(model), place=agent.place(field), is_model_key=True)
