"""Finds a model's key: the secret named like its provider's variable."""

from collections.abc import Callable
from typing import Protocol

from pydantic import SecretStr

from kafka_agent_studio.model.model_call import ModelCallError
from kafka_agent_studio.model.model_provider import key_variable, needs_key, provider_of
from kafka_agent_studio.model.run import ErrorType
from kafka_agent_studio.model.workspace import ProviderSettings
from kafka_agent_studio.workspace.secrets import SecretStoreError

KEPT_S = 60.0
"""How long a key is kept before it is looked up again: a keyring is slow, and may prompt."""


class Secrets(Protocol):
    """Where secrets are kept; of a provider's key, its variable comes first."""

    async def get(self, name: str) -> SecretStr | None:
        """Return a secret, None where there is none. Raises: SecretStoreError."""
        ...


class ModelKeys:
    """The keys of all providers."""

    def __init__(self, *, secrets: Secrets, monotonic_s: Callable[[], float]) -> None:
        self._secrets = secrets
        self._monotonic_s = monotonic_s
        self._kept: dict[str, tuple[float, SecretStr | None]] = {}

    async def key_for(self, model: str, settings: ProviderSettings | None) -> SecretStr | None:
        """Return the key of a model; None where it needs none. `settings`: of a server of one's own.

        Raises:
            ModelCallError: there is no key, or it cannot be looked up, and the provider itself is to be asked.
        """
        name = key_variable(model)
        is_needed = settings is None and needs_key(model)
        kept = self._kept.get(name)
        if kept is None or self._monotonic_s() - kept[0] > KEPT_S:
            try:
                found = await self._secrets.get(name)
            except SecretStoreError as error:
                if is_needed:
                    raise ModelCallError(ErrorType.MODEL_REFUSED, f"no key for {model}: {error}") from None
                found = None
            kept = self._kept[name] = (self._monotonic_s(), found)
        if kept[1] is None and is_needed:
            raise ModelCallError(
                ErrorType.MODEL_REFUSED,
                f"no key for {model}: set the variable {name}, store it with `kas secret set {name}`, "
                f"or give providers.{provider_of(model)}.api_base in studio.yaml",
            )
        return kept[1]

    def forget(self, model: str) -> None:
        """The key was refused: look it up anew next time."""
        self._kept.pop(key_variable(model), None)
