"""The conversation that a model was sent, read for a person: who said what, JSON laid out, tool calls by name."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.json_document import is_json, pretty
from kafka_agent_studio.model.run import Span, SpanKind

LAID_OUT_CHARACTERS = 64_000
"""A longer text stays as it was sent."""


class ChatPart(msgspec.Struct, frozen=True):
    """One message: `role` with what it is about ("assistant calls validate_order"), and its text."""

    role: str
    text: str


def sent_messages(span: Span) -> list[ChatPart]:
    """Return what a model call was sent, in order; nothing where the span is none or payloads were forgotten."""
    given = span.input
    messages = given.get("messages") if isinstance(given, dict) else given
    if span.kind is not SpanKind.MODEL or not isinstance(messages, list):
        return []
    return [part for message in messages if isinstance(message, dict) for part in _parts(message)]


def answered(span: Span) -> list[ChatPart]:
    """Return what the model answered."""
    return _parts(span.output) if span.kind is SpanKind.MODEL and isinstance(span.output, dict) else []


def offered_tools(span: Span) -> list[str]:
    """Return the names of the tools that the model could call."""
    tools = span.input.get("tools") if isinstance(span.input, dict) else None
    return [str(name) for name in tools] if isinstance(tools, list) else []


def system_prompt(spans: Sequence[Span]) -> str | None:
    """Return the system prompt that the first model call of a run was sent; None where no model was asked."""
    for span in sorted(spans, key=lambda s: s.started_at_us):
        for part in sent_messages(span):
            if part.role == "system":
                return part.text
    return None


def _parts(message: Mapping[str, Any]) -> list[ChatPart]:
    role = str(message.get("role", "assistant"))
    name = message.get("name")
    title = f"{role} {name}" if name else role
    content = message.get("content")
    parts = [] if content in (None, "") else [ChatPart(title, laid_out(content))]
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        function = call.get("function", call) if isinstance(call, dict) else {}
        called = function.get("name", "a tool") if isinstance(function, dict) else "a tool"
        arguments = function.get("arguments", "") if isinstance(function, dict) else ""
        parts.append(ChatPart(f"{role} calls {called}", laid_out(arguments)))
    return parts


def laid_out(content: object) -> str:
    """Return a content as text, JSON on lines of its own with every digit."""
    text = content if isinstance(content, str) else formats.json_text(content)
    if len(text) <= LAID_OUT_CHARACTERS and text[:1] in "{[" and is_json(text):
        return pretty(text)
    return text
