"""Answers against their schema: what is taken, and where it is said to break."""

from typing import Any

import pytest

from kafka_agent_studio.engine.agents.output_schema import OutputSchema, SchemaMismatchError

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "lines": {"type": "array", "items": {"type": "string"}}},
    "required": ["id"],
}


@pytest.fixture
def schema() -> OutputSchema:
    return OutputSchema(name="schemas/order.json", schema=SCHEMA)


@pytest.mark.parametrize(
    "text",
    ['{"id": 1}', ' {"id": 1}\n', '```json\n{"id": 1}\n```', 'Here it is:\n```\n{"id": 1}\n```\nAnything else?'],
)
def test_json_is_taken_bare_or_in_a_fence(schema: OutputSchema, text: str) -> None:
    assert schema.parse(text) == {"id": 1}


def test_an_integer_keeps_every_digit(schema: OutputSchema) -> None:
    assert schema.parse('{"id": 123456789012345678901234567890}') == {"id": 123456789012345678901234567890}


@pytest.mark.parametrize(
    ("text", "place"),
    [('{"id": "x"}', "$.id"), ('{"id": 1, "lines": ["a", 2]}', "$.lines[1]"), ("{}", "'id' is a required property")],
)
def test_a_mismatch_names_the_json_path(schema: OutputSchema, text: str, place: str) -> None:
    with pytest.raises(SchemaMismatchError) as caught:
        schema.parse(text)
    assert place in str(caught.value)
    assert "schemas/order.json" in str(caught.value)


@pytest.mark.parametrize("text", ["", "no idea", '{"id": 1', "```json\nnope\n```", '{"id": NaN}', "[" * 100_000])
def test_what_is_no_json_is_said_to_be_none(schema: OutputSchema, text: str) -> None:
    with pytest.raises(SchemaMismatchError, match="JSON"):
        schema.parse(text)


def test_a_remote_reference_is_not_fetched() -> None:
    schema = OutputSchema(name="schemas/remote.json", schema={"$ref": "http://127.0.0.1:1/schema.json"})
    with pytest.raises(SchemaMismatchError, match=r"127\.0\.0\.1"):
        schema.check({})
