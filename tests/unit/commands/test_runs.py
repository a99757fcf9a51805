"""`kas runs`: newest first, one JSON object a line or an aligned table."""

import argparse
import asyncio
import json
from pathlib import Path

import pytest

from kafka_agent_studio.commands import runs
from kafka_agent_studio.engine.run_store import STORE_FILE, RunStore
from kafka_agent_studio.model.message import Published
from kafka_agent_studio.model.run import ErrorType, RunError, RunStatus
from tests.helpers.store_runs import make_record, make_stored

_KEYS = (
    *("run_id", "agent_name", "status", "output", "error", "started_at", "ended_at", "token_usage"),
    *("parent_run_id", "connector", "topic", "partition", "offset", "timestamp", "key", "attempts", "cost"),
    *("published", "stand_ins"),
)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    failed = make_stored(
        2,
        status=RunStatus.FAILED,
        output=None,
        error=RunError(ErrorType.TIMEOUT, "no answer\nin 30 s"),
        key="a key\x1b[31m",
    )

    async def fill(state_dir: Path) -> None:
        store = RunStore.open(state_dir / STORE_FILE)
        await store.save([make_stored(1, is_owed=True), failed, make_stored(3, output=10**30, stand_ins=("sandbox",))])
        await store.mark_published([(make_stored(1).run.run_id, (Published("results-out", "order-results", 0, 7),))])
        store.close()

    asyncio.run(fill(tmp_path / ".studio"))
    return tmp_path


def kas_runs(*argv: str) -> int:
    parser = argparse.ArgumentParser()
    runs.add_arguments(parser)
    return runs.run(parser.parse_args(argv))


def test_json_has_every_key_in_order_newest_first(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert kas_runs(str(workspace), "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["offset"] for line in lines] == [3, 2, 1]
    assert all(tuple(line) == _KEYS for line in lines)
    assert lines[0]["output"] == 10**30
    assert lines[0]["stand_ins"] == ["sandbox"]
    assert lines[1]["error"] == {"type": "timeout", "message": "no answer\nin 30 s"}
    published = [{"connector": "results-out", "topic": "order-results", "partition": 0, "offset": 7}]
    assert lines[2]["published"] == published
    assert lines[2]["timestamp"] == make_record(1).timestamp_ms


def test_status_and_limit_choose(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert kas_runs(str(workspace), "--json", "--status", "failed") == 0
    assert [json.loads(line)["offset"] for line in capsys.readouterr().out.splitlines()] == [2]
    assert kas_runs(str(workspace), "--json", "--limit", "2") == 0
    assert [json.loads(line)["offset"] for line in capsys.readouterr().out.splitlines()] == [3, 2]


def test_the_table_is_aligned_and_harmless_to_a_terminal(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert kas_runs(str(workspace)) == 0
    heading, *lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    for name, cells in (("STATUS", ("completed", "failed", "completed")), ("MESSAGE", ("orders/0/3", "orders/0/2"))):
        for line, cell in zip(lines, cells, strict=False):
            assert line[heading.index(name) :].startswith(cell)
    assert lines[1].endswith("timeout: no answer in 30 s")
    assert lines[2].endswith("order-results/0/7")
    assert "\x1b" not in "".join(lines)


def test_more_runs_than_a_page_are_all_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def fill() -> None:
        store = RunStore.open(tmp_path / "state" / STORE_FILE)
        await store.save([make_stored(n) for n in range(1234)])
        store.close()

    asyncio.run(fill())
    assert kas_runs(str(tmp_path), "--state-dir", str(tmp_path / "state"), "--json") == 0
    offsets = [json.loads(line)["offset"] for line in capsys.readouterr().out.splitlines()]
    assert offsets == list(reversed(range(1234)))


def test_without_a_store_there_are_no_runs_and_nothing_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kas_runs(str(tmp_path)) == 0
    assert capsys.readouterr().out == "no runs\n"
    assert kas_runs(str(tmp_path), "--json") == 0
    assert capsys.readouterr().out == ""
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert kas_runs(str(tmp_path / "nowhere")) == 2
    assert "there is no folder" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [("--limit", "0"), ("--limit", "x"), ("--status", "done")])
def test_a_wrong_option_is_a_usage_error(argv: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as raised:
        kas_runs(str(tmp_path), *argv)
    assert raised.value.code == 2
