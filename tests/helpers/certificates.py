"""A certificate authority of the tests' own: server and client certificates, good ones and bad ones, as PEM files."""

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CLIENT_NAME = "studio-client"
CLIENT_KEY_PASSWORD = "correct horse battery staple"


@dataclass(frozen=True, kw_only=True)
class CertificateFiles:
    """A certificate and its PKCS#8 key as PEM files; `key_store_file` holds both, as Kafka wants its key stores."""

    cert_file: Path
    key_file: Path
    key_store_file: Path


class CertificateAuthority:
    """Signs certificates and writes them into one folder.

    `ca_file` is what clients are given to trust. Elliptic curve keys: they are made in a millisecond.
    """

    def __init__(
        self, *, folder: Path, name: str, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate
    ) -> None:
        self._folder = folder
        self._key = key
        self._certificate = certificate
        self.ca_file = folder / f"{name}.pem"
        self.ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    @classmethod
    def create(cls, folder: Path, *, name: str = "ca") -> Self:
        """Make an authority whose files live in `folder` (made if missing)."""
        folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(f"Kafka Agent Studio tests, {name}")
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=400))
            .not_valid_after(now + datetime.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_ca_key_usage(), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(folder=folder, name=name, key=key, certificate=certificate)

    def issue(
        self,
        file_name: str,
        *,
        common_name: str | None = None,
        hosts: tuple[str, ...] = (),
        expires_in: datetime.timedelta = datetime.timedelta(days=1),
        key_password: str | None = None,
    ) -> CertificateFiles:
        """Sign a certificate for `hosts` (DNS names or IP addresses; none for a client) and write its files.

        Args:
            file_name: first part of the files' names.
            common_name: default `file_name`. Kafka's principal of an mTLS client is `User:CN=<common_name>`.
            expires_in: negative for one that expired that long ago.
            key_password: encrypts `key_file` (PKCS#8); the key store file stays in clear for the broker.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(common_name or file_name))
            .issuer_name(self._certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=365))
            .not_valid_after(now + expires_in)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
                critical=False,
            )
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName([_host(h) for h in hosts]), critical=False)
        return self._write(file_name, builder.sign(self._key, hashes.SHA256()), key, key_password)

    def _write(
        self, file_name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey, key_password: str | None
    ) -> CertificateFiles:
        files = CertificateFiles(
            cert_file=self._folder / f"{file_name}.pem",
            key_file=self._folder / f"{file_name}-key.pem",
            key_store_file=self._folder / f"{file_name}-store.pem",
        )
        cert_pem = certificate.public_bytes(serialization.Encoding.PEM)
        files.cert_file.write_bytes(cert_pem)
        files.key_file.write_bytes(_key_pem(key, key_password))
        files.key_store_file.write_bytes(_key_pem(key, None) + cert_pem)
        return files


@dataclass(frozen=True, kw_only=True)
class BrokerCertificates:
    """Every certificate that a test of TLS needs, good and bad."""

    authority: CertificateAuthority
    stranger: CertificateAuthority
    server: CertificateFiles
    server_expired: CertificateFiles
    server_foreign: CertificateFiles
    client: CertificateFiles
    client_locked: CertificateFiles
    client_expired: CertificateFiles
    client_stranger: CertificateFiles

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Make them all under `folder`: `server` is for localhost and 127.0.0.1, `server_foreign` for another host.

        `client_locked` is a valid client certificate whose key is encrypted with CLIENT_KEY_PASSWORD; the stranger's
        authority is one that the broker does not trust.
        """
        authority = CertificateAuthority.create(folder)
        stranger = CertificateAuthority.create(folder, name="stranger-ca")
        loopback = ("localhost", "127.0.0.1")
        yesterday = datetime.timedelta(days=-1)
        return cls(
            authority=authority,
            stranger=stranger,
            server=authority.issue("server", hosts=loopback),
            server_expired=authority.issue("server-expired", hosts=loopback, expires_in=yesterday),
            server_foreign=authority.issue("server-foreign", hosts=("kafka.example.org",)),
            client=authority.issue("client", common_name=CLIENT_NAME),
            client_locked=authority.issue("client-locked", common_name=CLIENT_NAME, key_password=CLIENT_KEY_PASSWORD),
            client_expired=authority.issue("client-expired", common_name=CLIENT_NAME, expires_in=yesterday),
            client_stranger=stranger.issue("client-stranger", common_name=CLIENT_NAME),
        )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_pem(key: ec.EllipticCurvePrivateKey, password: str | None) -> bytes:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password is not None:
        encryption = serialization.BestAvailableEncryption(password.encode())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def _ca_key_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
