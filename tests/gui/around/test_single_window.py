"""One window per workspace: a second start finds the first."""

import sys

from PySide6.QtCore import QProcess
from PySide6.QtNetwork import QLocalServer
from pytestqt.qtbot import QtBot

from kafka_agent_studio.gui import single_window
from kafka_agent_studio.gui.single_window import SingleWindow, raise_window

_SECOND_START = "import sys; from kafka_agent_studio.gui.single_window import raise_window as r; print(r(sys.argv[1]))"


def _raise_from_elsewhere(qtbot: QtBot, identity: str) -> bool:
    """Ask from another process, while this one's loop runs."""
    second = QProcess()
    with qtbot.waitSignal(second.finished, timeout=30_000):
        second.start(sys.executable, ["-c", _SECOND_START, identity])
    answer = bytes(second.readAllStandardOutput().data()).decode().strip()
    assert answer in ("True", "False"), bytes(second.readAllStandardError().data()).decode()
    return answer == "True"


def test_a_second_start_raises_the_first_window(qtbot: QtBot) -> None:
    first = SingleWindow(identity="/work/orders/.studio")
    raised: list[bool] = []
    first.raise_asked.connect(lambda: raised.append(True))
    assert first.listen()
    assert _raise_from_elsewhere(qtbot, "/work/orders/.studio")
    assert raised == [True]
    assert not _raise_from_elsewhere(qtbot, "/work/shop/.studio")
    first.close()


def test_a_window_that_is_gone_is_not_raised(qtbot: QtBot) -> None:
    first = SingleWindow(identity="here")
    first.listen()
    first.close()
    assert not raise_window("here")


def test_a_window_that_hangs_is_not_mistaken_for_one_in_front() -> None:
    hanging = SingleWindow(identity="hanging")
    assert hanging.listen()
    # Nobody serves its events here: it takes the connection, and never answers.
    assert not raise_window("hanging", timeout_ms=50)
    hanging.close()


def test_a_socket_left_by_a_killed_process_is_taken_over(qtbot: QtBot) -> None:
    killed = QLocalServer()
    assert killed.listen(single_window._socket_name("left"))
    next_one = SingleWindow(identity="left")
    assert next_one.listen()
    assert _raise_from_elsewhere(qtbot, "left")
    next_one.close()
