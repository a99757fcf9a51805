"""What may be linked to what; where cards go; which way messages take: without a window."""

import msgspec
import pytest

from kafka_agent_studio.api.events import ConnectorFigures, ConnectorState, ConnectorStatus
from kafka_agent_studio.gui.engine_view import EngineView
from kafka_agent_studio.gui.links.layout import CARD_HEIGHT, CARD_WIDTH, columns_of, crossings, layered
from kafka_agent_studio.gui.links.steps import neighbour, next_link
from kafka_agent_studio.gui.models.link_graph import LinkGraph, NodeKey, NodeKind
from kafka_agent_studio.gui.models.link_projection import link_graph
from kafka_agent_studio.gui.models.link_rules import Side, fitting, why_not
from kafka_agent_studio.gui.models.link_traffic import LinkTraffic
from kafka_agent_studio.model.connection import Connection
from kafka_agent_studio.model.message import Published
from kafka_agent_studio.model.run import RunStatus
from kafka_agent_studio.model.workspace import Problem, Workspace
from tests.gui.links.conftest import CORRELATED, CORRELATOR, ORDERS, PROCESSOR, RESULTS, SHIPMENTS, TAGGER, agent, edge
from tests.helpers.gui_scene import make_run, make_snapshot, make_workspace


def _view(workspace: Workspace | None = None) -> EngineView:
    view = EngineView()
    snapshot = make_snapshot()
    if workspace is not None:
        snapshot = msgspec.structs.replace(snapshot, workspace=workspace)
    view.rebuild(snapshot)
    return view


def _graph(workspace: Workspace | None = None) -> LinkGraph:
    return link_graph(_view(workspace), LinkTraffic())


def _with(connector: str, **fields: object) -> Workspace:
    workspace = make_workspace()
    changed = workspace.connectors[connector].model_copy(update=fields)
    return make_workspace(connectors={**workspace.connectors, connector: changed})


# rules


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (ORDERS, PROCESSOR, "orders-in starts order-processor already."),
        (PROCESSOR, RESULTS, "results-out publishes order-processor already."),
        (ORDERS, RESULTS, "link orders-in to an agent, and that agent to results-out."),
        (RESULTS, ORDERS, "link orders-in to an agent, and that agent to results-out."),
        (PROCESSOR, TAGGER, "a sequential agent runs several in a row."),
        (ORDERS, SHIPMENTS, "Both read from Kafka"),
        (RESULTS, CORRELATED, "Both publish to Kafka"),
        (TAGGER, TAGGER, "A card is not linked to itself."),
    ],
)
def test_a_refusal_says_why(start: NodeKey, end: NodeKey, words: str) -> None:
    assert words in (why_not(_graph(), make_workspace(), start, end) or "")


def test_the_wrong_port_of_an_agent_is_told_from_the_right_one() -> None:
    graph, workspace = _graph(), make_workspace()
    assert "takes no results" in (why_not(graph, workspace, TAGGER, ORDERS, side=Side.RIGHT) or "")
    assert "starts nothing" in (why_not(graph, workspace, TAGGER, RESULTS, side=Side.LEFT) or "")
    assert why_not(graph, workspace, TAGGER, ORDERS, side=Side.LEFT) is None
    assert why_not(graph, workspace, TAGGER, RESULTS, side=Side.RIGHT) is None


def test_what_fits_is_everything_that_is_not_refused() -> None:
    assert fitting(_graph(), make_workspace(), TAGGER) == [ORDERS, SHIPMENTS, CORRELATED, RESULTS]
    assert fitting(_graph(), make_workspace(), TAGGER, side=Side.LEFT) == [ORDERS, SHIPMENTS]


def test_an_agent_may_not_publish_into_the_topic_that_starts_it() -> None:
    workspace = _with("correlated-out", topic="orders", agents=())
    words = why_not(_graph(workspace), workspace, PROCESSOR, CORRELATED)
    assert words is not None
    assert words.startswith("An endless loop: order-processor would publish to orders")
    assert "allow_loop: true in correlated-out" in words
    assert why_not(_graph(workspace), workspace, TAGGER, CORRELATED) is None


def test_the_loop_is_seen_from_the_other_end_too() -> None:
    workspace = _with("results-out", topic="shipments")
    assert "endless loop" in (why_not(_graph(workspace), workspace, SHIPMENTS, PROCESSOR) or "")
    meant = _with("results-out", topic="shipments", allow_loop=True)
    assert why_not(_graph(meant), meant, SHIPMENTS, PROCESSOR) is None


def test_one_topic_name_on_two_clusters_is_no_loop_and_two_names_of_one_cluster_are() -> None:
    def workspace(servers: str) -> Workspace:
        made = _with("correlated-out", topic="orders", agents=(), connection="other")
        other = Connection(version="1.0", name="other", bootstrap_servers=servers)
        return make_workspace(connectors=made.connectors, connections={**made.connections, "other": other})

    far, near = workspace("elsewhere:9092"), workspace("kafka-2:9092")
    assert why_not(_graph(far), far, PROCESSOR, CORRELATED) is None
    assert "endless loop" in (why_not(_graph(near), near, PROCESSOR, CORRELATED) or "")


def test_an_agent_that_is_not_there_is_shown_as_missing_and_can_only_lose_links() -> None:
    workspace = _with("orders-in", agents=("order-processor", "gone"))
    graph = _graph(workspace)
    gone = agent("gone")
    assert graph.nodes[gone].is_missing
    assert graph.edges[edge(ORDERS, gone)].look.word == "missing"
    assert "its file is missing or has a mistake" in (why_not(graph, workspace, SHIPMENTS, gone) or "")


# the graph


def test_the_way_of_a_message_passes_only_outbound_connectors_that_take_it() -> None:
    workspace = _with("correlated-out", inputs=("shipments-in",))
    graph = _graph(workspace)
    assert graph.way_of(SHIPMENTS).nodes == {SHIPMENTS, CORRELATOR, CORRELATED}
    assert graph.way_of(ORDERS).nodes == {ORDERS, PROCESSOR, CORRELATOR, RESULTS}
    assert graph.way_of(CORRELATED).nodes == {SHIPMENTS, CORRELATOR, CORRELATED}
    assert graph.way_of(edge(ORDERS, PROCESSOR)).nodes == {ORDERS, PROCESSOR, RESULTS}
    assert graph.way_of(TAGGER).nodes == {TAGGER}


def test_a_link_has_the_worst_state_of_what_it_joins() -> None:
    view = _view()
    view.statuses["orders-in"] = ConnectorStatus("orders-in", ConnectorState.PAUSED)
    view.figures["shipments-in"] = ConnectorFigures("shipments-in", lag=9_000, messages_per_s=10.0)
    graph = link_graph(view, LinkTraffic())
    assert graph.edges[edge(ORDERS, PROCESSOR)].look.word == "paused"
    assert graph.edges[edge(SHIPMENTS, CORRELATOR)].look.word == "lagging"
    assert graph.edges[edge(PROCESSOR, RESULTS)].look.word == "running"
    assert graph.nodes[SHIPMENTS].look.word == "lagging"


def test_an_agent_with_a_mistake_in_its_file_says_so() -> None:
    view = _view(make_workspace(files={"agent/order-processor": "agents/order-processor.yaml"}))
    view.problems = (Problem("agents/order-processor.yaml", 3, 1, "error", "unknown tool 'orders.tga'"),)
    node = link_graph(view, LinkTraffic()).nodes[PROCESSOR]
    assert (node.look.word, node.trouble) == ("mistake", "unknown tool 'orders.tga'")


def test_what_is_pending_is_there_and_marked() -> None:
    graph = link_graph(_view(), LinkTraffic(), {"orders-in": ("event-correlator", "order-tagger")})
    assert graph.edges[edge(ORDERS, TAGGER)].is_pending
    assert graph.edges[edge(ORDERS, PROCESSOR)].is_leaving
    assert not graph.has(edge(ORDERS, PROCESSOR))
    assert graph.has(edge(ORDERS, TAGGER))


def test_runs_are_counted_once_however_often_they_are_heard_of() -> None:
    traffic = LinkTraffic()
    running = make_run(1, status=RunStatus.RUNNING)
    traffic.take([running])
    assert traffic.in_flight("orders-in", "order-processor") == 1
    failed = make_run(1, status=RunStatus.FAILED)
    traffic.take([failed])
    traffic.take([failed])
    assert traffic.in_flight("orders-in", "order-processor") == 0
    assert traffic.failed("orders-in", "order-processor") == 1
    assert traffic.is_failing("orders-in", "order-processor")
    traffic.take(make_run(at) for at in range(2, 40))
    assert not traffic.is_failing("orders-in", "order-processor")


def test_what_an_outbound_connector_publishes_is_shared_among_its_agents_as_it_was_seen() -> None:
    traffic = LinkTraffic()
    agents = ("order-processor", "order-tagger")
    assert traffic.share("order-tagger", "results-out", agents) == 0.5
    traffic.take(make_run(at) for at in range(3))
    place = (Published("results-out", "order-results", 0, 7),)
    traffic.take([make_run(3, agent_name="order-tagger", published=place)])
    assert traffic.share("order-tagger", "results-out", agents) == 0.25


# layout and keyboard


def _large(count: int) -> Workspace:
    workspace = make_workspace()
    orders, results = workspace.connectors["orders-in"], workspace.connectors["results-out"]
    model = workspace.agents["order-processor"]
    names = [f"agent-{at:02}" for at in range(count)]
    connectors = {}
    for at in range(count):
        reads = {"name": f"in-{at:02}", "topic": f"t{at}", "agents": (names[-1 - at],)}
        writes = {"name": f"out-{at:02}", "topic": f"r{at}", "agents": (names[at],)}
        connectors[f"in-{at:02}"] = orders.model_copy(update=reads)
        connectors[f"out-{at:02}"] = results.model_copy(update=writes)
    agents = {name: model.model_copy(update={"name": name}) for name in names}
    return make_workspace(connectors=connectors, agents=agents, files={})


def test_the_layout_uncrosses_what_need_not_cross() -> None:
    graph = _graph(_large(8))
    by_name = {kind: [node.key for node in graph.of_kind(kind)] for kind in NodeKind}
    assert crossings(graph, by_name) == 28
    assert crossings(graph, columns_of(graph)) == 0


def test_no_card_covers_another_and_messages_go_to_the_right() -> None:
    graph = _graph()
    pinned = {TAGGER: (304.0, 0.0), PROCESSOR: (310.0, 40.0)}
    places = layered(columns_of(graph), pinned={TAGGER: pinned[TAGGER]})
    assert places[TAGGER] == pinned[TAGGER]
    spots = list(places.values())
    for number, (x, y) in enumerate(spots):
        for other_x, other_y in spots[number + 1 :]:
            assert abs(x - other_x) >= CARD_WIDTH or abs(y - other_y) >= CARD_HEIGHT
    assert all(places[source][0] + CARD_WIDTH < places[target][0] for source, target in graph.edges)


def test_arrows_find_the_nearest_card_of_their_direction() -> None:
    places = {ORDERS: (0.0, 100.0), SHIPMENTS: (0.0, 0.0), PROCESSOR: (300.0, 50.0), TAGGER: (300.0, 150.0)}
    assert neighbour(places, ORDERS, 0, -1) == SHIPMENTS
    assert neighbour(places, ORDERS, 1, 0, linked={TAGGER}) == TAGGER
    assert neighbour(places, ORDERS, 1, 0, linked={PROCESSOR}) == PROCESSOR
    assert neighbour(places, PROCESSOR, 1, 0) is None
    assert neighbour(places, PROCESSOR, 0, 1) == TAGGER


def test_the_links_of_a_card_come_one_after_the_other() -> None:
    graph = _graph()
    places = layered(columns_of(graph))
    first = next_link(graph, places, ORDERS, 1)
    assert first is not None
    assert first.source == ORDERS
    assert next_link(graph, places, TAGGER, 1) is None
    seen = {first}
    for _ in range(4):
        following = next_link(graph, places, first, 1)
        assert following is not None
        first = following
        seen.add(first)
    assert seen == set(graph.edges)
