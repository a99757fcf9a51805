from pathlib import Path

import pytest

from kafka_agent_studio.api.faults import FaultCode
from kafka_agent_studio.engine.kafka.cluster import Cluster, needs_sandbox, resolve_cluster
from kafka_agent_studio.engine.ports import FaultError
from kafka_agent_studio.model.connection import Connection
from kafka_agent_studio.model.connector import InboundConnector
from kafka_agent_studio.model.security import Security, SecurityProtocol
from kafka_agent_studio.model.workspace import StudioSettings, Workspace

STAGING = Connection(version="1.0", name="staging", bootstrap_servers="kafka-1:9092,kafka-2:9092")
WORKSPACE = Workspace(root=Path("/work"), settings=StudioSettings(), connections={"staging": STAGING})


def connector(**fields: object) -> InboundConnector:
    return InboundConnector.model_validate(
        {"version": "1.0", "name": "in", "direction": "inbound", "topic": "t"} | fields
    )


def test_a_named_connection() -> None:
    cluster = resolve_cluster(connector(connection="staging"), WORKSPACE, sandbox_bootstrap=None)
    assert cluster.label == "staging"
    assert cluster.servers == [("kafka-1", 9092), ("kafka-2", 9092)]
    assert cluster.root == Path("/work")
    assert cluster == resolve_cluster(STAGING, WORKSPACE, sandbox_bootstrap=None)


def test_a_connector_with_servers_of_its_own() -> None:
    own = connector(bootstrap_servers="[::1]:9093", security={"protocol": "SSL"})
    cluster = resolve_cluster(own, WORKSPACE, sandbox_bootstrap=None)
    assert cluster.servers == [("::1", 9093)]
    assert cluster.security.protocol is SecurityProtocol.SSL
    assert not cluster.is_sandbox


@pytest.mark.parametrize(("name", "stand_in"), [("sandbox", False), ("staging", True)])
def test_the_embedded_broker_by_name_or_as_a_stand_in(name: str, stand_in: bool) -> None:
    source = connector(connection=name)
    assert needs_sandbox(source, stand_in=stand_in)
    cluster = resolve_cluster(source, WORKSPACE, sandbox_bootstrap="127.0.0.1:1", stand_in=stand_in)
    assert cluster.is_sandbox
    assert cluster.bootstrap_servers == "127.0.0.1:1"
    with pytest.raises(ValueError, match="no address yet"):
        resolve_cluster(source, WORKSPACE, sandbox_bootstrap=None, stand_in=stand_in)


def test_a_connection_that_is_not_there_needs_a_person() -> None:
    with pytest.raises(FaultError) as caught:
        resolve_cluster(connector(connection="prod"), WORKSPACE, sandbox_bootstrap=None)
    assert caught.value.is_fatal
    assert caught.value.fault.code is FaultCode.CONFIG_INVALID
    assert "'prod'" in str(caught.value.fault.parameters["message"])


def test_clusters_are_the_same_where_servers_and_login_are() -> None:
    one = Cluster(label="a", bootstrap_servers="x:1,y:2")
    assert one.identity == Cluster(label="b", bootstrap_servers="y:2, x:1").identity
    assert one.identity != Cluster(label="a", bootstrap_servers="x:1").identity
    tls = Security(protocol=SecurityProtocol.SSL)
    assert one.identity != Cluster(label="a", bootstrap_servers="x:1,y:2", security=tls).identity
