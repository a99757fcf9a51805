"""A message to try an agent on, when none has come yet: made from what its tools ask for. Pure, without Qt."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from kafka_agent_studio.model.workspace import ToolDescription

_BY_TYPE: dict[str, Any] = {
    "string": "text",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "array": [],
    "object": {},
    "null": None,
}
_DEPTH = 4


class NotAPayloadError(Exception):
    """A text is no message to try an agent on; the message is a sentence that says why."""


def sample_payload(tools: Iterable[ToolDescription], *, topic: str) -> dict[str, Any]:
    """Return a payload with a value for each argument of the tools, as if it had come from `topic`."""
    fields: dict[str, Any] = {}
    for tool in tools:
        for name, rules in tool.parameters.get("properties", {}).items():
            fields.setdefault(name, _sample(name, rules, _DEPTH))
    fields = {name: value for name, value in fields.items() if name != "payload"} or {"message": "Hello"}
    return {
        **fields,
        "_kafka": {"topic": topic, "partition": 0, "offset": 0, "timestamp": 1_705_312_987_482, "key": None},
    }


def read_payload(text: str) -> dict[str, Any]:
    """Return the JSON object of a text. Raises: NotAPayloadError."""
    if not text.strip():
        raise NotAPayloadError("There is no message: paste one, or choose a sample above.")
    try:
        payload = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotAPayloadError(f"The message is no JSON: {error}.") from None
    if not isinstance(payload, dict):
        raise NotAPayloadError('The message must be a JSON object; agents get any other value as {"message": …}.')
    return payload


def _sample(name: str, rules: Mapping[str, Any], depth: int) -> Any:
    for known in ("default", "const"):
        if known in rules:
            return rules[known]
    if rules.get("enum"):
        return rules["enum"][0]
    if rules.get("examples"):
        return rules["examples"][0]
    for choice in rules.get("anyOf", ()):
        if choice.get("type") != "null":
            return _sample(name, choice, depth)
    kind = rules.get("type", "string")
    if kind == "array" and depth and "items" in rules:
        return [_sample(name.rstrip("s"), rules["items"], depth - 1)]
    if kind == "object" and depth and "properties" in rules:
        return {inner: _sample(inner, inner_rules, depth - 1) for inner, inner_rules in rules["properties"].items()}
    if kind == "string":
        return f"{name}-1"
    return _BY_TYPE.get(str(kind), "text")
