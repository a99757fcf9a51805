"""What a crash leaves, and that the next start offers it."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QPushButton

from kafka_agent_studio.gui.crash_handler import CrashHandler
from kafka_agent_studio.gui.dialogs.crash_report import CrashReportDialog
from tests.gui.around.conftest import OpenAround

_DIES = """
import ctypes, sys
from pathlib import Path
from kafka_agent_studio.gui.crash_handler import CrashHandler
CrashHandler(folder=Path(sys.argv[1])).install()
ctypes.string_at(0)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "crashes"


def test_a_process_that_dies_of_a_signal_leaves_its_stacks(folder: Path) -> None:
    died = subprocess.run([sys.executable, "-c", _DIES, str(folder)], capture_output=True, timeout=60, check=False)
    assert died.returncode != 0
    report = CrashHandler(folder=folder).earlier_reports()
    assert "string_at" in report


def test_an_exception_of_a_thread_is_kept_and_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _given: None)
    handler = CrashHandler(folder=folder)
    told: list[str] = []
    handler.on_record = told.append
    handler.install()

    def fail() -> None:
        raise ValueError("no such partition")

    thread = threading.Thread(target=fail, name="helper")
    thread.start()
    thread.join()
    handler.remove()
    assert told == ["ValueError: no such partition"]
    report = CrashHandler(folder=folder).earlier_reports()
    assert "thread helper" in report
    assert "in fail" in report


def test_a_good_end_leaves_nothing_and_the_hooks_as_they_were(folder: Path) -> None:
    before = (sys.excepthook, threading.excepthook)
    handler = CrashHandler(folder=folder)
    handler.install()
    handler.remove()
    assert list(folder.iterdir()) == []
    assert (sys.excepthook, threading.excepthook) == before


def test_a_storm_of_exceptions_does_not_fill_the_disk(folder: Path) -> None:
    handler = CrashHandler(folder=folder)
    handler.install()
    for number in range(1_000):
        handler.record("window", ValueError(str(number)))
    handler.remove()
    report = CrashHandler(folder=folder).earlier_reports()
    assert report.count("ValueError") < 50


def test_a_folder_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    handler = CrashHandler(folder=file / "crashes")
    handler.install()
    handler.record("window", ValueError("no"))
    handler.remove()


def test_the_next_start_offers_the_report_to_copy_or_delete(open_around: OpenAround, folder: Path) -> None:
    handler = CrashHandler(folder=folder)
    handler.install()
    handler.record("window", ValueError("no such partition"))
    handler.remove()
    window, _ = open_around(crashes=CrashHandler(folder=folder))
    assert "went wrong" in window.main.notices.text
    (show,) = [b for b in window.main.notices.findChildren(QPushButton) if b.text() == "Show the report"]
    show.click()
    (dialog,) = window.main.findChildren(CrashReportDialog)
    assert "no such partition" in dialog.text.toPlainText()
    buttons = {b.text(): b for b in dialog.findChildren(QPushButton)}
    buttons["Copy"].click()
    assert "no such partition" in QApplication.clipboard().text()
    buttons["Delete the report"].click()
    assert CrashHandler(folder=folder).earlier_reports() == ""
