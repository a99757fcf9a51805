"""Pieces of a filter line, for a click on a value: include it, or exclude it."""

import json
import re
from collections.abc import Sequence

_PLAIN_STEP = re.compile(r"[^\s.\[\]()\"'=!<>:]+")


def filter_field(side: str, path: Sequence[str | int] = ()) -> str:
    """Return the name of a field: `side` is key, value, headers, partition, offset, time or topic.

    filter_field("value", ["customer", "e mail", 0]) is `value.customer."e mail"[0]`.
    """
    name = side
    for step in path:
        if isinstance(step, int):
            name += f"[{step}]"
        else:
            name += f".{step}" if _PLAIN_STEP.fullmatch(step) else f".{quoted(step)}"
    return name


def filter_term(field: str, value: str | int | float | bool | None, *, exclude: bool = False) -> str:
    """Return a term that lets through what has this value there, or what has another one."""
    literal = quoted(value) if isinstance(value, str) else json.dumps(value)
    return f"{field} {'!=' if exclude else '=='} {literal}"


def with_term(line: str, term: str) -> str:
    """Return a filter line narrowed by one more term."""
    line = line.strip()
    if not line:
        return term
    return f"({line}) {term}" if re.search(r"\bor\b", line, re.IGNORECASE) else f"{line} {term}"


def quoted(text: str) -> str:
    """Return text so that a filter takes every character of it as it is."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
