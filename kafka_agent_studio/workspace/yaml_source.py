"""YAML 1.2 (core schema) with a place for every value: PyYAML's parser under scalar rules of our own.

PyYAML alone is YAML 1.1, where `off` is a boolean and `0123` octal.
Source: https://yaml.org/spec/1.2.2/#103-core-schema
"""

import re
from typing import Any

import msgspec
from yaml import MarkedYAMLError, YAMLError
from yaml import Node as YamlNode
from yaml.composer import Composer
from yaml.nodes import MappingNode, ScalarNode, SequenceNode
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

from kafka_agent_studio.workspace.problems import Place, ProblemLog

_TAG = "tag:yaml.org,2002:"
_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)

MAX_VALUES = 100_000
"""A file that holds more values, aliases followed, is refused: aliases of aliases grow without bound."""

Scalar = str | int | float | bool | None


class Node(msgspec.Struct, frozen=True):
    """A value and where it stands.

    `key_place` is where its key stands, None outside a mapping. `text_place` is where the text of a scalar on one line
    begins (after a quote), None where characters and columns do not correspond. `source` is the text as written where
    `value` was filled in from the environment, else None; `is_unset` says that it could not be, which is reported.
    """

    value: "Scalar | dict[str, Node] | list[Node]"
    place: Place
    key_place: Place | None = None
    text_place: Place | None = None
    source: str | None = None
    is_unset: bool = False

    @property
    def fields(self) -> "dict[str, Node]":
        """The entries of a mapping; empty for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> "list[Node]":
        """The entries of a list; empty for anything else."""
        return self.value if isinstance(self.value, list) else []

    @property
    def text(self) -> str | None:
        """The value where it is text that is known, else None."""
        return self.value if isinstance(self.value, str) and not self.is_unset else None

    @property
    def name_place(self) -> Place:
        """Where the key stands, or the value where it has none."""
        return self.key_place or self.place

    def plain(self) -> Any:
        """Return the value as plain dicts, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def find(self, path: tuple[str | int, ...]) -> "Node | None":
        """Return the node at `path` (keys and indexes), None where there is none."""
        node: Node | None = self
        for step in path:
            if node is None:
                return None
            if isinstance(step, int):
                node = node.items[step] if 0 <= step < len(node.items) else None
            else:
                node = node.fields.get(step)
        return node

    def with_fields(self, fields: "dict[str, Node]") -> "Node":
        """Return a mapping at the same place with other entries."""
        return msgspec.structs.replace(self, value=fields)


def parse_yaml(text: str, file: str, problems: ProblemLog) -> Node | None:
    """Return the document of a YAML file; None, and a problem, where it cannot be read.

    A key given twice is a problem, too, but leaves the rest readable. An empty file is a node whose value is None.
    """
    try:
        root = _Yaml12(text).get_single_node()
        if root is None:
            return Node(None, Place(file))
        return _Reading(file=file, problems=problems).node(root)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        problems.error(place, f"not valid YAML: {_in_words(error)}")
    except ReaderError as error:
        before = text[: error.position]
        place = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        problems.error(place, "not valid YAML: a character that cannot be part of it")
    except YAMLError as error:
        problems.error(Place(file), f"not valid YAML: {error}")
    except RecursionError:
        problems.error(Place(file), "nested too deep to be read")
    except _UnreadableError as error:
        problems.error(error.place, str(error))
    return None


def core_tag(text: str) -> str:
    """Return what a plain scalar is under the core schema: null, bool, int, float or str."""
    for tag, pattern in (("null", _NULL), ("bool", _BOOL), ("int", _INT), ("float", _FLOAT)):
        if pattern.fullmatch(text):
            return tag
    return "str"


def core_value(tag: str, text: str) -> Scalar:
    """Return the value of a scalar; Raises: ValueError where the text is not of that kind, or too long a number."""
    if tag == "str":
        return text
    if tag == "null" and _NULL.fullmatch(text):
        return None
    if tag == "bool" and _BOOL.fullmatch(text):
        return text.lower() == "true"
    if tag == "int" and _INT.fullmatch(text):
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text[2:], base) if base != 10 else int(text)
    if tag == "float" and _FLOAT.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    raise ValueError(f"'{text[:60]}' is not of the type {tag}")


class _Yaml12(Reader, Scanner, Parser, Composer, BaseResolver):
    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        BaseResolver.__init__(self)

    def resolve(self, kind: type[YamlNode], value: Any, implicit: Any) -> str:
        if kind is ScalarNode:
            return _TAG + (core_tag(value) if implicit[0] else "str")
        return _TAG + ("seq" if kind is SequenceNode else "map")


class _UnreadableError(Exception):
    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place


class _Reading(msgspec.Struct):
    """One pass over the nodes of one file."""

    file: str
    problems: ProblemLog
    count: int = 0
    open_nodes: set[int] = msgspec.field(default_factory=set)

    def node(self, yaml_node: YamlNode, key_place: Place | None = None) -> Node:
        place = self.place(yaml_node)
        self.count += 1
        if self.count > MAX_VALUES:
            raise _UnreadableError(place, f"more than {MAX_VALUES:,} values, aliases followed")
        if id(yaml_node) in self.open_nodes:
            raise _UnreadableError(place, "an alias that contains itself")
        self.open_nodes.add(id(yaml_node))
        try:
            if isinstance(yaml_node, ScalarNode):
                return self.scalar(yaml_node, place, key_place)
            if isinstance(yaml_node, SequenceNode) and yaml_node.tag == _TAG + "seq":
                return Node([self.node(item) for item in yaml_node.value], place, key_place)
            if isinstance(yaml_node, MappingNode) and yaml_node.tag == _TAG + "map":
                return Node(self.mapping(yaml_node), place, key_place)
        finally:
            self.open_nodes.discard(id(yaml_node))
        raise _UnreadableError(place, f"the tag {_short(yaml_node.tag)} means nothing here")

    def mapping(self, yaml_node: MappingNode) -> dict[str, Node]:
        fields: dict[str, Node] = {}
        for key_node, value_node in yaml_node.value:
            place = self.place(key_node)
            if not isinstance(key_node, ScalarNode):
                raise _UnreadableError(place, "a key must be one word, not a list or a mapping")
            value = self.node(value_node, key_place=place)
            key = str(key_node.value)
            if key in fields:
                first = fields[key].name_place.line
                self.problems.error(place, f"the key '{key}' is given twice, first in line {first}")
            else:
                fields[key] = value
        return fields

    def scalar(self, yaml_node: ScalarNode, place: Place, key_place: Place | None) -> Node:
        tag = yaml_node.tag.removeprefix(_TAG)
        if tag not in ("null", "bool", "int", "float", "str"):
            raise _UnreadableError(place, f"the tag {_short(yaml_node.tag)} means nothing here")
        try:
            value = core_value(tag, yaml_node.value)
            yaml_node.value.encode("utf-8")
        except UnicodeEncodeError:
            raise _UnreadableError(place, "text with half of a surrogate pair, which no file can hold") from None
        except ValueError:
            raise _UnreadableError(place, f"not a number that can be read, or not of the type {tag}") from None
        if isinstance(value, float) and value - value != 0:
            raise _UnreadableError(place, f"{yaml_node.value} is not a number that means anything here")
        return Node(value, place, key_place, text_place=self.text_place(yaml_node, place))

    def text_place(self, yaml_node: ScalarNode, place: Place) -> Place | None:
        start, end = yaml_node.start_mark, yaml_node.end_mark
        quotes = 0 if yaml_node.style is None else 1
        width = end.column - start.column
        if start.line != end.line or yaml_node.style in ("|", ">") or width != len(yaml_node.value) + 2 * quotes:
            return None
        return place.shifted(quotes)

    def place(self, yaml_node: YamlNode) -> Place:
        return Place(self.file, yaml_node.start_mark.line + 1, yaml_node.start_mark.column + 1)


def _short(tag: str) -> str:
    return tag.replace(_TAG, "!!")


def _in_words(error: MarkedYAMLError) -> str:
    problem = error.problem or ""
    for token, words in (("block end", "the end of the block"), ("stream end", "the end of the file")):
        problem = problem.replace(f"'<{token}>'", words).replace(f"<{token}>", words)
    problem = problem.replace("'<block mapping start>'", "a key")
    context = error.context or ""
    if "found another document" in problem:
        return "a second document begins here; a file holds one"
    if "could not find expected ':'" in problem:
        return "a ':' is missing after a key"
    if "mapping values are not allowed here" in problem:
        return "a ':' where none can stand; put the text in quotes"
    if "cannot start any token" in problem and "\\t" in problem:
        return "indent with spaces, not tabs"
    return f"{problem} ({context})" if context else problem
