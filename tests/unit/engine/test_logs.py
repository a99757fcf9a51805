"""The log file: a disk that takes nothing more costs the line in the file, and nothing else."""

import logging
import logging.handlers
from pathlib import Path

import pytest

from kafka_agent_studio.api.events import Event
from kafka_agent_studio.engine.logs import LOG_FILE, EngineLogs

LOG = logging.getLogger("kafka_agent_studio.test")


async def test_lines_go_to_the_file(tmp_path: Path) -> None:
    said: list[Event] = []
    logs = EngineLogs(state_dir=tmp_path, publish_event=said.append)
    logs.open()
    LOG.warning("it broke")
    logs.close()
    assert "it broke" in (tmp_path / LOG_FILE).read_text()


async def test_a_full_disk_prints_no_tracebacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logs = EngineLogs(state_dir=tmp_path, publish_event=lambda _: None)
    logs.open()

    def full(*_: object) -> bool:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(logging.handlers.RotatingFileHandler, "shouldRollover", full)
    LOG.warning("it broke")
    logs.close()
    assert "Logging error" not in capsys.readouterr().err
