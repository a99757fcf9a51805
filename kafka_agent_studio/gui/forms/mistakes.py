"""What is wrong with a form, by field, in words: from the models at once, from the whole workspace a moment later."""

import re
from collections.abc import Container, Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from kafka_agent_studio.model.base import FileModel
from kafka_agent_studio.model.workspace import Problem

_NAME = "Use a-z, 0-9 and “-”, beginning and ending with a letter or digit."
_TOPIC = "Use letters, digits, “.”, “_” and “-”."
_PATTERNS = {"topic": _TOPIC, "dead_letter_topic": _TOPIC}
_KEY = re.compile(r"^(\s*)([A-Za-z_]+)\s*:")
_SPOKEN_TO = re.compile(r"^'[a-z_.]+': ")
_WORD = re.compile(r"[a-z_]+")
_SPOKEN_OF = frozenset({"agents", "client_key_file", "dead_letter_topic", "on_failure", "publish"})
"""The fields with which sentences about several fields begin."""


def model_mistakes(model: type[FileModel], values: Mapping[str, Any]) -> dict[str, str]:
    """Return what the model says about the fields of a file, by dotted key; `` for the file as a whole.

    A field that holds a reference to the environment (`${NAME}`) is left to the check of the file.
    """
    try:
        model.model_validate(dict(values))
    except ValidationError as error:
        found: dict[str, str] = {}
        for details in error.errors(include_url=False, include_input=False):
            if not _holds_reference(values, details["loc"]):
                found.setdefault(_key_of(details), _words(details))
        return found
    return {}


_STAND_INS = {
    "version": "1.0",
    "bootstrap_servers": "localhost:9092",
    "connection": "sandbox",
    "topic": "a",
    "dead_letter_topic": "b",
    "security.sasl_mechanism": "PLAIN",
    "security.username": "a",
    "security.password_secret": "a",
}


def mended(values: Mapping[str, Any], mistaken: Iterable[str], *, name: str) -> dict[str, Any]:
    """Return the values with something harmless in each `mistaken` field, or nothing, so that the rest can be judged.

    `name` takes the place of a mistaken name.
    """
    whole = dict(values)
    for key in mistaken:
        instead = name if key == "name" else _STAND_INS.get(key)
        part, _, inner = key.partition(".")
        if inner:
            whole[part] = {**(whole.get(part) or {}), inner: instead}
            whole[part] = {field: value for field, value in whole[part].items() if value is not None}
        elif part in whole and not isinstance(whole[part], Mapping):
            whole[part] = instead
    return whole


def what_is_left(mistakes: Mapping[str, str], missing: Container[str], titles: Mapping[str, str]) -> str:
    """Return in one line what has to be filled in or corrected before a save, in the order of `titles`."""
    if len(mistakes) == 1:
        ((key, words),) = mistakes.items()
        return f"{titles[key]}: {words}" if key in titles else sentence(words)
    empty = [title for key, title in titles.items() if key in mistakes and key in missing]
    wrong = [title for key, title in titles.items() if key in mistakes and key not in missing]
    parts = [
        f"Still missing: {', '.join(empty)}." if empty else "",
        f"To correct: {', '.join(wrong)}." if wrong else "",
    ]
    others = [sentence(words) for key, words in mistakes.items() if key not in titles]
    return " ".join(part for part in (*parts, *others) if part)


def _holds_reference(values: Any, path: Iterable[str | int]) -> bool:
    for step in path:
        if isinstance(values, Mapping):
            values = values.get(str(step))
        elif isinstance(values, list | tuple) and isinstance(step, int) and step < len(values):
            values = values[step]
    return isinstance(values, str) and "${" in values


def _key_of(details: ErrorDetails) -> str:
    names = [str(step) for step in details["loc"] if isinstance(step, str)]
    if details["type"] == "value_error":
        first = _WORD.match(str(details["ctx"]["error"]))
        if first and first[0] in _SPOKEN_OF and names in ([], ["security"]):
            names.append(first[0])
    return ".".join(names)


def _words(details: ErrorDetails) -> str:
    kind, context = details["type"], details.get("ctx", {})
    name = next((str(step) for step in reversed(details["loc"]) if isinstance(step, str)), "")
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(name, _NAME)
    if kind == "string_too_long":
        return f"At most {context['max_length']} characters."
    if kind in ("int_type", "int_parsing", "int_from_float"):
        return "Give a whole number."
    if kind == "greater_than_equal":
        return f"At least {context['ge']:,}."
    if kind == "less_than_equal":
        return f"At most {context['le']:,}."
    if kind in ("enum", "literal_error"):
        return f"One of {str(context['expected']).replace(chr(39), '')}."
    if kind == "extra_forbidden":
        return f"The file has a field “{name}” that means nothing here."
    if kind == "missing":
        return "This is needed."
    text = str(context["error"]) if kind == "value_error" else details["msg"]
    return sentence(text)


def problem_mistakes(problems: Iterable[Problem], text: str) -> dict[str, str]:
    """Return the errors that a check of the file's `text` found, by dotted key; `` for those of no field."""
    found: dict[str, str] = {}
    lines = text.splitlines()
    for problem in problems:
        if problem.level == "error":
            # The field itself says which one it is.
            found.setdefault(_key_at(lines, problem.line), sentence(_SPOKEN_TO.sub("", problem.message)))
    return found


def _key_at(lines: list[str], line: int) -> str:
    """The dotted key of the field in whose lines the place is."""
    inner = ""
    for text in reversed(lines[:line]):
        match = _KEY.match(text)
        if match and match[1]:
            inner = inner or match[2]
        elif match:
            return f"{match[2]}.{inner}" if inner and match[2] == "security" else match[2]
    return ""


def sentence(text: str) -> str:
    """Return a remark as a sentence, with a full stop, and a capital unless it begins with a name or an address."""
    text = text.strip()
    is_word = text.split(" ", 1)[0].rstrip(",.:;").isalpha()
    return stopped(text[:1].upper() + text[1:] if is_word else text)


def stopped(text: str) -> str:
    """Return a remark that follows a colon: with a full stop, and whatever letter it begins with."""
    text = text.strip()
    return text + ("" if text.endswith((".", "!", "?")) else ".")
