"""Agents of type llm: a model, its tools, and the conversation between them."""

from collections.abc import Sequence
from typing import Any

import msgspec

from kafka_agent_studio.engine.agents.guarded_runner import failed
from kafka_agent_studio.engine.agents.model_caller import ModelCaller
from kafka_agent_studio.engine.agents.output_schema import OutputSchema, SchemaMismatchError
from kafka_agent_studio.engine.agents.run_scope import RunScope
from kafka_agent_studio.engine.agents.system_prompt import SystemPrompt
from kafka_agent_studio.engine.agents.tools import Tool, ToolFailedError
from kafka_agent_studio.engine.ports import RunOutcome
from kafka_agent_studio.model.agent import LlmAgent
from kafka_agent_studio.model.model_call import ChatMessage, ModelCallError, ModelRequest, ToolCall
from kafka_agent_studio.model.run import ErrorType, RunError, SpanKind


class LlmRunner:
    """Implements AgentBody."""

    def __init__(
        self, *, agent: LlmAgent, tools: Sequence[Tool], caller: ModelCaller, output_schema: OutputSchema | None
    ) -> None:
        self._agent = agent
        self._caller = caller
        self._output_schema = output_schema
        self._prompt = SystemPrompt(agent.system_prompt)
        self._models = (agent.model,) if agent.fallback_model is None else (agent.model, agent.fallback_model)
        self._tools = {tool.name: tool for tool in tools}
        self._has_conditions = any(tool.condition is not None for tool in tools)
        self._all_wires = [tool.wire for tool in tools]

    async def work(self, payload: dict[str, Any], scope: RunScope) -> RunOutcome:
        """Talk to the model until it answers without a tool call."""
        agent = self._agent
        messages: list[ChatMessage] = [
            {"role": "system", "content": self._prompt.filled(context=scope.context, payload=payload)},
            {"role": "user", "content": msgspec.json.encode(payload).decode()},
        ]
        models = list(self._models)
        for _ in range(agent.max_iterations):
            offered = self._offered(payload, scope)
            request = ModelRequest(
                model=agent.model,
                messages=list(messages),
                tools=self._all_wires if offered is self._tools else [tool.wire for tool in offered.values()],
                temperature=agent.temperature,
                reasoning_effort=agent.reasoning_effort,
                output_schema=None if self._output_schema is None else self._output_schema.schema,
            )
            try:
                answer = await self._caller.ask(request, scope, models=models)
            except ModelCallError as error:
                return failed(error.type, str(error))
            if not answer.tool_calls:
                return self._outcome(answer.text)
            messages.append(answer.message)
            # one after the other, as the model listed them: they share the context
            for call in answer.tool_calls:
                content = await self._call_tool(call, offered, scope)
                messages.append({"role": "tool", "tool_call_id": call.call_id, "name": call.name, "content": content})
        return failed(
            ErrorType.MAX_ITERATIONS,
            f"the model still called tools after {agent.max_iterations} requests (max_iterations)",
        )

    def _offered(self, payload: dict[str, Any], scope: RunScope) -> dict[str, Tool]:
        """The tools whose conditions are met now, by the name that the model sees."""
        if not self._has_conditions:
            return self._tools
        return {
            name: tool
            for name, tool in self._tools.items()
            if tool.condition is None or tool.condition.is_met(payload, scope.context)
        }

    async def _call_tool(self, call: ToolCall, offered: dict[str, Tool], scope: RunScope) -> str:
        """Return the content of the tool message: the result as JSON, or what went wrong."""
        started_at_us = scope.clock.now_us()
        tool = offered.get(call.name)
        given: Any = call.arguments
        data: bytes | None = None
        error: RunError | None = RunError(ErrorType.CANCELLED, "given up before it returned")
        try:
            given = _parsed(call.arguments)
            # values of its own: a tool may change what it is given
            data = await _result(tool, call.name, _parsed(call.arguments), offered, scope)
            error = None
        except ToolFailedError as failure:
            error = RunError(ErrorType.TOOL_ERROR, str(failure))
        finally:
            scope.record(
                kind=SpanKind.TOOL,
                name=call.name if tool is None else tool.ref,
                started_at_us=started_at_us,
                given=given,
                output=None if data is None else msgspec.json.decode(data),
                error=error,
            )
        if error is not None:
            return msgspec.json.encode({"error": error.message}).decode()
        return "null" if data is None else data.decode()

    def _outcome(self, text: str) -> RunOutcome:
        if self._output_schema is None:
            return RunOutcome(text, is_text=True)
        try:
            return RunOutcome(self._output_schema.parse(text))
        except SchemaMismatchError as error:
            return failed(ErrorType.SCHEMA_MISMATCH, str(error))


async def _result(
    tool: Tool | None, name: str, given: dict[str, Any], offered: dict[str, Tool], scope: RunScope
) -> bytes:
    if tool is None:
        raise ToolFailedError(f"there is no tool '{name}'; there are: {', '.join(offered) or 'none'}")
    return tool.json_of(await tool.call(given, scope.context))


def _parsed(arguments: str) -> dict[str, Any]:
    """Return the arguments that a model wrote; none at all counts as no arguments. Raises: ToolFailedError."""
    if not arguments.strip():
        return {}
    try:
        parsed = msgspec.json.decode(arguments)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise ToolFailedError(f"the arguments are not valid JSON: {error}") from None
    if not isinstance(parsed, dict):
        raise ToolFailedError("the arguments are not a JSON object")
    return parsed
