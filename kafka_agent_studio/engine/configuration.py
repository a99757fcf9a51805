"""One version of the workspace, ready to run: who links to whom, on which cluster, with which runner."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.engine.agents.parts import Rehearses
from kafka_agent_studio.engine.kafka.cluster import Cluster, needs_sandbox, resolve_cluster
from kafka_agent_studio.engine.ports import AgentRunner, FaultError
from kafka_agent_studio.model.agent import LlmAgent, SequentialAgent, ToolAgent
from kafka_agent_studio.model.base import SANDBOX
from kafka_agent_studio.model.connector import InboundConnector, OutboundConnector
from kafka_agent_studio.model.workspace import AnyAgent, AnyConnector, Problem, Workspace
from kafka_agent_studio.workspace.tool_catalogue import ToolCatalogue


@dataclass(frozen=True, slots=True)
class Configuration:
    """A workspace with its runners and stand-ins. Replaced as a whole; nothing in it changes."""

    workspace: Workspace
    runners: Mapping[str, AgentRunner]
    sandbox: bool
    """The embedded broker stands in for every connection."""
    rehearses: Rehearses
    """Which models the rehearsal model stands in for."""
    tools: ToolCatalogue
    sandbox_address: str | None
    """None where no connector needs the embedded broker."""
    invalid: Mapping[str, Problem]
    """`connector/<name>` … → why it is not valid now; its running version, if there is one, goes on."""
    trusts_tools: bool = True
    """False: the tools of the folder were not imported, and connectors of agents that use them do not read."""

    def cluster_of(self, connector: AnyConnector) -> Cluster:
        """Where a connector connects to. Raises: FaultError where its connection is missing or invalid."""
        return resolve_cluster(connector, self.workspace, sandbox_bootstrap=self.sandbox_address, stand_in=self.sandbox)

    def stand_ins_of(self, connector: AnyConnector) -> tuple[str, ...]:
        """`sandbox` where the embedded broker serves the connector."""
        return (SANDBOX,) if needs_sandbox(connector, stand_in=self.sandbox) else ()

    def outbound_of(self, inbound: InboundConnector) -> tuple[OutboundConnector, ...]:
        """The outbound connectors that publish what this one's agents make of its messages."""
        return tuple(
            o
            for o in self.workspace.outbound
            if any(o.takes(agent=agent, inbound=inbound.name) for agent in inbound.agents)
        )

    def models_behind(self, agents: tuple[str, ...]) -> frozenset[str]:
        """The models that these agents ask and nobody stands in for, through sequentials too."""
        models: set[str] = set()
        for agent in self._behind(agents):
            if isinstance(agent, LlmAgent):
                models.add(agent.model)
                models.update((agent.fallback_model,) if agent.fallback_model else ())
        return frozenset(m for m in models if not self.rehearses(m))

    def check_trust(self, connector: InboundConnector) -> None:
        """Raises: FaultError where an agent of the connector needs tools that nobody has trusted yet."""
        if self.trusts_tools:
            return
        for agent in self._behind(connector.agents):
            if isinstance(agent, ToolAgent) or (isinstance(agent, LlmAgent) and agent.tools):
                raise FaultError(Fault(FaultCode.TOOLS_NOT_TRUSTED, {"agent": agent.name}))

    def _behind(self, agents: tuple[str, ...]) -> Iterator[AnyAgent]:
        """Yield these agents and, through sequentials, all that they call; each once."""
        waiting, seen = list(agents), set(agents)
        while waiting:
            agent = self.workspace.agents.get(waiting.pop())
            if agent is not None:
                yield agent
            if isinstance(agent, SequentialAgent):
                waiting += [a for a in agent.agents if a not in seen]
                seen.update(agent.agents)


def sandbox_is_needed(workspace: Workspace, *, stand_in: bool) -> bool:
    """Whether any connector is served by the embedded broker."""
    return any(needs_sandbox(c, stand_in=stand_in) for c in workspace.connectors.values() if c.enabled)


def all_models(workspace: Workspace) -> frozenset[str]:
    """Every model that an agent of the workspace names."""
    return frozenset(
        model
        for agent in workspace.agents.values()
        if isinstance(agent, LlmAgent)
        for model in (agent.model, agent.fallback_model)
        if model is not None
    )
