"""The graph of links as it is now: made from what the window knows of the engine, never kept."""

from collections.abc import Mapping

from kafka_agent_studio.api.events import ConnectorFigures, ConnectorState
from kafka_agent_studio.gui.engine_view import EngineView
from kafka_agent_studio.gui.models.link_graph import EdgeKey, LinkEdge, LinkGraph, LinkNode, NodeKey, NodeKind
from kafka_agent_studio.gui.models.link_traffic import LinkTraffic
from kafka_agent_studio.gui.state_look import CONNECTOR_LOOKS, Glyph, StateLook
from kafka_agent_studio.gui.theme import Tone
from kafka_agent_studio.gui.trouble import in_words
from kafka_agent_studio.model.agent import LlmAgent, SequentialAgent, ToolAgent
from kafka_agent_studio.model.connector import InboundConnector, OutboundConnector
from kafka_agent_studio.model.workspace import AnyAgent, AnyConnector

_MISSING = StateLook(Glyph.TRIANGLE, "missing", Tone.FAILED, 0)
_MISTAKE = StateLook(Glyph.TRIANGLE, "mistake", Tone.FAILED, 0)
_FAILING = StateLook(Glyph.TRIANGLE, "failing", Tone.FAILED, 1)
_LAGGING = StateLook(Glyph.DOTS, "lagging", Tone.WAITING, 3)
_SAVING = StateLook(Glyph.HALF, "saving", Tone.ACCENT, 4)
_AT_WORK = StateLook(Glyph.HALF, "at work", Tone.ACCENT, 4)
_READY = StateLook(Glyph.DISC, "ready", Tone.OK, 5)
_IDLE = StateLook(Glyph.RING, "idle", Tone.OFF, 7)
_UNLINKED = StateLook(Glyph.RING, "not linked", Tone.OFF, 8)

_LAGGING_FROM = 100
_LAGGING_FOR_S = 10

PendingAgents = Mapping[str, tuple[str, ...]]
"""Connector → the agents that it will have once a save has come back as an event."""


def link_graph(view: EngineView, traffic: LinkTraffic, pending: PendingAgents | None = None) -> LinkGraph:
    """Return all cards and links; those that `pending` adds or takes away are marked so."""
    edges = {edge.key: edge for edge in _edges(view, traffic, pending or {})}
    nodes = [_connector_node(view, connector, edges) for connector in view.workspace.inbound]
    known = dict(sorted(view.workspace.agents.items()))
    nodes += [_agent_node(view, agent, traffic, edges) for agent in known.values()]
    for name in sorted({key.agent for key in edges} - known.keys()):
        key = NodeKey(NodeKind.AGENT, name)
        trouble = "A connector names it, but there is no such agent, or its file has a mistake."
        nodes.append(LinkNode(key, "no such agent", "question", _MISSING, trouble=trouble, is_missing=True))
    nodes += [_connector_node(view, connector, edges) for connector in view.workspace.outbound]
    return LinkGraph({node.key: node for node in nodes}, edges)


# links


def _edges(view: EngineView, traffic: LinkTraffic, pending: PendingAgents) -> list[LinkEdge]:
    edges = []
    connectors: list[AnyConnector] = [*view.workspace.inbound, *view.workspace.outbound]
    for connector in connectors:
        wanted = pending.get(connector.name, connector.agents)
        for agent in dict.fromkeys((*connector.agents, *wanted)):
            edge = _edge(view, connector, agent, traffic)
            if agent not in connector.agents:
                edge = LinkEdge(edge.key, _SAVING, inputs=edge.inputs, is_pending=True)
            elif agent not in wanted:
                edge = LinkEdge(edge.key, _SAVING, inputs=edge.inputs, is_leaving=True)
            edges.append(edge)
    return edges


def _edge(view: EngineView, connector: AnyConnector, agent: str, traffic: LinkTraffic) -> LinkEdge:
    figures = view.figures_of(connector.name)
    state = view.state(connector.name)
    looks = [CONNECTOR_LOOKS[state]]
    trouble = _trouble(view, connector.name)
    if agent not in view.workspace.agents:
        looks.append(_MISSING)
    here, there = NodeKey(_kind(connector), connector.name), NodeKey(NodeKind.AGENT, agent)
    if isinstance(connector, OutboundConnector):
        inputs = None if connector.inputs is None else frozenset(connector.inputs)
        rate = figures.messages_per_s * traffic.share(agent, connector.name, connector.agents)
        is_only = len(connector.agents) == 1
        return LinkEdge(
            EdgeKey(there, here),
            _worst(looks),
            rate,
            failed=figures.failed if is_only else 0,
            trouble=trouble,
            inputs=inputs,
        )
    # Every message goes to all agents: the connector's rate and lag are each link's own.
    is_only = connector.agents == (agent,)
    in_flight = figures.in_flight if is_only else traffic.in_flight(connector.name, agent)
    failed = figures.failed if is_only else traffic.failed(connector.name, agent)
    if state is ConnectorState.RUNNING and traffic.is_failing(connector.name, agent):
        looks.append(_FAILING)
    if state is ConnectorState.RUNNING and _is_lagging(figures):
        looks.append(_LAGGING)
    return LinkEdge(
        EdgeKey(here, there), _worst(looks), figures.messages_per_s, in_flight, failed, figures.lag, trouble
    )


def _is_lagging(figures: ConnectorFigures) -> bool:
    return figures.lag is not None and figures.lag > max(_LAGGING_FROM, _LAGGING_FOR_S * figures.messages_per_s)


def _worst(looks: list[StateLook]) -> StateLook:
    return min(looks, key=lambda look: look.order)


def _kind(connector: AnyConnector) -> NodeKind:
    return NodeKind.INBOUND if isinstance(connector, InboundConnector) else NodeKind.OUTBOUND


def _trouble(view: EngineView, connector: str) -> str:
    fault = view.fault(connector)
    return "" if fault is None else in_words(fault).what


# cards


def _connector_node(view: EngineView, connector: AnyConnector, edges: Mapping[EdgeKey, LinkEdge]) -> LinkNode:
    figures = view.figures_of(connector.name)
    state = view.state(connector.name)
    is_inbound = isinstance(connector, InboundConnector)
    key = NodeKey(_kind(connector), connector.name)
    look = CONNECTOR_LOOKS[state]
    if state is ConnectorState.RUNNING and is_inbound and _is_lagging(figures):
        look = _LAGGING
    if state is ConnectorState.STOPPED and not any(key in edge for edge in edges):
        look = _UNLINKED
    return LinkNode(
        key,
        connector.topic,
        "sign-in" if is_inbound else "sign-out",
        look,
        figures.messages_per_s,
        figures.in_flight if is_inbound else None,
        figures.failed,
        figures.lag if is_inbound else None,
        _trouble(view, connector.name),
    )


def _agent_node(view: EngineView, agent: AnyAgent, traffic: LinkTraffic, edges: Mapping[EdgeKey, LinkEdge]) -> LinkNode:
    key = NodeKey(NodeKind.AGENT, agent.name)
    into = [edge for edge in edges.values() if edge.key.target == key]
    in_flight = max((edge.in_flight or 0 for edge in into), default=0)
    in_flight = max(in_flight, traffic.agent_in_flight(agent.name))
    look, trouble = _agent_state(view, agent.name, into, in_flight)
    caption, icon = _what(agent)
    rate = sum(edge.rate_per_s for edge in into)
    return LinkNode(key, caption, icon, look, rate, in_flight, sum(e.failed for e in into), trouble=trouble)


def _agent_state(view: EngineView, name: str, into: list[LinkEdge], in_flight: int) -> tuple[StateLook, str]:
    file = view.workspace.files.get(f"agent/{name}")
    mistake = next((p.message for p in view.errors if p.file == file), None)
    if mistake is not None:
        return _MISTAKE, mistake
    for status in view.statuses.values():
        if status.fault is not None and status.fault.parameters.get("agent") == name:
            return CONNECTOR_LOOKS[status.state], in_words(status.fault).what
    if any(edge.look is _FAILING for edge in into):
        return _FAILING, ""
    if in_flight:
        return _AT_WORK, ""
    if any(edge.look.order <= _READY.order for edge in into):
        return _READY, ""
    return (_IDLE if into else _UNLINKED), ""


def _what(agent: AnyAgent) -> tuple[str, str]:
    match agent:
        case LlmAgent(model=model):
            return model.partition("/")[2] or model, "sparkle"
        case ToolAgent(tool_name=tool):
            return tool, "wrench"
        case SequentialAgent(agents=steps):
            return " → ".join(steps), "list-numbers"
