"""Writes fields into YAML text and leaves the rest as a person wrote it: comments, order, quotes, indentation."""

import io
import re
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString, ScalarString

from kafka_agent_studio.workspace.yaml_comments import with_kept_comments

_COMMENT = r"[ ]*(?:#[^\n]*)?\n"
_DASHES = re.compile(rf"^(?P<key>[ ]*)[^\s#-][^\n]*:{_COMMENT}(?:{_COMMENT})*(?P<dash>[ ]*)- ", re.MULTILINE)


class YamlEditError(ValueError):
    """The text is no YAML mapping, so no field can be written into it."""


def edited_yaml(text: str, values: Mapping[str, Any]) -> str:
    """Return `text` with the fields of `values` set; None removes a field, a new one goes to the end.

    A mapping given for a field is the whole of it: what it does not hold is removed. A value that is there already is
    not touched. An empty `text` begins a new file.

    Raises:
        YamlEditError: `text` is not a YAML mapping.
    """
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 100_000
    yaml.allow_unicode = True
    offset = _dash_offset(text)
    yaml.indent(mapping=2, sequence=offset + 2, offset=offset)
    try:
        document = yaml.load(text) if text.strip() else CommentedMap()
    except YAMLError as error:
        raise YamlEditError("the file is not valid YAML; correct it first") from error
    if document is None:
        document = CommentedMap()
    if not isinstance(document, CommentedMap):
        raise YamlEditError("the file does not hold fields (name: value)")
    for name, value in values.items():
        if value is None:
            document.pop(name, None)
        else:
            _set(document, name, value)
    out = io.StringIO()
    yaml.dump(document, out)
    return with_kept_comments(text, out.getvalue()) if "#" in text else out.getvalue()


def _set(owner: CommentedMap, name: str, value: Any) -> None:
    current = owner.get(name)
    if isinstance(current, CommentedMap) and isinstance(value, Mapping):
        for gone in [key for key in current if key not in value or value[key] is None]:
            del current[gone]
        for key, part in value.items():
            if part is not None:
                _set(current, key, part)
    elif isinstance(current, CommentedSeq) and isinstance(value, list | tuple):
        _set_items(current, list(value))
    elif name not in owner or not _is_same(current, value):
        owner[name] = _written(value)


def _set_items(current: CommentedSeq, wanted: list[Any]) -> None:
    """Make a list hold `wanted`; items that stay keep their comments."""
    for index in range(len(current) - 1, -1, -1):
        if current[index] not in wanted:
            del current[index]
    kept = [item for item in wanted if item in current]
    if list(current) != kept:
        current[:] = [_written(item) for item in kept]
    for index, item in enumerate(wanted):
        if index >= len(current) or current[index] != item:
            current.insert(index, _written(item))


def _is_same(current: Any, value: Any) -> bool:
    if isinstance(current, bool) or isinstance(value, bool):
        return current is value
    return bool(current == value) and isinstance(current, str) == isinstance(value, str)


def _written(value: Any) -> Any:
    if isinstance(value, ScalarString):
        return value
    if isinstance(value, str) and "\n" in value:
        return LiteralScalarString(value)
    if isinstance(value, Mapping):
        return CommentedMap({key: _written(part) for key, part in value.items() if part is not None})
    if isinstance(value, list | tuple):
        items = CommentedSeq([_written(part) for part in value])
        if all(isinstance(part, str) for part in value) and sum(map(len, value)) < 80:
            items.fa.set_flow_style()
        return items
    return value


def _dash_offset(text: str) -> int:
    """Return by how much the file indents the dashes of a list below its key; 2 where it has none."""
    match = _DASHES.search(text)
    return max(len(match["dash"]) - len(match["key"]), 0) if match else 2
