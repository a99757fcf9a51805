"""Asks a model of any provider through litellm."""

import asyncio
from collections.abc import Mapping
from typing import Any

from kafka_agent_studio.engine.agents.litellm_module import LitellmModule
from kafka_agent_studio.engine.agents.model_errors import model_call_error
from kafka_agent_studio.engine.agents.model_keys import ModelKeys
from kafka_agent_studio.engine.agents.model_parameters import ModelParameters
from kafka_agent_studio.model.model_call import ModelAnswer, ModelCallError, ModelRequest, ToolCall
from kafka_agent_studio.model.model_provider import provider_of
from kafka_agent_studio.model.run import NO_TOKENS, ErrorType, TokenUsage
from kafka_agent_studio.model.workspace import ProviderSettings

CALL_TIMEOUT_S = 300.0
"""How long one request may take: reasoning models think for minutes."""

_NO_KEY = "no-key-needed"
_KEPT_FIELDS = ("provider_specific_fields", "thinking_blocks", "reasoning_content")
"""What some providers want back with the conversation: thought signatures, thinking blocks."""


class LitellmCompletion:
    """Implements Completion. One instance serves every agent; it belongs to one event loop."""

    def __init__(
        self,
        *,
        keys: ModelKeys,
        providers: Mapping[str, ProviderSettings],
        module: LitellmModule | None = None,
        call_timeout_s: float = CALL_TIMEOUT_S,
    ) -> None:
        self._keys = keys
        self._providers = providers
        self._module = module or LitellmModule()
        self._call_timeout_s = call_timeout_s
        self._parameters: ModelParameters | None = None

    async def warm_up(self) -> None:
        """Import litellm, which takes seconds."""
        await self._ready()

    async def _ready(self) -> ModelParameters:
        if self._parameters is None:
            litellm = await self._module.load()
            self._parameters = ModelParameters(litellm=litellm, own_servers=frozenset(self._providers))
        return self._parameters

    async def adapt(self, request: ModelRequest) -> ModelRequest:
        """Return the request as its model takes it."""
        return (self._parameters or await self._ready()).adapted(request)

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """Ask once. Raises: ModelCallError."""
        answer = await self._ask(request)
        if isinstance(answer, ModelCallError):
            if answer.type is ErrorType.MODEL_REFUSED:
                self._keys.forget(request.model)
            raise answer
        return answer

    async def _ask(self, request: ModelRequest) -> ModelAnswer | ModelCallError:
        """Return the answer or what went wrong: were it raised from here, its traceback would lead to the key."""
        secret: str | None = None
        try:
            settings = self._providers.get(provider_of(request.model))
            key = await self._keys.key_for(request.model, settings)
            parameters = self._parameters or await self._ready()
            arguments = parameters.arguments(request)
            arguments["timeout"] = self._call_timeout_s
            secret = None if key is None else key.get_secret_value()
            if settings is not None:
                arguments["api_base"] = settings.api_base
            if secret is not None or settings is not None:
                arguments["api_key"] = secret or _NO_KEY
            async with asyncio.timeout(self._call_timeout_s):
                response = await self._module.acompletion(**arguments)
            return answer_of(response, model=request.model)
        except ModelCallError as error:
            return error.with_traceback(None)
        except Exception as error:  # noqa: BLE001 - litellm raises what its providers' clients raise
            return model_call_error(error, model=request.model, secrets=() if secret is None else (secret,))

    async def close(self) -> None:
        """Close litellm's connections to the providers."""
        litellm = self._module.loaded
        if litellm is not None:
            await litellm.close_litellm_async_clients()
            litellm.in_memory_llm_clients_cache.flush_cache()


def answer_of(response: Any, *, model: str) -> ModelAnswer:
    """Return what a litellm response says. Raises: ModelCallError where it holds no whole answer."""
    usage, cost = _usage(response), _cost(response)
    choices = response.choices
    finish_reason = choices[0].finish_reason if choices else None
    unusable = None if choices else "sent an answer without content"
    if finish_reason == "length":
        unusable = "cut its answer off at its output limit"
    elif finish_reason == "content_filter":
        unusable = "withheld its answer: its content filter stepped in"
    if unusable is not None:
        raise ModelCallError(
            ErrorType.MODEL_ERROR, f"{model} {unusable}", is_retryable=not choices, token_usage=usage, cost=cost
        )
    said = choices[0].message
    message: dict[str, Any] = {"role": "assistant", "content": _valid(said.content)}
    for name in _KEPT_FIELDS:
        kept = _without_none(getattr(said, name, None))
        if kept:
            message[name] = kept
    calls = [_wire_call(call) for call in said.tool_calls or ()]
    if calls:
        message["tool_calls"] = calls
    return ModelAnswer(
        text=message["content"] or "",
        message=message,
        tool_calls=tuple(ToolCall(c["id"], c["function"]["name"], c["function"]["arguments"]) for c in calls),
        token_usage=usage,
        cost=cost,
    )


def _wire_call(call: Any) -> dict[str, Any]:
    wire: dict[str, Any] = {
        "id": call.id,
        "type": "function",
        "function": {"name": call.function.name or "", "arguments": _valid(call.function.arguments) or ""},
    }
    kept = _without_none(getattr(call, "provider_specific_fields", None))
    if kept:
        wire["provider_specific_fields"] = kept
    return wire


def _without_none(value: Any) -> Any:
    """Return a mapping without its empty entries: OpenAI gets back nothing that it does not know."""
    return {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else value


def _valid(text: str | None) -> str | None:
    """Return a text that UTF-8 can hold: JSON may spell a lone surrogate, which nothing after it could write."""
    if text is None or text.isascii():
        return text
    return text.encode("utf-8", errors="replace").decode()


def _usage(response: Any) -> TokenUsage:
    usage = getattr(response, "usage", None)
    if usage is None:
        return NO_TOKENS
    return TokenUsage(usage.prompt_tokens or 0, usage.completion_tokens or 0, usage.total_tokens or 0)


def _cost(response: Any) -> float | None:
    """Return US dollars, None where litellm knows no price."""
    cost = getattr(response, "_hidden_params", {}).get("response_cost")
    return float(cost) if cost else None
