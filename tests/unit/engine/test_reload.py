"""What runs after an edit: valid things anew, broken ones in the version that runs, deleted ones not at all."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from kafka_agent_studio.engine.reload import keep_running_versions, shown
from kafka_agent_studio.model.agent import Agent, SequentialAgent, ToolAgent
from kafka_agent_studio.model.connection import Connection
from kafka_agent_studio.model.workspace import AnyConnector, StudioSettings, Workspace
from tests.helpers.engine_fakes import make_inbound


def make_workspace(*connectors: AnyConnector, connections: Sequence[Connection] = ()) -> Workspace:
    return Workspace(
        root=Path("/w"),
        settings=StudioSettings(),
        connectors={c.name: c for c in connectors},
        connections={c.name: c for c in connections},
        files={f"connection/{c.name}": f"connections/{c.name}.yaml" for c in connections},
    )


OLD, NEW = make_inbound(topic="old"), make_inbound(topic="new")
ONE = ToolAgent(version="1.0", name="one", description="One", type="tool", tool_name="orders.one")
BOTH = SequentialAgent(version="1.0", name="both", description="Both", type="sequential", agents=("one",))
TEAM = Connection(version="1.0", name="team", bootstrap_servers="kafka-1:9092")


def test_a_valid_edit_runs_in_its_new_version() -> None:
    assert keep_running_versions(make_workspace(OLD), make_workspace(NEW), ()).connectors == {"orders-in": NEW}


def test_a_broken_file_keeps_the_running_version() -> None:
    running = keep_running_versions(make_workspace(OLD), make_workspace(), {"connector/orders-in"})
    assert running.connectors == {"orders-in": OLD}


def test_what_rests_on_a_mistake_keeps_the_running_version_too() -> None:
    running = keep_running_versions(make_workspace(OLD), make_workspace(NEW), {"connector/orders-in"})
    assert running.connectors == {"orders-in": OLD}


def test_what_was_broken_from_the_start_does_not_run_but_is_shown() -> None:
    after = make_workspace(NEW)
    running = keep_running_versions(None, after, {"connector/orders-in"})
    assert running.connectors == {}
    assert shown(running, after).connectors == {"orders-in": NEW}


def test_a_deleted_file_stops() -> None:
    assert keep_running_versions(make_workspace(OLD), make_workspace(), ()).connectors == {}


def test_what_runs_on_a_connection_that_was_deleted_keeps_it_and_nobody_is_shown_it() -> None:
    user = make_inbound(connection="team")
    after = make_workspace(user)
    running = keep_running_versions(make_workspace(user, connections=[TEAM]), after, {"connector/orders-in"})
    assert running.connectors == {"orders-in": user}
    assert running.connections == {"team": TEAM}
    assert shown(running, after).connections == {}
    assert keep_running_versions(running, make_workspace(user), {"connector/orders-in"}).connections == {"team": TEAM}


def test_a_deleted_connection_that_nothing_runs_on_is_gone() -> None:
    assert keep_running_versions(make_workspace(OLD, connections=[TEAM]), make_workspace(OLD), ()).connections == {}


def test_a_connection_with_a_mistake_is_shown_as_it_runs() -> None:
    after = msgspec.structs.replace(make_workspace(), files={"connection/team": "connections/team.yaml"})
    running = keep_running_versions(make_workspace(connections=[TEAM]), after, {"connection/team"})
    assert shown(running, after).connections == {"team": TEAM}


def test_what_runs_through_an_agent_that_was_deleted_keeps_it_and_nobody_is_shown_it() -> None:
    user, after = make_inbound(agents=["both"]), make_workspace(make_inbound(agents=["both"]))
    agents: dict[str, Agent] = {"both": BOTH, "one": ONE}
    before = msgspec.structs.replace(make_workspace(user), agents=agents)
    running = keep_running_versions(before, after, {"connector/orders-in"})
    assert running.connectors == {"orders-in": user}
    assert running.agents == agents
    assert shown(running, after).agents == {}
    assert keep_running_versions(before, make_workspace(), ()).agents == {}
