"""The PEM files of a security block: read and understood before any library gets them, so that errors name the file."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from pydantic import SecretStr

from kafka_agent_studio.model.security import Security


class PemError(ValueError):
    """A PEM file cannot be used; `file` is its path as the connection gives it, the message says why."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = file


@dataclass(frozen=True, slots=True, kw_only=True)
class PemFiles:
    """Where a cluster's PEM files are, as absolute paths; None where the security block names none."""

    ca: Path | None
    client_cert: Path | None
    client_key: Path | None

    @classmethod
    def of(cls, security: Security, root: Path) -> "PemFiles":
        """Find the files; the key may be in the certificate's file."""

        def absolute(file: str | None) -> Path | None:
            return None if file is None else (root / file).absolute()

        return cls(
            ca=absolute(security.ca_file),
            client_cert=absolute(security.client_cert_file),
            client_key=absolute(security.client_key_file or security.client_cert_file),
        )


def ssl_context(security: Security, root: Path, key_password: SecretStr | None) -> ssl.SSLContext:
    """Return a TLS client context of a security block; reads files, so call it off the event loop.

    Trusts `ca_file` alone where it is given, else the system's store. Raises: PemError.
    """
    files = PemFiles.of(security, root)
    if files.ca is None:
        context = ssl.create_default_context()
    else:
        certificates = _read_certificates(security.ca_file or "", files.ca)
        context = ssl.create_default_context(cadata="".join(_pem(c) for c in certificates))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = security.verify_hostname
    if files.client_cert is not None and files.client_key is not None:
        _read_certificates(security.client_cert_file or "", files.client_cert)
        key_name = security.client_key_file or security.client_cert_file or ""
        _check_key(key_name, files.client_key, key_password)
        password = "" if key_password is None else key_password.get_secret_value()
        try:
            # Always with a password: without one OpenSSL asks for it on the terminal and waits.
            context.load_cert_chain(files.client_cert, files.client_key, password=lambda: password)
        except (ssl.SSLError, OSError) as error:
            raise PemError(key_name, f"does not fit {security.client_cert_file} ({_reason(error)})") from None
    return context


def certificate_end(name: str, file: Path) -> datetime:
    """Return when the first certificate of a PEM file expires, in UTC. Raises: PemError."""
    return _read_certificates(name, file)[0].not_valid_after_utc


def authorities_end(name: str, file: Path) -> datetime:
    """Return when the last of the certificates of a PEM file expires, in UTC. Raises: PemError.

    While one authority takes over from another a file holds both, and that the old one ends is no trouble.
    """
    return max(certificate.not_valid_after_utc for certificate in _read_certificates(name, file))


def client_certificate_days_left(security: Security, root: Path, *, now: datetime | None = None) -> int | None:
    """Return the whole days until the client certificate expires; None where there is none, negative once expired.

    Raises: PemError.
    """
    file = PemFiles.of(security, root).client_cert
    if file is None or not security.protocol.uses_tls:
        return None
    return (certificate_end(security.client_cert_file or "", file) - (now or datetime.now(UTC))).days


def _read(name: str, file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise PemError(name, f"cannot be read ({(error.strerror or 'error').lower()})") from None


def _read_certificates(name: str, file: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(_read(name, file))
    except PemError:
        raise
    except ValueError:
        raise PemError(name, "holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)") from None


def _check_key(name: str, file: Path, password: SecretStr | None) -> None:
    data = _read(name, file)
    try:
        load_pem_private_key(data, None if password is None else password.get_secret_value().encode())
    except TypeError:
        if password is not None:
            return  # the key is not encrypted: a password too many does no harm
        raise PemError(name, "is encrypted; name its password's secret in client_key_password_secret") from None
    except ValueError:
        if password is not None and b"ENCRYPTED" in data:
            raise PemError(name, "does not open with the password in client_key_password_secret") from None
        raise PemError(name, "holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)") from None


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def _reason(error: OSError) -> str:
    return str(getattr(error, "reason", None) or error.strerror or error).lower().replace("_", " ")
