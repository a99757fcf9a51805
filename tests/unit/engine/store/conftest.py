"""A store in a folder of its own, and a clock that a test moves."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kafka_agent_studio.api.faults import Fault
from kafka_agent_studio.engine.run_store import STORE_FILE, RunStore
from tests.helpers.store_runs import NOW_US


class Clock:
    """Now, as the test says."""

    def __init__(self) -> None:
        self.now_us = NOW_US


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    return tmp_path / "state" / STORE_FILE


@pytest.fixture
def faults() -> list[Fault]:
    return []


@pytest.fixture
async def store(store_path: Path, clock: Clock, faults: list[Fault]) -> AsyncIterator[RunStore]:
    store = RunStore.open(store_path, now_us=lambda: clock.now_us, on_fault=faults.append)
    yield store
    store.close()
