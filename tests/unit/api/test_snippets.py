import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_agent_studio.api.presets import connection_presets
from kafka_agent_studio.api.snippets import parse_snippet
from kafka_agent_studio.model.security import SaslMechanism, SecurityProtocol

_PROPERTIES = """\
# Required connection configs
bootstrap.servers=pkc-1.aws.confluent.cloud:9092
security.protocol=SASL_SSL
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\
    username="KEY" password="s=e;c\\"ret";
sasl.mechanism=PLAIN
client.dns.lookup=use_all_dns_ips
"""


def test_client_properties_fill_the_form_and_the_password_stands_apart() -> None:
    snippet = parse_snippet(_PROPERTIES)
    assert snippet.bootstrap_servers == "pkc-1.aws.confluent.cloud:9092"
    assert snippet.security == {"protocol": "SASL_SSL", "sasl_mechanism": "PLAIN", "username": "KEY"}
    assert snippet.password == 's=e;c"ret'
    assert snippet.remarks == ()
    assert "s=e" not in repr(snippet)


@pytest.mark.parametrize(
    "text",
    [
        """config = {'bootstrap.servers': 'b-1:9096', 'security.protocol': 'SASL_SSL',
            'sasl.mechanisms': 'SCRAM-SHA-512', 'sasl.username': 'me', 'sasl.password': 'pw'}""",
        """{"bootstrap.servers": "b-1:9096", "security.protocol": "SASL_SSL", "enable.idempotence": true,
            "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "me", "sasl.password": "pw"}""",
        """bootstrap.servers: b-1:9096
security.protocol: "SASL_SSL"
sasl.mechanism: SCRAM-SHA-512
sasl.username: me
sasl.password: 'pw'  # secret
""",
        """export BOOTSTRAP_SERVERS="b-1:9096"
SECURITY_PROTOCOL=sasl_ssl
SASL_MECHANISM=scram-sha-512
SASL_USERNAME=me
SASL_PASSWORD=pw
""",
        """spring.kafka.bootstrap-servers=b-1:9096
spring.kafka.properties.security.protocol=SASL_SSL
spring.kafka.properties.sasl.mechanism=SCRAM-SHA-512
spring.kafka.properties.sasl.jaas.config=x.ScramLoginModule required username='me' password='pw';
""",
    ],
    ids=["python", "json", "yaml", "environment", "spring"],
)
def test_the_same_login_in_every_form_people_paste(text: str) -> None:
    snippet = parse_snippet(text)
    assert snippet.bootstrap_servers == "b-1:9096"
    assert snippet.security == {"protocol": "SASL_SSL", "sasl_mechanism": "SCRAM-SHA-512", "username": "me"}
    assert snippet.password == "pw"


def test_a_key_file_of_confluent_cloud() -> None:
    snippet = parse_snippet(
        "=== Confluent Cloud API key ===\n\nAPI key:\nABC\n\nAPI secret:\nxyz+/=\n\nResource:\nlkc-1\n\n"
        "Bootstrap server:\npkc-9.confluent.cloud:9092\n"
    )
    assert (snippet.bootstrap_servers, snippet.password) == ("pkc-9.confluent.cloud:9092", "xyz+/=")
    assert snippet.security == {"protocol": "SASL_SSL", "sasl_mechanism": "PLAIN", "username": "ABC"}
    assert len(snippet.remarks) == 2


def test_a_jaas_line_alone_says_what_it_assumes() -> None:
    snippet = parse_snippet('org.apache.kafka.common.security.scram.ScramLoginModule required username="a" password=b;')
    assert snippet.security["sasl_mechanism"] == "SCRAM-SHA-512"
    assert snippet.password == "b"
    assert any("SCRAM-SHA-512 is assumed" in remark for remark in snippet.remarks)


def test_certificates_and_stores() -> None:
    snippet = parse_snippet(
        "security.protocol=SSL\nssl.ca.location=certs/ca.pem\nssl.keystore.location=/keys/me.p12\n"
        "ssl.endpoint.identification.algorithm=\nssl.key.password=kp\nsasl.mechanism=GSSAPI\n"
    )
    assert snippet.security == {"protocol": "SSL", "ca_file": "certs/ca.pem", "verify_hostname": False}
    assert snippet.key_password == "kp"
    assert [remark for remark in snippet.remarks if "/keys/me.p12" in remark and "PEM" in remark]
    assert [remark for remark in snippet.remarks if "GSSAPI" in remark]


def test_a_listener_before_the_address_and_a_wrong_address() -> None:
    assert parse_snippet("bootstrap.servers=SASL_SSL://a:1,SASL_SSL://b:2").bootstrap_servers == "a:1,b:2"
    assert "not host:port" in parse_snippet("bootstrap.servers=nowhere").remarks[0]


@given(st.text(alphabet=st.sampled_from(list("abk.=:{}'\"\\\n ;,#LoginModule required sasl"))))
def test_nothing_pasted_raises(text: str) -> None:
    parse_snippet(text)


def test_nothing_recognised_is_told() -> None:
    assert parse_snippet("hello").is_empty
    assert not parse_snippet(_PROPERTIES).is_empty


def test_presets_are_valid_choices() -> None:
    presets = {preset.title: preset for preset in connection_presets()}
    assert list(presets) == ["Local", "Confluent Cloud", "Amazon MSK", "Aiven", "Redpanda Cloud"]
    for preset in presets.values():
        SecurityProtocol(preset.security["protocol"])
        if "sasl_mechanism" in preset.security:
            SaslMechanism(preset.security["sasl_mechanism"])
    assert presets["Amazon MSK"].servers_hint.endswith(":9096")
    assert "ca_file" in presets["Aiven"].needs
