"""System prompts with `{name}` in them."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


class SystemPrompt:
    """A prompt whose `{name}` are filled from the run's context, then from the payload; unmatched ones stay."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._is_constant = _PLACEHOLDER.search(text) is None

    def filled(self, *, context: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
        """Return the prompt for one run: texts as they are, everything else as JSON."""
        if self._is_constant:
            return self._text

        def value_of(match: re.Match[str]) -> str:
            name = match[1]
            for source in (context, payload):
                if name in source:
                    return _shown(source[name], unmatched=match[0])
            return match[0]

        return _PLACEHOLDER.sub(value_of, self._text)


def _shown(value: Any, *, unmatched: str) -> str:
    if isinstance(value, str):
        return value
    try:
        return msgspec.json.encode(value).decode()
    except (TypeError, ValueError, RecursionError):  # a tool put something into the context that has no JSON
        return unmatched
