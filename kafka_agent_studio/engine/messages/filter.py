"""Whether a record passes a filter: parsed once, then a chain of plain functions. It is on the path of every record.

Where a term asks for text inside a JSON value, the raw bytes are looked through first: nearly every record that does
not match is known by that, and is never decoded.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import msgspec

from kafka_agent_studio.engine.messages.filter_syntax import (
    AllOf,
    AnyOf,
    FieldName,
    Literal,
    Node,
    Not,
    Operator,
    Step,
    Term,
    parse_filter,
)
from kafka_agent_studio.model.message import Record

Predicate = Callable[[Record], bool]
Read = Callable[[bytes], Any]
"""Bytes to a value of dicts, lists and scalars; raises ValueError (or RecursionError) where they are not that."""

_EXACT_DIGITS = 15
_STRUCTURE = frozenset(",:[]{} ")
"""Signs around which JSON may have any space, so that the text of a whole object is not what stands in the bytes."""
_SIGNS_OF_NUMBERS = frozenset("0123456789+-.eE")


class RecordFilter:
    """A filter line, ready to use. Not for several threads at once."""

    def __init__(self, text: str, *, read_key: Read | None = None, read_value: Read | None = None) -> None:
        """`read_key` and `read_value` decode what is not plain text; None: the bytes are text, or JSON.

        Raises:
            FilterError: the text means nothing.
        """
        self._node = parse_filter(text)
        hook = Decimal if _needs_exact_decimals(self._node) else None
        decode = msgspec.json.Decoder(float_hook=hook).decode
        self._key = _Side(lambda record: record.key, read_key, decode)
        self._value = _Side(lambda record: record.value, read_value, decode)
        self._passes: Predicate = _always if self._node is None else self._compiled(self._node)

    @property
    def is_empty(self) -> bool:
        """Whether it lets everything through."""
        return self._node is None

    @property
    def unreadable(self) -> int:
        """Keys and values that the decoders given could not read, so that no term could find anything in them."""
        return self._key.unreadable + self._value.unreadable

    @property
    def problem(self) -> str | None:
        """Why the first of them could not be read; None where there is none."""
        return self._value.problem or self._key.problem

    def passes(self, record: Record) -> bool:
        """Whether a record passes. Never raises."""
        return self._passes(record)

    def _compiled(self, node: Node) -> Predicate:
        match node:
            case Not(inner):
                opposite = self._compiled(inner)
                return lambda record: not opposite(record)
            case AllOf(nodes):
                return _all_of([self._compiled(n) for n in nodes])
            case AnyOf(nodes):
                return _any_of([self._compiled(n) for n in nodes])
            case Term():
                return self._term(node)

    def _term(self, term: Term) -> Predicate:
        match term.field:
            case FieldName.ANY:
                return self._anywhere(term.raw)
            case FieldName.PARTITION | FieldName.OFFSET | FieldName.TIME | FieldName.SIZE:
                return _numeric(term)
            case FieldName.TOPIC:
                test = _scalar_test(term)
                return lambda record: test(record.topic)
            case FieldName.HEADERS:
                return _header(term)
            case FieldName.KEY:
                return self._key.term(term)
            case FieldName.VALUE:
                return self._value.term(term)

    def _anywhere(self, text: str) -> Predicate:
        in_key, in_value, in_headers = self._key.contains(text), self._value.contains(text), _in_headers(text)

        def passes(record: Record) -> bool:
            return in_value(record) or in_key(record) or bool(record.headers and in_headers(record))

        return passes


class _Side:
    """The key or the value of records: raw bytes, and decoded once for all terms."""

    def __init__(self, bytes_of: Callable[[Record], bytes | None], read: Read | None, decode: Read) -> None:
        self._bytes_of = bytes_of
        self._is_plain = read is None
        self._read = decode if read is None else read
        self.unreadable = 0
        self.problem: str | None = None
        self._last: Record | None = None
        self._last_value: Any = None

    def term(self, term: Term) -> Predicate:
        if term.operator is Operator.CONTAINS and not term.path:
            return self.contains(term.raw)
        test = _scalar_test(term)
        if not term.path:
            is_text = term.operator in (Operator.EQUAL, Operator.NOT_EQUAL)
            whole = self._whole if is_text else self._decoded
            return lambda record: test(whole(record))
        path, needle = term.path, self._needle(term)
        is_negative = term.operator is Operator.NOT_EQUAL

        def passes(record: Record) -> bool:
            if needle is not None and needle(record):
                return is_negative
            whole = value = self._decoded(record)
            for step in path:
                if type(value) is dict and step in value:
                    value = value[step]
                else:
                    return _any_passes(_found(whole, path, 0), test, is_negative=is_negative)
            # nearly always there is one value, and it stands straight below the fields
            if type(value) is not list:
                return test(value)
            return _any_passes(_found(whole, path, 0), test, is_negative=is_negative)

        return passes

    def contains(self, text: str) -> Predicate:
        """Whether the text stands in it, upper and lower case alike."""
        bytes_of = self._bytes_of
        if not self._is_plain:
            folded = text.casefold()
            return lambda record: folded in _as_text(self._decoded(record)).casefold()
        if text.isascii():
            small = text.lower().encode()
            return lambda record: (data := bytes_of(record)) is not None and small in data.lower()
        folded = text.casefold()

        def passes(record: Record) -> bool:
            data = bytes_of(record)
            return data is not None and folded in data.decode("utf-8", "replace").casefold()

        return passes

    def _needle(self, term: Term) -> Predicate | None:
        """A quick look that tells of a record that no value in it can equal or contain the text; None: there is none.

        A backslash may spell any letter, so with one the record must be decoded.
        """
        text = term.raw
        if not self._is_plain or not isinstance(term.literal, str) or not text or set(text) & {'"', "\\"}:
            return None
        if _SIGNS_OF_NUMBERS.issuperset(text) or any(ord(sign) < 32 or sign in _STRUCTURE for sign in text):
            return None
        bytes_of = self._bytes_of
        if term.operator in (Operator.EQUAL, Operator.NOT_EQUAL):
            needle = text.encode("utf-8", "surrogatepass")
            return lambda record: (data := bytes_of(record)) is None or (needle not in data and b"\\" not in data)
        if term.operator is Operator.CONTAINS and text.isascii():
            small = text.lower().encode()

            def is_hopeless(record: Record) -> bool:
                data = bytes_of(record)
                return data is None or (data.isascii() and small not in data.lower() and b"\\" not in data)

            return is_hopeless
        return None

    def _whole(self, record: Record) -> Any:
        data = self._bytes_of(record)
        if data is None:
            return None
        return data.decode("utf-8", "replace") if self._is_plain else self._decoded(record)

    def _decoded(self, record: Record) -> Any:
        if self._last is record:
            return self._last_value
        data = self._bytes_of(record)
        value: Any = None
        if data is not None:
            try:
                value = self._read(data)
            except (ValueError, RecursionError, MemoryError) as error:
                if not self._is_plain:
                    self.unreadable += 1
                    self.problem = self.problem or str(error)
        self._last, self._last_value = record, value
        return value


def _any_passes(found: Iterator[Any], test: Callable[[Any], bool], *, is_negative: bool) -> bool:
    """Whether one of the values passes, or with `is_negative` every one; nothing found counts as null."""
    values = list(found) or [None]
    return all(map(test, values)) if is_negative else any(map(test, values))


def _always(_: Record) -> bool:
    return True


def _all_of(tests: list[Predicate]) -> Predicate:
    if len(tests) == 2:
        first, second = tests
        return lambda record: first(record) and second(record)
    return lambda record: all(test(record) for test in tests)


def _any_of(tests: list[Predicate]) -> Predicate:
    return lambda record: any(test(record) for test in tests)


# values


def _found(value: Any, path: tuple[Step, ...], at: int) -> Iterator[Any]:
    """Yield what stands at a path; a name asked of a list is asked of each element."""
    if at == len(path):
        if isinstance(value, list):
            yield from value
        yield value
        return
    step = path[at]
    if isinstance(value, dict):
        if step in value:
            yield from _found(value[step], path, at + 1)
        elif isinstance(step, int) and str(step) in value:
            yield from _found(value[str(step)], path, at + 1)
    elif isinstance(value, list):
        if isinstance(step, int):
            if -len(value) <= step < len(value):
                yield from _found(value[step], path, at + 1)
        else:
            for item in value:
                if isinstance(item, dict):
                    yield from _found(item, path, at)


def _scalar_test(term: Term) -> Callable[[Any], bool]:
    literal = term.literal
    match term.operator:
        case Operator.IS_THERE:
            return lambda value: value is not None
        case Operator.CONTAINS:
            folded = term.raw.casefold()
            return lambda value: value is not None and folded in _as_text(value).casefold()
        case Operator.EQUAL:
            return _equals(term)
        case Operator.NOT_EQUAL:
            equal = _equals(term)
            return lambda value: not equal(value)
        case _:
            return _ordered(term.operator, literal)


def _equals(term: Term) -> Callable[[Any], bool]:
    literal, raw = term.literal, term.raw
    if isinstance(literal, bool) or literal is None:
        # true as a word in a text field, too
        return lambda value: value is literal or (not term.is_quoted and literal is not None and value == raw)
    if isinstance(literal, str):
        return lambda value: value == literal
    number = literal if isinstance(literal, int) else float(literal)
    exact = literal

    def equal(value: Any) -> bool:
        if isinstance(value, bool):
            return False
        if isinstance(value, str):
            return value == raw
        return bool(value == (exact if isinstance(value, int | Decimal) else number))

    return equal


def _ordered(operator: Operator, literal: Literal) -> Callable[[Any], bool]:
    compare = _COMPARE[operator]
    if isinstance(literal, str):
        return lambda value: isinstance(value, str) and compare(value, literal)
    if literal is None or isinstance(literal, bool):
        return lambda value: False

    def test(value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return False
        try:
            return compare(value, literal)
        except ArithmeticError:
            return False

    return test


_COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.LESS: lambda a, b: bool(a < b),
    Operator.LESS_OR_EQUAL: lambda a, b: bool(a <= b),
    Operator.GREATER: lambda a, b: bool(a > b),
    Operator.GREATER_OR_EQUAL: lambda a, b: bool(a >= b),
    Operator.EQUAL: lambda a, b: bool(a == b),
    Operator.NOT_EQUAL: lambda a, b: bool(a != b),
}


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is True or value is False:
        return "true" if value else "false"
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict | list):
        try:
            return msgspec.json.encode(value, enc_hook=str).decode()
        except (TypeError, ValueError, RecursionError):
            return ""
    return str(value)


# what is not a value


def _numeric(term: Term) -> Predicate:
    compare, literal = _COMPARE[term.operator], term.literal
    match term.field:
        case FieldName.PARTITION:
            return lambda record: compare(record.partition, literal)
        case FieldName.OFFSET:
            return lambda record: compare(record.offset, literal)
        case FieldName.TIME:
            return lambda record: record.timestamp_ms is not None and compare(record.timestamp_ms, literal)
        case _:
            return lambda record: compare(len(record.key or b"") + len(record.value or b""), literal)


def _header(term: Term) -> Predicate:
    if not term.path:
        return _in_headers(term.raw)
    name, test = str(term.path[0]), _scalar_test(term)
    is_negative = term.operator is Operator.NOT_EQUAL
    if isinstance(term.literal, int | Decimal) and not isinstance(term.literal, bool):
        plain = test

        def test_number(value: Any) -> bool:
            # a header is text, whatever it spells
            try:
                return plain(value) or plain(Decimal(value))
            except (ArithmeticError, TypeError, ValueError):
                return False

        if not is_negative:
            test = test_number

    def passes(record: Record) -> bool:
        values = (None if data is None else data.decode("utf-8", "replace") for n, data in record.headers if n == name)
        if term.operator is Operator.IS_THERE:
            return any(True for _ in values)
        return _any_passes(values, test, is_negative=is_negative)

    return passes


def _in_headers(text: str) -> Predicate:
    folded = text.casefold()

    def passes(record: Record) -> bool:
        return any(
            folded in name.casefold() or (data is not None and folded in data.decode("utf-8", "replace").casefold())
            for name, data in record.headers
        )

    return passes


def _needs_exact_decimals(node: Node | None) -> bool:
    match node:
        case Term(literal=Decimal() as literal):
            return len(literal.as_tuple().digits) > _EXACT_DIGITS
        case Not(inner):
            return _needs_exact_decimals(inner)
        case AllOf(nodes) | AnyOf(nodes):
            return any(map(_needs_exact_decimals, nodes))
        case _:
            return False
