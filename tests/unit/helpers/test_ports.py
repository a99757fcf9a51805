"""Ports for servers of tests: no two of them are given the same, in one process or beside one another."""

import pytest

from tests.helpers.ports import free_ports


def test_a_port_is_given_once() -> None:
    given = [port for _ in range(40) for port in free_ports(5)]
    assert len(set(given)) == len(given)


def test_workers_choose_from_ports_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {}
    for worker in ("gw0", "gw1", "gw7"):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
        found[worker] = free_ports(20)
    assert max(found["gw0"]) < min(found["gw1"])
    assert max(found["gw1"]) < min(found["gw7"])
    assert max(found["gw7"]) < 32_768
