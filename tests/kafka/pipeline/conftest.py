"""The whole engine on Apache Kafka."""

from pathlib import Path

import pytest

from tests.helpers.apache_kafka import ApacheKafka
from tests.helpers.studio import Studio, StudioBroker


@pytest.fixture
def broker(kafka: ApacheKafka) -> StudioBroker:
    """Apache Kafka, over the listener that needs no login."""
    return StudioBroker(connection="apache", address=kafka.bootstrap(), records=kafka.records, admin=kafka.admin)


@pytest.fixture
def studio(tmp_path: Path, broker: StudioBroker) -> Studio:
    """An empty workspace with a connection to the broker."""
    return Studio(root=tmp_path / "studio", broker=broker)
