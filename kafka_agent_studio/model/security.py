"""How a connection logs in: protocol, mechanism, certificates, and the NAMES of secrets, never their values."""

from enum import StrEnum
from typing import Self

from pydantic import model_validator

from kafka_agent_studio.model.base import FileModel


class SecurityProtocol(StrEnum):
    """Kafka's four security protocols."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"

    @property
    def uses_tls(self) -> bool:
        """Whether bytes travel through TLS."""
        return self in (SecurityProtocol.SSL, SecurityProtocol.SASL_SSL)

    @property
    def uses_sasl(self) -> bool:
        """Whether the client logs in with a user name."""
        return self in (SecurityProtocol.SASL_PLAINTEXT, SecurityProtocol.SASL_SSL)


class SaslMechanism(StrEnum):
    """The login mechanisms offered."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


class Security(FileModel):
    """The `security:` block. File paths are relative to the workspace; an absent block means PLAINTEXT."""

    protocol: SecurityProtocol = SecurityProtocol.PLAINTEXT
    sasl_mechanism: SaslMechanism | None = None
    username: str | None = None
    password_secret: str | None = None
    ca_file: str | None = None
    client_cert_file: str | None = None
    client_key_file: str | None = None
    client_key_password_secret: str | None = None
    verify_hostname: bool = True

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if self.protocol.uses_sasl:
            missing = [name for name in ("sasl_mechanism", "username", "password_secret") if not getattr(self, name)]
            if missing:
                raise ValueError(f"{self.protocol} needs {', '.join(missing)}")
        if self.client_key_file and not self.client_cert_file:
            raise ValueError("client_key_file needs client_cert_file beside it")
        return self
