"""Two runs held against each other: figures, texts line by line, spans pair by pair. Pure functions."""

from collections import defaultdict
from collections.abc import Sequence
from difflib import SequenceMatcher
from textwrap import wrap

import msgspec

from kafka_agent_studio.gui import formats
from kafka_agent_studio.model.run import Run, RunDetail, Span, SpanKind

MOST_LINES = 1_000
_WIDTH = 76
SAME, CHANGED, LEFT_ONLY, RIGHT_ONLY = "", "≠", "−", "+"


class PairRow(msgspec.Struct, frozen=True):
    """One line of two columns. `mark` says in a sign how they differ; `what` names the row, empty in a text."""

    what: str
    left: str
    right: str
    mark: str = SAME
    remark: str = ""


def figure_rows(left: RunDetail, right: RunDetail) -> list[PairRow]:
    """Return status, time, tokens, cost, attempts, spans and model of both, with what the right one has more."""
    a, b = left.run, right.run
    rows = [
        _row("Status", a.status.value, b.status.value),
        _row("Error", _error(a), _error(b)),
        _number("Duration", a.duration_s, b.duration_s, formats.duration),
        _number("Tokens", a.token_usage.total_tokens, b.token_usage.total_tokens, formats.count),
        _number("Tokens in", a.token_usage.prompt_tokens, b.token_usage.prompt_tokens, formats.count),
        _number("Tokens out", a.token_usage.candidates_tokens, b.token_usage.candidates_tokens, formats.count),
        _number("Cost", a.cost, b.cost, formats.cost),
        _number("Attempts", a.attempts, b.attempts, formats.count),
        _number("Spans", len(left.spans), len(right.spans), formats.count),
        _row("Agent", a.agent_name, b.agent_name),
        _row("Model", _models(left), _models(right)),
        _row("Message", a.place, b.place),
        _row("Stood in", ", ".join(a.stand_ins) or "nothing", ", ".join(b.stand_ins) or "nothing"),
    ]
    return [row for row in rows if row.what != "Error" or row.left + row.right != formats.NOTHING * 2]


def text_rows(left: str, right: str) -> list[PairRow]:
    """Return both texts side by side, equal lines beside each other; beyond 1,000 lines they are cut, and say so."""
    a, b = _lines(left), _lines(right)
    rows: list[PairRow] = []
    # without the heuristic that takes a brace for junk, as it stands in every tenth line of JSON
    for kind, from_a, to_a, from_b, to_b in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        for at in range(max(to_a - from_a, to_b - from_b)):
            one = a[from_a + at] if from_a + at < to_a else None
            other = b[from_b + at] if from_b + at < to_b else None
            mark = SAME if kind == "equal" else LEFT_ONLY if other is None else RIGHT_ONLY if one is None else CHANGED
            rows.append(PairRow("", one or "", other or "", mark))
    return rows


def span_rows(left: Sequence[Span], right: Sequence[Span]) -> list[PairRow]:
    """Return the spans in order, the first call of a tool beside the first call of it, and so on."""
    others: dict[tuple[SpanKind, str], list[Span]] = defaultdict(list)
    for span in reversed(right):
        others[span.kind, span.name].append(span)
    rows = []
    for span in left:
        known = others[span.kind, span.name]
        rows.append(_span_row(span, known.pop() if known else None))
    rest = {id(span) for spans in others.values() for span in spans}
    return rows + [_span_row(None, span) for span in right if id(span) in rest]


def is_different(rows: Sequence[PairRow]) -> bool:
    """Whether some row is marked."""
    return any(row.mark for row in rows)


def _lines(text: str) -> list[str]:
    lines = [piece for line in text.splitlines()[:MOST_LINES] for piece in _wrapped(line)]
    if len(lines) > MOST_LINES or text.count("\n") > MOST_LINES:
        return [*lines[:MOST_LINES], "… longer than is compared here: open the run to see the rest"]
    return lines


def _wrapped(line: str) -> list[str]:
    if len(line) <= _WIDTH:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return wrap(line, _WIDTH, subsequent_indent=indent, drop_whitespace=False, replace_whitespace=False) or [line]


def _row(what: str, left: str, right: str) -> PairRow:
    return PairRow(what, left, right, SAME if left == right else CHANGED)


def _number(what: str, left: float | None, right: float | None, form: object) -> PairRow:
    assert callable(form)
    remark = ""
    if left is not None and right is not None and left != right:
        sign = "+" if right > left else "−"
        share = f" ({sign}{abs(right - left) / left:.0%})" if left else ""
        remark = f"{sign}{form(abs(right - left))}{share}"
    return PairRow(what, form(left), form(right), SAME if left == right else CHANGED, remark)


def _error(run: Run) -> str:
    return formats.NOTHING if run.error is None else formats.one_line(f"{run.error.type.value}: {run.error.message}")


def _models(detail: RunDetail) -> str:
    names = dict.fromkeys(span.name for span in detail.spans if span.kind is SpanKind.MODEL)
    return ", ".join(names) or "none"


def _span_row(left: Span | None, right: Span | None) -> PairRow:
    span = left or right
    assert span is not None
    a, b = _span_words(left), _span_words(right)
    is_same = left is not None and right is not None and _essence(left) == _essence(right)
    mark = RIGHT_ONLY if left is None else LEFT_ONLY if right is None else SAME if is_same else CHANGED
    return PairRow(f"{span.kind.value} {span.name}", a, b, mark)


def _essence(span: Span) -> tuple[object, ...]:
    # what it did, not how long it took: that is never the same twice
    place = None if span.kind is SpanKind.PUBLISH else span.output
    return span.kind, span.name, span.attempt, place, span.error, span.token_usage


def _span_words(span: Span | None) -> str:
    if span is None:
        return formats.NOTHING
    took = None if span.ended_at_us is None else (span.ended_at_us - span.started_at_us) / 1e6
    words = [formats.duration(took)]
    words += [f"{span.token_usage.total_tokens:,} tokens"] if span.token_usage.total_tokens else []
    words += [f"attempt {span.attempt}"] if span.attempt > 1 else []
    words += [f"▲ {span.error.type.value}"] if span.error is not None else []
    return " · ".join(words)
