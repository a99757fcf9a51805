"""A node becomes a frozen model, and what pydantic finds wrong becomes a sentence at its place."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from kafka_agent_studio.model.base import FileModel
from kafka_agent_studio.workspace.problems import ProblemLog, did_you_mean, one_of
from kafka_agent_studio.workspace.yaml_source import Node, Scalar, core_tag, core_value

ModelT = TypeVar("ModelT", bound=FileModel)

_NAME_RULE = "a name of a-z, 0-9 and '-' that begins and ends with a letter or digit"
_TOPIC_RULE = "a topic name of letters, digits, '.', '_' and '-'"
_MODEL_RULE = "provider/model, for example gemini/gemini-2.5-flash"
_TEXT_RULES = {
    "name": _NAME_RULE,
    "connection": _NAME_RULE,
    "agents": _NAME_RULE,
    "inputs": _NAME_RULE,
    "topic": _TOPIC_RULE,
    "dead_letter_topic": _TOPIC_RULE,
    "model": _MODEL_RULE,
    "fallback_model": _MODEL_RULE,
}
_KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping (name: value)",
    "model_type": "a mapping (name: value)",
    "model_attributes_type": "a mapping (name: value)",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}


class FieldChecks(msgspec.Struct, frozen=True):
    """Checks nodes against models. `noun` says what the file describes ("an inbound connector").

    `elsewhere` maps a field that is unknown here to where it belongs ("an outbound connector").
    """

    noun: str
    problems: ProblemLog
    elsewhere: Mapping[str, str] = msgspec.field(default_factory=dict)
    said_already: frozenset[str] = frozenset()
    """Messages of model validators that the caller has reported at a better place."""

    def model(self, node: Node, model_type: type[ModelT]) -> ModelT | None:
        """Return the model; None, and every mistake reported, where it is not valid."""
        if not isinstance(node.value, dict):
            what = "is empty" if node.value is None else "does not hold fields (name: value)"
            self.problems.error(node.place, f"the file {what}: {self.noun} was expected")
            return None
        filled, errors = node, self._errors(node, model_type)
        if isinstance(errors, list):
            filled = _with_types_of_fields(node, errors)
            errors = self._errors(filled, model_type)
        if not isinstance(errors, list):
            return errors
        for error in errors:
            self._report(error, filled, model_type)
        return None

    def _errors(self, node: Node, model_type: type[ModelT]) -> ModelT | list[ErrorDetails]:
        try:
            # JSON in strict mode is what a file means: lists become tuples and words enums, but "off" no boolean.
            return model_type.model_validate_json(json.dumps(node.plain()), strict=True)
        except ValidationError as error:
            return error.errors(include_url=False)

    def _report(self, error: ErrorDetails, node: Node, model_type: type[FileModel]) -> None:
        path = error["loc"]
        kind = error["type"]
        if kind == "missing":
            owner = node.find(path[:-1]) or node
            place = owner.name_place if len(path) > 1 else owner.place
            where = f" in '{_dotted(path[:-1])}'" if len(path) > 1 else f": {self.noun} needs it"
            self.problems.error(place, f"the field '{path[-1]}' is missing{where}")
        elif kind == "extra_forbidden":
            self._report_unknown(path, node, model_type)
        elif kind != "value_error" or str(error["ctx"]["error"]) not in self.said_already:
            found = node.find(path) or node
            # Of a list whose items are wrong, pydantic also says that it is empty.
            if not found.is_unset and not (kind == "too_short" and found.items):
                self.problems.error(found.place, _sentence(error, found))

    def _report_unknown(self, path: tuple[str | int, ...], node: Node, model_type: type[FileModel]) -> None:
        found = node.find(path)
        name = str(path[-1])
        place = found.name_place if found else node.place
        if len(path) == 1 and name in self.elsewhere:
            words = f"the field '{name}' is of no use to {self.noun}; it belongs to {self.elsewhere[name]}"
            self.problems.error(place, words)
            return
        known = _model_at(model_type, path[:-1]).model_fields
        where = f" in '{_dotted(path[:-1])}'" if len(path) > 1 else ""
        self.problems.error(place, f"unknown field '{name}'{where}{did_you_mean(name, known)}")


def shown(node: Node) -> str:
    """Return a value as a message quotes it; what came from the environment shows as written, never as filled in."""
    if node.source is not None:
        return f"what '{node.source}' gives"
    value = node.value
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}'" if len(value) <= 60 else f"'{value[:57]}…'"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else str(value)[:60]


def _sentence(error: ErrorDetails, node: Node) -> str:
    path, kind, context = error["loc"], error["type"], error.get("ctx", {})
    name = _dotted(path)
    if kind in _KINDS:
        remedy = f'; put it in quotes: "{node.value}"' if kind == "string_type" and _is_number(node) else ""
        return f"'{name}' must be {_KINDS[kind]}, not {shown(node)}{remedy}"
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        return f"'{name}' must be {words} {context[key]:g}, not {shown(node)}"
    if kind in ("enum", "literal_error"):
        words_allowed = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        hint = did_you_mean(node.text, words_allowed) if node.text and node.source is None else ""
        quoted = ", in quotes" if words_allowed == ["1.0"] else ""
        allowed = '"1.0"' if quoted else one_of(words_allowed)
        return f"'{name}' must be {allowed}{quoted}, not {shown(node)}{hint}"
    if kind == "string_pattern_mismatch":
        rule = _TEXT_RULES.get(next((str(p) for p in reversed(path) if isinstance(p, str)), ""), context["pattern"])
        return f"'{name}' must be {rule}, not {shown(node)}"
    if kind in ("string_too_short", "too_short"):
        return f"'{name}' must not be empty"
    if kind == "string_too_long":
        return f"'{name}' must have at most {context['max_length']} characters"
    if kind == "value_error":
        if node.source is not None:
            return f"'{name}': {shown(node)} cannot stand here"
        return f"'{name}': {context['error']}" if path else str(context["error"])
    return f"'{name}': {error['msg']}"


def _with_types_of_fields(node: Node, errors: list[ErrorDetails]) -> Node:
    """Return `node` where texts that came from the environment have taken the type their field asks for."""
    wanted = {
        error["loc"]: {"int_type": ("int",), "float_type": ("int", "float"), "bool_type": ("bool",)}[error["type"]]
        for error in errors
        if error["type"] in ("int_type", "float_type", "bool_type")
    }

    def convert(at: Node, path: tuple[str | int, ...]) -> Node:
        if isinstance(at.value, dict):
            by_key = {key: convert(child, (*path, key)) for key, child in at.value.items()}
            return msgspec.structs.replace(at, value=by_key)
        if isinstance(at.value, list):
            in_order = [convert(child, (*path, index)) for index, child in enumerate(at.value)]
            return msgspec.structs.replace(at, value=in_order)
        if at.source is None or at.text is None or path not in wanted:
            return at
        return msgspec.structs.replace(at, value=_typed(at.text.strip(), wanted[path]))

    return convert(node, ())


def _typed(text: str, tags: tuple[str, ...]) -> Scalar:
    tag = core_tag(text)
    try:
        value = core_value(tag, text) if tag in tags else text
    except ValueError:
        return text
    return text if isinstance(value, float) and value - value != 0 else value


def _is_number(node: Node) -> bool:
    return isinstance(node.value, int | float) and not isinstance(node.value, bool)


def _dotted(path: tuple[str | int, ...]) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def _model_at(model_type: type[FileModel], path: tuple[str | int, ...]) -> type[FileModel]:
    """Return the model that holds the fields at `path`, so that its field names can be suggested."""
    current: type[FileModel] = model_type
    for step in path:
        annotation: Any = current.model_fields[str(step)].annotation if str(step) in current.model_fields else None
        found = _models_in(annotation)
        if found:
            current = found[0]
    return current


def _models_in(annotation: Any) -> list[type[FileModel]]:
    if isinstance(annotation, type) and issubclass(annotation, FileModel):
        return [annotation]
    return [model for argument in getattr(annotation, "__args__", ()) for model in _models_in(argument)]
