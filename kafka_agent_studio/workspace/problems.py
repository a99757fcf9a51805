"""Mistakes in workspace files: where they are, collected in one pass, in words a person can act on."""

import difflib
from collections.abc import Iterable

import msgspec

from kafka_agent_studio.model.workspace import Problem


class Place(msgspec.Struct, frozen=True):
    """A place in a workspace file. `file` is relative to the workspace; line and column count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def shifted(self, columns: int) -> "Place":
        """Return the place `columns` characters to the right."""
        return Place(self.file, self.line, self.column + columns)


class ProblemLog:
    """Collects every mistake of one load."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def error(self, place: Place, message: str) -> Problem:
        """Note an error: what it concerns is not valid."""
        return self._add(place, "error", message)

    def warning(self, place: Place, message: str) -> Problem:
        """Note something that works, but perhaps not as meant."""
        return self._add(place, "warning", message)

    def mark(self) -> int:
        """Return a position to ask `first_error_since` about."""
        return len(self._problems)

    def first_error_since(self, mark: int) -> Problem | None:
        """Return the first error noted after `mark`, None where there was none."""
        return next((p for p in self._problems[mark:] if p.level == "error"), None)

    def first_error_in(self, file: str) -> Problem | None:
        """Return the first error noted in `file`, None where there was none."""
        return next((p for p in self._problems if p.file == file and p.level == "error"), None)

    def sorted(self) -> tuple[Problem, ...]:
        """Return the problems in order of file, line and column, each once."""
        return tuple(sorted(dict.fromkeys(self._problems), key=lambda p: (p.file, p.line, p.column, p.message)))

    def _add(self, place: Place, level: str, message: str) -> Problem:
        problem = Problem(file=place.file, line=place.line, column=place.column, level=level, message=message)
        self._problems.append(problem)
        return problem


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` where one of `known` is close to `word`, else an empty text."""
    candidates = sorted(set(known))
    by_lower = {c.lower(): c for c in reversed(candidates)}
    near = difflib.get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.6)
    return f"; did you mean '{by_lower[near[0]]}'?" if near else ""


def one_of(words: Iterable[str]) -> str:
    """Return the words as `a, b or c`."""
    listed = list(words)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"
