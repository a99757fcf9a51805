import decimal
import json
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

import fastavro
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from kafka_agent_studio.api.browse import Decoded, Decoders, Format, SchemaRegistry
from kafka_agent_studio.engine.messages.decoders import RecordDecoder
from kafka_agent_studio.engine.messages.schema_registry import RegistryClient
from kafka_agent_studio.model.message import Record


def decoded(data: bytes | None, format_: Format, registry: RegistryClient | None = None) -> Decoded:
    decoder = RecordDecoder(decoders=Decoders(value=format_), schemas=registry)
    return decoder.decoded(Record("t", 0, 0, None, None, data)).value


_packed = msgspec.msgpack.encode


@pytest.mark.parametrize(
    ("format_", "data", "text"),
    [
        (Format.JSON, b'{"n": 12345678901234567890123, "d": 1.10}', '{"n": 12345678901234567890123, "d": 1.10}'),
        (Format.TEXT, "größe".encode(), "größe"),
        (Format.INT32, b"\xff\xff\xff\xfe", "-2"),
        (Format.INT64, struct.pack(">q", 2**62), str(2**62)),
        (Format.FLOAT64, struct.pack(">d", 0.1), "0.1"),
        (Format.FLOAT32, struct.pack(">f", 0.5), "0.5"),
        (Format.BASE64, b"\xff\x00", "/wA="),
        (Format.HEX, b"\xff\x00", "ff 00"),
        (
            Format.MESSAGEPACK,
            msgspec.msgpack.encode({"a": [2**63, b"\xff", None]}),
            '{"a":[9223372036854775808,"/w==",null]}',
        ),
        (Format.MESSAGEPACK, _packed(msgspec.msgpack.Ext(5, b"x")), '{"ext":5,"base64":"eA=="}'),
        (
            Format.MESSAGEPACK,
            msgspec.msgpack.encode({1: datetime(2024, 1, 1, tzinfo=UTC)}),
            '{"1":"2024-01-01T00:00:00Z"}',
        ),
        (Format.AUTO, b"[1.50]", "[1.50]"),
        (Format.AUTO, b"plain", "plain"),
        (Format.AUTO, b"\x00\xfe", "00 fe"),
    ],
)
def test_bytes_become_readable_with_every_digit(format_: Format, data: bytes, text: str) -> None:
    result = decoded(data, format_)
    assert (result.text, result.problem, result.size_bytes) == (text, None, len(data))


@pytest.mark.parametrize(
    ("format_", "data", "words"),
    [
        (Format.JSON, b'{"a": ', "not JSON"),
        (Format.JSON, b'"\xff"', "UTF-8"),
        (Format.TEXT, b"ab\xff", "byte 2 (0xff) is not UTF-8"),
        (Format.INT64, b"\x00", "int64 has 8 bytes, and this has 1"),
        (Format.MESSAGEPACK, b"\xc1", "not MessagePack"),
        (Format.MESSAGEPACK, b"\x01\x01", "not MessagePack"),
        (Format.AVRO, b"{}", "zero byte"),
        (Format.AVRO, b"\0\0\0\0\1x", "no schema registry is set"),
    ],
)
def test_what_cannot_be_read_says_why(format_: Format, data: bytes, words: str) -> None:
    result = decoded(data, format_)
    assert result.text is None
    assert words in (result.problem or "")


@given(st.binary(max_size=30), st.sampled_from(list(Format)))
def test_no_bytes_break_a_decoder(data: bytes, format_: Format) -> None:
    result = decoded(data, format_)
    assert (result.text is None) == (result.problem is not None)
    if result.is_json and result.text is not None:
        msgspec.json.decode(result.text)


def test_null_is_neither_text_nor_a_problem() -> None:
    assert decoded(None, Format.AVRO) == Decoded(Format.AVRO, None)


# a schema registry

_ADDRESS = {"type": "record", "name": "shop.Address", "fields": [{"name": "city", "type": "string"}]}
_ORDER = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "total", "type": {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 4}},
        {"name": "id", "type": "long"},
        {"name": "address", "type": "shop.Address"},
    ],
}
_JSON_SCHEMA = {"title": "Order", "type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


class Registry:
    """A schema registry on loopback, with one user."""

    def __init__(self) -> None:
        reference = {"name": "shop.Address", "subject": "address value", "version": 2}
        self.answers: dict[str, Any] = {
            "/schemas/ids/1": {"schema": json.dumps(_ORDER), "references": [reference]},
            "/subjects/address%20value/versions/2": {"schema": json.dumps(_ADDRESS)},
            "/schemas/ids/2": {"schema": json.dumps(_JSON_SCHEMA), "schemaType": "JSON"},
            "/schemas/ids/3": {"schema": 'syntax = "proto3";', "schemaType": "PROTOBUF"},
            "/schemas/ids/4": {"schema": '"nonsense"'},
        }
        self.asked: list[str] = []
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                registry.asked.append(self.path)
                answer = registry.answers.get(self.path)
                login = self.headers.get("Authorization") == "Basic bWU6cHc="
                self.send_response(401 if not login else 404 if answer is None else 200)
                self.end_headers()
                self.wfile.write(json.dumps(answer if login else {}).encode())

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever)
        self.thread.start()

    def client(self, password: str = "pw") -> RegistryClient:
        settings = SchemaRegistry(f"http://127.0.0.1:{self.server.server_port}", "me", "registry")
        return RegistryClient(registry=settings, password=SecretStr(password), root=Path())

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def registry() -> Iterator[Registry]:
    registry = Registry()
    yield registry
    registry.close()


@pytest.fixture
def client(registry: Registry) -> Iterator[RegistryClient]:
    client = registry.client()
    yield client
    client.close()


def _avro_order() -> bytes:
    named: dict[str, Any] = {}
    fastavro.parse_schema(_ADDRESS, named_schemas=named)
    schema = fastavro.parse_schema(_ORDER, named_schemas=named)
    out = BytesIO()
    order = {"total": decimal.Decimal("1234567890123456.7800"), "id": 2**62, "address": {"city": "Köln"}}
    fastavro.schemaless_writer(out, schema, order)
    return b"\0\0\0\0\1" + out.getvalue()


def test_avro_with_a_schema_that_refers_to_another(registry: Registry, client: RegistryClient) -> None:
    result = decoded(_avro_order(), Format.AVRO, client)
    assert result.problem is None
    assert result.text == f'{{"total":1234567890123456.7800,"id":{2**62},"address":{{"city":"Köln"}}}}'
    assert result.detail == "schema 1 (Order)"
    decoded(_avro_order(), Format.AVRO, client)
    assert registry.asked.count("/schemas/ids/1") == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (_avro_order()[:-2], "does not fit schema 1 (Order)"),
        (_avro_order() + b"x", "1 bytes are left over"),
        (b"\0\0\0\0\2x", "not Avro but JSON"),
        (b"\0\0\0\0\3x", "PROTOBUF"),
        (b"\0\0\0\0\4x", "no valid Avro"),
        (b"\0\0\0\0\x09x", "has no schema 9"),
    ],
)
def test_avro_that_cannot_be_read_says_why(client: RegistryClient, data: bytes, words: str) -> None:
    result = decoded(data, Format.AVRO, client)
    assert result.text is None
    assert words in (result.problem or "")


def test_json_with_a_schema_says_what_breaks_it_and_shows_it_all_the_same(client: RegistryClient) -> None:
    assert decoded(b'\0\0\0\0\2{"n": 1}', Format.JSON_SCHEMA, client).problem is None
    result = decoded(b'\0\0\0\0\2{"n": "one"}', Format.JSON_SCHEMA, client)
    assert result.text == '{"n": "one"}'
    assert "$.n" in (result.problem or "")


def test_a_registry_that_refuses_or_is_not_there(registry: Registry) -> None:
    refused = registry.client("wrong")
    assert "refuses the login" in (decoded(_avro_order(), Format.AVRO, refused).problem or "")
    refused.close()
    gone = RegistryClient(registry=SchemaRegistry("http://127.0.0.1:1"), password=None, root=Path())
    assert "cannot be reached" in (decoded(_avro_order(), Format.AVRO, gone).problem or "")
    gone.close()
