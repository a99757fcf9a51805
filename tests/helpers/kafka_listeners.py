"""The listeners of the test broker, and its server.properties."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.helpers.certificates import CLIENT_NAME, BrokerCertificates, CertificateFiles
from tests.helpers.ports import LOOPBACK

MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")


class Listener(StrEnum):
    """One door of the broker each; all of them lead to the same topics."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    MTLS = "MTLS"
    """SSL that insists on a client certificate."""
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"
    SCRAM_512_ONLY = "SCRAM_512_ONLY"
    """SASL_PLAINTEXT that knows SCRAM-SHA-512 and no other mechanism."""
    DEAD_ADVERTISED = "DEAD_ADVERTISED"
    """PLAINTEXT that answers, but sends its clients on to a port that refuses."""
    EXPIRED = "EXPIRED"
    """SSL with a certificate that expired yesterday."""
    FOREIGN = "FOREIGN"
    """SSL with a good certificate that is for another host's name."""
    PROXIED = "PROXIED"
    """PLAINTEXT that sends its clients on to the proxy port, where a test may put a FaultProxy."""

    @property
    def protocol(self) -> str:
        """Kafka's name for what is spoken here."""
        return _PROTOCOLS[self]

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """The SASL mechanisms offered; none where no login is expected."""
        if self is Listener.SCRAM_512_ONLY:
            return ("SCRAM-SHA-512",)
        return MECHANISMS if self.protocol.startswith("SASL") else ()


_PROTOCOLS = {
    Listener.PLAINTEXT: "PLAINTEXT",
    Listener.SSL: "SSL",
    Listener.MTLS: "SSL",
    Listener.SASL_PLAINTEXT: "SASL_PLAINTEXT",
    Listener.SASL_SSL: "SASL_SSL",
    Listener.SCRAM_512_ONLY: "SASL_PLAINTEXT",
    Listener.DEAD_ADVERTISED: "PLAINTEXT",
    Listener.EXPIRED: "SSL",
    Listener.FOREIGN: "SSL",
    Listener.PROXIED: "PLAINTEXT",
}


@dataclass(frozen=True, kw_only=True)
class BrokerPorts:
    """Where the broker listens, and the two ports that it advertises without listening there."""

    listeners: Mapping[Listener, int]
    controller: int
    proxy: int
    dead: int

    def advertised(self, listener: Listener) -> int:
        """Return the port that a client of `listener` is sent on to."""
        if listener is Listener.PROXIED:
            return self.proxy
        if listener is Listener.DEAD_ADVERTISED:
            return self.dead
        return self.listeners[listener]


def server_properties(
    *,
    data_folder: Path,
    ports: BrokerPorts,
    certificates: BrokerCertificates,
    super_users: tuple[str, ...],
    passwords: Mapping[str, str],
    overrides: Mapping[str, str],
) -> str:
    """Return the text of server.properties for a node that is broker and controller in one.

    Args:
        super_users: names that no ACL binds, besides whoever comes without a login and the good client certificate.
        passwords: of the PLAIN users, by name; the SCRAM users are made when the data folder is formatted.
        overrides: further settings, which win.
    """
    properties = _node(data_folder=data_folder, ports=ports)
    everyone = ("ANONYMOUS", f"CN={CLIENT_NAME}", *super_users)
    properties |= {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": ";".join(f"User:{name}" for name in everyone),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(certificates.authority.ca_file),
    }
    for listener, certificate in _server_certificates(certificates).items():
        properties |= _tls(listener, certificate)
    properties["listener.name.mtls.ssl.client.auth"] = "required"
    for listener in Listener:
        properties |= _sasl(listener, passwords)
    return "".join(f"{name}={value}\n" for name, value in (properties | dict(overrides)).items())


def _node(*, data_folder: Path, ports: BrokerPorts) -> dict[str, str]:
    listening = [f"{name}://{LOOPBACK}:{port}" for name, port in ports.listeners.items()]
    advertised = [f"{name}://{LOOPBACK}:{ports.advertised(name)}" for name in ports.listeners]
    protocols = [f"{listener}:{listener.protocol}" for listener in Listener]
    internal_topics = ("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")
    properties = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{LOOPBACK}:{ports.controller}",
        "controller.listener.names": "CONTROLLER",
        "listeners": ",".join([*listening, f"CONTROLLER://{LOOPBACK}:{ports.controller}"]),
        "advertised.listeners": ",".join(advertised),
        "listener.security.protocol.map": ",".join([*protocols, "CONTROLLER:PLAINTEXT"]),
        "inter.broker.listener.name": Listener.PLAINTEXT,
        "log.dirs": str(data_folder),
        # As on the embedded broker, so that one suite of tests runs on both.
        "num.partitions": "4",
        "auto.create.topics.enable": "true",
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        # Often, for topics that ask for a short one; the broker itself keeps records of any timestamp, or those of a
        # test that gives its own would go before they are read.
        "log.retention.check.interval.ms": "1000",
        "log.retention.ms": "-1",
        "controlled.shutdown.enable": "false",
        # A restarted broker is let in when the session of its former self is over: by default after 9 s.
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.min.isr": "1",
    }
    for topic in internal_topics:
        properties |= {f"{topic}.replication.factor": "1", f"{topic}.num.partitions": "1"}
    return properties


def _server_certificates(certificates: BrokerCertificates) -> dict[Listener, CertificateFiles]:
    bad = {Listener.EXPIRED: certificates.server_expired, Listener.FOREIGN: certificates.server_foreign}
    return {name: bad.get(name, certificates.server) for name in Listener if name.protocol.endswith("SSL")}


def _tls(listener: Listener, certificate: CertificateFiles) -> dict[str, str]:
    prefix = f"listener.name.{listener.lower()}.ssl"
    return {f"{prefix}.keystore.type": "PEM", f"{prefix}.keystore.location": str(certificate.key_store_file)}


def _sasl(listener: Listener, passwords: Mapping[str, str]) -> dict[str, str]:
    if not listener.mechanisms:
        return {}
    prefix = f"listener.name.{listener.lower()}"
    properties = {f"{prefix}.sasl.enabled.mechanisms": ",".join(listener.mechanisms)}
    users = " ".join(f'user_{name}="{password}"' for name, password in passwords.items())
    for mechanism in listener.mechanisms:
        module = (
            f"plain.PlainLoginModule required {users}" if mechanism == "PLAIN" else "scram.ScramLoginModule required"
        )
        jaas = f"org.apache.kafka.common.security.{module};"
        properties[f"{prefix}.{mechanism.lower()}.sasl.jaas.config"] = jaas
    return properties
