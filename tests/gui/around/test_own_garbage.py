"""Objects of Qt in reference cycles are taken down on the window's thread."""

import gc
import threading

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from kafka_agent_studio.gui.own_garbage import CycleLook, OwnGarbage, leave_out_what_is_there


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


def test_another_thread_takes_nothing_down(qtbot: QtBot) -> None:
    ended_on: list[int] = []
    with OwnGarbage():
        Cycle(ended_on)
        busy = threading.Thread(target=make_garbage)
        busy.start()
        busy.join()
        assert ended_on == []
        qtbot.waitUntil(lambda: bool(ended_on))
    assert set(ended_on) == {threading.get_ident()}
    assert gc.isenabled()


def test_the_older_the_objects_the_less_often_they_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    monkeypatch.setattr(gc, "collect", looked.append)
    look = CycleLook()
    for _ in range(800):
        look.look()
    assert [looked.count(generation) for generation in range(3)] == [700, 98, 2]
    assert looked[7] == looked[15] == 1
    assert looked[399] == looked[799] == 2


def test_what_survived_a_long_look_is_left_out_for_a_quarter_of_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    now_s = [100.0]
    took_s = [0.1]

    def collect(generation: int) -> None:
        done.append(f"look at {generation}")
        now_s[0] += took_s[0]

    def look_at_the_oldest() -> list[str]:
        look._looks = 399
        done.clear()
        look.look()
        return done

    monkeypatch.setattr("kafka_agent_studio.gui.own_garbage.perf_counter", lambda: now_s[0])
    monkeypatch.setattr(gc, "collect", collect)
    monkeypatch.setattr(gc, "freeze", lambda: done.append("freeze"))
    monkeypatch.setattr(gc, "unfreeze", lambda: done.append("unfreeze"))
    look = CycleLook()
    assert look_at_the_oldest() == ["look at 2", "freeze"]
    now_s[0] += 60
    took_s[0] = 0.001
    assert look_at_the_oldest() == ["look at 2"]
    now_s[0] += 900
    took_s[0] = 0.1
    assert look_at_the_oldest() == ["unfreeze", "look at 2", "freeze"]


def test_afterwards_nothing_is_left_out(qtbot: QtBot) -> None:
    with OwnGarbage():
        leave_out_what_is_there()
        assert gc.get_freeze_count() > 10_000
    assert gc.get_freeze_count() == 0
