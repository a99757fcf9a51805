"""Agents as their files describe them, with every inherited and defaulted field filled in."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from kafka_agent_studio.model.base import FileModel, Name


class ReasoningEffort(StrEnum):
    """How hard a model that knows it should think."""

    OFF = "off"
    MINIMAL = "minimal"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    XHIGH = "xhigh"
    AUTO = "auto"


class RetryOptions(FileModel):
    """Exponential backoff with full jitter; `attempts` includes the first, delays are seconds."""

    attempts: int = Field(default=3, ge=1, le=100)
    initial_delay: float = Field(default=1.0, ge=0, le=3600)
    max_delay: float = Field(default=30.0, ge=0, le=86_400)


class ConcurrencyKey(FileModel):
    """At most one run at a time per value found at `key`, a dot path over the payload."""

    key: str = Field(min_length=1)
    on_conflict: Literal["queue", "drop"] = "queue"


class ToolUse(FileModel):
    """One entry of `tools`: a reference and, where given, the condition under which the model may call it."""

    ref: str
    condition: str | None = None


class _Agent(FileModel):
    version: Literal["1.0"]
    name: Name
    description: str = Field(min_length=1)
    output_schema: str | None = None
    retry_options: RetryOptions = Field(default_factory=RetryOptions)
    timeout: float | None = Field(default=None, gt=0)
    max_concurrent_runs: int = Field(default=16, ge=1, le=10_000)
    concurrency: ConcurrencyKey | None = None


class LlmAgent(_Agent):
    """A model with a system prompt and tools."""

    type: Literal["llm"] = "llm"
    model: str = Field(pattern=r"^[^/\s]+/\S+$")
    fallback_model: str | None = Field(default=None, pattern=r"^[^/\s]+/\S+$")
    system_prompt: str = Field(min_length=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    reasoning_effort: ReasoningEffort | None = None
    tools: tuple[ToolUse, ...] = ()
    max_iterations: int = Field(default=100, ge=1, le=10_000)


class ToolAgent(_Agent):
    """One python function instead of a model."""

    type: Literal["tool"]
    tool_name: str


class SequentialAgent(_Agent):
    """Agents in a row; each gets the previous output."""

    type: Literal["sequential"]
    agents: tuple[Name, ...] = Field(min_length=1)


Agent = Annotated[LlmAgent | ToolAgent | SequentialAgent, Field(discriminator="type")]
