import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kafka_agent_studio.engine.messages.filter import RecordFilter
from kafka_agent_studio.engine.messages.filter_syntax import FilterError
from kafka_agent_studio.model.message import Headers, Record

_VALUE = b"""{"order_id": "12345", "customer": {"email": "John@Example.com", "city": "K\\u00f6ln"}, "total": 99.50,
 "big": 9007199254740993, "exact": 0.1234567890123456789, "vip": true, "coupon": null, "note": "say \\"hi\\"",
 "items": [{"sku": "widget-a", "n": 2}, {"sku": "widget-b", "n": 5}], "tags": ["new", "blue"], "odd name": 1}"""


def make_record(
    value: bytes | None = _VALUE,
    *,
    key: bytes | None = b"order-12345",
    headers: Headers = (("trace", b"abc-1"), ("studio.error", b"timeout"), ("retries", b"3"), ("empty", None)),
) -> Record:
    return Record("orders", 3, 1542, 1_705_312_800_000, key, value, headers)


_PASSING = [
    "",
    "   ",
    "widget-a",
    "WIDGET-A",
    "ORDER-123",
    "timeout",
    '"widget-a" "order-12345"',
    "key:123",
    "key == order-12345",
    "key != other",
    "value:john@example.com",
    "value.customer.email == John@Example.com",
    "value.customer.email:EXAMPLE",
    "value.customer.city == Köln",
    "value.customer.city:köln",
    "value.total == 99.5",
    "value.total > 99",
    "value.total >= 99.50 and value.total < 1e3",
    "value.order_id == 12345",
    'value.order_id == "12345"',
    'value.order_id > "1"',
    "value.big == 9007199254740993",
    "value.exact == 0.1234567890123456789",
    "value.vip == true",
    "value.vip",
    "not value.coupon",
    "value.coupon == null",
    "value.missing == null",
    "value.missing != 3",
    'value.note == "say \\"hi\\""',
    "value.items.sku == widget-b",
    "value.items[1].sku == widget-b",
    "value.items[-1].n == 5",
    "value.items.n > 4",
    "value.items.n != 7",
    "value.tags == blue",
    "value.tags:blu",
    "value.customer:cologne or value.customer:example",
    'value."odd name" == 1',
    "value['odd name'] == 1",
    "payload.vip = true",
    "headers:timeout",
    "headers:STUDIO",
    "headers.trace == abc-1",
    "headers.studio.error:time",
    "headers['studio.error'] == timeout",
    "headers.retries == 3",
    "headers.retries > 2",
    "headers.empty",
    "headers.none == null",
    "partition:3",
    "partition == 3 offset >= 1000",
    "offset < 1543",
    "time >= 2024-01-15",
    "time <= 2024-01-15T10:00:00Z",
    "time == 1705312800000",
    "topic == orders",
    "topic:ORD",
    "size > 100",
    "not (widget-x or key:nothing)",
    "NOT widget-x AND (widget-a OR widget-x)",
    "key:order or nonsense and nonsense",
]

_FAILING = [
    "widget-x",
    '"widget-a widget-b"',
    "key:xyz",
    "key == order-1234",
    "value.customer.email == john@example.com",
    "value.total > 99.5",
    'value.total == "99.5"',
    "value.big == 9007199254740992",
    "value.exact == 0.1234567890123456788",
    "value.vip == false",
    "value.coupon",
    "value.missing",
    "value.missing == 3",
    "value.missing < 3",
    "value.items.n > 5",
    "value.items.n != 5",
    "value.items[2].sku == widget-b",
    "value.items[0].sku == widget-b",
    "value.order_id.x == 1",
    "value.vip > 0",
    "headers.trace == abc",
    "headers.none",
    "headers.retries > 3",
    "partition:2",
    "partition != 3",
    "offset > 1542",
    "time < 2024-01-15",
    "topic == order",
    "size < 100",
    "not widget-a",
    "nonsense and nonsense or nonsense",
]


@pytest.mark.parametrize("text", _PASSING)
def test_lets_through(text: str) -> None:
    assert RecordFilter(text).passes(make_record())


@pytest.mark.parametrize("text", _FAILING)
def test_holds_back(text: str) -> None:
    assert not RecordFilter(text).passes(make_record())


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("foo:bar", "foo", "is no field"),
        ("valu.total > 3", "valu.total", "did you mean value"),
        ("value.total >", ">", "missing"),
        ('key:"abc', '"abc', "not closed"),
        ("(a or b", "(", "not closed"),
        ("a or b)", ")", "without its ("),
        ("a and", "d", "missing"),
        ("not", "t", "missing"),
        ("offset > abc", "abc", "a number"),
        ("time > tomorrow", "tomorrow", "a time such as"),
        ("headers == x", "x", "name the header"),
        ("a and or b", "or", "cannot stand here"),
        ("a == = b", "a", "is no field"),
        ("value.a == = b", "=", "after == something"),
        ("!x", "!", "cannot stand here"),
        ("value[0 == 3", "[", "not closed"),
        ("(" * 60, "(", "nested"),
    ],
)
def test_a_mistake_is_found_at_its_place(text: str, place: str, word: str) -> None:
    with pytest.raises(FilterError) as caught:
        RecordFilter(text)
    mistake = caught.value.mistake
    assert text[mistake.start : mistake.end] == place
    assert word in mistake.message


_PIECES = st.sampled_from(
    [
        *"()\"'\\[].:=<>! ",
        *("and", "or", "not", "value", "value.a", "key", "headers.x", "partition", "offset", "time", "size", "topic"),
        *("==", "!=", ">=", "null", "true", "1", "-2.5e3", "2024-01-15", "ü", "\ud800", "\0", "9" * 5000),
    ]
)
_RECORDS = st.builds(
    Record,
    st.just("t"),
    st.integers(0, 3),
    st.integers(0, 2**63 - 1),
    st.none() | st.integers(0, 2**60),
    st.none() | st.binary(max_size=5),
    st.none()
    | st.binary(max_size=20)
    | st.sampled_from([b'{"a": 1}', b'{"a": [NaN]}', b'{"a": {"b": "x"}}', b"[" * 5000, b"1e999", b'"\\ud800"']),
    st.just(()) | st.just((("x", b"\xff"), ("x", None))),
)


@given(st.lists(_PIECES, max_size=12).map("".join), _RECORDS)
@example("value.a > 1 and value.a:x", Record("t", 0, 0, None, None, b"[" * 5000))
def test_whatever_is_typed_and_arrives_ends_in_yes_no_or_a_mistake(text: str, record: Record) -> None:
    mistake = None
    try:
        line = RecordFilter(text)
    except FilterError as error:
        mistake = error.mistake
    else:
        assert line.passes(record) in (True, False)
    assert mistake is None or (mistake.message and 0 <= mistake.start < mistake.end <= max(len(text), 1))


@given(st.text(alphabet='ab"\\ü,: ', max_size=4), st.sampled_from(["==", "!=", ":"]))
def test_the_quick_look_at_the_bytes_changes_no_answer(text: str, operator: str) -> None:
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    texts = ['{"x": "ab"}', '{"x": "\\u00fc"}', '{"x": "ü"}', '{"x": {"a": "b", "c": [1, 2]}}', '{"x": "\\""}']
    line = RecordFilter(f"value.x {operator} {quoted}")
    # told that the value is not plain text, it decodes every record
    slow = RecordFilter(f"value.x {operator} {quoted}", read_value=_read_json)
    for value in texts:
        record = make_record(value.encode())
        assert line.passes(record) == slow.passes(record)


def _read_json(data: bytes) -> object:
    value: object = msgspec.json.decode(data)
    return value


def test_what_a_decoder_reads_is_filtered() -> None:
    def read(data: bytes) -> object:
        if data == b"bad":
            raise ValueError("no such thing")
        return {"n": len(data)}

    line = RecordFilter("value.n == 3", read_value=read)
    assert line.passes(make_record(b"abc"))
    assert not line.passes(make_record(b"abcd"))
    assert not line.passes(make_record(b"bad"))
    assert not line.passes(make_record(None))
    assert (line.unreadable, line.problem) == (1, "no such thing")
