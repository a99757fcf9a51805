"""The rehearsal model: deterministic, honest about types, and no intelligence."""

from typing import Any

import jsonschema
import msgspec
import pytest

from kafka_agent_studio.model.model_call import ChatMessage, ModelRequest, function_tool
from kafka_agent_studio.sandbox.rehearsal_model import RehearsalModel

TOOLS = [
    function_tool(
        name="look_up",
        description="",
        parameters={
            "type": "object",
            "properties": {
                "order_id": {"type": "string"},
                "limit": {"type": "integer", "default": 5},
                "deep": {"type": "boolean"},
            },
            "required": ["order_id", "deep"],
        },
    ),
    function_tool(
        name="score",
        description="",
        parameters={"type": "object", "properties": {"weight": {"type": "number"}}, "required": ["weight"]},
    ),
]


def _messages(payload: dict[str, Any]) -> list[ChatMessage]:
    return [{"role": "system", "content": "Do."}, {"role": "user", "content": msgspec.json.encode(payload).decode()}]


async def _ask(messages: list[ChatMessage], **fields: Any) -> Any:
    return await RehearsalModel().complete(ModelRequest(model="sandbox/rehearsal", messages=messages, **fields))


async def test_each_tool_is_called_once_with_what_is_known_by_name() -> None:
    messages = _messages({"order_id": "7"})
    first = await _ask(messages, tools=TOOLS)
    (call,) = first.tool_calls
    assert call.name == "look_up"
    assert msgspec.json.decode(call.arguments) == {"order_id": "7", "deep": False}
    messages += [first.message, {"role": "tool", "tool_call_id": call.call_id, "content": '{"weight": 2.5}'}]
    second = await _ask(messages, tools=TOOLS)
    (call,) = second.tool_calls
    assert call.name == "score"
    assert msgspec.json.decode(call.arguments) == {"weight": 2.5}
    messages += [second.message, {"role": "tool", "tool_call_id": call.call_id, "content": "[]"}]
    last = await _ask(messages, tools=TOOLS)
    assert last.tool_calls == ()
    assert "7" in last.text


async def test_a_value_of_another_type_is_not_taken() -> None:
    answer = await _ask(_messages({"weight": "heavy"}), tools=TOOLS[1:])
    assert msgspec.json.decode(answer.tool_calls[0].arguments) == {"weight": 0.0}


async def test_the_same_question_has_the_same_answer() -> None:
    messages = _messages({"order_id": "7", "total": 3})
    assert await _ask(messages, tools=TOOLS) == await _ask(messages, tools=TOOLS)


SCHEMAS: list[dict[str, Any]] = [
    {"type": "object", "properties": {"status": {"enum": ["rejected", "approved"]}}, "required": ["status"]},
    {"type": "object", "properties": {"n": {"type": "integer", "minimum": 3}}, "required": ["n"]},
    {"type": "object", "properties": {"n": {"type": "number", "exclusiveMaximum": -1}}, "required": ["n"]},
    {"type": "array", "items": {"type": "string", "minLength": 40}, "minItems": 2},
    {"type": "object", "properties": {"who": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/p"}]}}, "required": ["who"],
     "$defs": {"p": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}}},
    {"allOf": [{"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"]}]},
    {"type": ["string", "null"], "maxLength": 3},
    {"$ref": "#/$defs/list", "$defs": {"list": {"type": "object", "properties": {"next": {"$ref": "#/$defs/list"}}}}},
]  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_the_answer_has_the_shape_of_the_schema(schema: dict[str, Any]) -> None:
    answer = await _ask(_messages({"order_id": "7", "name": 3}), output_schema=schema)
    jsonschema.validate(msgspec.json.decode(answer.text), schema)


async def test_an_endless_schema_ends() -> None:
    schema = {"$defs": {"x": {"type": "object", "properties": {"x": {"$ref": "#/$defs/x"}}, "required": ["x"]}},
              "$ref": "#/$defs/x"}  # fmt: skip
    assert (await _ask(_messages({}), output_schema=schema)).text.startswith('{"x":')


async def test_approved_is_preferred_and_known_values_win() -> None:
    schema = {
        "type": "object",
        "properties": {"status": {"enum": ["rejected", "approved"]}, "order_id": {"type": "string"}},
        "required": ["status", "order_id"],
    }
    answer = await _ask(_messages({"order_id": "7"}), output_schema=schema)
    assert msgspec.json.decode(answer.text) == {"status": "approved", "order_id": "7"}
