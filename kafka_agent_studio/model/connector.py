"""Where messages come in and where results go out; a connector's `agents` list is the set of links."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from kafka_agent_studio.model.base import FileModel, Name
from kafka_agent_studio.model.connection import check_bootstrap_servers
from kafka_agent_studio.model.security import Security

TopicName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9._-]+$", min_length=1, max_length=249)]


class Direction(StrEnum):
    """Inbound consumes, outbound produces."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class AutoOffsetReset(StrEnum):
    """Where a group without a commit begins."""

    LATEST = "latest"
    EARLIEST = "earliest"


class Ordering(StrEnum):
    """What runs one after the other: messages of a key, of a partition, or none."""

    KEY = "key"
    PARTITION = "partition"
    NONE = "none"


class OnFailure(StrEnum):
    """What becomes of a message whose run failed after its retries."""

    SKIP = "skip"
    DEAD_LETTER = "dead_letter"
    STOP = "stop"


class PayloadForm(StrEnum):
    """What is published: the run's envelope or its output alone."""

    ENVELOPE = "envelope"
    OUTPUT = "output"


class Publish(StrEnum):
    """Which runs are published."""

    COMPLETED = "completed"
    ALL = "all"


class _Connector(FileModel):
    version: Literal["1.0"]
    name: Name
    enabled: bool = True
    connection: Name | None = None
    bootstrap_servers: str | None = None
    security: Security | None = None
    topic: TopicName
    agents: tuple[Name, ...] = ()

    @field_validator("bootstrap_servers")
    @classmethod
    def _servers(cls, text: str | None) -> str | None:
        return None if text is None else check_bootstrap_servers(text)

    @model_validator(mode="after")
    def _one_way_to_the_cluster(self) -> Self:
        if self.connection is not None and (self.bootstrap_servers is not None or self.security is not None):
            raise ValueError("give either connection, or bootstrap_servers and security, never both")
        if self.connection is None and self.bootstrap_servers is None:
            raise ValueError("name a connection (connection: sandbox needs nothing), or give bootstrap_servers")
        if len(set(self.agents)) != len(self.agents):
            raise ValueError("agents names one agent twice")
        return self


class InboundConnector(_Connector):
    """Consumes one topic and gives every message to all its agents."""

    direction: Literal[Direction.INBOUND]
    group_id: str | None = Field(default=None, min_length=1, max_length=249)
    auto_offset_reset: AutoOffsetReset = AutoOffsetReset.LATEST
    ordering: Ordering = Ordering.KEY
    max_in_flight: int = Field(default=64, ge=1, le=100_000)
    on_failure: OnFailure = OnFailure.SKIP
    dead_letter_topic: TopicName | None = None

    @model_validator(mode="after")
    def _dead_letter(self) -> Self:
        if self.on_failure is OnFailure.DEAD_LETTER and self.dead_letter_topic is None:
            raise ValueError("on_failure: dead_letter needs dead_letter_topic")
        if self.dead_letter_topic is not None and self.dead_letter_topic == self.topic:
            raise ValueError("dead_letter_topic is the topic that is read: every dead letter would come back")
        return self

    def group(self, workspace_name: str) -> str:
        """Return the consumer group: the one given, else kafka-agent-studio.<workspace>.<connector>."""
        return self.group_id or f"kafka-agent-studio.{workspace_name}.{self.name}"


class OutboundConnector(_Connector):
    """Publishes the results of its agents to one topic."""

    direction: Literal[Direction.OUTBOUND]
    inputs: tuple[Name, ...] | None = None
    payload: PayloadForm = PayloadForm.ENVELOPE
    publish: Publish = Publish.COMPLETED
    skip_empty: bool = False
    allow_loop: bool = False

    @model_validator(mode="after")
    def _failed_runs_need_an_envelope(self) -> Self:
        if self.publish is Publish.ALL and self.payload is PayloadForm.OUTPUT:
            raise ValueError("publish: all needs payload: envelope, since a failed run has no output")
        return self

    def takes(self, *, agent: str, inbound: str) -> bool:
        """Whether a run of `agent` that the connector `inbound` started is this connector's to publish."""
        return self.enabled and agent in self.agents and (self.inputs is None or inbound in self.inputs)


Connector = Annotated[InboundConnector | OutboundConnector, Field(discriminator="direction")]
