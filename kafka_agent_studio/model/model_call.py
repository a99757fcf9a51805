"""One request to a model and its answer, in OpenAI's message form, whoever answers it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from kafka_agent_studio.model.agent import ReasoningEffort
from kafka_agent_studio.model.run import NO_TOKENS, ErrorType, TokenUsage

ChatMessage = dict[str, Any]
"""A chat message of OpenAI's form: `role`, `content`, and `tool_calls` or `tool_call_id` where it has them."""

REHEARSAL_MODEL = "sandbox/rehearsal"
"""The stand-in model that needs no key."""

REHEARSAL = "rehearsal"
"""What a run says of itself where the stand-in model worked."""


def function_tool(*, name: str, description: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return a tool as a model is told of it, in OpenAI's form; `parameters` is a JSON Schema of its arguments."""
    return {
        "type": "function",
        "function": {"name": name, "description": description, "parameters": dict(parameters)},
    }


class ModelRequest(msgspec.Struct, frozen=True):
    """What a model is asked. `model` is `provider/model`, `tools` have function_tool's form.

    None leaves a choice to the provider. Nobody changes the lists once they are in a request.
    """

    model: str
    messages: list[ChatMessage]
    tools: list[dict[str, Any]] = []
    temperature: float | None = None
    reasoning_effort: ReasoningEffort | None = None
    output_schema: dict[str, Any] | None = None


class ToolCall(msgspec.Struct, frozen=True):
    """A call that a model asks for; `arguments` is the JSON text as the model wrote it, which may be no JSON at all."""

    call_id: str
    name: str
    arguments: str


class ModelAnswer(msgspec.Struct, frozen=True):
    """What came back: text, tool calls, or both. `message` is what belongs into the conversation.

    `cost` is US dollars, None where unknown.
    """

    text: str
    message: ChatMessage
    tool_calls: tuple[ToolCall, ...] = ()
    token_usage: TokenUsage = NO_TOKENS
    cost: float | None = None


class ModelCallError(Exception):
    """A model gave no usable answer.

    `type` is model_error or model_refused; `is_retryable`: the same request may succeed later;
    `retry_after_s`: what the server asked to wait, None where it said nothing. An answer that cannot be used has been
    paid for all the same: `token_usage` and `cost`, US dollars. The message holds no secret.
    """

    def __init__(
        self,
        type_: ErrorType,
        message: str,
        *,
        is_retryable: bool = False,
        retry_after_s: float | None = None,
        token_usage: TokenUsage = NO_TOKENS,
        cost: float | None = None,
    ) -> None:
        super().__init__(message)
        self.type = type_
        self.is_retryable = is_retryable
        self.retry_after_s = retry_after_s
        self.token_usage = token_usage
        self.cost = cost
