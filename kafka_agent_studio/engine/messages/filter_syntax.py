"""The filter line as text: what one may write, and where a mistake is.

order-123                          the text stands in key, value or headers; upper and lower case alike
"two words"                        quotes for spaces, for `and`, `or`, `not`, and for signs
key:abc  value:abc  headers.x:abc  the text stands in there
value.customer.email == a@b.c      also != < <= > >=; `value.items.sku` looks into every element, `[0]` into one
value.total > 99.5                 numbers as numbers, "2024-01" as text
partition:3  offset >= 1000  time >= 2024-01-15T10:00  size > 10000  topic == orders
value.coupon                       is there, and not null
not, and, or, ( )                  two terms side by side mean and
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum

from kafka_agent_studio.api.browse import FilterMistake

MAX_DEPTH = 50
"""Nesting of parentheses and `not`."""
MAX_LENGTH = 10_000

Step = str | int
Literal = str | int | Decimal | bool | None


class FilterError(ValueError):
    """A filter that means nothing; `mistake` says where and why."""

    def __init__(self, mistake: FilterMistake) -> None:
        super().__init__(mistake.message)
        self.mistake = mistake


class FieldName(StrEnum):
    """What a term may ask about."""

    ANY = ""
    """Key, value and headers at once."""
    KEY = "key"
    VALUE = "value"
    HEADERS = "headers"
    PARTITION = "partition"
    OFFSET = "offset"
    TIME = "time"
    SIZE = "size"
    TOPIC = "topic"

    @property
    def is_number(self) -> bool:
        """Whether it compares as a number."""
        return self in (FieldName.PARTITION, FieldName.OFFSET, FieldName.TIME, FieldName.SIZE)


class Operator(StrEnum):
    """How a term compares."""

    CONTAINS = ":"
    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    IS_THERE = "is there"


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison. `is_quoted`: the literal stood in quotes, so it is text and nothing else; `raw` as written."""

    field: FieldName
    path: tuple[Step, ...]
    operator: Operator
    literal: Literal
    raw: str = ""
    is_quoted: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    node: "Node"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of them."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of them."""

    nodes: tuple["Node", ...]


Node = Term | Not | AllOf | AnyOf

_SPACE = re.compile(r"\s*")
_OPERATOR = re.compile(r"==|!=|<=|>=|=|<|>|:")
_WORD = re.compile(r"[^\s()\"'=!<>:]+")
_LITERAL = re.compile(r"[^\s()\"'=<>!][^\s()\"']*")
_KEYWORD = re.compile(r"(and|or|not)(?=[\s()\"']|$)", re.IGNORECASE)
_NAME = re.compile(r"[^\s.\[\]()\"'=!<>:]+")
_INTEGER = re.compile(r"-?\d{1,4000}")
_NUMBER = re.compile(r"-?\d{1,400}(?:\.\d{1,400})?(?:[eE][+-]?\d{1,3})?")
_WORDS = {"true": True, "false": False, "null": None}
_ALIASES = {"header": "headers", "timestamp": "time", "payload": "value"}


def parse_filter(text: str) -> Node | None:
    """Return what a filter line means; None for an empty one. Raises: FilterError, and nothing else."""
    if len(text) > MAX_LENGTH:
        raise FilterError(FilterMistake(MAX_LENGTH, len(text), f"a filter has at most {MAX_LENGTH:,} characters"))
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

    def parse(self) -> Node | None:
        self._skip_space()
        if self._is_end():
            return None
        node = self._or()
        if not self._is_end():
            raise self._error("there is a ) without its (", self._at, self._at + 1)
        return node

    def _or(self) -> Node:
        nodes = [self._and()]
        while self._took_keyword("or"):
            nodes.append(self._and())
        return nodes[0] if len(nodes) == 1 else AnyOf(tuple(nodes))

    def _and(self) -> Node:
        nodes = [self._unary()]
        while True:
            if not self._took_keyword("and") and (self._is_end() or self._peek() == ")" or self._keyword() == "or"):
                return nodes[0] if len(nodes) == 1 else AllOf(tuple(nodes))
            nodes.append(self._unary())

    def _unary(self) -> Node:
        start = self._at
        if self._took_keyword("not"):
            return Not(self._deeper(self._unary, start))
        if self._peek() == "(":
            self._at += 1
            self._skip_space()
            node = self._deeper(self._or, start)
            if self._peek() != ")":
                raise self._error("this ( is not closed", start, start + 1)
            self._at += 1
            self._skip_space()
            return node
        return self._term()

    def _deeper(self, parse: Callable[[], Node], start: int) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error(f"a filter is nested {MAX_DEPTH} deep at the most", start, start + 1)
        node = parse()
        self._depth -= 1
        return node

    # terms

    def _term(self) -> Node:
        start = self._at
        if self._is_end():
            raise self._error("a term is missing here", max(0, start - 1), start)
        if self._peek() in "\"'":
            text = self._quoted()
            self._skip_space()
            return Term(FieldName.ANY, (), Operator.CONTAINS, text, text, is_quoted=True)
        word = _WORD.match(self._text, self._at)
        if word is None or self._keyword() is not None:
            what = word[0] if word else self._peek()
            raise self._error(
                f"'{what}' cannot stand here; to search for it, put it in quotes", start, start + len(what)
            )
        field = self._field()
        end = self._at = max(self._at, word.end())
        self._skip_space()
        operator = _OPERATOR.match(self._text, self._at)
        if operator is None:
            return self._without_operator(field, start, end)
        if field is None:
            raise self._no_field(self._text[start:end], start, end)
        self._at = operator.end()
        self._skip_space()
        sign = Operator("==" if operator[0] == "=" else operator[0])
        return self._comparison(*field, sign)

    def _without_operator(self, field: "tuple[FieldName, tuple[Step, ...]] | None", start: int, end: int) -> Term:
        if field is not None and field[1]:
            return Term(*field, Operator.IS_THERE, None)
        # the whole word, brackets and all
        word = _WORD.match(self._text, start)
        text = word[0] if word else self._text[start:end]
        self._at = start + len(text)
        self._skip_space()
        return Term(FieldName.ANY, (), Operator.CONTAINS, text, text)

    def _field(self) -> tuple[FieldName, tuple[Step, ...]] | None:
        """Read `value.a[0]."b c"`; None, somewhere in the word, where it names no field."""
        name = _NAME.match(self._text, self._at)
        known = None if name is None else _ALIASES.get(name[0].lower(), name[0].lower())
        if name is None or known not in list(FieldName) or not known:
            return None
        self._at = name.end()
        field = FieldName(known)
        path: list[Step] = []
        while (sign := self._peek()) in (".", "["):
            step = self._dotted() if sign == "." else self._bracketed()
            if step is None:
                return None
            path.append(step)
        if field is FieldName.HEADERS and len(path) > 1:
            # header names often hold dots: headers.studio.error
            path = [".".join(map(str, path))]
        if path and field not in (FieldName.VALUE, FieldName.HEADERS, FieldName.KEY):
            return None
        return (field, tuple(path)) if _WORD.match(self._text, self._at) is None else None

    def _dotted(self) -> Step | None:
        self._at += 1
        if self._peek() in "\"'" and self._peek():
            return self._quoted()
        name = _NAME.match(self._text, self._at)
        if name is None:
            return None
        self._at = name.end()
        return name[0]

    def _bracketed(self) -> Step | None:
        start = self._at
        self._at += 1
        step: Step
        if self._peek() and self._peek() in "\"'":
            step = self._quoted()
        else:
            index = _INTEGER.match(self._text, self._at)
            if index is None or len(index[0]) > 9:
                self._at = start
                return None
            step = int(index[0])
            self._at = index.end()
        if self._peek() != "]":
            raise self._error("this [ is not closed", start, start + 1)
        self._at += 1
        return step

    def _comparison(self, field: FieldName, path: tuple[Step, ...], operator: Operator) -> Term:
        start = self._at
        if self._peek() and self._peek() in "\"'":
            raw, is_quoted = self._quoted(), True
        else:
            found = _LITERAL.match(self._text, self._at)
            if found is None:
                before = len(self._text[:start].rstrip())
                raise self._error(f"after {operator} something to compare with is missing", before - 1, before)
            raw, is_quoted = found[0], False
            self._at = found.end()
        end = self._at
        self._skip_space()
        if field.is_number:
            number = _time_ms(raw) if field is FieldName.TIME else _integer(raw)
            if number is None:
                wanted = "a time such as 2024-01-15T10:00 or epoch ms" if field is FieldName.TIME else "a number"
                raise self._error(f"{field} compares with {wanted}, not with '{raw}'", start, end)
            sign = Operator.EQUAL if operator is Operator.CONTAINS else operator
            return Term(field, path, sign, number, raw, is_quoted)
        if field is FieldName.HEADERS and not path and operator is not Operator.CONTAINS:
            raise self._error("name the header: headers.trace == …", start, end)
        literal: Literal = raw if is_quoted or operator is Operator.CONTAINS else _literal(raw)
        return Term(field, path, operator, literal, raw, is_quoted)

    def _quoted(self) -> str:
        start = self._at
        quote = self._text[start]
        parts = []
        at = start + 1
        while at < len(self._text):
            sign = self._text[at]
            if sign == "\\" and at + 1 < len(self._text):
                parts.append(self._text[at + 1])
                at += 2
            elif sign == quote:
                self._at = at + 1
                return "".join(parts)
            else:
                parts.append(sign)
                at += 1
        raise self._error("this quote is not closed", start, len(self._text))

    # small steps

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _is_end(self) -> bool:
        return self._at >= len(self._text)

    def _skip_space(self) -> None:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _keyword(self) -> str | None:
        found = _KEYWORD.match(self._text, self._at)
        return None if found is None else found[1].lower()

    def _took_keyword(self, word: str) -> bool:
        if self._keyword() != word:
            return False
        self._at += len(word)
        self._skip_space()
        return True

    def _error(self, message: str, start: int, end: int) -> FilterError:
        return FilterError(FilterMistake(start, max(end, start + 1), message))

    def _no_field(self, word: str, start: int, end: int) -> FilterError:
        names = [name.value for name in FieldName if name]
        close = get_close_matches(word.partition(".")[0].lower(), names, n=1)
        hint = f"did you mean {close[0]}?" if close else "there are " + ", ".join(names)
        return self._error(f"'{word}' is no field: {hint}; to search for the text, put all of it in quotes", start, end)


def _literal(raw: str) -> Literal:
    if raw.lower() in _WORDS:
        return _WORDS[raw.lower()]
    if _INTEGER.fullmatch(raw):
        return int(raw)
    return Decimal(raw) if _NUMBER.fullmatch(raw) else raw


def _integer(raw: str) -> int | None:
    return int(raw) if _INTEGER.fullmatch(raw) else None


def _time_ms(raw: str) -> int | None:
    if _INTEGER.fullmatch(raw):
        return int(raw)
    try:
        moment = datetime.fromisoformat(raw)
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
