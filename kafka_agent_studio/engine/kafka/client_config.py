"""From a cluster and its secrets to the arguments of the two client libraries. Nothing here shows a secret."""

import asyncio
import logging
import ssl
from typing import Any, Protocol

from pydantic import SecretStr

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.engine.kafka.cluster import Cluster
from kafka_agent_studio.engine.kafka.log_filter import calm_client_logs
from kafka_agent_studio.engine.kafka.pem_files import PemError, PemFiles, ssl_context
from kafka_agent_studio.engine.ports import FaultError
from kafka_agent_studio.workspace.secrets import SecretStoreError

CLIENT_ID = "kafka-agent-studio"
REQUEST_TIMEOUT_MS = 15_000
"""After a fault, recovery takes up to this long: one reconnect may meet silence and wait it out."""
RETRY_BACKOFF_MS = 500
METADATA_MAX_AGE_MS = 30_000
"""New partitions are noticed after this long."""

_librdkafka_log = logging.getLogger("kafka_agent_studio.librdkafka")


class SecretSource(Protocol):
    """Where secrets are looked up, at every connect anew."""

    async def get(self, name: str) -> SecretStr | None:
        """Return the secret of that name; None where there is none."""
        ...


class HiddenStr(str):
    """Text that the libraries can use but that does not show in a repr, a log of arguments or a traceback's locals."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'**********'"


class ClientConfig:
    """What both client libraries need to reach one cluster, secrets included; built anew for every connect."""

    def __init__(
        self,
        *,
        cluster: Cluster,
        password: SecretStr | None,
        key_password: SecretStr | None,
        tls: ssl.SSLContext | None,
    ) -> None:
        self.cluster = cluster
        self.tls = tls
        """None where the protocol is without TLS."""
        self._password = password
        self._key_password = key_password

    def __repr__(self) -> str:
        return f"ClientConfig({self.cluster.label}, {self.cluster.security.protocol})"

    @classmethod
    async def build(cls, cluster: Cluster, secrets: SecretSource) -> "ClientConfig":
        """Look the secrets up and read the PEM files.

        Raises:
            FaultError: SECRET_MISSING, SECRET_STORE, or TLS_FAILED where a PEM file cannot be used.
        """
        calm_client_logs()
        security = cluster.security
        password = key_password = None
        if security.protocol.uses_sasl and security.password_secret is not None:
            password = await _secret(secrets, security.password_secret)
        if not security.protocol.uses_tls:
            return cls(cluster=cluster, password=password, key_password=None, tls=None)
        if security.client_key_password_secret is not None:
            key_password = await _secret(secrets, security.client_key_password_secret)
        try:
            tls = await asyncio.to_thread(ssl_context, security, cluster.root, key_password)
        except PemError as error:
            parameters: dict[str, str | int | float | bool] = {
                "address": cluster.bootstrap_servers,
                "detail": str(error),
            }
            raise FaultError(Fault(FaultCode.TLS_FAILED, parameters)) from None
        return cls(cluster=cluster, password=password, key_password=key_password, tls=tls)

    def connection_arguments(self) -> dict[str, Any]:
        """Return what aiokafka's create_conn takes beside host and port."""
        security = self.cluster.security
        arguments: dict[str, Any] = {"security_protocol": security.protocol.value, "ssl_context": self.tls}
        if security.protocol.uses_sasl and security.sasl_mechanism is not None:
            arguments["sasl_mechanism"] = security.sasl_mechanism.value
            arguments["sasl_plain_username"] = security.username
            arguments["sasl_plain_password"] = _hidden(self._password)
        return arguments

    def aiokafka(self) -> dict[str, Any]:
        """Return the keyword arguments that AIOKafkaConsumer and AIOKafkaProducer share."""
        return {
            "bootstrap_servers": [f"{_bracketed(host)}:{port}" for host, port in self.cluster.servers],
            "client_id": CLIENT_ID,
            "request_timeout_ms": REQUEST_TIMEOUT_MS,
            "retry_backoff_ms": RETRY_BACKOFF_MS,
            "metadata_max_age_ms": METADATA_MAX_AGE_MS,
            **self.connection_arguments(),
        }

    def confluent(self) -> dict[str, Any]:
        """Return the configuration of a confluent-kafka client; its log goes to logging, not to stderr."""
        security = self.cluster.security
        settings: dict[str, Any] = {
            "bootstrap.servers": self.cluster.bootstrap_servers,
            "client.id": CLIENT_ID,
            "security.protocol": security.protocol.value,
            "reconnect.backoff.ms": RETRY_BACKOFF_MS,
            "logger": _librdkafka_log,
        }
        if security.protocol.uses_sasl and security.sasl_mechanism is not None:
            settings["sasl.mechanism"] = security.sasl_mechanism.value
            settings["sasl.username"] = security.username
            settings["sasl.password"] = _hidden(self._password)
        if security.protocol.uses_tls:
            settings |= self._confluent_tls()
        return settings

    def _confluent_tls(self) -> dict[str, Any]:
        security = self.cluster.security
        files = PemFiles.of(security, self.cluster.root)
        algorithm = "https" if security.verify_hostname else "none"
        settings: dict[str, Any] = {"ssl.endpoint.identification.algorithm": algorithm}
        # librdkafka's own OpenSSL does not always find the system's trust store that Python's does
        ca = files.ca or ssl.get_default_verify_paths().cafile
        if ca is not None:
            settings["ssl.ca.location"] = str(ca)
        if files.client_cert is not None:
            settings["ssl.certificate.location"] = str(files.client_cert)
            settings["ssl.key.location"] = str(files.client_key)
        if self._key_password is not None:
            settings["ssl.key.password"] = _hidden(self._key_password)
        return settings


async def _secret(secrets: SecretSource, name: str) -> SecretStr:
    try:
        value = await secrets.get(name)
    except SecretStoreError as error:
        raise FaultError(Fault(FaultCode.SECRET_STORE, {"detail": str(error)})) from None
    if value is None:
        raise FaultError(Fault(FaultCode.SECRET_MISSING, {"secret": name}))
    return value


def _hidden(secret: SecretStr | None) -> HiddenStr:
    return HiddenStr("" if secret is None else secret.get_secret_value())


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
