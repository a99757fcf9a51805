"""What the agents of every version of a workspace share, from the engine's start to its stop."""

import os
import random
from collections.abc import Callable, Mapping

from kafka_agent_studio.engine.agents.completion import Completion
from kafka_agent_studio.engine.agents.concurrency import ConcurrencyGates
from kafka_agent_studio.engine.agents.litellm_completion import CALL_TIMEOUT_S, LitellmCompletion
from kafka_agent_studio.engine.agents.litellm_module import LitellmModule
from kafka_agent_studio.engine.agents.model_keys import ModelKeys, Secrets
from kafka_agent_studio.engine.agents.retry import UniformRandom
from kafka_agent_studio.engine.agents.tool_threads import ToolThreads
from kafka_agent_studio.engine.clock import Clock
from kafka_agent_studio.model.agent import LlmAgent
from kafka_agent_studio.model.model_call import REHEARSAL_MODEL
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
        environment: Mapping[str, str] = os.environ,
        call_timeout_s: float = CALL_TIMEOUT_S,
    ) -> None:
        self.clock = clock
        self.random = random
        self.rehearsal = rehearsal or RehearsalModel()
        self.threads = ToolThreads()
        self.gates = ConcurrencyGates()
        self._call_timeout_s = call_timeout_s
        self._module = LitellmModule()
        self._keys = ModelKeys(secrets=secrets, monotonic_s=clock.monotonic_s, environment=environment)
        self._litellm = self.completion({})

    def completion(self, providers: Mapping[str, ProviderSettings]) -> LitellmCompletion:
        """Return the way to real models, some of whose providers have an address of the workspace's own."""
        return LitellmCompletion(
            keys=self._keys, providers=providers, module=self._module, call_timeout_s=self._call_timeout_s
        )

    async def warm_up(self, workspace: Workspace, *, rehearses: Rehearses = rehearses_none) -> None:
        """Import litellm where an agent will ask a real model: in a thread, but better before a group is joined."""
        if real_models(workspace, rehearses=rehearses):
            await self._litellm.warm_up()

    async def close(self) -> None:
        """Close the connections to providers and let the threads end."""
        self.threads.close()
        await self._litellm.close()
        await self.rehearsal.close()


def real_models(workspace: Workspace, *, rehearses: Rehearses) -> frozenset[str]:
    """Return the models that agents of the workspace ask and nobody stands in for."""
    models = {
        model
        for agent in workspace.agents.values()
        if isinstance(agent, LlmAgent)
        for model in (agent.model, agent.fallback_model)
        if model is not None and model != REHEARSAL_MODEL
    }
    return frozenset(model for model in models if not rehearses(model))
