"""Finds a model's key: the secret named like its provider's variable."""

import os
from collections.abc import Callable, Mapping
from typing import Protocol

from pydantic import SecretStr

from kafka_agent_studio.model.model_call import ModelCallError
from kafka_agent_studio.model.model_provider import key_variable, needs_key, provider_of
from kafka_agent_studio.model.run import ErrorType
from kafka_agent_studio.model.workspace import ProviderSettings

KEPT_S = 60.0
"""How long a key is kept before the keyring is asked again: it may prompt, and it is slow."""


class Secrets(Protocol):
    """Where secrets are kept."""

    async def get(self, name: str) -> SecretStr | None:
        """Return a secret, None where there is none."""
        ...


class ModelKeys:
    """The keys of all providers."""

    def __init__(
        self,
        *,
        secrets: Secrets,
        monotonic_s: Callable[[], float],
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._secrets = secrets
        self._monotonic_s = monotonic_s
        self._environment = environment
        self._kept: dict[str, tuple[float, SecretStr | None]] = {}

    async def key_for(self, model: str, settings: ProviderSettings | None) -> SecretStr | None:
        """Return the key of a model; None where it needs none.

        Raises:
            ModelCallError: there is no key, and the provider is not reached at an address of the workspace's own.
        """
        name = key_variable(model)
        kept = self._kept.get(name)
        if kept is None or self._monotonic_s() - kept[0] > KEPT_S:
            kept = (self._monotonic_s(), await self._look_up(name))
            self._kept[name] = kept
        if kept[1] is None and settings is None and needs_key(model):
            raise ModelCallError(
                ErrorType.MODEL_REFUSED,
                f"there is no key for {model}: set the variable {name}, store it with `kafka-agent-studio secret set "
                f"{name}`, or give providers.{provider_of(model)}.api_base in studio.yaml",
            )
        return kept[1]

    async def _look_up(self, name: str) -> SecretStr | None:
        value = self._environment.get(name)
        return SecretStr(value) if value else await self._secrets.get(name)

    def forget(self, model: str) -> None:
        """The key was refused: look it up anew next time."""
        self._kept.pop(key_variable(model), None)
