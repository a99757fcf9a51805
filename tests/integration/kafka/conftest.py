"""One behaviour on two brokers: the embedded one and Apache Kafka."""

from collections.abc import Iterator

import pytest

from kafka_agent_studio.sandbox.broker import SandboxBroker
from tests.helpers.apache_kafka import ApacheKafka
from tests.helpers.engine_clients import AnyBroker, EngineClients, make_cluster
from tests.helpers.kafka_records import KafkaRecords


@pytest.fixture(scope="session")
def embedded_broker() -> Iterator[SandboxBroker]:
    """The embedded broker of this run."""
    broker = SandboxBroker()
    yield broker
    broker.close()


@pytest.fixture(params=["embedded", pytest.param("apache", marks=pytest.mark.kafka)])
def broker(request: pytest.FixtureRequest) -> Iterator[AnyBroker]:
    """The embedded broker, then Apache Kafka."""
    if request.param == "embedded":
        address = request.getfixturevalue("embedded_broker").address()
    else:
        apache: ApacheKafka = request.getfixturevalue("kafka")
        address = apache.bootstrap()
    clients = EngineClients(make_cluster(address, is_sandbox=request.param == "embedded"))
    records = KafkaRecords(bootstrap_servers=address)
    yield AnyBroker(clients, records)
    records.close()
    clients.close()
