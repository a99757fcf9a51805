"""One behaviour of the whole engine, on two brokers: the embedded one and Apache Kafka."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.apache_kafka import ApacheKafka
from tests.helpers.kafka_records import KafkaRecords
from tests.helpers.studio import LastingBroker, Studio, StudioBroker, lent_to_engines


@pytest.fixture(scope="session")
def lasting_broker() -> Iterator[LastingBroker]:
    """The embedded broker of this run's engines."""
    broker = LastingBroker()
    yield broker
    broker.end()


@pytest.fixture(params=["embedded", pytest.param("apache", marks=pytest.mark.kafka)])
def broker(request: pytest.FixtureRequest) -> Iterator[StudioBroker]:
    """The embedded broker, then Apache Kafka."""
    if request.param == "embedded":
        embedded: LastingBroker = request.getfixturevalue("lasting_broker")
        records = KafkaRecords(bootstrap_servers=embedded.address())
        with lent_to_engines(embedded):
            yield StudioBroker(connection="sandbox", address=embedded.address(), records=records)
    else:
        apache: ApacheKafka = request.getfixturevalue("kafka")
        records = KafkaRecords(bootstrap_servers=apache.bootstrap())
        yield StudioBroker(connection="apache", address=apache.bootstrap(), records=records, admin=apache.admin)
    records.close()


@pytest.fixture
def studio(tmp_path: Path, broker: StudioBroker) -> Studio:
    """An empty workspace whose connectors reach the broker."""
    return Studio(root=tmp_path / "studio", broker=broker)
