"""From the start of the process to a window that is painted: ours, with its engine, against a bare PySide6 window."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, in_the_middle

ROUNDS = 7
_BARE = """
import sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow
application = QApplication(sys.argv)
window = QMainWindow()
window.setCentralWidget(QLabel("bare"))
window.resize(1280, 800)
window.show()
QTimer.singleShot(0, lambda: (print(time.time(), flush=True), window.close()))
application.exec()
"""
_OURS = """
import os, sys, time
from pathlib import Path
from kafka_agent_studio.commands.importing import importing
with importing():
    from kafka_agent_studio.engine.options import EngineOptions
    from kafka_agent_studio.commands.engine_switch import EngineSwitch
    from kafka_agent_studio.workspace.recent import RecentWorkspaces
    from kafka_agent_studio.gui.application import run_window
    from PySide6.QtCore import QTimer
root = Path(sys.argv[1])
options = EngineOptions(root=root, environ=os.environ, sandbox=True, rehearse=True)
switch = EngineSwitch(recent=RecentWorkspaces(file=root / "recent.json"), new_options=lambda root: options)
opened = switch.prepare(options)
ready = lambda window: QTimer.singleShot(0, lambda: (print(time.time(), flush=True), window.close()))
try:
    run_window(client=opened.client, on_painted=switch.begin, on_ready=ready, settings_file=root / "settings.ini")
finally:
    switch.close()
"""


def measure(short: bool) -> Iterator[Figure]:
    """In turn; the sample workspace, with both stand-ins, so that no network is in it."""
    rounds = [(_seconds(_OURS), _seconds(_BARE)) for _ in range(2 if short else ROUNDS)]
    yield in_the_middle("start of the process to painted window", rounds[1:], unit="s", at_most=1.5)


def _seconds(program: str) -> float:
    sample = Path(__file__).parents[1]
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        root = Path(folder) / "orders"
        root.mkdir()
        for name in ("agents", "tools", "schemas", "connectors"):
            shutil.copytree(sample / name, root / name)
        shutil.copy(sample / "studio.yaml", root)
        command = [sys.executable, "-c", program, str(root)]
        environ = os.environ | {"QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": folder, "PYTHONPATH": str(sample)}
        began_s = time.time()
        done = subprocess.run(command, check=True, env=environ, capture_output=True, text=True, cwd=folder)
        return float(done.stdout.split()[0]) - began_s
