"""The condition of a tool: a Python comparison over `payload` and `context`, evaluated without calling anything.

Allowed: constants, lists and tuples of them, `payload["x"]["y"][0]` (`payload.x.y` means the same), comparisons,
`and`, `or`, `not`, and + - * / // % of numbers. No calls, no names but these two, no attributes of Python objects.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from kafka_agent_studio.workspace.problems import did_you_mean

_NAMES = ("payload", "context")
_MAX_CHARACTERS = 2_000

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
    ast.Is: lambda a, b: a is b,
    ast.IsNot: lambda a, b: a is not b,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


class ConditionError(ValueError):
    """The text is no condition. `offset` counts characters from its beginning, from 0."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


class Condition(msgspec.Struct, frozen=True):
    """A parsed condition."""

    text: str
    expression: ast.expr

    @classmethod
    def parse(cls, text: str) -> "Condition":
        """Return the condition; Raises: ConditionError."""
        if len(text) > _MAX_CHARACTERS:
            raise ConditionError(f"a condition has at most {_MAX_CHARACTERS:,} characters", 0)
        stripped = text.strip()
        indent = len(text) - len(text.lstrip())
        try:
            expression = ast.parse(stripped, mode="eval").body
            _check(expression)
        except SyntaxError as error:
            offset = indent + max((error.offset or 1) - 1, 0)
            raise ConditionError(f"not a Python comparison: {error.msg}", offset) from None
        except (RecursionError, MemoryError, ValueError) as error:
            if isinstance(error, ConditionError):
                characters = len(stripped.encode()[: error.offset].decode(errors="ignore"))
                raise ConditionError(str(error), indent + characters) from None
            raise ConditionError("not a Python comparison that can be read", 0) from None
        return cls(text=text, expression=expression)

    def is_met(self, payload: Any, context: Mapping[str, Any]) -> bool:
        """Whether it holds; one that cannot be evaluated (a missing field, unlike types) does not."""
        try:
            return bool(_value(self.expression, {"payload": payload, "context": context}))
        except (LookupError, TypeError, ValueError, ArithmeticError, RecursionError):
            return False


def _check(node: ast.expr) -> None:
    match node:
        case ast.Constant(value=value):
            if not isinstance(value, str | int | float | None):
                raise _error(node, "a constant here is text, a number, True, False or None")
        case ast.Name(id=name):
            if name not in _NAMES:
                hint = did_you_mean(name, _NAMES) or "; only payload and context are known"
                raise _error(node, f"unknown name '{name}'{hint}")
        case ast.Attribute(value=value):
            _check(value)
        case ast.Subscript(value=value, slice=key):
            _check(value)
            _check(key)
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.BoolOp(values=elements):
            for element in elements:
                _check(element)
        case ast.Set(elts=elements):
            for element in elements:
                _check(element)
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.UAdd(), operand=operand):
            _check(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            _check(left)
            _check(right)
        case ast.Compare(left=left, comparators=comparators):
            for operand in (left, *comparators):
                _check(operand)
        case ast.Call():
            raise _error(node, "a condition calls nothing: compare fields of payload and context")
        case _:
            raise _error(node, "only comparisons of payload, context and constants can stand here")


def _error(node: ast.expr, message: str) -> ConditionError:
    """Return the error at `node`, counted in UTF-8 bytes as the ast does; `parse` turns that into characters."""
    return ConditionError(message, node.col_offset)


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return names[name]
        case ast.Attribute(value=owner, attr=key):
            return _item(_value(owner, names), key)
        case ast.Subscript(value=owner, slice=index):
            return _item(_value(owner, names), _value(index, names))
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return [_value(element, names) for element in elements]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value(operand, names)
        case ast.UnaryOp(op=op, operand=operand):
            number = _number(_value(operand, names))
            return -number if isinstance(op, ast.USub) else number
        case ast.BoolOp(op=op, values=values):
            return _bool(op, values, names)
        case ast.BinOp(left=left, op=op, right=right):
            return _ARITHMETIC[type(op)](_number(_value(left, names)), _number(_value(right, names)))
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            return _compare(left, ops, comparators, names)
    raise TypeError(type(node).__name__)


def _bool(op: ast.boolop, values: list[ast.expr], names: Mapping[str, Any]) -> Any:
    result: Any = None
    for value in values:
        result = _value(value, names)
        if bool(result) is isinstance(op, ast.Or):
            return result
    return result


def _compare(left: ast.expr, ops: list[ast.cmpop], comparators: list[ast.expr], names: Mapping[str, Any]) -> bool:
    one = _value(left, names)
    for op, comparator in zip(ops, comparators, strict=True):
        other = _value(comparator, names)
        if not _COMPARISONS[type(op)](one, other):
            return False
        one = other
    return True


def _item(owner: Any, key: Any) -> Any:
    """Return an entry of a mapping, or an item of a list or text; attributes of objects are never reached."""
    if isinstance(owner, Mapping) or (isinstance(owner, list | tuple | str) and isinstance(key, int)):
        return owner[key]
    raise TypeError("only mappings and lists have entries")


def _number(value: Any) -> int | float:
    if isinstance(value, int | float):
        return value
    raise TypeError("arithmetic is for numbers")
