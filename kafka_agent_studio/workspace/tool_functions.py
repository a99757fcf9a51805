"""A python function as a tool: its JSON Schema from type hints and docstring, and calls with checked arguments."""

import functools
import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model
from pydantic.errors import PydanticUserError
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from kafka_agent_studio.model.workspace import ToolDescription
from kafka_agent_studio.workspace.docstrings import parse_docstring

CONTEXT = "context"
PAYLOAD = "payload"


class ToolArgumentError(ValueError):
    """The arguments do not fit the tool; the message tells a model, or a person, which and why."""


class ToolDefinitionError(ValueError):
    """A function cannot be a tool; the message says why."""


@dataclass(frozen=True, slots=True)
class ToolFunction:
    """A tool that can be called. `ref` is module.function, `name` the bare function name that a model sees."""

    ref: str
    name: str
    function: Callable[..., Any]
    is_async: bool
    takes_context: bool
    description: ToolDescription
    arguments: type[BaseModel] = field(repr=False, compare=False)
    """Validates arguments; the alias of each field is the parameter's name."""
    names: tuple[str, ...] = ()
    """The parameters, `context` left out, in the order of the fields of `arguments`."""
    positional: frozenset[str] = frozenset()
    """Parameters that can be given by position only."""
    takes_anything: bool = False
    """Whether it has `**kwargs`."""
    keep_alive: object = field(default=None, repr=False, compare=False)
    """Holds the modules of its load until no tool of it is in use."""

    def bind(self, given: Mapping[str, Any], context: dict[str, Any]) -> "functools.partial[Any]":
        """Return the call, ready to be made, of the arguments a model gave.

        Raises:
            ToolArgumentError: an argument is missing, unknown or of another type.
        """
        try:
            valid = self.arguments.__pydantic_validator__.validate_python(dict(given))
        except ValidationError as error:
            raise ToolArgumentError(self._words(error)) from None
        values = {
            name: getattr(valid, f"p{i}") for i, name in enumerate(self.names) if f"p{i}" in valid.model_fields_set
        }
        if self.takes_anything:
            values |= valid.__pydantic_extra__ or {}
        if self.takes_context:
            values[CONTEXT] = context
        positional = [values.pop(name) for name in self.names if name in self.positional and name in values]
        return functools.partial(self.function, *positional, **values)

    def bind_payload(self, payload: Mapping[str, Any], context: dict[str, Any]) -> "functools.partial[Any]":
        """Return the call for a whole payload: as `payload` where the function asks for it, and its fields by name.

        Raises:
            ToolArgumentError: the payload lacks a field, or one is of another type.
        """
        return self.bind(self.arguments_in(payload), context)

    def arguments_in(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a whole payload gives the function, by name; nothing is checked, and defaults are left out."""
        names = payload.keys() - {CONTEXT} if self.takes_anything else payload.keys() & set(self.names)
        given = {name: payload[name] for name in names}
        if PAYLOAD in self.names:
            given[PAYLOAD] = payload
        return given

    def _words(self, error: ValidationError) -> str:
        parts = []
        for detail in error.errors(include_url=False, include_input=False):
            place = ".".join(str(step) for step in detail["loc"])
            words = {"missing": "is missing", "extra_forbidden": "is not an argument of this tool"}
            parts.append(f"{place} {words[detail['type']]}" if detail["type"] in words else f"{place}: {detail['msg']}")
        return f"the arguments do not fit {self.name}: {'; '.join(parts)}"


def tool_function(function: Callable[..., Any], *, ref: str, file: str, keep_alive: object = None) -> ToolFunction:
    """Return `function` as a tool.

    Raises:
        ToolDefinitionError: its type hints cannot become a JSON Schema.
    """
    name = ref.rpartition(".")[2]
    docstring = parse_docstring(inspect.getdoc(function))
    parameters = [p for p in inspect.signature(function).parameters.values() if p.name != CONTEXT]
    named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    takes_anything = any(p.kind is p.VAR_KEYWORD for p in parameters)
    arguments = _arguments_model(function, name, named, docstring.arguments, takes_anything=takes_anything)
    try:
        schema = arguments.model_json_schema(by_alias=True, schema_generator=_WithoutTitles)
    except PydanticUserError:
        raise _no_schema(function, named) from None
    return ToolFunction(
        ref=ref,
        name=name,
        function=function,
        is_async=inspect.iscoroutinefunction(function),
        takes_context=CONTEXT in inspect.signature(function).parameters,
        description=ToolDescription(
            ref=ref,
            name=name,
            description=docstring.description,
            parameters=schema,
            file=file,
            line=inspect.unwrap(function).__code__.co_firstlineno,
        ),
        arguments=arguments,
        names=tuple(p.name for p in named),
        positional=frozenset(p.name for p in named if p.kind is p.POSITIONAL_ONLY),
        takes_anything=takes_anything,
        keep_alive=keep_alive,
    )


def _arguments_model(
    function: Callable[..., Any],
    name: str,
    parameters: list[inspect.Parameter],
    descriptions: Mapping[str, str],
    *,
    takes_anything: bool,
) -> type[BaseModel]:
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except Exception as error:  # noqa: BLE001 - a hint may be any expression
        raise ToolDefinitionError(f"its type hints cannot be read: {type(error).__name__}: {error}") from None
    fields: dict[str, Any] = {}
    for index, parameter in enumerate(parameters):
        default = ... if parameter.default is parameter.empty else parameter.default
        info: FieldInfo = Field(default, alias=parameter.name, description=descriptions.get(parameter.name))
        fields[f"p{index}"] = (hints.get(parameter.name, Any), info)
    config = ConfigDict(extra="allow" if takes_anything else "forbid", title=name)
    try:
        return create_model(name, __config__=config, **fields)
    except (PydanticUserError, TypeError):
        raise _no_schema(function, parameters) from None


def _no_schema(function: Callable[..., Any], parameters: list[inspect.Parameter]) -> ToolDefinitionError:
    """Return the error that names the first parameter whose type hint has no JSON Schema."""
    hints = typing.get_type_hints(function, include_extras=True)
    for parameter in parameters:
        try:
            TypeAdapter(hints.get(parameter.name, Any)).json_schema()
        except (PydanticUserError, TypeError):
            return ToolDefinitionError(f"the type hint of '{parameter.name}' has no JSON Schema")
    return ToolDefinitionError("its parameters have no JSON Schema")


class _WithoutTitles(GenerateJsonSchema):
    """JSON Schemas without the titles that pydantic makes up from names: they cost tokens and say nothing."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def generate(self, schema: Any, mode: Any = "validation") -> JsonSchemaValue:
        result = super().generate(schema, mode)
        result.pop("title", None)
        return result
