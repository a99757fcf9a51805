"""The test suite's own promises: leaks fail, the keyring is not the person's, and Apache Kafka is missed aloud."""

import os
import subprocess
import sys
from pathlib import Path

import keyring
import pytest

from tests.helpers.memory_keyring import MemoryKeyring

ROOT = Path(__file__).resolve().parents[3]

PLANTED = """
import asyncio, threading, time
import pytest

async def test_clean():
    await asyncio.sleep(0)

async def test_leaks_a_task():
    loop = asyncio.get_running_loop()
    loop.kept = loop.create_task(asyncio.Event().wait(), name="forgotten task")

def test_leaks_a_thread():
    threading.Thread(target=time.sleep, args=(3.5,), name="forgotten thread", daemon=True).start()

def test_wants_the_broker(kafka):
    raise AssertionError("must not get here")

@pytest.mark.kafka
async def test_wants_it_by_mark():
    raise AssertionError("must not get here")
"""


def run_planted(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the planted tests under this suite's conftest, on a machine without Java."""
    planted = folder / "test_planted.py"
    planted.write_text(PLANTED)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("KAFKA_AGENT", "JAVA"))}
    usual = [
        "-c",
        str(ROOT / "pyproject.toml"),
        "--rootdir",
        str(ROOT),
        "-p",
        "tests.conftest",
        "-p",
        "no:cacheprovider",
    ]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *usual, *options, str(planted)],
        cwd=ROOT,
        env={**inherited, "PATH": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_leaks_fail_and_missing_java_is_one_line(tmp_path: Path) -> None:
    said = run_planted(tmp_path).stdout
    assert "tasks left behind:\n  forgotten task" in said.replace("E   ", "").replace("E  ", "")
    assert "threads left behind: forgotten thread" in said
    assert "2 Apache Kafka tests left out: no Java 17 or newer\n" in said
    assert "SKIPPED" not in said
    assert "3 passed, 2 errors, 2 left out" in said


def test_where_apache_kafka_is_required_missing_java_fails(tmp_path: Path) -> None:
    answer = run_planted(tmp_path, "-k", "wants", KAFKA_AGENT_STUDIO_REQUIRE_KAFKA="1")
    assert answer.returncode == 1
    assert "Apache Kafka is required (KAFKA_AGENT_STUDIO_REQUIRE_KAFKA=1): no Java 17 or newer" in answer.stdout
    assert "left out" not in answer.stdout


def test_the_keyring_is_of_this_test_alone(memory_keyring: MemoryKeyring) -> None:
    keyring.set_password("kafka-agent-studio", "name", "secret")
    assert memory_keyring.entries == {("kafka-agent-studio", "name"): "secret"}
    keyring.delete_password("kafka-agent-studio", "name")
    assert keyring.get_password("kafka-agent-studio", "name") is None
    with pytest.raises(keyring.errors.PasswordDeleteError):
        keyring.delete_password("kafka-agent-studio", "name")
