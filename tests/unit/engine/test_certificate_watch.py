"""Certificates that run out are known before they do: the client's, the authority's, and what brokers show."""

import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kafka_agent_studio.api.certificates import CertificateKind
from kafka_agent_studio.api.events import CertificatesChanged, Event
from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.engine.certificate_watch import BROKERS_EVERY_S, CertificateWatch
from kafka_agent_studio.engine.configuration import Configuration
from kafka_agent_studio.model.connection import Connection
from kafka_agent_studio.model.connector import InboundConnector, OutboundConnector
from kafka_agent_studio.model.workspace import AnyConnector, StudioSettings, Workspace
from kafka_agent_studio.workspace.tool_catalogue import ToolCatalogue
from tests.helpers.agent_bench import QuickClock
from tests.helpers.bad_sockets import BadServer, Misbehaviour, server_tls
from tests.helpers.certificates import CertificateAuthority
from tests.helpers.engine_clients import MemorySecrets
from tests.helpers.ports import free_ports

DAY_S = 86_400.0
CLIENT, AUTHORITY, BROKER = CertificateKind.CLIENT, CertificateKind.AUTHORITY, CertificateKind.BROKER
LOOPBACK = ("127.0.0.1",)


@pytest.fixture
def authority(tmp_path: Path) -> CertificateAuthority:
    """Its own certificate ends in 30 days."""
    return CertificateAuthority.create(tmp_path)


def days(count: float) -> timedelta:
    # an hour more, so that so many whole days are left while a test runs
    return timedelta(days=count, hours=1)


class Bench:
    """A watch on a workspace whose connection is `staging`; two connectors use it unless told otherwise."""

    def __init__(
        self, root: Path, *, servers: str, connectors: tuple[AnyConnector, ...] | None = None, **security: Any
    ) -> None:
        self.events: list[Event] = []
        self.notices: list[tuple[str, str, int]] = []
        self.clock = QuickClock()
        self.clock.now_s = time.time()
        fields = {"protocol": "SSL"} | security
        staging = Connection.model_validate(
            {"version": "1.0", "name": "staging", "bootstrap_servers": servers, "security": fields}
        )
        used = connectors if connectors is not None else (inbound("orders-in"), outbound("results-out"))
        self.workspace = Workspace(
            root=root,
            settings=StudioSettings(name="test"),
            connections={"staging": staging},
            connectors={c.name: c for c in used},
        )
        self.sandbox = False
        self.watch = CertificateWatch(
            configuration=self._configuration,
            secrets=MemorySecrets(),
            clock=self.clock,
            publish_event=self.events.append,
            notice=self._note,
        )

    def _configuration(self) -> Configuration:
        return Configuration(
            workspace=self.workspace,
            runners={},
            sandbox=self.sandbox,
            rehearses=lambda _model: False,
            tools=ToolCatalogue(),
            sandbox_address="127.0.0.1:1",
            invalid={},
        )

    def _note(self, connector: str, fault: Fault) -> None:
        assert fault.code is FaultCode.CERTIFICATE_EXPIRES
        self.notices.append((connector, str(fault.parameters["file"]), int(fault.parameters["days"])))

    @property
    def found(self) -> list[tuple[CertificateKind, str, int]]:
        """What is known now."""
        return [(one.kind, one.where, one.days) for one in self.watch.expiring]

    @property
    def told(self) -> list[list[tuple[CertificateKind, int]]]:
        """What each event said."""
        changes = [event for event in self.events if isinstance(event, CertificatesChanged)]
        return [[(one.kind, one.days) for one in change.certificates] for change in changes]


def _connector(kind: type[Any], name: str, direction: str, fields: Mapping[str, Any]) -> Any:
    where = {} if "bootstrap_servers" in fields else {"connection": "staging"}
    head = {"version": "1.0", "name": name, "direction": direction, "topic": name, "agents": ["a"]}
    return kind.model_validate(head | where | dict(fields))


def inbound(name: str, **fields: Any) -> InboundConnector:
    made = _connector(InboundConnector, name, "inbound", fields)
    assert isinstance(made, InboundConnector)
    return made


def outbound(name: str, **fields: Any) -> OutboundConnector:
    made = _connector(OutboundConnector, name, "outbound", fields)
    assert isinstance(made, OutboundConnector)
    return made


async def test_whose_certificate_it_is_and_how_long_it_lasts(tmp_path: Path, authority: CertificateAuthority) -> None:
    authority.issue("me", expires_in=days(12))
    server = authority.issue("server", hosts=LOOPBACK, expires_in=days(20))
    async with BadServer(Misbehaviour.SILENT, tls=server_tls(server)) as broker:
        bench = Bench(
            tmp_path,
            servers=broker.bootstrap,
            ca_file="ca.pem",
            client_cert_file="me.pem",
            client_key_file="me-key.pem",
        )
        await bench.watch.look()
        assert bench.found == [(CLIENT, "me.pem", 12), (AUTHORITY, "ca.pem", 29), (BROKER, broker.bootstrap, 20)]
        assert {one.source for one in bench.watch.expiring} == {"staging"}
        # each connector that depends on it has a word to say, of what is near
        assert bench.notices == [("orders-in", "me.pem", 12), ("results-out", "me.pem", 12)]
        before = len(bench.events)
        await bench.watch.look()
        assert len(bench.events) == before
        assert len(bench.notices) == 2


async def test_one_that_was_renewed_is_forgotten(tmp_path: Path, authority: CertificateAuthority) -> None:
    authority.issue("me", expires_in=days(12))
    bench = Bench(tmp_path, servers="127.0.0.1:1", client_cert_file="me.pem", client_key_file="me-key.pem")
    await bench.watch.look()
    assert bench.found == [(CLIENT, "me.pem", 12)]
    authority.issue("me", expires_in=days(365))
    await bench.watch.look()
    assert bench.found == []
    assert bench.told == [[(CLIENT, 12)], []]


async def test_it_is_said_again_with_every_day_and_when_it_is_over(
    tmp_path: Path, authority: CertificateAuthority
) -> None:
    authority.issue("me", expires_in=days(31))
    bench = Bench(tmp_path, servers="127.0.0.1:1", client_cert_file="me.pem", client_key_file="me-key.pem")
    for passed_days in (0, 1, 0.5, 15, 1, 15):
        bench.clock.now_s += passed_days * DAY_S
        await bench.watch.look()
    assert bench.told == [[(CLIENT, n)] for n in (30, 29, 14, 13, -2)]
    assert [left for connector, _, left in bench.notices if connector == "orders-in"] == [14, 13, -2]


async def test_a_broker_whose_certificate_is_over_is_seen_although_nobody_trusts_it(
    tmp_path: Path, authority: CertificateAuthority
) -> None:
    server = authority.issue("server", hosts=LOOPBACK, expires_in=timedelta(days=-3, hours=-1))
    async with BadServer(Misbehaviour.SILENT, tls=server_tls(server)) as broker:
        bench = Bench(tmp_path, servers=broker.bootstrap, ca_file="ca.pem")
        await bench.watch.look()
        assert (BROKER, broker.bootstrap, -4) in bench.found


async def test_a_broker_that_wants_a_certificate_is_shown_it(tmp_path: Path, authority: CertificateAuthority) -> None:
    authority.issue("me", expires_in=days(365))
    tls = server_tls(authority.issue("server", hosts=LOOPBACK, expires_in=days(3)), client_ca_file=authority.ca_file)
    # there the server says no before it has shown anything of use
    tls.maximum_version = tls.minimum_version
    async with BadServer(Misbehaviour.SILENT, tls=tls) as broker:
        bench = Bench(
            tmp_path,
            servers=broker.bootstrap,
            ca_file="ca.pem",
            client_cert_file="me.pem",
            client_key_file="me-key.pem",
        )
        await bench.watch.look()
        assert (BROKER, broker.bootstrap, 3) in bench.found


async def test_brokers_are_asked_once_an_hour_and_what_they_showed_is_kept_while_they_are_away(
    tmp_path: Path, authority: CertificateAuthority
) -> None:
    server = authority.issue("server", hosts=LOOPBACK, expires_in=days(5))
    broker = BadServer(Misbehaviour.SILENT, tls=server_tls(server))
    (other,) = free_ports(1)
    bench = Bench(tmp_path, servers=f"{broker.bootstrap},127.0.0.1:{other}")
    await bench.watch.look()
    assert bench.found == []
    async with broker:
        await bench.watch.look()
        assert bench.found == []
        bench.clock.now_s += BROKERS_EVERY_S
        await bench.watch.look()
        assert [one.where for one in bench.watch.expiring] == [broker.bootstrap]
    bench.clock.now_s += BROKERS_EVERY_S
    await bench.watch.look()
    assert [one.where for one in bench.watch.expiring] == [broker.bootstrap]


async def test_of_two_authorities_in_one_file_the_one_that_lasts_counts(
    tmp_path: Path, authority: CertificateAuthority
) -> None:
    lasting = authority.issue("lasting", expires_in=days(365))
    (tmp_path / "both.pem").write_bytes(authority.ca_file.read_bytes() + lasting.cert_file.read_bytes())
    bench = Bench(tmp_path, servers="127.0.0.1:1", ca_file="both.pem")
    await bench.watch.look()
    assert bench.found == []


async def test_only_what_takes_part_is_looked_at(tmp_path: Path, authority: CertificateAuthority) -> None:
    authority.issue("me", expires_in=days(1))
    files: dict[str, Any] = {"client_cert_file": "me.pem", "client_key_file": "me-key.pem"}
    for connectors in ((), (inbound("orders-in", enabled=False),)):
        bench = Bench(tmp_path, servers="127.0.0.1:1", connectors=connectors, **files)
        await bench.watch.look()
        assert bench.found == []
    bench = Bench(tmp_path, servers="127.0.0.1:1", protocol="PLAINTEXT", **files)
    await bench.watch.look()
    assert bench.found == []
    bench = Bench(tmp_path, servers="127.0.0.1:1", **files)
    bench.sandbox = True
    await bench.watch.look()
    assert bench.found == []
    bench.sandbox = False
    await bench.watch.look()
    assert bench.found == [(CLIENT, "me.pem", 1)]


async def test_a_connector_with_servers_of_its_own_is_its_own_source(
    tmp_path: Path, authority: CertificateAuthority
) -> None:
    authority.issue("me", expires_in=days(1))
    security = {"protocol": "SSL", "client_cert_file": "me.pem", "client_key_file": "me-key.pem"}
    own = inbound("orders-in", bootstrap_servers="127.0.0.1:1", security=security)
    bench = Bench(tmp_path, servers="127.0.0.1:1", connectors=(own, outbound("results-out", enabled=False)))
    await bench.watch.look()
    assert [(one.source, one.where) for one in bench.watch.expiring] == [("orders-in", "me.pem")]
    assert [connector for connector, _, _ in bench.notices] == ["orders-in"]


async def test_a_file_that_cannot_be_read_is_left_to_the_next_connect(tmp_path: Path) -> None:
    (tmp_path / "junk.pem").write_text("junk")
    bench = Bench(tmp_path, servers="127.0.0.1:1", client_cert_file="no.pem", ca_file="junk.pem")
    await bench.watch.look()
    assert bench.found == []
