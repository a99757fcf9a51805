"""Certificates that are about to expire, or have."""

from enum import StrEnum

import msgspec

from kafka_agent_studio.api.faults import Fault, FaultCode


class CertificateKind(StrEnum):
    """Whose certificate it is."""

    CLIENT = "client"
    """The one that a connection logs in with (mutual TLS)."""
    AUTHORITY = "authority"
    """The one that a connection trusts brokers by; of several in one file, the last to expire."""
    BROKER = "broker"
    """The one that a broker shows."""


class ExpiringCertificate(msgspec.Struct, frozen=True):
    """A certificate that expires within 30 days, or has.

    `source` is the connection, or the connector that has servers of its own; `where` the file as it is written there,
    or the broker's `host:port`. `days` are whole days left, negative once expired; `ends_at_us` is epoch µs.
    """

    source: str
    kind: CertificateKind
    where: str
    ends_at_us: int
    days: int

    @property
    def fault(self) -> Fault:
        """What there is to say of it."""
        return Fault(FaultCode.CERTIFICATE_EXPIRES, {"kind": self.kind.value, "file": self.where, "days": self.days})
