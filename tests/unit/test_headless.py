"""What a program reads line by line."""

from kafka_agent_studio.api.certificates import CertificateKind, ExpiringCertificate
from kafka_agent_studio.api.events import CertificatesChanged
from kafka_agent_studio.headless import event_lines


def test_certificates_that_run_out_are_a_line() -> None:
    certificate = ExpiringCertificate("staging", CertificateKind.BROKER, "kafka-1:9093", 1_705_312_800_000_000, -4)
    (line,) = event_lines(CertificatesChanged(1_705_312_800_000_000, (certificate,)))
    assert (line["event"], line["at"]) == ("certificates_changed", "2024-01-15T10:00:00.000Z")
    (written,) = line["certificates"]
    assert written == {
        "connection": "staging",
        "kind": "broker",
        "certificate": "kafka-1:9093",
        "ends_at": "2024-01-15T10:00:00.000Z",
        "days": -4,
        "code": "certificate_expires",
        "reason": "the certificate of the broker kafka-1:9093 expired 3 days ago",
        "parameters": {"kind": "broker", "file": "kafka-1:9093", "days": -4},
    }
