"""`check`, `secret` and the command line around them, as a shell sees them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kafka_agent_studio.workspace.sample import sample_workspace_dir
from tests.unit.workspace.files import AGENT, CONNECTION, INBOUND, OUTBOUND, TOOL_AGENT, TOOLS, write

_FILE_KEYRING = """
import json, os, pathlib
from keyring.backend import KeyringBackend

class Keyring(KeyringBackend):
    priority = 1
    def _all(self):
        path = pathlib.Path(os.environ["TEST_KEYRING"])
        return json.loads(path.read_text()) if path.exists() else {}
    def get_password(self, service, username):
        return self._all().get(f"{service}/{username}")
    def set_password(self, service, username, password):
        pathlib.Path(os.environ["TEST_KEYRING"]).write_text(
            json.dumps({**self._all(), f"{service}/{username}": password}))
    def delete_password(self, service, username):
        pathlib.Path(os.environ["TEST_KEYRING"]).write_text(
            json.dumps({k: v for k, v in self._all().items() if k != f"{service}/{username}"}))
"""


def _kas(
    *arguments: str | Path, cwd: Path, stdin: str = "", environ: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.endswith(("_API_KEY", "_TOKEN"))}
    root = str(Path(__file__).resolve().parents[3])
    return subprocess.run(
        [sys.executable, "-m", "kafka_agent_studio", *map(str, arguments)],
        cwd=cwd,
        input=stdin,
        env={**environment, "PYTHONPATH": root, **(environ or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def with_keyring(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine whose keyring is a file of the test's."""
    (tmp_path / "backend").mkdir()
    (tmp_path / "backend" / "file_keyring.py").write_text(_FILE_KEYRING)
    root = str(Path(__file__).resolve().parents[3])
    return {
        "PYTHON_KEYRING_BACKEND": "file_keyring.Keyring",
        "PYTHONPATH": f"{tmp_path / 'backend'}{os.pathsep}{root}",
        "TEST_KEYRING": str(tmp_path / "keyring.json"),
    }


def _workspace(root: Path) -> Path:
    return write(
        root,
        {
            "agents/a.yaml": AGENT + "tools:\n  - m.one\n  - m.two: payload.total > 1\n",
            "agents/t.yaml": TOOL_AGENT,
            "tools/m.py": "print('imported')\n" + TOOLS,
            "connections/c.yaml": CONNECTION,
            "connectors/i.yaml": INBOUND.replace("sandbox", "c") + "agents: [a, t]\n",
            "connectors/o.yaml": OUTBOUND + "agents: [a, z]\ninputs: [i]\n",
            "agents/z.yaml": AGENT.replace("name: a", "name: z"),
            "studio.yaml": "name: shop\n",
        },
    )


def test_check_of_a_valid_workspace(tmp_path: Path) -> None:
    done = _kas("check", "ws", cwd=_workspace(tmp_path / "ws").parent)
    assert (done.returncode, done.stdout) == (0, "shop: 2 connectors, 3 agents, 2 tools, no errors\n")


def test_check_prints_each_mistake_as_seen_from_the_current_folder(tmp_path: Path) -> None:
    write(tmp_path / "ws", {"agents/a.yaml": AGENT + "temprature: 1\n", "connectors/i.yaml": INBOUND + "x: 1\n"})
    (tmp_path / "elsewhere").mkdir()
    done = _kas("check", "../ws", cwd=tmp_path / "elsewhere")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "../ws/agents/a.yaml:6:1: error: unknown field 'temprature'; did you mean 'temperature'?",
        "../ws/connectors/i.yaml:6:1: error: unknown field 'x'",
    ]


def test_check_json_prints_what_was_understood(tmp_path: Path) -> None:
    done = _kas("check", "--json", cwd=_workspace(tmp_path))
    assert done.returncode == 0
    understood = json.loads(done.stdout)
    assert list(understood) == ["connections", "connectors", "links", "agents", "tools", "problems"]
    assert understood["links"] == [
        {"inbound": "i", "agent": "a", "outbound": "o"},
        {"inbound": "i", "agent": "t", "outbound": None},
        {"inbound": None, "agent": "z", "outbound": "o"},
    ]
    agent = understood["agents"][0]
    assert agent["tools"] == ["m.one", {"m.two": "payload.total > 1"}]
    assert agent["retry_options"] == {"attempts": 3, "initial_delay": 1.0, "max_delay": 30.0}
    assert (agent["max_iterations"], agent["max_concurrent_runs"], agent["fallback_model"]) == (100, 16, None)
    assert understood["connectors"][0]["group_id"] == "kafka-agent-studio.shop.i"
    assert understood["tools"][0] == {
        "ref": "m.one",
        "name": "one",
        "description": "Do one thing.",
        "parameters": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"order_id": {"type": "string", "description": "Which order."}},
            "required": ["order_id"],
        },
    }
    assert understood["problems"] == []


def test_check_json_prints_its_object_on_failure_too(tmp_path: Path) -> None:
    write(tmp_path, {"agents/a.yaml": AGENT + "temperature: 3\n", "connectors/i.yaml": INBOUND})
    done = _kas("check", "--json", cwd=tmp_path)
    assert done.returncode == 1
    understood = json.loads(done.stdout)
    assert understood["problems"] == [
        {
            "file": "agents/a.yaml",
            "line": 6,
            "column": 14,
            "level": "error",
            "message": "'temperature' must be at most 2, not 3",
        }
    ]
    assert [connector["name"] for connector in understood["connectors"]] == ["i"]
    assert done.stderr == "agents/a.yaml:6:14: error: 'temperature' must be at most 2, not 3\n"


def test_a_missing_key_is_a_warning(tmp_path: Path) -> None:
    write(tmp_path, {"agents/a.yaml": AGENT.replace("sandbox/rehearsal", "openai/gpt-5")})
    done = _kas("check", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr.startswith("agents/a.yaml:4:8: warning: the model's key 'OPENAI_API_KEY' is missing")
    assert _kas("check", cwd=tmp_path, environ={"OPENAI_API_KEY": "x"}).stderr == ""


def test_a_folder_that_is_missing_is_a_usage_error(tmp_path: Path) -> None:
    done = _kas("check", "nowhere", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "kafka-agent-studio check: error: there is no folder 'nowhere'\n")


def test_secrets_are_set_listed_and_deleted(tmp_path: Path, with_keyring: dict[str, str]) -> None:
    security = "security: {protocol: SASL_SSL, sasl_mechanism: PLAIN, username: me, password_secret: prod}\n"
    ws = write(
        tmp_path / "ws",
        {
            "connections/c.yaml": CONNECTION + security,
            "agents/a.yaml": AGENT.replace("sandbox/rehearsal", "openai/gpt-5"),
        },
    )
    done = _kas("secret", "set", "prod", cwd=ws, stdin="p w\n", environ=with_keyring)
    assert (done.returncode, done.stdout) == (0, "")
    assert "p w" not in done.stderr
    assert json.loads((tmp_path / "keyring.json").read_text()) == {"kafka-agent-studio/prod": "p w"}
    listed = _kas("secret", "list", "ws", cwd=tmp_path, environ={**with_keyring, "OPENAI_API_KEY": "x"})
    assert listed.stdout == "OPENAI_API_KEY: environment\nprod: keyring\n"
    assert _kas("secret", "delete", "prod", cwd=ws, environ=with_keyring).returncode == 0
    again = _kas("secret", "delete", "prod", cwd=ws, environ=with_keyring)
    assert (again.returncode, again.stderr) == (1, "kafka-agent-studio secret: error: the keyring holds no 'prod'\n")
    assert _kas("secret", "list", cwd=ws, environ=with_keyring).stdout == "OPENAI_API_KEY: missing\nprod: missing\n"


def test_a_secret_is_never_an_argument(tmp_path: Path, with_keyring: dict[str, str]) -> None:
    done = _kas("secret", "set", "prod", "hunter2", cwd=tmp_path, environ=with_keyring)
    assert done.returncode == 2
    assert "hunter2" not in done.stdout + done.stderr
    assert not (tmp_path / "keyring.json").exists()


def test_a_machine_without_a_keyring_is_told_what_to_do(tmp_path: Path) -> None:
    fail = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    done = _kas("secret", "set", "prod-kafka", cwd=tmp_path, stdin="x", environ=fail)
    assert done.returncode == 1
    assert done.stderr.startswith(
        "kafka-agent-studio: error: this machine has no keyring; set KAFKA_AGENT_STUDIO_SECRET_"
    )
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [["check", "--jsno"], ["secret"], ["secret", "set"], ["secret", "show", "x"], ["check", "a", "b"]]
)
def test_usage_errors_exit_2(tmp_path: Path, arguments: list[str]) -> None:
    done = _kas(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_help_and_version_need_no_window(tmp_path: Path) -> None:
    assert "test-connection" in _kas("--help", cwd=tmp_path).stdout
    assert _kas("--version", cwd=tmp_path).stdout.startswith("kafka-agent-studio ")


def test_an_error_is_one_line_and_debug_shows_where(tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("")
    broken = {"PYTHON_KEYRING_BACKEND": "no.such.Backend"}
    done = _kas("secret", "set", "x", cwd=tmp_path, stdin="x", environ=broken)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    debug = _kas("secret", "set", "x", "--debug", cwd=tmp_path, stdin="x", environ=broken)
    assert debug.returncode == 1
    assert "Traceback" in debug.stderr


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "kafka_agent_studio", "check", "--json", str(sample_workspace_dir())],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=sample_workspace_dir(),
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
        assert process.wait(60) == 141
    assert "Error" not in errors
