import base64
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_agent_studio.engine.kafka.codec import (
    MAX_NESTING,
    UnencodableError,
    key_text,
    payload_of,
    to_json,
    to_text,
)
from kafka_agent_studio.model.message import Headers, Record


def record(value: bytes | None, *, key: bytes | None = b"order-12345", headers: Headers = ()) -> Record:
    return Record("orders", 0, 1542, 1705312800000, key, value, headers)


METADATA = {"topic": "orders", "partition": 0, "offset": 1542, "timestamp": 1705312800000, "key": "order-12345"}


def test_the_message_of_the_specification_key_for_key() -> None:
    value = {"order_id": "12345", "customer": "john@example.com", "items": ["widget-a", "widget-b"]}
    payload = payload_of(record(json.dumps(value).encode()))
    assert payload == value | {"_kafka": METADATA}
    assert list(payload) == ["order_id", "customer", "items", "_kafka"]
    assert list(payload["_kafka"]) == ["topic", "partition", "offset", "timestamp", "key"]


def test_a_field_called_kafka_is_kept_in_the_shadow() -> None:
    payload = payload_of(record(b'{"_kafka": {"mine": 1}, "a": 2}'))
    assert payload == {"a": 2, "_kafka": METADATA | {"shadowed": {"mine": 1}}}


@pytest.mark.parametrize(
    "text",
    ["[1, 2]", '"quoted"', "12", "null", "true", "plain text", "", " ", "<xml/>", '{"cut": ', "{'a': 1}", '{"a": 1,}'],
)
def test_what_is_no_json_object_is_text_as_it_came(text: str) -> None:
    assert payload_of(record(text.encode())) == {"message": text, "_kafka": METADATA}


@pytest.mark.parametrize(
    "text",
    [
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": -Infinity}',
        '{"a": 1e400}',
        '{"a": "\\ud800"}',
        '{"\\udfff": 1}',
        '\ufeff{"a": 1}',
        '{"a": ' + "1" * 4301 + "}",
        '{"a":' * (MAX_NESTING + 1) + "1" + "}" * (MAX_NESTING + 1),
        '{"a":' + "[" * MAX_NESTING + "]" * MAX_NESTING + "}",
        "[" * 100_000 + "]" * 100_000,
        "[" * 100_000,
        '{"a": "tab\there"}',
    ],
    ids=lambda text: text[:14],
)
def test_json_that_could_not_be_kept_exactly_counts_as_text(text: str) -> None:
    assert payload_of(record(text.encode())) == {"message": text, "_kafka": METADATA}


def test_bytes_that_are_not_text_come_as_base64() -> None:
    assert payload_of(record(b"\x00\x01\xff")) == {
        "message": None,
        "message_base64": base64.b64encode(b"\x00\x01\xff").decode(),
        "_kafka": METADATA,
    }
    # a schema registry's magic byte in front of what would be JSON
    assert payload_of(record(b'\x00\x00\x00\x00\x07{"a": 1}'))["message"] == '\x00\x00\x00\x00\x07{"a": 1}'
    # JSON whose strings are not UTF-8
    assert payload_of(record(b'{"a": "\xff"}'))["message_base64"]


def test_a_tombstone() -> None:
    assert payload_of(record(None)) == {"message": None, "_kafka": METADATA}


@pytest.mark.parametrize("digits", ["9" * 19, "9" * 40, "1" + "0" * 4299])
@pytest.mark.parametrize("sign", ["", "-"])
def test_integers_keep_every_digit(digits: str, sign: str) -> None:
    payload = payload_of(record(f'{{"n": {sign}{digits}}}'.encode()))
    assert payload["n"] == int(sign + digits)
    assert f'"n":{sign}{digits}'.encode() in to_json(payload)


def test_the_last_of_a_repeated_key_counts() -> None:
    assert payload_of(record(b'{"a": 1, "b": 2, "a": 3}')) == {"a": 3, "b": 2, "_kafka": METADATA}


def test_nesting_up_to_the_limit_is_json_wherever_the_brackets_are() -> None:
    deep = '{"a":' * MAX_NESTING + "1" + "}" * MAX_NESTING
    assert "message" not in payload_of(record(deep.encode()))
    wide = '{"a": [' + ",".join(['{"b": [1, {}]}'] * 1000) + "]}"
    assert len(payload_of(record(wide.encode()))["a"]) == 1000
    texts = json.dumps({"a": ["[" * 600, "{" * 600, '\\"[[' * 300]})
    assert payload_of(record(texts.encode()))["a"][0] == "[" * 600


def test_keys() -> None:
    assert key_text(None) == (None, False)
    assert key_text("Grün".encode()) == ("Grün", False)
    assert key_text(b"\xff") == ("/w==", True)
    assert payload_of(record(b"{}", key=None))["_kafka"]["key"] is None
    metadata = payload_of(record(b"{}", key=b"\xff"))["_kafka"]
    assert (metadata["key"], metadata["key_encoding"]) == ("/w==", "base64")


def test_headers_keep_order_and_repeats() -> None:
    headers = (("b", b"text"), ("a", None), ("b", b"\xff"), ("", b""))
    assert payload_of(record(b"{}", headers=headers))["_kafka"]["headers"] == [
        {"name": "b", "value": "text"},
        {"name": "a", "value": None},
        {"name": "b", "value": {"base64": "/w=="}},
        {"name": "", "value": ""},
    ]
    assert "headers" not in payload_of(record(b"{}"))["_kafka"]


def test_a_record_without_a_timestamp() -> None:
    assert payload_of(Record("t", 1, 2, None, None, b"{}"))["_kafka"]["timestamp"] is None


def test_each_payload_is_its_own() -> None:
    one = record(b'{"items": []}')
    payload_of(one)["items"].append("changed by a tool")
    assert payload_of(one)["items"] == []


# results


def test_what_goes_out_is_json_that_every_reader_accepts() -> None:
    result = {"nan": math.nan, "inf": [math.inf, -math.inf], "half": "\ud800x", 1: True, "pair": "\ud83d\ude00"}
    written = to_json(result)
    assert json.loads(written) == {"nan": None, "inf": [None, None], "half": "\ufffdx", "1": True, "pair": "😀"}
    written.decode()


@pytest.mark.parametrize(
    ("result", "says"),
    [
        (b"x", "output is bytes"),
        ({"a": [1, {"b": bytearray(b"x")}]}, "output.a[1].b is bytes"),
        ({"a": object()}, "no JSON form"),
        ({(1, 2): 3}, "no JSON form"),
        ({"n": 10**4300}, "no JSON form"),
    ],
)
def test_what_has_no_json_form_is_refused_with_its_place(result: Any, says: str) -> None:
    with pytest.raises(UnencodableError, match=says.replace("[", r"\[").replace("]", r"\]")):
        to_json(result)


def test_a_value_that_contains_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(UnencodableError, match="contains itself"):
        to_json(loop)


def test_text_goes_out_as_utf8() -> None:
    assert to_text("Grüße") == "Grüße".encode()
    assert to_text("half \udc00") == "half \ufffd".encode()


# whatever may arrive

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=20,
)
HEADERS = st.lists(st.tuples(st.text(), st.none() | st.binary(max_size=20)), max_size=3).map(tuple)


@given(
    value=st.none() | st.binary() | st.text().map(lambda t: t.encode("utf-8", "surrogatepass")),
    key=st.none() | st.binary(),
    headers=HEADERS,
)
def test_nothing_that_can_arrive_raises_and_all_of_it_goes_out_again(
    value: bytes | None, key: bytes | None, headers: Headers
) -> None:
    payload = payload_of(record(value, key=key, headers=headers))
    assert json.loads(to_json(payload))["_kafka"]["offset"] == 1542
    if value is not None and payload.get("message") is not None:
        assert payload["message"].encode() == value
    if "message_base64" in payload:
        assert base64.b64decode(payload["message_base64"]) == value


@given(st.dictionaries(st.text(), JSON_VALUES, max_size=5))
def test_any_json_object_comes_through_as_it_was(value: dict[str, Any]) -> None:
    text = json.dumps(value)
    payload = payload_of(record(text.encode()))
    if "\\ud" in text.lower() and "message" in payload and payload["message"] == text:
        return  # lone surrogates count as text
    metadata = payload.pop("_kafka")
    if "_kafka" in value:
        payload["_kafka"] = metadata["shadowed"]
    assert payload == value
    assert json.loads(to_json(payload)) == value


@given(st.text(alphabet='[]{}",:1 \\', max_size=40))
def test_text_that_looks_like_json_is_read_as_the_standard_library_reads_it(text: str) -> None:
    payload = payload_of(record(text.encode()))
    try:
        expected = json.loads(text)
    except ValueError:
        expected = None
    if isinstance(expected, dict):
        assert {k: v for k, v in payload.items() if k != "_kafka"} == expected
    else:
        assert payload["message"] == text
