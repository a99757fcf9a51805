"""What one inbound connector's messages go through, in one version of the workspace: agents, and where results go."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kafka_agent_studio.engine.ports import AgentRunner, Outbound
from kafka_agent_studio.model.connector import InboundConnector, Ordering, OutboundConnector
from kafka_agent_studio.model.message import Record


@dataclass(frozen=True, slots=True)
class OutboundLink:
    """An outbound connector and the producer that serves it."""

    connector: OutboundConnector
    producer: Outbound


@dataclass(frozen=True, slots=True)
class Links:
    """Replaced as a whole when files change: runs that began keep the runner they began with."""

    inbound: InboundConnector
    runners: Mapping[str, AgentRunner]
    """The linked agents that exist, by name, in the order of the file."""
    outbound: tuple[OutboundLink, ...]
    dead_letter: Outbound | None
    """The producer of the inbound connector's own cluster, where it dead-letters."""
    stand_ins: tuple[str, ...] = ()
    """What stands in for this connector whatever the agent does: "sandbox" or nothing."""
    _by_agent: dict[str, tuple[OutboundLink, ...]] = field(default_factory=dict, init=False, compare=False)

    def for_agent(self, agent: str) -> tuple[OutboundLink, ...]:
        """The outbound connectors that publish what `agent` makes of this connector's messages."""
        links = self._by_agent.get(agent)
        if links is None:
            links = tuple(o for o in self.outbound if o.connector.takes(agent=agent, inbound=self.inbound.name))
            self._by_agent[agent] = links
        return links

    def lane_of(self, record: Record) -> tuple[str, bytes | int] | None:
        """Messages of one lane go through an agent one after the other; None is free."""
        name = self.inbound.name
        match self.inbound.ordering:
            case Ordering.KEY:
                return None if record.key is None else (name, record.key)
            case Ordering.PARTITION:
                return name, record.partition
            case Ordering.NONE:
                return None
