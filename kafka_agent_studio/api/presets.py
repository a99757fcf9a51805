"""What a form is filled with for a kind of cluster, and the one hint that people need there."""

from collections.abc import Mapping

import msgspec


class ConnectionPreset(msgspec.Struct, frozen=True, kw_only=True):
    """A start for a connection; `security` holds the fields of the security block, `servers_hint` an example."""

    title: str
    bootstrap_servers: str
    servers_hint: str
    security: Mapping[str, str] = msgspec.field(default_factory=dict)
    needs: tuple[str, ...] = ()
    """The fields that the person still has to fill in."""
    hint: str = ""


def connection_presets() -> tuple[ConnectionPreset, ...]:
    """Return the presets in the order offered."""
    login = ("bootstrap_servers", "username", "password_secret")
    return (
        ConnectionPreset(
            title="Local",
            bootstrap_servers="localhost:9092",
            servers_hint="localhost:9092",
            security={"protocol": "PLAINTEXT"},
            hint="A broker on this machine, without TLS and login.",
        ),
        ConnectionPreset(
            title="Confluent Cloud",
            bootstrap_servers="",
            servers_hint="pkc-12345.eu-central-1.aws.confluent.cloud:9092",
            security={"protocol": "SASL_SSL", "sasl_mechanism": "PLAIN"},
            needs=login,
            hint="The user name is an API key of the cluster, the password its secret.",
        ),
        ConnectionPreset(
            title="Amazon MSK",
            bootstrap_servers="",
            servers_hint="b-1.orders.abcde1.c2.kafka.eu-central-1.amazonaws.com:9096",
            security={"protocol": "SASL_SSL", "sasl_mechanism": "SCRAM-SHA-512"},
            needs=login,
            hint="SCRAM listens on port 9096; the login is a Secrets Manager secret attached to the cluster.",
        ),
        ConnectionPreset(
            title="Aiven",
            bootstrap_servers="",
            servers_hint="kafka-orders.aivencloud.com:12345",
            security={"protocol": "SASL_SSL", "sasl_mechanism": "SCRAM-SHA-256", "ca_file": "certs/ca.pem"},
            needs=(*login, "ca_file"),
            hint="Turn SASL on in the service, use the port of SASL, and download the project's CA certificate.",
        ),
        ConnectionPreset(
            title="Redpanda Cloud",
            bootstrap_servers="",
            servers_hint="seed-1234.abc.byoc.prd.cloud.redpanda.com:9092",
            security={"protocol": "SASL_SSL", "sasl_mechanism": "SCRAM-SHA-256"},
            needs=login,
            hint="Create a user under Security and give it rights on the topics.",
        ),
    )
