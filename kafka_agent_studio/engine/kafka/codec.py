"""Records to payloads and results to bytes, exactly as CONTRACT §2 has it. It is on the path of every message."""

import json
import math
import re
from base64 import b64encode
from itertools import accumulate
from typing import Any

import msgspec

from kafka_agent_studio.model.message import Record

MAX_NESTING = 500
"""JSON nested deeper than this counts as text."""

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_ONE_KIND_OF_BRACKET = bytes.maketrans(b"{}", b"[]")
_STEP = {ord("["): 1, ord("]"): -1}
_PEELED = 6
"""Levels taken off by replacing, which leaves next to nothing of what people write."""


class UnencodableError(ValueError):
    """A result has no JSON form; the message says what stands where, and what to return instead."""


def payload_of(record: Record) -> dict[str, Any]:
    """Return the payload an agent gets: the fields of a JSON object, or `message`, and `_kafka`. Never raises.

    Each call makes new values: a tool may change them. Decimals are floats here; the record keeps its own digits.
    """
    value = record.value
    if value is None:
        payload: dict[str, Any] = {"message": None}
    else:
        decoded = _decoded(value)
        payload = decoded if type(decoded) is dict else _as_message(value)
    metadata = _metadata(record)
    if "_kafka" in payload:
        metadata["shadowed"] = payload.pop("_kafka")
    payload["_kafka"] = metadata
    return payload


def key_text(key: bytes | None) -> tuple[str | None, bool]:
    """Return a key as text, and whether that is base64 because the bytes are not UTF-8."""
    if key is None:
        return None, False
    try:
        return key.decode(), False
    except UnicodeDecodeError:
        return b64encode(key).decode(), True


def to_json(value: Any) -> bytes:
    """Return a result as JSON that every reader accepts.

    NaN and the infinities become null, as in JavaScript; half a surrogate pair becomes U+FFFD; keys that are numbers
    become text.

    Raises:
        UnencodableError: bytes (whose encoding only their author knows), an object without a JSON form, a key that is
            neither text nor number, an integer of more than 4,300 digits, or a value that contains itself.
    """
    try:
        data = msgspec.json.encode(value)
    except UnicodeEncodeError:
        data = msgspec.json.encode(_without_surrogates(value))
    except RecursionError:
        raise UnencodableError("the output is nested too deeply, or contains itself") from None
    except (TypeError, ValueError) as error:
        raise UnencodableError(f"the output has no JSON form: {error}") from None
    place = place_of_bytes(value)
    if place is not None:
        raise UnencodableError(f"{place} is bytes: return text, or base64 of them")
    return data


def to_text(text: str) -> bytes:
    """Return plain text as UTF-8; half a surrogate pair becomes U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _repaired(text).encode()


def _decoded(value: bytes) -> Any:
    """The JSON value, or None where it counts as text: whatever msgspec refuses, and what is nested too deeply."""
    try:
        if value.count(b"[") + value.count(b"{") > MAX_NESTING and _is_too_deep(value):
            return None
        return msgspec.json.decode(value)
    except msgspec.ValidationError:
        return _decoded_to_the_last_digit(value)
    except (ValueError, RecursionError, MemoryError):
        # ValueError holds msgspec's DecodeError and ValidationError and UnicodeDecodeError.
        return None


def _decoded_to_the_last_digit(value: bytes) -> Any:
    """As _decoded, for a number that msgspec finds out of range: it counts the sign of a long integer as a digit."""
    try:
        decoded = json.loads(value.decode(), parse_float=_finite, parse_constant=_finite)
        msgspec.json.encode(decoded)  # refuses the lone surrogates that json lets in
    except (ValueError, RecursionError):
        return None
    return decoded


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _is_too_deep(value: bytes) -> bool:
    # msgspec stops at what is left of the interpreter's stack, which depends on who calls: this does not.
    brackets = _STRING.sub(b"", value).translate(_ONE_KIND_OF_BRACKET, _ALL_BUT_BRACKETS)
    for _ in range(_PEELED):
        brackets = brackets.replace(b"[]", b"")  # takes the innermost level away, everywhere at once
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > MAX_NESTING - _PEELED


def _as_message(value: bytes) -> dict[str, Any]:
    try:
        return {"message": value.decode()}
    except UnicodeDecodeError:
        return {"message": None, "message_base64": b64encode(value).decode()}


def _metadata(record: Record) -> dict[str, Any]:
    key, is_base64 = key_text(record.key)
    metadata: dict[str, Any] = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp_ms,
        "key": key,
    }
    if is_base64:
        metadata["key_encoding"] = "base64"
    if record.headers:
        metadata["headers"] = [{"name": name, "value": _header_value(data)} for name, data in record.headers]
    return metadata


def _header_value(data: bytes | None) -> str | dict[str, str] | None:
    text, is_base64 = key_text(data)
    return {"base64": text or ""} if is_base64 else text


def place_of_bytes(value: Any) -> str | None:
    """Return where in an output bytes stand (`output.items[0]`); None where there are none.

    msgspec makes base64 of them without asking. To be called on what it could encode: a value that contains itself
    has no end.
    """
    return _place_of_bytes(value, "output") if _may_hold_bytes(value) and _holds_bytes(value) else None


def _may_hold_bytes(value: Any) -> bool:
    """A quick look that finds all bytes, and now and then some where there are none.

    MessagePack, unlike JSON, says what is bytes: one of three codes stands before them, which most values lack.
    """
    try:
        packed = _pack(value)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return True
    return any(map(packed.__contains__, _BYTES_CODES))


def _holds_bytes(value: Any) -> bool:
    found = [value]
    for item in found:  # grows while it is walked
        if isinstance(item, dict):
            values: Any = item.values()
        elif isinstance(item, _ARRAYS):
            values = item
        elif isinstance(item, _BYTES):
            return True
        else:
            continue
        if not _PLAIN.issuperset(map(type, values)):  # all types at once cost less than one look at each
            found += [v for v in values if type(v) not in _PLAIN]
    return False


def _place_of_bytes(value: Any, path: str) -> str | None:
    items: Any = ()
    if isinstance(value, dict):
        items = ((f"{path}.{name}", item) for name, item in value.items())
    elif isinstance(value, _ARRAYS):
        items = ((f"{path}[{index}]", item) for index, item in enumerate(value))
    elif _holds_bytes(value):
        return path
    return next((found for place, item in items if (found := _place_of_bytes(item, place))), None)


_pack = msgspec.msgpack.Encoder().encode
_BYTES_CODES = (b"\xc4", b"\xc5", b"\xc6")
"""bin 8, bin 16, bin 32 (MessagePack specification)."""
_ARRAYS = (list, tuple)
_BYTES = (bytes, bytearray, memoryview)
_PLAIN = frozenset({str, int, float, bool, type(None)})


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return _repaired(value)
    if isinstance(value, dict):
        return {_without_surrogates(name): _without_surrogates(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_without_surrogates(item) for item in value]
    return value


def _repaired(text: str) -> str:
    # Through UTF-16 two halves that belong together become one character, and only a lone one is replaced.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
