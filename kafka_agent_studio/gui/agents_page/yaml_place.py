"""Where in a YAML text the cursor stands: at a key, at a value, or at an item of a list. Pure, without Qt."""

import re
from enum import Enum

import msgspec

_ITEM = re.compile(r"^(\s*)-\s+(?:\{?\s*ref:\s*)?[\"']?([^\s\"'{}:,#]*)$")
_VALUE = re.compile(r"^(\s*)([A-Za-z_]+):\s+(.*)$")
_KEY = re.compile(r"^(\s*)([A-Za-z_]*)$")
_PARENT = re.compile(r"^(\s*)([A-Za-z_]+):")
_BLOCK = re.compile(r":\s*[|>][-+0-9]*\s*(?:#.*)?$")
_LAST_WORD = re.compile(r"[^\s\[\],\"']*$")


class PlaceKind(Enum):
    """What is being written."""

    KEY = "key"
    VALUE = "value"
    ITEM = "item"


class YamlPlace(msgspec.Struct, frozen=True):
    """`key` is the dotted name whose value or item is written, or the block that a key belongs to (empty: the top).

    `typed` is what stands before the cursor already; it begins at text[start].
    """

    kind: PlaceKind
    key: str
    typed: str
    start: int


def yaml_place(text: str, position: int) -> YamlPlace | None:
    """Return where `position` is; None in comments and in block texts, where nothing can be offered."""
    above, _, line = text[:position].rpartition("\n")
    lines = above.split("\n") if above else []
    indent = len(line) - len(line.lstrip())
    if line.lstrip().startswith("#") or _is_in_block_text(lines, indent, is_blank=not line.strip()):
        return None
    if item := _ITEM.match(line):
        return _place(PlaceKind.ITEM, _parent(lines, len(item[1]), is_item=True), item[2], position)
    if value := _VALUE.match(line):
        return _value_place(value, _parent(lines, len(value[1])), position)
    if key := _KEY.match(line):
        return _place(PlaceKind.KEY, _parent(lines, len(key[1])), key[2], position)
    return None


def _value_place(match: "re.Match[str]", parent: str, position: int) -> YamlPlace | None:
    key = f"{parent}.{match[2]}" if parent else match[2]
    written = match[3]
    if "#" in written or written.startswith(("|", ">")):
        return None
    if written.startswith("["):
        last = _LAST_WORD.search(written)
        return None if "]" in written else _place(PlaceKind.ITEM, key, last[0] if last else "", position)
    return _place(PlaceKind.VALUE, key, written, position)


def _place(kind: PlaceKind, key: str, typed: str, position: int) -> YamlPlace:
    return YamlPlace(kind, key, typed, position - len(typed))


def _parent(lines: list[str], indent: int, *, is_item: bool = False) -> str:
    """The key of the block around a line so far to the right; an item may stand below the first letter of its key."""
    if indent == 0 and not is_item:
        return ""
    for line in reversed(lines):
        found = _PARENT.match(line)
        if found and (len(found[1]) < indent or (is_item and len(found[1]) == indent)):
            return found[2]
    return ""


def _is_in_block_text(lines: list[str], indent: int, *, is_blank: bool) -> bool:
    nearest = indent
    for line in reversed(lines):
        if not line.strip():
            continue
        here = len(line) - len(line.lstrip())
        if here < nearest or (is_blank and nearest == indent and here <= indent):
            if _BLOCK.search(line):
                return here < indent
            nearest = here
            is_blank = False
        if here == 0:
            return False
    return False
