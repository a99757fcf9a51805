"""A whole workspace as it was understood, and what is wrong with it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from pydantic import Field

from kafka_agent_studio.model.agent import LlmAgent, SequentialAgent, ToolAgent
from kafka_agent_studio.model.base import FileModel
from kafka_agent_studio.model.connection import Connection
from kafka_agent_studio.model.connector import InboundConnector, OutboundConnector


class Retention(FileModel):
    """How long the run store remembers: days, megabytes, and whether payloads stay once published."""

    days: float = Field(default=30, gt=0)
    size_mb: float = Field(default=2048, gt=0)
    payloads: bool = True


class ProviderSettings(FileModel):
    """Where a model provider is reached, when not at its own address."""

    api_base: str


class Budget(FileModel):
    """What llm agents may use per day (UTC); None is no limit. `cost_per_day` is US dollars."""

    tokens_per_day: int | None = Field(default=None, gt=0)
    cost_per_day: float | None = Field(default=None, gt=0)


class StudioSettings(FileModel):
    """studio.yaml."""

    name: str | None = Field(default=None, min_length=1)
    retention: Retention = Field(default_factory=Retention)
    providers: dict[str, ProviderSettings] = Field(default_factory=dict)
    budget: Budget = Field(default_factory=Budget)
    production: tuple[str, ...] = ()


class Problem(msgspec.Struct, frozen=True):
    """One mistake at its place. `file` is relative to the workspace; line and column count from 1."""

    file: str
    line: int
    column: int
    level: str
    """`error` or `warning`."""
    message: str


class ToolDescription(msgspec.Struct, frozen=True):
    """A tool as a model sees it: `ref` is module.function, `parameters` a JSON Schema, `line` counts from 1."""

    ref: str
    name: str
    description: str
    parameters: Mapping[str, Any]
    file: str = ""
    line: int = 1


AnyAgent = LlmAgent | ToolAgent | SequentialAgent
AnyConnector = InboundConnector | OutboundConnector


class Workspace(msgspec.Struct, frozen=True):
    """Everything valid of a workspace, by name; what is not valid is missing here and named in the problems."""

    root: Path
    settings: StudioSettings
    connections: Mapping[str, Connection] = msgspec.field(default_factory=dict)
    connectors: Mapping[str, AnyConnector] = msgspec.field(default_factory=dict)
    agents: Mapping[str, AnyAgent] = msgspec.field(default_factory=dict)
    schemas: Mapping[str, Mapping[str, Any]] = msgspec.field(default_factory=dict)
    tools: tuple[ToolDescription, ...] = ()
    files: Mapping[str, str] = msgspec.field(default_factory=dict)
    """`connection/<name>`, `connector/<name>`, `agent/<name>`, `schema/<name>` → its file, relative to `root`."""

    @property
    def name(self) -> str:
        """The name in studio.yaml, else the folder's."""
        return self.settings.name or self.root.name

    @property
    def inbound(self) -> tuple[InboundConnector, ...]:
        """The inbound connectors in order of name."""
        return tuple(c for _, c in sorted(self.connectors.items()) if isinstance(c, InboundConnector))

    @property
    def outbound(self) -> tuple[OutboundConnector, ...]:
        """The outbound connectors in order of name."""
        return tuple(c for _, c in sorted(self.connectors.items()) if isinstance(c, OutboundConnector))
