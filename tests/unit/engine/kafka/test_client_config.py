import ssl
import traceback
from pathlib import Path

import pytest

from kafka_agent_studio.api.faults import FaultCode
from kafka_agent_studio.engine.kafka.client_config import ClientConfig
from kafka_agent_studio.engine.kafka.pem_files import client_certificate_days_left
from kafka_agent_studio.engine.ports import FaultError
from kafka_agent_studio.model.security import Security
from tests.helpers.certificates import CLIENT_KEY_PASSWORD, BrokerCertificates
from tests.helpers.engine_clients import MemorySecrets, make_cluster

CANARY = "canary-4711"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> BrokerCertificates:
    return BrokerCertificates.create(tmp_path_factory.mktemp("certificates"))


def sasl(**fields: object) -> Security:
    return Security.model_validate(
        {"protocol": "SASL_SSL", "sasl_mechanism": "PLAIN", "username": "me", "password_secret": "pw"} | fields
    )


async def build(security: Security, root: Path | None = None, **secrets: str) -> ClientConfig:
    return await ClientConfig.build(make_cluster("k:9092", security=security, root=root), MemorySecrets(secrets))


async def test_both_libraries_get_the_login_and_neither_shows_it() -> None:
    config = await build(sasl(), pw=CANARY)
    for settings, name in ((config.aiokafka(), "sasl_plain_password"), (config.confluent(), "sasl.password")):
        assert settings[name] == CANARY
        assert f"{settings[name]}".encode() == CANARY.encode()
        assert CANARY not in repr(settings)
    assert CANARY not in repr(config)
    assert CANARY not in repr(vars(config))


async def test_a_traceback_with_locals_does_not_show_a_secret() -> None:
    config = await build(sasl(), pw=CANARY)
    arguments = config.aiokafka()
    try:
        raise RuntimeError(arguments["security_protocol"])
    except RuntimeError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "arguments" in shown
    assert CANARY not in shown


async def test_a_missing_secret_is_named() -> None:
    with pytest.raises(FaultError) as caught:
        await build(sasl())
    assert caught.value.fault.code is FaultCode.SECRET_MISSING
    assert caught.value.fault.parameters == {"secret": "pw"}


async def test_plaintext_needs_neither_secrets_nor_tls() -> None:
    config = await build(Security())
    assert config.tls is None
    assert config.confluent()["security.protocol"] == "PLAINTEXT"
    assert "sasl_plain_password" not in config.aiokafka()


async def test_tls_trusts_its_own_authority_alone_and_checks_names(certificates: BrokerCertificates) -> None:
    ca = certificates.authority.ca_file
    config = await build(sasl(ca_file=ca.name), ca.parent, pw="x")
    assert config.tls is not None
    assert [c["subject"] for c in config.tls.get_ca_certs()] != []
    assert len(config.tls.get_ca_certs()) == 1
    assert config.tls.check_hostname
    assert config.tls.verify_mode is ssl.CERT_REQUIRED
    assert config.confluent()["ssl.ca.location"] == str(ca)
    unchecked = await build(sasl(ca_file=ca.name, verify_hostname=False), ca.parent, pw="x")
    assert unchecked.tls is not None
    assert not unchecked.tls.check_hostname
    assert unchecked.tls.verify_mode is ssl.CERT_REQUIRED
    assert unchecked.confluent()["ssl.endpoint.identification.algorithm"] == "none"


async def test_an_encrypted_key_opens_with_its_password(certificates: BrokerCertificates) -> None:
    files = certificates.client_locked
    security = Security.model_validate(
        {
            "protocol": "SSL",
            "client_cert_file": str(files.cert_file),
            "client_key_file": str(files.key_file),
            "client_key_password_secret": "lock",
        }
    )
    config = await build(security, lock=CLIENT_KEY_PASSWORD)
    assert config.confluent()["ssl.key.location"] == str(files.key_file)
    assert CLIENT_KEY_PASSWORD not in repr(config.confluent())
    with pytest.raises(FaultError, match="does not open with the password"):
        await build(security, lock="another")


async def test_certificate_and_key_may_be_in_one_file(certificates: BrokerCertificates) -> None:
    security = Security.model_validate({"protocol": "SSL", "client_cert_file": str(certificates.client.key_store_file)})
    config = await build(security)
    assert config.confluent()["ssl.key.location"] == str(certificates.client.key_store_file)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"ca_file": "no.pem"}, "no.pem: cannot be read (no such file or directory)"),
        ({"ca_file": "junk.pem"}, "junk.pem: holds no certificate"),
        ({"client_cert_file": "client.pem", "client_key_file": "junk.pem"}, "junk.pem: holds no private key"),
        ({"client_cert_file": "client.pem", "client_key_file": "client-locked-key.pem"}, "is encrypted; name"),
        (
            {"client_cert_file": "client.pem", "client_key_file": "server-key.pem"},
            "does not fit client.pem",
        ),
        ({"client_cert_file": "client-key.pem", "client_key_file": "client-key.pem"}, "holds no certificate"),
    ],
)
async def test_a_file_that_cannot_be_used_is_named_with_the_reason(
    certificates: BrokerCertificates, fields: dict[str, str], says: str
) -> None:
    folder = certificates.authority.ca_file.parent
    (folder / "junk.pem").write_text("junk")
    with pytest.raises(FaultError) as caught:
        await build(Security.model_validate({"protocol": "SSL"} | fields), folder)
    assert caught.value.fault.code is FaultCode.TLS_FAILED
    assert says in str(caught.value.fault.parameters["detail"])


def test_the_days_left_of_a_client_certificate(certificates: BrokerCertificates) -> None:
    folder = certificates.authority.ca_file.parent

    def days(file: str | None) -> int | None:
        fields = {} if file is None else {"client_cert_file": file}
        return client_certificate_days_left(Security.model_validate({"protocol": "SSL"} | fields), folder)

    assert days(None) is None
    assert days("client.pem") == 0
    assert (days("client-expired.pem") or 0) < 0
