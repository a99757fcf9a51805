"""Which models an agent's text names, and what would answer in their place. Pure, without Qt."""

import re

from kafka_agent_studio.api.events import StandIns
from kafka_agent_studio.model.agent import LlmAgent
from kafka_agent_studio.model.model_call import REHEARSAL_MODEL
from kafka_agent_studio.model.workspace import AnyAgent

_MODEL = re.compile(r"^(?:model|fallback_model):\s*[\"']?([^\s\"'#/]+/[^\s\"'#]+)", re.MULTILINE)


def models_named(agent: AnyAgent | None, draft: str) -> tuple[str, ...]:
    """Return the models of an agent, those in its text first; an inherited model comes from the file as understood."""
    named = _MODEL.findall(draft)
    if not named and isinstance(agent, LlmAgent):
        named = [model for model in (agent.model, agent.fallback_model) if model is not None]
    return tuple(dict.fromkeys(named))


def stand_in_words(stand_ins: StandIns, agent: AnyAgent | None, draft: str) -> str:
    """Say who answers where no real model does; empty where the models themselves are asked."""
    models = models_named(agent, draft)
    if not models:
        return ""
    if models[0] == REHEARSAL_MODEL:
        return "The rehearsal model answers: a stand-in without intelligence, which needs no key."
    if stand_ins.rehearse:
        return f"REHEARSAL is on: the stand-in answers for {models[0]}."
    if models[0] in stand_ins.rehearsed_models:
        return f"REHEARSAL: the stand-in answers for {models[0]}, which has no key yet."
    return ""
