"""Records in files, and back, byte for byte: JSON Lines and CSV."""

import csv
import io
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from kafka_agent_studio.api.copy_forms import record_object
from kafka_agent_studio.api.transfers import FileFormat, NewMessage
from kafka_agent_studio.model.message import Headers, Record

COLUMNS = (
    "topic",
    "partition",
    "offset",
    "timestamp",
    "key",
    "key_encoding",
    "value",
    "value_encoding",
    "headers",
)
_TEXT, _BASE64, _NULL = "", "base64", "null"


class RecordFileError(ValueError):
    """A file is not what it was said to be; the message names the line."""


def record_lines(records: Iterable[Record], format_: FileFormat) -> Iterator[str]:
    """Yield the text of each record, with its line end; without the header line of CSV."""
    for record in records:
        yield _json_line(record) if format_ is FileFormat.JSON_LINES else _csv_line(record)


def header_line(format_: FileFormat) -> str:
    """Return what a file begins with."""
    return _csv_row(COLUMNS) if format_ is FileFormat.CSV else ""


def read_messages(lines: Iterable[str], format_: FileFormat) -> Iterator[NewMessage]:
    """Yield the messages of a file; `lines` as a text file opened with newline="" yields them.

    Raises:
        RecordFileError: a line is not a record.
    """
    return _from_json_lines(lines) if format_ is FileFormat.JSON_LINES else _from_csv(lines)


def _json_line(record: Record) -> str:
    return msgspec.json.encode(record_object(record)).decode() + "\n"


def _from_json_lines(lines: Iterable[str]) -> Iterator[NewMessage]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found = msgspec.json.decode(line.removeprefix("\ufeff") if number == 1 else line)
        except (msgspec.DecodeError, RecursionError) as error:
            raise RecordFileError(f"line {number} is not JSON: {error}") from None
        if not isinstance(found, dict):
            raise RecordFileError(f"line {number} is not an object with key and value")
        if not {"key", "value"} & found.keys():
            raise RecordFileError(f"line {number} has neither key nor value")
        try:
            yield NewMessage(
                key=_bytes(found.get("key")),
                value=_bytes(found.get("value")),
                headers=_headers(found.get("headers") or []),
                partition=_number(found.get("partition"), "partition"),
                timestamp_ms=_number(found.get("timestamp"), "timestamp"),
            )
        except ValueError as error:
            raise RecordFileError(f"line {number}: {error}") from None


def _bytes(value: Any) -> bytes | None:
    if value is None:
        return None
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, dict) and value.keys() == {"base64"} and isinstance(value["base64"], str):
        return _from_base64(value["base64"])
    # a value written as JSON by hand, not as text
    return msgspec.json.encode(value)


def _from_base64(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise ValueError("this is not base64") from None


def _headers(value: Any) -> Headers:
    if isinstance(value, dict):
        return tuple((name, _bytes(item)) for name, item in value.items())
    if not isinstance(value, list):
        raise RecordFileError('headers are a list of {"name": …, "value": …}')
    headers = []
    for item in value:
        if not isinstance(item, dict) or not isinstance(item.get("name"), str):
            raise RecordFileError('a header is {"name": …, "value": …}')
        headers.append((item["name"], _bytes(item.get("value"))))
    return tuple(headers)


def _number(value: Any, name: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{name} is a number from 0")
    return value


# CSV


def _csv_line(record: Record) -> str:
    key, key_encoding = _cell(record.key)
    value, value_encoding = _cell(record.value)
    headers = record_object(record)["headers"]
    return _csv_row(
        (
            record.topic,
            record.partition,
            record.offset,
            "" if record.timestamp_ms is None else record.timestamp_ms,
            key,
            key_encoding,
            value,
            value_encoding,
            msgspec.json.encode(headers).decode() if headers else "",
        )
    )


def _cell(data: bytes | None) -> tuple[str, str]:
    if data is None:
        return "", _NULL
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return b64encode(data).decode(), _BASE64
    # a NUL, and a lone carriage return, do not survive every reader
    return (b64encode(data).decode(), _BASE64) if "\0" in text or "\r" in text else (text, _TEXT)


def _csv_row(cells: Iterable[object]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def _from_csv(lines: Iterable[str]) -> Iterator[NewMessage]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    reader = csv.DictReader(_without_mark(lines), strict=True)
    try:
        if reader.fieldnames is None or not {"key", "value"} & set(reader.fieldnames):
            raise RecordFileError("line 1 names no column key or value")
        for row in reader:
            try:
                yield _from_row(row)
            except (ValueError, msgspec.DecodeError) as error:
                raise RecordFileError(f"line {reader.line_num}: {error}") from None
    except csv.Error as error:
        raise RecordFileError(f"line {reader.line_num} is not CSV: {error}") from None


def _from_row(row: dict[str, Any]) -> NewMessage:
    if None in row:
        raise ValueError("it has more cells than there are columns")

    def number(name: str) -> int | None:
        text = (row.get(name) or "").strip()
        if not text:
            return None
        if not text.isascii() or not text.isdigit():
            raise ValueError(f"{name} is a number from 0, not '{text}'")
        return int(text)

    headers = (row.get("headers") or "").strip()
    return NewMessage(
        key=_from_cell(row, "key"),
        value=_from_cell(row, "value"),
        headers=_headers(msgspec.json.decode(headers)) if headers else (),
        partition=number("partition"),
        timestamp_ms=number("timestamp"),
    )


def _from_cell(row: dict[str, Any], name: str) -> bytes | None:
    text, encoding = row.get(name), (row.get(f"{name}_encoding") or "").strip()
    if encoding == _NULL or text is None:
        return None
    if encoding == _BASE64:
        return _from_base64(text)
    if encoding != _TEXT:
        raise ValueError(f"{name}_encoding is empty, base64 or null, not '{encoding}'")
    return str(text).encode()


def _without_mark(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield line.removeprefix("\ufeff") if number == 0 else line
