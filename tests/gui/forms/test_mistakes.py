"""What is wrong with a form, by field and in words."""

from typing import Any

import pytest

from kafka_agent_studio.gui.forms.mistakes import mended, model_mistakes, problem_mistakes, sentence, what_is_left
from kafka_agent_studio.gui.forms.names import free_name, suggested_name
from kafka_agent_studio.gui.forms.password_field import secret_variable
from kafka_agent_studio.model.connection import Connection
from kafka_agent_studio.model.connector import Direction, InboundConnector
from kafka_agent_studio.model.workspace import Problem
from kafka_agent_studio.workspace.secret_names import environment_name

INBOUND: dict[str, Any] = {
    "version": "1.0",
    "name": "orders-in",
    "direction": "inbound",
    "connection": "staging",
    "topic": "orders",
}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "Orders", "Use a-z, 0-9 and “-”, beginning and ending with a letter or digit."),
        ("topic", "or ders", "Use letters, digits, “.”, “_” and “-”."),
        ("max_in_flight", 0, "At least 1."),
        ("max_in_flight", 200_000, "At most 100,000."),
        ("max_in_flight", "many", "Give a whole number."),
        ("ordering", "keys", "One of key, partition or none."),
        ("surprise", 1, "The file has a field “surprise” that means nothing here."),
    ],
)
def test_a_mistake_of_a_field_in_words(field: str, value: object, words: str) -> None:
    assert model_mistakes(InboundConnector, INBOUND | {field: value}) == {field: words}


def test_what_concerns_two_fields_stands_at_the_one_to_change() -> None:
    found = model_mistakes(InboundConnector, INBOUND | {"on_failure": "dead_letter", "dead_letter_topic": "orders"})
    assert list(found) == ["dead_letter_topic"]
    security = {"protocol": "SSL", "client_key_file": "certs/me.key"}
    connection = {"version": "1.0", "name": "a", "bootstrap_servers": "kafka:9092", "security": security}
    assert list(model_mistakes(Connection, connection)) == ["security.client_key_file"]


def test_a_reference_to_the_environment_is_left_to_the_check_of_the_file() -> None:
    values = INBOUND | {"max_in_flight": "${MANY}", "ordering": "${ORDER}"}
    assert model_mistakes(InboundConnector, values) == {}


def test_a_problem_of_the_file_finds_its_field_by_its_line() -> None:
    text = "version: '1.0'\nsecurity:\n  # here\n  ca_file: ca.pem\nagents:\n  - nobody\n"
    problems = [
        Problem("a.yaml", 4, 12, "error", "'security.ca_file': there is no file ca.pem"),
        Problem("a.yaml", 6, 5, "error", "there is no agent 'nobody'"),
        Problem("a.yaml", 1, 1, "warning", "a remark"),
    ]
    assert problem_mistakes(problems, text) == {
        "security.ca_file": "There is no file ca.pem.",
        "agents": "There is no agent 'nobody'.",
    }


def test_names_are_suggested_from_the_topic_and_not_taken_yet() -> None:
    assert suggested_name("Shop.Orders_v2", Direction.INBOUND, ()) == "shop-orders-v2-in"
    assert suggested_name("orders", Direction.OUTBOUND, {"orders-out", "orders-out-2"}) == "orders-out-3"
    assert suggested_name("…", Direction.INBOUND, ()) == ""
    assert free_name("a", ()) == "a"


@pytest.mark.parametrize("name", ["prod-kafka", "a.b c", "GEMINI_API_KEY", "ä"])
def test_the_variable_that_is_offered_is_the_one_that_is_read(name: str) -> None:
    assert secret_variable(name) == environment_name(name)


def test_what_is_mistaken_is_mended_so_that_the_rest_can_be_judged() -> None:
    values = INBOUND | {"name": "A", "max_in_flight": 0, "security": {"protocol": "SSL", "username": None}}
    mistaken = ("name", "max_in_flight", "security.username", "security.ca_file", "security", "nothing")
    assert mended(values, mistaken, name="orders-in") == INBOUND | {
        "max_in_flight": None,
        "security": {"protocol": "SSL", "username": "a"},
    }


def test_what_is_left_names_every_field() -> None:
    titles = {"name": "Name", "topic": "Topic", "agents": "Agents"}
    assert what_is_left({"topic": "At most 249 characters."}, (), titles) == "Topic: At most 249 characters."
    assert what_is_left({"": "the file is no YAML"}, (), titles) == "The file is no YAML."
    several = {"agents": "There is no agent x.", "name": "Give it a name.", "": "nothing fits"}
    assert what_is_left(several, ("name",), titles) == "Still missing: Name. To correct: Agents. Nothing fits."


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("nothing listens there", "Nothing listens there."),
        ("the certificate expired.", "The certificate expired."),
        ("localhost:19: connection refused", "localhost:19: connection refused."),
        ("'kafka-1' is not host:port", "'kafka-1' is not host:port."),
        ("kafka-1 does not answer", "kafka-1 does not answer."),
        ("", "."),
    ],
)
def test_a_sentence_has_a_capital_unless_it_begins_with_a_name(said: str, shown: str) -> None:
    assert sentence(said) == shown
