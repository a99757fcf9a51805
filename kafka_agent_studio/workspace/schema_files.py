"""schemas/<name>.json: JSON Schemas that agents name in `output_schema`."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

from kafka_agent_studio.workspace.folder import Folder
from kafka_agent_studio.workspace.problems import Place, ProblemLog
from kafka_agent_studio.workspace.yaml_source import parse_yaml


class SchemaFiles(msgspec.Struct, frozen=True):
    """The schemas that are valid, and the names of all there are."""

    valid: Mapping[str, Mapping[str, Any]]
    names: frozenset[str]


def schema_name(output_schema: str, known: frozenset[str] | set[str]) -> str:
    """Return the schema's name for what an agent wrote: with or without `.json`, with or without `schemas/`."""
    name = output_schema.removeprefix("schemas/")
    return name if name in known else name.removesuffix(".json")


def read_schemas(folder: Folder, *, is_glance: bool = False) -> SchemaFiles:
    """Return the schemas of the workspace; a problem for each file that is no valid JSON Schema.

    A glance takes what is JSON for a schema, without loading what knows schemas.
    """
    valid: dict[str, Mapping[str, Any]] = {}
    names = set()
    for file in folder.files("schemas", ".json"):
        name = file.removeprefix("schemas/").removesuffix(".json")
        names.add(name)
        text = folder.read_text(file)
        schema = None if text is None else _schema(text, file, folder.problems, is_glance=is_glance)
        if schema is not None:
            valid[name] = schema
    return SchemaFiles(valid=valid, names=frozenset(names))


class _NotJsonError(ValueError):
    """A word of python's json that JSON does not have, or a key given twice."""


def _schema(text: str, file: str, problems: ProblemLog, *, is_glance: bool) -> Mapping[str, Any] | None:
    try:
        schema = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_each_key_once)
    except json.JSONDecodeError as error:
        problems.error(Place(file, error.lineno, error.colno), f"not valid JSON: {error.msg}")
        return None
    except _NotJsonError as error:
        problems.error(Place(file), f"not valid JSON: {error}")
        return None
    except (RecursionError, ValueError):
        problems.error(Place(file), "nested too deep, or a number too long, to be read")
        return None
    if not isinstance(schema, dict):
        problems.error(Place(file), "a JSON Schema is an object: { … }")
        return None
    if not is_glance and not _is_valid(schema, text, file, problems):
        return None
    mark = problems.mark()
    for path, reference in _references(schema, ()):
        if not _is_there(reference, schema):
            words = f"'$ref' must lead to a place in this file (#/$defs/name), not '{reference}'"
            problems.error(_place(text, file, path), words)
    return schema if problems.first_error_since(mark) is None else None


def _is_valid(schema: dict[str, Any], text: str, file: str, problems: ProblemLog) -> bool:
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import Draft202012Validator, validator_for

    try:
        validator_for(schema, default=Draft202012Validator).check_schema(schema)
    except SchemaError as error:
        path = tuple(error.absolute_path)
        where = f" at {error.json_path}" if path else ""
        problems.error(_place(text, file, path), f"not a valid JSON Schema{where}: {error.message[:300]}")
        return False
    except RecursionError:
        problems.error(Place(file), "nested too deep to be read")
        return False
    return True


def _references(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield the references of a schema, each with its path; values that are data, not schemas, are left out."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key in ("$ref", "$dynamicRef") and isinstance(part, str):
                yield (*path, key), part
            elif key not in ("const", "default", "enum", "examples"):
                yield from _references(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _references(part, (*path, index))


def _is_there(reference: str, schema: Mapping[str, Any]) -> bool:
    """Whether a reference can be followed without fetching anything; anchors and ids are taken on trust."""
    if not reference.startswith(("#/", "http:", "https:", "file:")):
        return True
    if not reference.startswith("#/"):
        return reference.startswith("https://json-schema.org/draft/") or _holds_ids(schema)
    part: Any = schema
    for step in unquote(reference).removeprefix("#/").split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(part, list) and key.isdigit() and int(key) < len(part):
            part = part[int(key)]
        elif isinstance(part, dict) and key in part:
            part = part[key]
        else:
            return _holds_ids(schema)
    return True


def _holds_ids(schema: Any) -> bool:
    """Whether parts of the schema have names of their own, to which references are then relative."""
    if isinstance(schema, dict):
        return "$id" in schema or any(_holds_ids(part) for part in schema.values())
    return isinstance(schema, list) and any(_holds_ids(part) for part in schema)


def _place(text: str, file: str, path: tuple[str | int, ...]) -> Place:
    """Return where the value at `path` stands: JSON is YAML, as far as places go, once tabs are blanks."""
    root = parse_yaml(text.replace("\t", " "), file, ProblemLog())
    found = root.find(path) if root is not None else None
    return found.place if found is not None else Place(file)


def _refuse_constant(word: str) -> float:
    raise _NotJsonError(f"{word} is not JSON")


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        raise _NotJsonError(f"the key '{next(k for k in keys if keys.count(k) > 1)}' is given twice")
    return result
