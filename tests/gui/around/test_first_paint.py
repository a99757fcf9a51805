"""Until the window is painted nothing is loaded that it can do without; then the engine comes."""

import os
import subprocess
import sys
from pathlib import Path

HEAVY = ("aiokafka", "confluent_kafka", "cryptography", "jsonschema", "keyring", "litellm", "numpy", "pyqtgraph")

PROGRAM = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from kafka_agent_studio.commands.engine_switch import EngineSwitch
from kafka_agent_studio.engine.options import EngineOptions
from kafka_agent_studio.gui.application import run_window
from kafka_agent_studio.workspace.recent import RecentWorkspaces

root = Path(sys.argv[1])
options = EngineOptions(root=root, environ=os.environ, sandbox=True, rehearse=True)
switch = EngineSwitch(recent=RecentWorkspaces(file=root / "recent.json"), new_options=lambda _root: options)
opened = switch.prepare(options)

def painted():
    print("painted", *sorted({name.partition(".")[0] for name in sys.modules}))
    switch.begin()

def look_for_the_engine(window):
    if window.page.parts.bridge.view.is_ready:
        print("ready", *window.page.parts.bridge.view.workspace.connectors)
        window.close_without_asking()
    else:
        QTimer.singleShot(20, lambda: look_for_the_engine(window))

try:
    run_window(
        client=opened.client,
        on_painted=painted,
        on_ready=look_for_the_engine,
        settings_file=root / "settings.ini",
    )
finally:
    switch.close()
"""


def test_the_window_is_painted_before_the_engine_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "connectors").mkdir()
    (tmp_path / "connectors" / "orders-in.yaml").write_text(
        'version: "1.0"\nname: orders-in\ndirection: inbound\nconnection: sandbox\ntopic: orders\nagents: []\n'
    )
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    )
    painted, ready = done.stdout.splitlines()
    assert not set(HEAVY) & set(painted.split())
    assert ready == "ready orders-in"
