"""`kafka-agent-studio test-connection`, as somebody types it."""

import json
from pathlib import Path

import pytest

from kafka_agent_studio.main import main
from tests.helpers.ports import free_ports

STAGES = ["resolve", "tcp", "tls", "sasl", "metadata", "listeners", "topic", "permission"]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "connections").mkdir()
    (tmp_path / "connectors").mkdir()
    (port,) = free_ports(1)
    (tmp_path / "connections" / "dead.yaml").write_text(
        f'version: "1.0"\nname: dead\nbootstrap_servers: 127.0.0.1:{port}\n'
    )
    (tmp_path / "connections" / "broken.yaml").write_text('version: "1.0"\nname: broken\n')
    (tmp_path / "connectors" / "in.yaml").write_text(
        'version: "1.0"\nname: in\ndirection: inbound\nconnection: sandbox\ntopic: orders\n'
    )
    (tmp_path / "connectors" / "on-broken.yaml").write_text(
        'version: "1.0"\nname: on-broken\ndirection: inbound\nconnection: broken\ntopic: orders\n'
    )
    return tmp_path


def test_a_connector_that_connects(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test-connection", "in", str(workspace)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[0] for line in lines] == STAGES
    assert lines[1].startswith("tcp: ok: ")


def test_a_connection_that_does_not_says_why_at_its_stage(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test-connection", "dead", str(workspace)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("tcp: failed: 127.0.0.1:")
    assert "refused" in lines[1]
    assert "To do: " in lines[1]
    assert lines[2] == "tls: skipped: not reached, since tcp failed"


def test_json_is_one_object(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test-connection", "dead", str(workspace), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["target"] == "dead"
    assert [stage["name"] for stage in report["stages"]] == STAGES
    assert report["stages"][1]["state"] == "failed"
    assert report["stages"][1]["remedy"]
    assert isinstance(report["stages"][1]["duration_ms"], int)


def test_a_name_that_is_not_there(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test-connection", "nobody", str(workspace)]) == 2
    assert "no connector or connection 'nobody'" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["broken", "on-broken"])
def test_a_file_that_is_not_valid_is_named_with_its_place(
    workspace: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert main(["test-connection", name, str(workspace)]) == 1
    captured = capsys.readouterr()
    assert "broken.yaml:1:1: error: " in captured.err
    assert "bootstrap_servers" in captured.err
    assert not captured.out
