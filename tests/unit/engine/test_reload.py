"""What runs after an edit: valid things anew, broken ones in the version that runs, deleted ones not at all."""

from pathlib import Path

from kafka_agent_studio.engine.reload import keep_running_versions, shown
from kafka_agent_studio.model.workspace import AnyConnector, StudioSettings, Workspace
from tests.helpers.engine_fakes import make_inbound


def make_workspace(*connectors: AnyConnector) -> Workspace:
    return Workspace(root=Path("/w"), settings=StudioSettings(), connectors={c.name: c for c in connectors})


OLD, NEW = make_inbound(topic="old"), make_inbound(topic="new")


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
