"""Calls a tool: off the loop where it blocks, with the context where it asks for it, and with JSON coming out."""

import asyncio
import inspect
import typing
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from kafka_agent_studio.engine.agents.tool_threads import ToolThreads
from kafka_agent_studio.engine.kafka.codec import place_of_bytes
from kafka_agent_studio.model.model_call import function_tool
from kafka_agent_studio.workspace.condition import Condition
from kafka_agent_studio.workspace.tool_functions import ToolArgumentError, ToolFunction

_PLAIN = frozenset({dict, list, str, int, float, bool, type(None)})


class ToolFailedError(Exception):
    """A tool cannot be called so, raised, or returned what is no JSON; the message names the tool.

    `is_retryable` is False where the same call would fail the same way.
    """

    def __init__(self, message: str, *, is_retryable: bool = True) -> None:
        super().__init__(message)
        self.is_retryable = is_retryable


class Tool:
    """One function, ready to be called. `ref` is module.function, `name` the bare name that a model sees."""

    def __init__(self, *, function: ToolFunction, threads: ToolThreads, condition: Condition | None = None) -> None:
        """`condition` None: always offered."""
        self.ref = function.ref
        self.name = function.name
        self.condition = condition
        description = function.description
        self.wire = function_tool(
            name=function.name, description=description.description, parameters=description.parameters
        )
        self._function = function
        self._threads = threads
        self._encode = msgspec.json.Encoder(enc_hook=_plain_of).encode
        self.takes_payload_as_it_is = _takes_payload_as_it_is(function)
        """Whether a payload is its one argument, and goes in unchecked."""

    async def call(self, arguments: Mapping[str, Any], context: dict[str, Any]) -> Any:
        """Return what the function makes of arguments by name, checked first. Raises: ToolFailedError.

        CancelledError comes out only where the run is cancelled.
        """
        try:
            bound = self._function.bind(arguments, context)
        except ToolArgumentError as error:
            raise ToolFailedError(str(error), is_retryable=False) from None
        return await self._outcome_of(bound)

    async def call_with_payload(self, payload: dict[str, Any], context: dict[str, Any]) -> Any:
        """Return what the function makes of a payload: as a whole where it asks for `payload`, else its fields by name.

        Raises: ToolFailedError.
        """
        if self.takes_payload_as_it_is:
            function = self._function
            if function.takes_context:
                return await self._outcome_of(partial(function.function, payload=payload, context=context))
            return await self._outcome_of(partial(function.function, payload=payload))
        try:
            bound = self._function.bind_payload(payload, context)
        except ToolArgumentError as error:
            raise ToolFailedError(str(error), is_retryable=False) from None
        return await self._outcome_of(bound)

    def arguments_in(self, payload: dict[str, Any]) -> Any:
        """Return a copy of what a payload gives the function, by name; words where an earlier call made it no JSON."""
        try:
            return msgspec.json.decode(msgspec.json.encode(self._function.arguments_in(payload)))
        except (TypeError, ValueError, RecursionError) as error:
            return f"no JSON any more: {error}"

    async def _outcome_of(self, bound: Callable[[], Any]) -> Any:
        try:
            if self._function.is_async:
                return await bound()
            result = await self._threads.run(bound)
            return await result if inspect.isawaitable(result) else result
        except (asyncio.CancelledError, Exception, SystemExit) as error:  # noqa: BLE001 - a tool may raise anything
            failure = self._failure(error)
        raise failure

    def _failure(self, error: BaseException) -> ToolFailedError:
        """Return what a tool's exception means for the run; a cancellation of the run itself is raised on."""
        if isinstance(error, asyncio.CancelledError):
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise error
            return ToolFailedError(f"{self.ref} cancelled itself")
        return ToolFailedError(f"{self.ref} raised {type(error).__name__}: {error}")

    def json_of(self, result: Any) -> bytes:
        """Return a result as JSON; NaN and the infinities, which JSON lacks, become null. Raises: ToolFailedError."""
        try:
            data = self._encode(result)
            place = place_of_bytes(result)
            if place is None:
                return data
            reason = f"{place} is bytes: return text, or base64 of them"
        except (TypeError, ValueError, RecursionError) as error:
            reason = "it contains itself or is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ToolFailedError(f"{self.ref} returned a {type(result).__name__} that is not JSON: {reason}")


def is_plain(result: Any) -> bool:
    """Whether a result is of one of JSON's own types."""
    return type(result) in _PLAIN


def _takes_payload_as_it_is(function: ToolFunction) -> bool:
    """Whether `payload` is the only argument and any dict will do: then nothing is left to check or convert."""
    if tuple(function.names) != ("payload",) or function.positional:
        return False
    hint = typing.get_type_hints(function.function).get("payload", Any)
    if hint is Any:
        return True
    is_dict = (typing.get_origin(hint) or hint) in (dict, Mapping)
    return is_dict and typing.get_args(hint) in ((), (str, Any))


def _plain_of(value: Any) -> Any:
    dump = getattr(value, "model_dump", None)
    if dump is None:
        raise TypeError(f"a {type(value).__name__} is not JSON; return dicts, lists, texts, numbers, booleans or None")
    return dump(mode="json")
