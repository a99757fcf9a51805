"""Every fault can be said to a person: what happened, what it means, what to do."""

import pytest

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.api.words import one_line, sentence


@pytest.mark.parametrize("code", list(FaultCode))
@pytest.mark.parametrize("parameters", [{}, {"detail": "it broke\nbadly", "topic": "orders", "count": 1, "days": -1}])
def test_every_code_is_said_whole(code: FaultCode, parameters: dict[str, str | int | float | bool]) -> None:
    fault = Fault(code, parameters)
    said = sentence(fault)
    for part in (said.what, said.means, said.remedy):
        assert part
        assert part == part.strip()
        assert not part.endswith(".")
    assert "\n" not in one_line(fault)


@pytest.mark.parametrize(
    ("code", "parameters", "line"),
    [
        (
            FaultCode.RECORDS_REMOVED,
            {"topic": "orders", "partition": 0, "first": 41, "last": 90},
            "orders/0: 41 to 90 were removed before they were read",
        ),
        (
            FaultCode.RECORDS_REMOVED,
            {"topic": "orders", "partition": 0, "first": 41, "last": 41},
            "orders/0: 41 was removed before it was read",
        ),
        (
            FaultCode.BROKER_UNREACHABLE,
            {"address": "kafka-1:9092", "detail": "connection refused"},
            "the broker kafka-1:9092 cannot be reached: connection refused",
        ),
        (FaultCode.BROKER_UNREACHABLE, {"address": "", "detail": ""}, "the broker cannot be reached"),
        (
            FaultCode.CONFIG_INVALID,
            {"file": "agents/a.yaml", "line": 3, "column": 1, "message": "unknown field 'modle'"},
            "agents/a.yaml:3:1: unknown field 'modle'",
        ),
        (
            FaultCode.BUDGET_REACHED,
            {"kind": "cost", "limit": 20, "used": 20.5},
            "the day's budget is reached: 20.5 of 20 US dollars",
        ),
        *(
            (FaultCode.CERTIFICATE_EXPIRES, {"kind": kind, "file": file, "days": days}, line)
            for kind, file, days, line in (
                ("client", "me.pem", 12, "the client certificate me.pem expires in 12 days"),
                ("client", "me.pem", 1, "the client certificate me.pem expires in 1 day"),
                ("authority", "ca.pem", 0, "the authority's certificate ca.pem expires in less than a day"),
                ("broker", "k1:9093", -1, "the certificate of the broker k1:9093 expired less than a day ago"),
                ("broker", "k1:9093", -2, "the certificate of the broker k1:9093 expired 1 day ago"),
                ("broker", "k1:9093", -4, "the certificate of the broker k1:9093 expired 3 days ago"),
            )
        ),
        (
            FaultCode.STORE_DAMAGED,
            {"path": "runs.sqlite3", "set_aside": "runs.sqlite3.damaged-2026-09-21"},
            "the run store runs.sqlite3 was damaged; it was set aside as runs.sqlite3.damaged-2026-09-21",
        ),
    ],
)
def test_a_line_reads_as_a_person_would_say_it(
    code: FaultCode, parameters: dict[str, str | int | float | bool], line: str
) -> None:
    assert one_line(Fault(code, parameters)) == line


def test_what_an_expired_certificate_means_is_said_in_stronger_words() -> None:
    def means(kind: str, days: int) -> str:
        return sentence(Fault(FaultCode.CERTIFICATE_EXPIRES, {"kind": kind, "file": "f", "days": days})).means

    assert means("client", 3) == "after that the broker refuses every new connection; until then everything goes on"
    assert means("client", -3) == "the broker refuses every new connection; one that is open goes on until it breaks"
    assert "this program, which trusts brokers by it, refuses every new connection" in means("authority", -3)


def test_a_missing_secret_comes_with_the_command_that_stores_it() -> None:
    said = sentence(Fault(FaultCode.SECRET_MISSING, {"secret": "prod-kafka"}))
    assert said.remedy == "store it with: kas secret set prod-kafka"
