"""JSON as text with places: every digit stays as it was written, because nothing is ever turned into a number.

A node is a span of the text; its children are found when asked for, so opening a value costs only what is looked at.
Pure functions without Qt.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

import msgspec

_PART = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}:,]|[^\s\[\]{}:,"]++')
_OPENING, _CLOSING = frozenset("[{"), frozenset("]}")
_INDENT = "  "


class NodeKind(StrEnum):
    """What a value is."""

    OBJECT = "object"
    ARRAY = "array"
    STRING = "string"
    NUMBER = "number"
    LITERAL = "literal"


class JsonNode(msgspec.Struct, frozen=True):
    """A value at text[start:end]. `name` is its key or index; `path` is what a person would write: `items[0].sku`."""

    name: str
    path: str
    start: int
    end: int
    kind: NodeKind

    @property
    def has_children(self) -> bool:
        """Whether it is an object or an array."""
        return self.kind in (NodeKind.OBJECT, NodeKind.ARRAY)


def is_json(text: str) -> bool:
    """Whether the text is an object or an array in JSON."""
    if text.lstrip()[:1] not in _OPENING or not text:
        return False
    try:
        msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return False
    return True


def root(text: str) -> JsonNode:
    """Return the node of the whole text. Raises: ValueError where there is none."""
    match = _PART.search(text)
    if match is None:
        raise ValueError("there is no JSON in it")
    return JsonNode("", "", match.start(), len(text.rstrip()), _kind(match.group()))


def children(text: str, node: JsonNode) -> Iterator[JsonNode]:
    """Yield the members of an object or the items of an array, in order, a key twice where it stands twice.

    Raises:
        ValueError: the text is no JSON from some place on.
    """
    parts = _PART.finditer(text, node.start + 1, node.end)
    index = 0
    key = ""
    is_object = node.kind is NodeKind.OBJECT
    expects_key = is_object
    for match in parts:
        part = match.group()
        if part in _CLOSING:
            return
        if part == ",":
            expects_key = is_object
        elif part == ":":
            expects_key = False
        elif expects_key:
            key = _unquoted(part)
        else:
            end = _end(parts, match)
            name = key if is_object else str(index)
            path = _path(node.path, name, is_object=is_object)
            yield JsonNode(name, path, match.start(), end, _kind(part))
            index += 1


def pretty(text: str) -> str:
    """Return the JSON one value a line, indented by two; digits, escapes and order as they were."""
    out: list[str] = []
    depth = 0
    parts = [match.group() for match in _PART.finditer(text)]
    for number, part in enumerate(parts):
        following = parts[number + 1] if number + 1 < len(parts) else ""
        if part in _OPENING:
            depth += 1
            out.append(part if following in _CLOSING else f"{part}\n{_INDENT * depth}")
        elif part in _CLOSING:
            depth -= 1
            is_empty = number > 0 and parts[number - 1] in _OPENING
            out.append(part if is_empty else f"\n{_INDENT * depth}{part}")
        elif part == ",":
            out.append(f",\n{_INDENT * depth}")
        else:
            out.append(": " if part == ":" else part)
    return "".join(out)


def node_at(text: str, position: int) -> list[JsonNode]:
    """Return the nodes that hold a position, from the root to the innermost."""
    node = root(text)
    found = [node]
    while node.has_children:
        inner = next((child for child in children(text, node) if child.start <= position <= child.end), None)
        if inner is None:
            break
        found.append(inner)
        node = inner
    return found


def shown_value(text: str, node: JsonNode) -> str:
    """Return what a cell says of a node: a string without quotes, a container in short."""
    if node.kind is NodeKind.STRING:
        return _unquoted(text[node.start : node.end])
    if node.has_children:
        inside = text[node.start : min(node.end, node.start + 200)]
        return " ".join(inside.split())
    return text[node.start : node.end]


def _end(parts: "Iterator[re.Match[str]]", first: "re.Match[str]") -> int:
    if first.group() not in _OPENING:
        return first.end()
    depth = 1
    for match in parts:
        part = match.group()
        if part in _OPENING:
            depth += 1
        elif part in _CLOSING:
            depth -= 1
            if depth == 0:
                return match.end()
    raise ValueError("a bracket is never closed")


def _kind(part: str) -> NodeKind:
    if part == "{":
        return NodeKind.OBJECT
    if part == "[":
        return NodeKind.ARRAY
    if part.startswith('"'):
        return NodeKind.STRING
    return NodeKind.LITERAL if part in ("true", "false", "null") else NodeKind.NUMBER


def _unquoted(part: str) -> str:
    if "\\" not in part:
        return part[1:-1]
    try:
        return str(msgspec.json.decode(part))
    except ValueError:
        return part[1:-1]


def _path(parent: str, name: str, *, is_object: bool) -> str:
    if not is_object:
        return f"{parent}[{name}]"
    if not re.fullmatch(r"\w[\w-]*", name):
        return f'{parent}["{name}"]'
    return f"{parent}.{name}" if parent else name
