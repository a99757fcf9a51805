"""How long the faults last: seconds in the everyday run, an hour's worth with `make chaos`."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.apache_kafka import ApacheKafka
from tests.helpers.chaos import Chaos


@pytest.fixture(scope="session")
def is_long() -> bool:
    """Whether this is the long form."""
    return os.environ.get("KAFKA_AGENT_STUDIO_CHAOS") == "long"


@pytest.fixture(scope="session")
def seed() -> int:
    """What the moments of the faults are drawn with; a run that failed is repeated by setting it."""
    chosen = int(os.environ.get("KAFKA_AGENT_STUDIO_CHAOS_SEED") or 0) or int.from_bytes(os.urandom(3))
    print(f"KAFKA_AGENT_STUDIO_CHAOS_SEED={chosen}")
    return chosen


@pytest.fixture
def chaos(
    kafka: ApacheKafka, tmp_path: Path, unique_name: Callable[[str], str], seed: int, is_long: bool
) -> Iterator[Callable[..., Chaos]]:
    """Return a function that makes a workspace with a backlog."""
    made: list[Chaos] = []

    def make(**fields: Any) -> Chaos:
        made.append(Chaos(kafka=kafka, folder=tmp_path, name=unique_name, seed=seed, is_long=is_long, **fields))
        return made[-1]

    yield make
    for setting in made:
        setting.close()
