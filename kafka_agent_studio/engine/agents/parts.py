"""What the agents of every version of a workspace share, from the engine's start to its stop."""

import random
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet

from kafka_agent_studio.engine.agents.completion import Completion
from kafka_agent_studio.engine.agents.concurrency import ConcurrencyGates
from kafka_agent_studio.engine.agents.litellm_completion import CALL_TIMEOUT_S, LitellmCompletion
from kafka_agent_studio.engine.agents.litellm_module import LitellmModule
from kafka_agent_studio.engine.agents.model_keys import ModelKeys, Secrets
from kafka_agent_studio.engine.agents.retry import UniformRandom
from kafka_agent_studio.engine.agents.tool_threads import ToolThreads
from kafka_agent_studio.engine.clock import Clock
from kafka_agent_studio.model.agent import LlmAgent
from kafka_agent_studio.model.model_call import REHEARSAL_MODEL, ModelCallError
from kafka_agent_studio.model.model_provider import provider_of
from kafka_agent_studio.model.workspace import ProviderSettings, Workspace
from kafka_agent_studio.sandbox.rehearsal_model import RehearsalModel

Rehearses = Callable[[str], bool]
"""Says of a model, `provider/model`, whether the rehearsal model stands in for it."""


def rehearses_none(model: str) -> bool:
    """Every model answers for itself."""
    return False


def rehearses_all(model: str) -> bool:
    """No model is contacted (`--rehearse`)."""
    return True


class AgentParts:
    """Threads, keys, connections to providers, and the concurrency keys in use."""

    def __init__(
        self,
        *,
        secrets: Secrets,
        clock: Clock,
        rehearsal: Completion | None = None,
        random: UniformRandom = random.random,
        call_timeout_s: float = CALL_TIMEOUT_S,
    ) -> None:
        self.clock = clock
        self.random = random
        self.rehearsal = rehearsal or RehearsalModel()
        self.threads = ToolThreads()
        self.gates = ConcurrencyGates()
        self._call_timeout_s = call_timeout_s
        self._module = LitellmModule()
        self._keys = ModelKeys(secrets=secrets, monotonic_s=clock.monotonic_s)
        self._litellm = self.completion({})

    def completion(self, providers: Mapping[str, ProviderSettings]) -> LitellmCompletion:
        """Return the way to real models, some of whose providers have an address of the workspace's own."""
        return LitellmCompletion(
            keys=self._keys, providers=providers, module=self._module, call_timeout_s=self._call_timeout_s
        )

    async def warm_up(self, models: AbstractSet[str]) -> None:
        """Import litellm where one of `models` is a real one: in a thread, but better before a group is joined."""
        if models - {REHEARSAL_MODEL}:
            await self._litellm.warm_up()

    async def models_without_key(self, workspace: Workspace) -> frozenset[str]:
        """Return the models that agents of the workspace name and whose key is nowhere: what a demo rehearses."""
        missing = set()
        for model in _models(workspace):
            try:
                await self._keys.key_for(model, workspace.settings.providers.get(provider_of(model)))
            except ModelCallError:
                missing.add(model)
        return frozenset(missing)

    async def close(self) -> None:
        """Close the connections to providers and let the threads end."""
        self.threads.close()
        await self._litellm.close()
        await self.rehearsal.close()


def _models(workspace: Workspace) -> set[str]:
    return {
        model
        for agent in workspace.agents.values()
        if isinstance(agent, LlmAgent)
        for model in (agent.model, agent.fallback_model)
        if model is not None
    }
