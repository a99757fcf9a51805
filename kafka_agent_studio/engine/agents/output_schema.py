"""Checks what an agent answers against its JSON Schema."""

import re
from collections.abc import Mapping
from typing import Any

import jsonschema
import msgspec
from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from referencing.exceptions import Unresolvable
from referencing.jsonschema import EMPTY_REGISTRY

_FENCE = re.compile(r"```(?:json|JSON)?[ \t]*\r?\n(.*?)\r?\n?```", re.DOTALL)
_SHOWN_CHARACTERS = 200


class SchemaMismatchError(Exception):
    """An answer is no JSON, or breaks its schema; the message names the JSON path."""


class OutputSchema:
    """One schema of the workspace, compiled once."""

    def __init__(self, *, name: str, schema: Mapping[str, Any]) -> None:
        """`name` is the file's, for messages. Raises: jsonschema.SchemaError."""
        self.name = name
        self.schema = dict(schema)
        validator_class = validator_for(self.schema, default=jsonschema.Draft202012Validator)
        validator_class.check_schema(self.schema)
        # a registry of its own keeps jsonschema from fetching a remote $ref
        self._validator = validator_class(self.schema, registry=EMPTY_REGISTRY)

    def parse(self, text: str) -> Any:
        """Return the JSON value of a model's text, bare or in a ``` fence. Raises: SchemaMismatchError."""
        value = json_of_text(text, schema_name=self.name)
        self.check(value)
        return value

    def check(self, value: Any) -> None:
        """Raises: SchemaMismatchError where a JSON value breaks the schema."""
        try:
            if self._validator.is_valid(value):
                return
            error = best_match(self._validator.iter_errors(value))
        except Unresolvable as unresolvable:
            raise SchemaMismatchError(
                f"{self.name} cannot be applied: its $ref {unresolvable.ref!r} is not in the file"
            ) from None
        except RecursionError:
            raise SchemaMismatchError(f"the answer is nested too deeply to be checked against {self.name}") from None
        if error is not None:
            raise SchemaMismatchError(
                f"the answer breaks {self.name} at {error.json_path}: {_shortened(error.message)}"
            )


def json_of_text(text: str, *, schema_name: str) -> Any:
    """Return the JSON value that a text is, or holds in its first ``` fence. Raises: SchemaMismatchError."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        reason = str(error)
    fence = _FENCE.search(text)
    if fence is not None:
        try:
            return msgspec.json.decode(fence[1])
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
            reason = str(error)
    if not text.strip():
        raise SchemaMismatchError(f"the answer is empty where {schema_name} asks for JSON ($)")
    raise SchemaMismatchError(
        f"the answer is not the JSON that {schema_name} asks for ($): {_shortened(reason)}; "
        f"it begins with {_shortened(text.strip(), 60)!r}"
    )


def _shortened(text: str, length: int = _SHOWN_CHARACTERS) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
