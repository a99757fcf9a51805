"""Google style docstrings: what a tool does, and what each of its arguments means."""

import inspect
import re

import msgspec

_SECTION = re.compile(
    r"(?P<name>Args|Arguments|Parameters|Returns?|Raises|Yields|Examples?|Notes?|Attributes|Warnings?|See Also):\s*"
)
_ARGUMENT = re.compile(r"\*{0,2}(?P<name>\w+)\s*(?:\([^)]*\))?\s*:\s*(?P<text>.*)")


class Docstring(msgspec.Struct, frozen=True):
    """A docstring taken apart: the text before its sections, and the arguments by name."""

    description: str
    arguments: dict[str, str]


def parse_docstring(text: str | None) -> Docstring:
    """Return the parts of a docstring; both empty where there is none."""
    lines = inspect.cleandoc(text or "").splitlines()
    first = next((i for i, line in enumerate(lines) if _SECTION.fullmatch(line)), len(lines))
    arguments: dict[str, str] = {}
    section = ""
    for line in lines[first:]:
        heading = _SECTION.fullmatch(line)
        if heading:
            section = heading["name"]
        elif section in ("Args", "Arguments", "Parameters"):
            _read_argument_line(line, arguments)
    return Docstring(description="\n".join(lines[:first]).strip(), arguments=arguments)


def _read_argument_line(line: str, arguments: dict[str, str]) -> None:
    """Add one line of an Args section: a new argument, or more of the one before where it is indented deeper."""
    text = line.strip()
    indent = len(line) - len(line.lstrip())
    match = _ARGUMENT.fullmatch(text)
    is_new = match is not None and indent <= 4
    if is_new and match is not None:
        arguments[match["name"]] = match["text"]
    elif text and arguments:
        last = next(reversed(arguments))
        arguments[last] = f"{arguments[last]} {text}".strip()
