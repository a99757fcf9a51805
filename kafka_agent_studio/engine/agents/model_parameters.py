"""Which parameters a model is given: those that it takes, looked up once a model."""

from collections.abc import Mapping
from typing import Any

import msgspec

from kafka_agent_studio.model.agent import ReasoningEffort
from kafka_agent_studio.model.model_call import ChatMessage, ModelRequest
from kafka_agent_studio.model.model_provider import provider_of

_SCHEMA_NAME = "answer"
_ASK_FOR_JSON = "Answer with JSON alone, without a remark, that fits this JSON Schema:\n"


class _Abilities(msgspec.Struct, frozen=True):
    temperature: bool
    efforts: Mapping[ReasoningEffort, str]
    schema: bool
    schema_beside_tools: bool


class ModelParameters:
    """Builds the arguments of litellm.acompletion."""

    def __init__(self, *, litellm: Any, own_servers: frozenset[str]) -> None:
        """`own_servers` are the providers that studio.yaml gives an address."""
        self._litellm = litellm
        self._own_servers = own_servers
        self._abilities: dict[str, _Abilities] = {}

    def adapted(self, request: ModelRequest) -> ModelRequest:
        """Return a request as its model takes it: a schema it does not take stands in the system prompt, in words."""
        if request.output_schema is None:
            return request
        abilities = self._of(request.model)
        if abilities.schema and (abilities.schema_beside_tools or not request.tools):
            return request
        return msgspec.structs.replace(
            request, messages=_asking_for_json(request.messages, request.output_schema), output_schema=None
        )

    def arguments(self, request: ModelRequest) -> dict[str, Any]:
        """Return the keyword arguments for an adapted request; what the model does not take is left out."""
        abilities = self._of(request.model)
        arguments: dict[str, Any] = {
            "model": request.model,
            "messages": request.messages,
            "num_retries": 0,
            "max_retries": 0,
        }
        if request.tools:
            arguments["tools"] = _copy(request.tools)
        if request.temperature is not None and abilities.temperature:
            arguments["temperature"] = request.temperature
        effort = None if request.reasoning_effort is None else abilities.efforts.get(request.reasoning_effort)
        if effort is not None:
            arguments["reasoning_effort"] = effort
        if request.output_schema is not None:
            arguments["response_format"] = _response_format(request.output_schema)
        return arguments

    def _of(self, model: str) -> _Abilities:
        abilities = self._abilities.get(model)
        if abilities is None:
            abilities = self._abilities[model] = self._look_up(model)
        return abilities

    def _look_up(self, model: str) -> _Abilities:
        taken = self._litellm.get_supported_openai_params(model=model) or ()
        is_own_server = provider_of(model) == "openai" and "openai" in self._own_servers
        return _Abilities(
            temperature="temperature" in taken,
            efforts=self._efforts(model) if "reasoning_effort" in taken else {},
            # what serves other models behind OpenAI's interface (Ollama, vLLM, LM Studio, llama.cpp) takes a schema
            schema="response_format" in taken
            and (is_own_server or self._litellm.supports_response_schema(model=model)),
            # Gemini before 3 answers 400: function calling with a JSON response type is unsupported
            schema_beside_tools=not ("gemini-1" in model or "gemini-2" in model),
        )

    def _efforts(self, model: str) -> dict[ReasoningEffort, str]:
        """Return litellm's words for the efforts, each the nearest that the model knows; `auto` is no word at all."""
        info = self._model_info(model)
        is_gemini_flash = provider_of(model) == "gemini" and "flash" in model
        low = "low" if info.get("supports_low_reasoning_effort") is not False else "medium"
        efforts = {
            ReasoningEffort.MINIMAL: "minimal" if info.get("supports_minimal_reasoning_effort") else low,
            ReasoningEffort.LOW: low,
            ReasoningEffort.MEDIUM: "medium",
            ReasoningEffort.HIGH: "high",
            ReasoningEffort.XHIGH: "xhigh" if info.get("supports_xhigh_reasoning_effort") else "high",
        }
        if info.get("supports_none_reasoning_effort") or is_gemini_flash:
            efforts[ReasoningEffort.OFF] = "none"
        return efforts

    def _model_info(self, model: str) -> Mapping[str, Any]:
        """Return what litellm's price list says of a model; nothing where it does not know it."""
        known: Mapping[str, Mapping[str, Any]] = self._litellm.model_cost
        return known.get(model) or known.get(model.partition("/")[2]) or {}


def _response_format(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": _SCHEMA_NAME, "schema": _copy(schema)}}


def _asking_for_json(messages: list[ChatMessage], schema: Mapping[str, Any]) -> list[ChatMessage]:
    """Return the messages with the schema put in words behind the system prompt."""
    first = messages[0]
    wanted = _ASK_FOR_JSON + msgspec.json.encode(schema).decode()
    return [{**first, "content": f"{first['content']}\n\n{wanted}"}, *messages[1:]]


def _copy(value: Any) -> Any:
    """Return a copy for litellm, which changes schemas in place on their way to Gemini."""
    return msgspec.json.decode(msgspec.json.encode(value))
