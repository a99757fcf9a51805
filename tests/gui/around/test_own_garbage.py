"""Objects of Qt in reference cycles are taken down on the window's thread."""

import gc
import threading

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from kafka_agent_studio.gui.own_garbage import CycleLook, OwnGarbage


class Cycle(QObject):
    """Holds itself."""

    def __init__(self, ended_on: list[int]) -> None:
        super().__init__()
        self.itself = self
        self.destroyed.connect(lambda: ended_on.append(threading.get_ident()))


def make_garbage() -> None:
    for _ in range(20_000):
        cycle: list[object] = []
        cycle.append(cycle)


def test_another_thread_takes_nothing_down(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    before = gc.get_threshold()
    gc.set_threshold(500, 2, 2)
    ended_on: list[int] = []
    try:
        with OwnGarbage():
            Cycle(ended_on)
            busy = threading.Thread(target=make_garbage)
            busy.start()
            busy.join()
            assert ended_on == []
            qtbot.waitUntil(lambda: bool(ended_on))
        assert set(ended_on) == {threading.get_ident()}
        assert gc.isenabled()
    finally:
        gc.set_threshold(*before)


def test_nothing_is_looked_for_before_it_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    monkeypatch.setattr(gc, "collect", looked.append)
    monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))
    for counts, expected in (((5, 0, 0), []), ((701, 3, 0), [0]), ((701, 11, 2), [1]), ((0, 0, 11), [2])):
        looked.clear()
        monkeypatch.setattr(gc, "get_count", lambda counts=counts: counts)
        CycleLook().look()
        assert looked == expected


def test_the_oldest_rest_the_longer_the_longer_a_look_among_them_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    now_s = [100.0]

    def collect(generation: int) -> None:
        looked.append(generation)
        now_s[0] += 0.05

    monkeypatch.setattr("kafka_agent_studio.gui.own_garbage.perf_counter", lambda: now_s[0])
    monkeypatch.setattr(gc, "collect", collect)
    monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))
    monkeypatch.setattr(gc, "get_count", lambda: (701, 11, 11))
    look = CycleLook()
    look.look()
    look.look()
    now_s[0] += 26
    look.look()
    assert looked == [2, 1, 2]


def test_what_survived_a_long_look_is_left_out_for_a_quarter_of_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    now_s = [100.0]
    took_s = [0.1]

    def collect(generation: int) -> None:
        done.append(f"look at {generation}")
        now_s[0] += took_s[0]

    monkeypatch.setattr("kafka_agent_studio.gui.own_garbage.perf_counter", lambda: now_s[0])
    monkeypatch.setattr(gc, "collect", collect)
    monkeypatch.setattr(gc, "freeze", lambda: done.append("freeze"))
    monkeypatch.setattr(gc, "unfreeze", lambda: done.append("unfreeze"))
    monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))
    monkeypatch.setattr(gc, "get_count", lambda: (701, 11, 11))
    look = CycleLook()
    look.look()
    assert done == ["unfreeze", "look at 2", "freeze"]
    done.clear()
    now_s[0] += 60
    took_s[0] = 0.001
    look.look()
    assert done == ["look at 2"]
    done.clear()
    now_s[0] += 900
    took_s[0] = 0.1
    look.look()
    assert done == ["unfreeze", "look at 2", "freeze"]


def test_afterwards_nothing_is_left_out(qtbot: QtBot) -> None:
    with OwnGarbage():
        gc.freeze()
    assert gc.get_freeze_count() == 0
