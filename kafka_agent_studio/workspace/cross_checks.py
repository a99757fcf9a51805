"""What no file can know alone: names used twice, links to nowhere, cycles of agents, endless loops through a topic."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from kafka_agent_studio.model.agent import ToolUse
from kafka_agent_studio.model.base import SANDBOX
from kafka_agent_studio.model.connection import Connection, split_bootstrap_servers
from kafka_agent_studio.model.connector import InboundConnector, OutboundConnector
from kafka_agent_studio.model.workspace import AnyAgent, AnyConnector
from kafka_agent_studio.workspace.condition import Condition, ConditionError
from kafka_agent_studio.workspace.entries import Entry
from kafka_agent_studio.workspace.problems import Place, ProblemLog, did_you_mean
from kafka_agent_studio.workspace.schema_files import SchemaFiles, schema_name
from kafka_agent_studio.workspace.tool_catalogue import ToolCatalogue, ToolNameClashError, ToolReferenceError
from kafka_agent_studio.workspace.yaml_source import Node

ModelT = TypeVar("ModelT")
Entries = Mapping[str, Entry[ModelT]]


def by_name(entries: Iterable[Entry[ModelT]], noun: str, problems: ProblemLog) -> dict[str, Entry[ModelT]]:
    """Return the entries by name; of one name the first stays, each further one is a problem."""
    result: dict[str, Entry[ModelT]] = {}
    for entry in entries:
        first = result.setdefault(entry.name, entry)
        if first is not entry:
            words = f"the {noun} name '{entry.name}' is taken: {first.file} has it already"
            problems.error(entry.place("name"), words)
    return result


def check_shared_names(
    connections: Entries[Connection], connectors: Entries[AnyConnector], problems: ProblemLog
) -> None:
    """Connections and connectors are one set of names."""
    for name, connector in connectors.items():
        if name in connections:
            words = f"the name '{name}' is taken: {connections[name].file} has it already"
            _fail(connector, connector.place("name"), words, problems)


def check_agents(
    agents: Entries[AnyAgent], schemas: SchemaFiles, catalogue: ToolCatalogue, problems: ProblemLog
) -> None:
    """Tools, conditions, schemas and members of every agent that is valid so far."""
    for entry in agents.values():
        if entry.node.find(("output_schema",)) is not None:
            _check_schema(entry, schemas, problems)
        _check_tools(entry, catalogue, problems)
        _check_tool_name(entry, catalogue, problems)
        _check_links(entry, "agents", "agent", agents, problems)
    _check_cycles(agents, problems)


def check_connectors(
    connectors: Entries[AnyConnector],
    connections: Entries[Connection],
    agents: Entries[AnyAgent],
    problems: ProblemLog,
) -> None:
    """Connections, agents and inputs that connectors name, and loops through a topic."""
    inbound = {n: e for n, e in connectors.items() if e.node.find(("direction",)) and _is(e, "inbound")}
    for entry in connectors.values():
        connection = entry.node.find(("connection",))
        if connection is not None and connection.text is not None and connection.text not in {*connections, SANDBOX}:
            hint = did_you_mean(connection.text, [*connections, SANDBOX])
            _fail(entry, connection.place, f"unknown connection '{connection.text}'{hint}", problems)
        _check_links(entry, "agents", "agent", agents, problems)
        if not _is(entry, "inbound"):
            _check_links(entry, "inputs", "inbound connector", inbound, problems)
    _check_loops(connectors, connections, problems)


def spread_faults(
    connectors: Entries[AnyConnector], connections: Entries[Connection], agents: Entries[AnyAgent]
) -> None:
    """What rests on something that is not valid must not run either, or messages would be lost.

    An inbound connector rests on its connection, its agents, and the outbound connectors that publish their results.
    """
    faulty_before = -1
    while (faulty := sum(agent.any_fault is not None for agent in agents.values())) != faulty_before:
        faulty_before = faulty
        for agent in agents.values():
            _inherit_fault(agent, agent.names_at("agents"), agents)
    for connector in connectors.values():
        connection = connector.node.find(("connection",))
        _inherit_fault(connector, [connection.text or ""] if connection else [], connections)
        _inherit_fault(connector, connector.names_at("agents"), agents)
    for outbound in [e for e in connectors.values() if e.any_fault is not None and _is(e, "outbound")]:
        inputs = outbound.names_at("inputs")
        for entry in connectors.values():
            shares = set(entry.names_at("agents")) & set(outbound.names_at("agents"))
            if _is(entry, "inbound") and shares and (not inputs or entry.name in inputs):
                entry.inherited_fault = entry.inherited_fault or outbound.any_fault


def _inherit_fault(entry: Entry[ModelT], names: Iterable[str], others: Mapping[str, Entry[Any]]) -> None:
    faults = (others[name].any_fault for name in names if name in others)
    entry.inherited_fault = entry.inherited_fault or next((fault for fault in faults if fault is not None), None)


def _fail(entry: Entry[ModelT], place: Place, message: str, problems: ProblemLog) -> None:
    problem = problems.error(place, message)
    entry.fault = entry.fault or problem


def _is(entry: Entry[AnyConnector], direction: str) -> bool:
    found = entry.node.find(("direction",))
    return found is not None and found.value == direction


def _check_links(
    entry: Entry[ModelT], field: str, noun: str, known: Mapping[str, Entry[Any]], problems: ProblemLog
) -> None:
    found = entry.node.find((field,))
    for item in found.items if found is not None else []:
        if item.text is not None and item.text not in known:
            _fail(entry, item.place, f"unknown {noun} '{item.text}'{did_you_mean(item.text, known)}", problems)


def _check_schema(entry: Entry[AnyAgent], schemas: SchemaFiles, problems: ProblemLog) -> None:
    node = entry.node.find(("output_schema",))
    if node is None or node.text is None:
        return
    name = schema_name(node.text, schemas.names)
    if name not in schemas.names:
        hint = did_you_mean(name, schemas.names)
        _fail(entry, node.place, f"unknown schema '{node.text}': there is no schemas/{name}.json{hint}", problems)
    elif name not in schemas.valid:
        entry.inherited_fault = entry.inherited_fault or problems.first_error_in(f"schemas/{name}.json")


def _check_tools(entry: Entry[AnyAgent], catalogue: ToolCatalogue, problems: ProblemLog) -> None:
    good: list[ToolUse] = []
    tools = entry.node.find(("tools",))
    for use in tools.items if tools is not None else []:
        ref, condition = use.find(("ref",)), use.find(("condition",))
        if ref is None or ref.text is None:
            continue
        try:
            catalogue.refs(ref.text)
            catalogue.chosen([*good, ToolUse(ref=ref.text)])
            good.append(ToolUse(ref=ref.text))
        except (ToolReferenceError, ToolNameClashError) as error:
            _fail(entry, ref.place, str(error), problems)
        if condition is not None and condition.text is not None:
            _check_condition(entry, ref.text, condition, problems)
        _rest_on_module(entry, ref.text, catalogue, problems)


def _check_condition(entry: Entry[AnyAgent], ref: str, condition: Node, problems: ProblemLog) -> None:
    try:
        Condition.parse(condition.text or "")
    except ConditionError as error:
        place = condition.text_place.shifted(error.offset) if condition.text_place else condition.place
        _fail(entry, place, f"the condition of '{ref}': {error}", problems)


def _check_tool_name(entry: Entry[AnyAgent], catalogue: ToolCatalogue, problems: ProblemLog) -> None:
    node = entry.node.find(("tool_name",))
    if node is None or node.text is None:
        return
    if "*" in node.text:
        _fail(entry, node.place, f"'tool_name' must be one function, not '{node.text}'", problems)
        return
    try:
        catalogue.refs(node.text)
    except ToolReferenceError as error:
        _fail(entry, node.place, str(error), problems)
    _rest_on_module(entry, node.text, catalogue, problems)


def _rest_on_module(entry: Entry[AnyAgent], ref: str, catalogue: ToolCatalogue, problems: ProblemLog) -> None:
    """An agent whose tool module cannot be imported is not valid; the module's own problem says why."""
    module = ref.rpartition(".")[0]
    if module in catalogue.broken_modules:
        entry.inherited_fault = entry.inherited_fault or problems.first_error_in(f"tools/{module.replace('.', '/')}.py")


def _check_cycles(agents: Entries[AnyAgent], problems: ProblemLog) -> None:
    """Report each cycle of sequentials once, at the step of its first agent (by name) that leads into it."""
    said: set[frozenset[str]] = set()
    for name in sorted(agents):
        cycle = _cycle_from(name, lambda n: agents[n].names_at("agents") if n in agents else [])
        if cycle and frozenset(cycle) not in said:
            said.add(frozenset(cycle))
            index = agents[name].names_at("agents").index(cycle[1])
            words = f"the agents {' → '.join(cycle)} call each other in a circle"
            for member in set(cycle):
                _fail(agents[member], agents[name].place("agents", index), words, problems)


def _cycle_from(start: str, steps: Callable[[str], Sequence[str]]) -> list[str]:
    """Return a way from `start` back to itself, both ends included; empty where there is none."""
    came_from: dict[str, str] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop(0)
        for step in steps(name):
            if step == start:
                way = [start, name]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return way[::-1] if name != start else [start, start]
            if step not in came_from:
                came_from[step] = name
                waiting.append(step)
    return []


def _check_loops(connectors: Entries[AnyConnector], connections: Entries[Connection], problems: ProblemLog) -> None:
    models = [entry.model for entry in connectors.values()]
    inbound = [model for model in models if isinstance(model, InboundConnector) and model.enabled]
    for entry in connectors.values():
        outbound = entry.model
        if not isinstance(outbound, OutboundConnector) or outbound.allow_loop or not outbound.enabled:
            continue
        for source in inbound:
            agent = next((a for a in outbound.agents if a in source.agents), None)
            if agent and source.topic == outbound.topic and _share_cluster(source, outbound, connections):
                words = (
                    f"an endless loop: '{agent}' publishes to '{outbound.topic}', which triggers it through "
                    f"'{source.name}'; allow_loop: true if that is meant"
                )
                _fail(entry, entry.place("topic"), words, problems)


def _share_cluster(one: AnyConnector, other: AnyConnector, connections: Entries[Connection]) -> bool:
    if one.connection is not None and one.connection == other.connection:
        return True
    return bool(_servers(one, connections) & _servers(other, connections))


def _servers(connector: AnyConnector, connections: Entries[Connection]) -> set[tuple[str, int]]:
    servers = connector.bootstrap_servers
    if connector.connection is not None and connector.connection in connections:
        connection = connections[connector.connection].model
        servers = connection.bootstrap_servers if connection is not None else None
    return {(host.lower(), port) for host, port in split_bootstrap_servers(servers)} if servers else set()
