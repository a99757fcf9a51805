"""The tls stage: whether both sides mean the same kind of line, and whose certificate is wrong in which way."""

import asyncio
import ssl
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import TypeVar

from cryptography import x509
from cryptography.x509.oid import NameOID

from kafka_agent_studio.engine.kafka.check_outcome import StageFailedError, StageSkippedError
from kafka_agent_studio.engine.kafka.cluster import Cluster
from kafka_agent_studio.engine.kafka.pem_files import PemError, PemFiles, certificate_end
from kafka_agent_studio.engine.kafka.wire import (
    NotKafkaError,
    connected,
    peer_certificate,
    say_hello,
    speaks_kafka,
    speaks_tls,
)

ResultT = TypeVar("ResultT")

HELLO_S = 2.0
_NOT_YET_VALID, _EXPIRED = 9, 10
_FOREIGN_CODES = (62, 64)
"""X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH (OpenSSL, x509_vfy.h)."""
_SOON_DAYS = 14


async def check_plaintext(host: str, port: int, protocol: str) -> None:
    """Raises: StageSkippedError where the broker speaks without TLS, as it should; else StageFailedError."""
    try:
        async with asyncio.timeout(HELLO_S), connected(host, port) as (reader, writer):
            await say_hello(reader, writer)
    except TimeoutError:
        if await _within(speaks_tls(host, port)):
            raise _expects_tls(protocol) from None
        raise _silent() from None
    except NotKafkaError:
        if await _within(speaks_tls(host, port)):
            raise _expects_tls(protocol) from None
        raise _not_kafka(host, port) from None
    except (OSError, EOFError):
        if await _within(speaks_tls(host, port)):
            raise _expects_tls(protocol) from None
        raise StageFailedError(
            "the connection was closed as soon as something was said",
            f"check that {host}:{port} is a Kafka broker's port for clients",
        ) from None
    raise StageSkippedError(f"{protocol} travels without TLS")


async def check_tls(host: str, port: int, cluster: Cluster, context: ssl.SSLContext) -> str:
    """Shake hands and say hello; returns what was found. Raises: StageFailedError."""
    try:
        async with asyncio.timeout(HELLO_S), connected(host, port, context) as (reader, writer):
            session: ssl.SSLObject = writer.get_extra_info("ssl_object")
            await _hello_through_tls(reader, writer, cluster, host, port)
            return _description(session)
    except ssl.SSLCertVerificationError as error:
        raise await _certificate_refused(error, host, port, cluster) from None
    except TimeoutError:
        raise _silent() from None
    except (OSError, EOFError) as error:
        if await _within(speaks_kafka(host, port)):
            protocol = cluster.security.protocol
            instead = "PLAINTEXT" if protocol == "SSL" else "SASL_PLAINTEXT"
            raise StageFailedError(
                f"the broker speaks without TLS here, but the protocol is {protocol}",
                f"choose {instead}, or give the port of its TLS listener",
            ) from None
        raise StageFailedError(
            f"the TLS handshake failed: {_words(error)}",
            f"check that {host}:{port} is the broker's TLS port and that both sides support TLS 1.2 or 1.3",
        ) from None


async def _hello_through_tls(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cluster: Cluster, host: str, port: int
) -> None:
    """In TLS 1.3 a broker refuses a client's certificate only after the handshake has succeeded."""
    try:
        await say_hello(reader, writer)
    except NotKafkaError:
        raise _not_kafka(host, port) from None
    except (OSError, EOFError):
        raise _client_certificate_failure(cluster) from None


def _client_certificate_failure(cluster: Cluster) -> StageFailedError:
    security = cluster.security
    if security.client_cert_file is None:
        return StageFailedError(
            "the broker requires a client certificate (it ended the connection after the TLS handshake)",
            "set client_cert_file and client_key_file to the certificate and key that you were given",
        )
    file = PemFiles.of(security, cluster.root).client_cert
    try:
        end = None if file is None else certificate_end(security.client_cert_file, file)
    except PemError:
        end = None
    if end is not None and end < datetime.now(UTC):
        return StageFailedError(
            f"the client certificate {security.client_cert_file} expired on {end:%Y-%m-%d}",
            "ask for a new client certificate and put it in its place",
        )
    return StageFailedError(
        f"the broker does not accept the client certificate {security.client_cert_file}",
        "use one that was signed by an authority in the broker's trust store",
    )


async def _certificate_refused(
    error: ssl.SSLCertVerificationError, host: str, port: int, cluster: Cluster
) -> StageFailedError:
    der = await _within(peer_certificate(host, port))
    certificate = x509.load_der_x509_certificate(der) if isinstance(der, bytes) else None
    if error.verify_code == _EXPIRED:
        when = "" if certificate is None else f" on {certificate.not_valid_after_utc:%Y-%m-%d}"
        return StageFailedError(f"the broker's certificate expired{when}", "have the broker's certificate renewed")
    if error.verify_code == _NOT_YET_VALID:
        return StageFailedError("the broker's certificate is not valid yet", "check the clocks of both machines")
    if error.verify_code in _FOREIGN_CODES:
        names = "another host" if certificate is None else _names(certificate)
        return StageFailedError(
            f"the broker's certificate is for {names}, not for {host}",
            "use the name in the certificate as the bootstrap server, or, if you know why, set verify_hostname: false",
        )
    issuer = "" if certificate is None else f" (it was issued by {_common_name(certificate.issuer)})"
    ca_file = cluster.security.ca_file
    trusted = "the system's trust store" if ca_file is None else ca_file
    return StageFailedError(
        f"the broker's certificate is not trusted by {trusted}{issuer}",
        "set ca_file to the certificate of the authority that issued it (PEM)",
    )


def _description(session: ssl.SSLObject) -> str:
    der = session.getpeercert(binary_form=True)
    version = session.version() or "TLS"
    if der is None:
        return version
    end = x509.load_der_x509_certificate(der).not_valid_after_utc
    return f"{version}, the broker's certificate is valid until {day_in_words(end, now=datetime.now(UTC))}"


def day_in_words(end: datetime, *, now: datetime) -> str:
    """Return the day of `end` and, where that is soon, how far it is by the calendar; both times in UTC."""
    days = (end.date() - now.date()).days
    soon = "today" if days == 0 else "in 1 day" if days == 1 else f"in {days} days"
    return f"{end:%Y-%m-%d}" + (f", {soon}" if 0 <= days <= _SOON_DAYS else "")


def _names(certificate: x509.Certificate) -> str:
    try:
        alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return _common_name(certificate.subject)
    names = [str(name.value) for name in alternatives]
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


def _common_name(name: x509.Name) -> str:
    attributes = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(attributes[0].value) if attributes else name.rfc4514_string()


async def _within(question: Awaitable[ResultT]) -> ResultT | None:
    """The answer, or None where it does not come soon."""
    try:
        async with asyncio.timeout(HELLO_S):
            return await question
    except TimeoutError:
        return None


def _words(error: BaseException) -> str:
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.lower().replace("_", " ")
    return "the connection was closed" if isinstance(error, EOFError) else (str(error) or type(error).__name__)


def _expects_tls(protocol: str) -> StageFailedError:
    instead = "SASL_SSL" if protocol.startswith("SASL") else "SSL or SASL_SSL"
    return StageFailedError(f"this port expects TLS, but the protocol is {protocol}", f"choose {instead}")


def _silent() -> StageFailedError:
    return StageFailedError(
        "the peer accepts the connection and never answers",
        "check that it is a Kafka broker that is up, and not a firewall or a broker that hangs",
    )


def _not_kafka(host: str, port: int) -> StageFailedError:
    return StageFailedError(
        "what answers there is not a Kafka broker", f"check the port: {host}:{port} may be another service"
    )
