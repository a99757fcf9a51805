"""How the window begins: without a workspace, and a second time on the same one."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from kafka_agent_studio.api.commands import SetOrderStream, SetStandIns
from kafka_agent_studio.api.workspaces import OpenWorkspace
from kafka_agent_studio.gui.application import run_window
from kafka_agent_studio.gui.main_window import MainWindow
from kafka_agent_studio.gui.welcome import WelcomeWindow
from tests.gui.around.test_workspaces import _Opener
from tests.helpers.fake_engine import FakeEngineClient


class _Remembering(_Opener):
    """Keeps the engines it opened."""

    def __init__(self) -> None:
        super().__init__()
        self.clients: list[FakeEngineClient] = []

    async def open(self, root: Path) -> OpenWorkspace:
        opened = await super().open(root)
        assert isinstance(opened.client, FakeEngineClient)
        self.clients.append(opened.client)
        return opened


def _when_welcomed(press: str) -> QTimer:
    """Press a button of the welcome window as soon as it is there."""
    timer = QTimer()
    timer.setInterval(20)

    def look() -> None:
        for window in QApplication.topLevelWidgets():
            if isinstance(window, WelcomeWindow) and window.isVisible():
                timer.stop()
                getattr(window, press).click() if press != "close" else window.close()

    timer.timeout.connect(look)
    timer.start()
    return timer


def test_without_a_workspace_the_sample_works_after_one_click(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WelcomeWindow, "_sample_root", lambda _self: tmp_path / "orders-sample")
    opener = _Remembering()
    titles: list[str] = []

    def on_ready(main: MainWindow) -> None:
        titles.append(main.windowTitle())
        QTimer.singleShot(0, main.close)

    timer = _when_welcomed("sample")
    run_window(client=None, opener=opener, on_ready=on_ready, settings_file=tmp_path / "window.ini")
    assert not timer.isActive()
    assert titles == ["orders-sample – Kafka Agent Studio"]
    (client,) = opener.clients
    assert client.asked(SetStandIns) == [SetStandIns(sandbox=True, rehearse=True)]
    assert client.asked(SetOrderStream)[0].rate_per_s > 0


def test_the_welcome_can_be_closed(qapp: QApplication, tmp_path: Path) -> None:
    _timer = _when_welcomed("close")
    assert run_window(client=None, opener=_Opener(), settings_file=tmp_path / "window.ini") == 0


def test_a_second_start_on_a_workspace_ends_and_leaves_the_first_one(tmp_path: Path) -> None:
    workspace = tmp_path / "orders"
    workspace.mkdir()
    environ = os.environ | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    start = [sys.executable, "-m", "kafka_agent_studio", str(workspace)]
    with subprocess.Popen(start, env=environ, stderr=subprocess.PIPE, text=True) as first:
        try:
            while first.poll() is None:
                second = subprocess.run([sys.executable, "-c", _SECOND, str(workspace)], env=environ, check=False)
                if second.returncode == 0:
                    break
            again = subprocess.run(start, env=environ, capture_output=True, text=True, timeout=60, check=False)
            assert again.returncode == 0
            assert "is open already" in again.stderr
            assert first.poll() is None
        finally:
            first.send_signal(signal.SIGTERM)
            _, said = first.communicate(timeout=60)
    assert first.returncode == 0, said


_SECOND = """
import sys
from kafka_agent_studio.gui.single_window import raise_window
sys.exit(0 if raise_window(sys.argv[1] + "/.studio") else 1)
"""
