"""The rehearsal model: a deterministic stand-in without intelligence, so that a pipeline can be seen without a key.

It calls every tool once, with arguments taken by name from the payload and from what earlier tools returned, then
answers in the shape of the output schema, filled the same way. It invents nothing but values of the right type.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from kafka_agent_studio.model.model_call import ChatMessage, ModelAnswer, ModelRequest, ToolCall

_DEEPEST = 20
_PREFERRED = ("approved", "ok", "completed", "success")


class RehearsalModel:
    """Answers like a model would, after `latency_s` seconds. It has no state: the conversation says what was done."""

    def __init__(self, *, latency_s: float = 0.0) -> None:
        self._latency_s = latency_s

    async def warm_up(self) -> None:
        """Nothing to prepare."""

    async def adapt(self, request: ModelRequest) -> ModelRequest:
        """Return the request as it is."""
        return request

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """Call the next tool that was not called yet, or answer."""
        if self._latency_s > 0:
            await asyncio.sleep(self._latency_s)
        known = _known_values(request.messages)
        called = {call["function"]["name"] for message in request.messages for call in message.get("tool_calls", ())}
        for tool in request.tools:
            if tool["function"]["name"] not in called:
                return _calling(tool["function"], known, number=len(called) + 1)
        text = _text(known, called) if request.output_schema is None else _shaped(request.output_schema, known)
        return ModelAnswer(text=text, message={"role": "assistant", "content": text})

    async def close(self) -> None:
        """Nothing to close."""


def _calling(function: Mapping[str, Any], known: Mapping[str, Any], *, number: int) -> ModelAnswer:
    schema = function["parameters"]
    required = set(schema.get("required", ()))
    shaper = _Shaper(schema, known)
    values = {
        name: shaper.value_of(part, name)
        for name, part in schema.get("properties", {}).items()
        if name in required or name in known
    }
    call = ToolCall(f"rehearsal-{number}", function["name"], msgspec.json.encode(values).decode())
    wire = {"id": call.call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
    return ModelAnswer(
        text="", message={"role": "assistant", "content": None, "tool_calls": [wire]}, tool_calls=(call,)
    )


def _shaped(schema: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    return msgspec.json.encode(_Shaper(schema, known).value_of(schema, None)).decode()


def _text(known: Mapping[str, Any], called: set[str]) -> str:
    subject = next((f"{name} {known[name]}" for name in known if name == "id" or name.endswith("_id")), "the message")
    tools = f"called {', '.join(sorted(called))}" if called else "called no tool"
    return f"Rehearsal: read {subject}, {tools}. No model was asked."


def _known_values(messages: list[ChatMessage]) -> dict[str, Any]:
    """Return what the conversation tells by name: the payload's fields, then those of the tools' results."""
    known: dict[str, Any] = {}
    for message in messages:
        if message["role"] not in ("user", "tool"):
            continue
        try:
            value = msgspec.json.decode(message["content"] or "null")
        except msgspec.DecodeError:
            continue
        if isinstance(value, dict):
            if message["role"] == "user":
                known["payload"] = value
                known |= {name: value["_kafka"][name] for name in ("key", "topic") if _has_kafka(value, name)}
            known |= {name: part for name, part in value.items() if name != "error" or message["role"] == "user"}
    return known


def _has_kafka(payload: Mapping[str, Any], name: str) -> bool:
    kafka = payload.get("_kafka")
    return isinstance(kafka, dict) and kafka.get(name) is not None


class _Shaper:
    """Makes values in the shape of one JSON Schema."""

    def __init__(self, root: Mapping[str, Any], known: Mapping[str, Any]) -> None:
        self._root = root
        self._known = known

    def value_of(self, schema: Any, name: str | None, *, depth: int = 0) -> Any:
        """Return the known value of that name where it has the type, else a plain one of the type."""
        schema = self._resolved(schema)
        kind = _kind(schema)
        if name is not None and name in self._known and _fits(self._known[name], schema):
            return self._known[name]
        if "const" in schema:
            return schema["const"]
        choices = schema.get("enum")
        if choices:
            return next((choice for choice in _PREFERRED if choice in choices), choices[0])
        if "default" in schema:
            return schema["default"]
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            count = min(schema.get("minItems", 0), 100) if depth < _DEEPEST else 0
            return [self.value_of(schema.get("items", {}), None, depth=depth + 1) for _ in range(count)]
        if kind in ("number", "integer"):
            return _number(schema, kind)
        return _plain_value(schema, kind, name)

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        if depth >= _DEEPEST:
            return {}
        parts = schema.get("properties", {})
        required = schema.get("required", ())
        wanted = [n for n in parts if n in required or n in self._known] + [n for n in required if n not in parts]
        return {n: self.value_of(parts.get(n, {}), n, depth=depth + 1) for n in wanted}

    def _resolved(self, schema: Any, *, depth: int = 0) -> Mapping[str, Any]:
        """Follow a $ref within the schema; of alternatives take the first that is not null."""
        if not isinstance(schema, Mapping) or depth > _DEEPEST:
            return {}
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference.startswith("#"):
            found: Any = self._root
            for step in reference.lstrip("#/").split("/") if reference != "#" else ():
                found = found.get(step.replace("~1", "/").replace("~0", "~"), {}) if isinstance(found, Mapping) else {}
            return self._resolved(found, depth=depth + 1)
        for alternatives in ("anyOf", "oneOf"):
            options = [self._resolved(o, depth=depth + 1) for o in schema.get(alternatives, ())]
            if options:
                return next((o for o in options if _kind(o) != "null"), options[0])
        if schema.get("allOf"):
            return self._merged(schema, depth)
        return schema

    def _merged(self, schema: Mapping[str, Any], depth: int) -> Mapping[str, Any]:
        """Put the parts of an allOf into one schema."""
        merged: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
        for part in schema["allOf"]:
            resolved = self._resolved(part, depth=depth + 1)
            properties = {**resolved.get("properties", {}), **merged.get("properties", {})}
            merged = {**resolved, **merged, "properties": properties}
        return merged


def _kind(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((k for k in kind if k != "null"), "null")
    if isinstance(kind, str):
        return kind
    return "object" if "properties" in schema else ""


_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    if "enum" in schema and value not in schema["enum"]:
        return False
    if "const" in schema and value != schema["const"]:
        return False
    kind = _kind(schema)
    if not kind:
        return True
    if isinstance(value, bool):
        return kind == "boolean"
    return kind in _TYPES and isinstance(value, _TYPES[kind])


def _number(schema: Mapping[str, Any], kind: str) -> int | float:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    value: int | float = 0
    if isinstance(low, int | float) and value <= low:
        value = low + 1 if "exclusiveMinimum" in schema else low
    if isinstance(high, int | float) and value >= high:
        value = high - 1 if "exclusiveMaximum" in schema else high
    return int(value) if kind == "integer" else float(value)


def _plain_value(schema: Mapping[str, Any], kind: str, name: str | None) -> Any:
    if kind == "boolean":
        return False
    if kind == "string":
        text = f"rehearsal {name}" if name else "rehearsal"
        text = text.ljust(min(schema.get("minLength", 0), 10_000), ".")
        return text[: schema["maxLength"]] if "maxLength" in schema else text
    return None
