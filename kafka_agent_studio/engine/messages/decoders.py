"""Bytes made readable, each way saying why it failed. Integers and decimals keep all their digits.

Source of the framing of AVRO and JSON_SCHEMA: Confluent's wire format, a zero byte and the schema's id in four.
"""

import struct
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Protocol

import jsonschema
import msgspec

from kafka_agent_studio.api.browse import Decoded, DecodedRecord, Decoders, Format
from kafka_agent_studio.engine.messages.schema_registry import Schema, SchemaError
from kafka_agent_studio.model.message import Record

MAX_TEXT_PLAIN = frozenset(range(32)) - {9, 10, 13}
"""Control characters: bytes that hold one are hardly text, though they may be UTF-8."""
_FRAME = struct.Struct(">bI")
_NUMBERS = {
    Format.INT32: struct.Struct(">i"),
    Format.INT64: struct.Struct(">q"),
    Format.FLOAT32: struct.Struct(">f"),
    Format.FLOAT64: struct.Struct(">d"),
}


class DecodeError(ValueError):
    """The bytes are not what they were said to be; the message is a sentence for the person."""


class SchemaSource(Protocol):
    """Where schemas come from; blocks."""

    def schema(self, schema_id: int) -> Schema:
        """Return a schema by its id. Raises: SchemaError."""
        ...


class RecordDecoder:
    """Decodes the keys and values of one topic; in any thread, one at a time."""

    def __init__(self, *, decoders: Decoders, schemas: SchemaSource | None) -> None:
        """`schemas` None: there is no registry, which Avro and JSON Schema then say."""
        self._decoders = decoders
        self._schemas = schemas

    def decoded(self, record: Record) -> DecodedRecord:
        """Return key and value, readable. Never raises."""
        return DecodedRecord(
            key=self._side(record.key, self._decoders.key), value=self._side(record.value, self._decoders.value)
        )

    def read_key(self, data: bytes) -> Any:
        """Return the value of a key, for a filter. Raises: ValueError."""
        return self._value(data, self._decoders.key)

    def read_value(self, data: bytes) -> Any:
        """Return the value of a value, for a filter. Raises: ValueError."""
        return self._value(data, self._decoders.value)

    def _side(self, data: bytes | None, format_: Format) -> Decoded:
        if data is None:
            return Decoded(format_, None)
        size = len(data)
        try:
            if format_ is Format.AUTO:
                return _automatic(data)
            text, is_json, detail = self._text(data, format_)
        except DecodeError as error:
            return Decoded(format_, None, problem=str(error), size_bytes=size)
        except SchemaError as error:
            return Decoded(format_, None, problem=str(error), size_bytes=size)
        return Decoded(format_, text, is_json, detail=detail, size_bytes=size, problem=self._objection(data, format_))

    def _text(self, data: bytes, format_: Format) -> tuple[str, bool, str | None]:
        match format_:
            case Format.JSON:
                return _json_text(data), True, None
            case Format.TEXT:
                return _utf8(data), False, None
            case Format.BASE64:
                return b64encode(data).decode(), False, None
            case Format.HEX:
                return data.hex(" "), False, None
            case Format.JSON_SCHEMA:
                schema, body = self._framed(data)
                return _json_text(body), True, str(schema)
            case Format.AVRO:
                schema, body = self._framed(data)
                return to_exact_json(_avro(schema, body)), True, str(schema)
            case _:
                return to_exact_json(self._value(data, format_)), True, None

    def _objection(self, data: bytes, format_: Format) -> str | None:
        """What the schema says against a JSON value that could be read."""
        if format_ is not Format.JSON_SCHEMA:
            return None
        schema, body = self._framed(data)
        try:
            # integers and floats as JSON Schema means them
            errors = jsonschema.validators.validator_for(schema.definition)(schema.definition).iter_errors(
                msgspec.json.decode(body)
            )
            worst = jsonschema.exceptions.best_match(errors)
        except Exception as error:  # noqa: BLE001 - a schema that means nothing has many ways to fail
            return f"{schema} cannot be applied: {error}"
        return None if worst is None else f"it breaks {schema} at {worst.json_path}: {worst.message[:300]}"

    def _value(self, data: bytes, format_: Format) -> Any:
        match format_:
            case Format.AUTO | Format.JSON:
                return msgspec.json.decode(data)
            case Format.TEXT:
                return _utf8(data)
            case Format.BASE64 | Format.HEX:
                return self._text(data, format_)[0]
            case Format.MESSAGEPACK:
                return _messagepack(data)
            case Format.AVRO:
                return _avro(*self._framed(data))
            case Format.JSON_SCHEMA:
                return msgspec.json.decode(self._framed(data)[1])
            case _:
                return _number(data, format_)

    def _framed(self, data: bytes) -> tuple[Schema, bytes]:
        if len(data) < _FRAME.size or data[0] != 0:
            raise DecodeError(
                "it does not begin with a zero byte and a schema's id: it was not written for a schema registry"
            )
        if self._schemas is None:
            raise DecodeError("no schema registry is set for this connection: give its address")
        schema_id = _FRAME.unpack_from(data)[1]
        return self._schemas.schema(schema_id), data[_FRAME.size :]


def to_exact_json(value: Any) -> str:
    """Return a decoded value as JSON with every digit: decimals as numbers, bytes as base64.

    Raises:
        DecodeError: it has no JSON form.
    """
    try:
        return msgspec.json.Encoder(decimal_format="number", enc_hook=_unusual).encode(value).decode()
    except (TypeError, ValueError, RecursionError, OverflowError) as error:
        raise DecodeError(f"it was read, but has no JSON form: {error}") from None


def _unusual(value: Any) -> Any:
    if isinstance(value, msgspec.msgpack.Ext):
        return {"ext": value.code, "base64": b64encode(value.data).decode()}
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def _automatic(data: bytes) -> Decoded:
    size = len(data)
    try:
        return Decoded(Format.JSON, _json_text(data), is_json=True, size_bytes=size)
    except DecodeError:
        pass
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = None
    if text is not None and not (MAX_TEXT_PLAIN & set(data)):
        return Decoded(Format.TEXT, text, size_bytes=size)
    hint = None
    if data[:1] == b"\0" and size > _FRAME.size:
        hint = f"begins as if written for a schema registry (schema {_FRAME.unpack_from(data)[1]}): try Avro"
    return Decoded(Format.HEX, data.hex(" "), detail=hint, size_bytes=size)


def _json_text(data: bytes) -> str:
    try:
        # a look at every byte without making values; the text itself keeps all digits
        msgspec.json.decode(data, type=msgspec.Raw)
        return data.decode()
    except UnicodeDecodeError as error:
        raise DecodeError(f"it is not JSON: byte {error.start} is not UTF-8") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise DecodeError(f"it is not JSON: {_lower(error)}") from None


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise DecodeError(f"it is not text: byte {error.start} (0x{data[error.start]:02x}) is not UTF-8") from None


def _number(data: bytes, format_: Format) -> int | float:
    layout = _NUMBERS[format_]
    if len(data) != layout.size:
        raise DecodeError(f"{format_} has {layout.size} bytes, and this has {len(data)}")
    number: int | float = layout.unpack(data)[0]
    return number


def _messagepack(data: bytes) -> Any:
    try:
        return msgspec.msgpack.decode(data)
    except (ValueError, RecursionError, TypeError) as error:
        raise DecodeError(f"it is not MessagePack: {_lower(error)}") from None


def _avro(schema: Schema, body: bytes) -> Any:
    try:
        return schema.read_avro(body)
    except SchemaError:
        raise
    except Exception as error:  # noqa: BLE001 - the reader raises what it stumbles over
        detail = "it ends too early" if isinstance(error, EOFError) else f"{type(error).__name__}: {error}"
        raise DecodeError(f"it does not fit {schema}: {detail}") from None


def _lower(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    return text[:1].lower() + text[1:]
