"""What may be linked to what, and why not, in words."""

from collections.abc import Callable
from enum import Enum

from kafka_agent_studio.gui.models.link_graph import EdgeKey, LinkGraph, NodeKey, NodeKind
from kafka_agent_studio.model.connection import split_bootstrap_servers
from kafka_agent_studio.model.connector import InboundConnector, OutboundConnector
from kafka_agent_studio.model.workspace import AnyConnector, Workspace


class Side(Enum):
    """Where a port is: messages come in on the left and leave on the right."""

    LEFT = "left"
    RIGHT = "right"


def sides(kind: NodeKind) -> tuple[Side, ...]:
    """Return the ports that a card has."""
    match kind:
        case NodeKind.INBOUND:
            return (Side.RIGHT,)
        case NodeKind.OUTBOUND:
            return (Side.LEFT,)
        case NodeKind.AGENT:
            return (Side.LEFT, Side.RIGHT)


def edge_between(one: NodeKey, other: NodeKey) -> EdgeKey | None:
    """Return the link that two cards would have, whichever was named first; None where there can be none."""
    source, target = sorted((one, other), key=lambda key: key.kind)
    return EdgeKey(source, target) if target.kind - source.kind == 1 else None


def why_not(
    graph: LinkGraph, workspace: Workspace, start: NodeKey, end: NodeKey, *, side: Side | None = None
) -> str | None:
    """Return why two cards cannot be linked; None where they can. `side` is the port of `start`, None: either."""
    edge = edge_between(start, end)
    if edge is None:
        return _mismatch(start, end)
    if side is not None and start != (edge.source if side is Side.RIGHT else edge.target):
        return _wrong_side(start, end)
    if graph.has(edge):
        return _linked_already(edge)
    agent = graph.nodes.get(NodeKey(NodeKind.AGENT, edge.agent))
    if agent is None or agent.is_missing:
        return f"There is no agent {edge.agent} that works: its file is missing or has a mistake."
    return _loop(graph, workspace, edge)


def fitting(graph: LinkGraph, workspace: Workspace, start: NodeKey, *, side: Side | None = None) -> list[NodeKey]:
    """Return the cards that a card can be linked to, in order of kind and name."""
    return [end for end in graph.nodes if why_not(graph, workspace, start, end, side=side) is None]


def judge(graph: LinkGraph, workspace: Workspace) -> Callable[[NodeKey, Side | None, NodeKey], str | None]:
    """Return `why_not` for one state of things."""
    return lambda start, side, end: why_not(graph, workspace, start, end, side=side)


def _mismatch(start: NodeKey, end: NodeKey) -> str:
    if start == end:
        return "A card is not linked to itself."
    if {start.kind, end.kind} == {NodeKind.INBOUND, NodeKind.OUTBOUND}:
        inbound, outbound = sorted((start, end), key=lambda key: key.kind)
        return (
            f"Between a topic that is read and one that is written stands an agent: link {inbound.name} to an agent, "
            f"and that agent to {outbound.name}."
        )
    if start.kind is NodeKind.AGENT:
        return "Agents do not start each other: a sequential agent runs several in a row."
    if start.kind is NodeKind.INBOUND:
        return f"Both read from Kafka: link {start.name} to an agent."
    return f"Both publish to Kafka: link {start.name} to an agent."


def _wrong_side(start: NodeKey, end: NodeKey) -> str:
    if end.kind is NodeKind.INBOUND:
        return f"{end.name} reads its topic and takes no results. It starts {start.name} through the port on the left."
    return f"{end.name} starts nothing. It publishes what leaves {start.name} through the port on the right."


def _linked_already(edge: EdgeKey) -> str:
    if edge.is_inbound:
        return f"{edge.connector} starts {edge.agent} already."
    return f"{edge.connector} publishes {edge.agent} already."


def _loop(graph: LinkGraph, workspace: Workspace, edge: EdgeKey) -> str | None:
    agent = NodeKey(NodeKind.AGENT, edge.agent)
    before = {key.connector for key in graph.into(agent) if graph.has(key)}
    after = {key.connector for key in graph.out_of(agent) if graph.has(key)}
    (before if edge.is_inbound else after).add(edge.connector)
    for outbound in (workspace.connectors.get(name) for name in sorted(after)):
        if not isinstance(outbound, OutboundConnector) or outbound.allow_loop or not outbound.enabled:
            continue
        for inbound in (workspace.connectors.get(name) for name in sorted(before)):
            if not isinstance(inbound, InboundConnector) or not inbound.enabled:
                continue
            if edge.connector not in (inbound.name, outbound.name):
                continue
            if inbound.topic == outbound.topic and _share_cluster(inbound, outbound, workspace):
                return (
                    f"An endless loop: {edge.agent} would publish to {outbound.topic}, the topic that starts it "
                    f"through {inbound.name}. If that is meant, set allow_loop: true in {outbound.name}."
                )
    return None


def _share_cluster(one: AnyConnector, other: AnyConnector, workspace: Workspace) -> bool:
    if one.connection is not None and one.connection == other.connection:
        return True
    return bool(_servers(one, workspace) & _servers(other, workspace))


def _servers(connector: AnyConnector, workspace: Workspace) -> set[tuple[str, int]]:
    servers = connector.bootstrap_servers
    if connector.connection is not None:
        connection = workspace.connections.get(connector.connection)
        servers = None if connection is None else connection.bootstrap_servers
    return {(host.lower(), port) for host, port in split_bootstrap_servers(servers)} if servers else set()
