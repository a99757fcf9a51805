"""JSON as text with places: digits, order, repeated keys and places stay as they were."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_agent_studio.gui.json_document import NodeKind, children, is_json, node_at, pretty, root, shown_value

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(value=st.dictionaries(st.text(), JSON, max_size=5) | st.lists(JSON, max_size=5))
def test_pretty_changes_nothing_but_space(value: object) -> None:
    text = msgspec.json.encode(value).decode()
    assert msgspec.json.decode(pretty(text)) == msgspec.json.decode(text)


@given(value=st.dictionaries(st.text(), JSON, max_size=5))
def test_children_are_the_members(value: dict[str, object]) -> None:
    text = pretty(msgspec.json.encode(value).decode())
    found = list(children(text, root(text)))
    assert [node.name for node in found] == list(value)
    assert [msgspec.json.decode(text[node.start : node.end]) for node in found] == list(value.values())


def test_a_key_twice_is_shown_twice() -> None:
    text = '{"a": 1, "a": 2}'
    assert [(node.name, shown_value(text, node)) for node in children(text, root(text))] == [("a", "1"), ("a", "2")]


def test_paths_are_what_a_person_would_write() -> None:
    text = '{"items": [{"sku": "x", "odd key": 1}]}'
    nodes = node_at(text, text.index('"x"') + 1)
    assert [node.path for node in nodes] == ["", "items", "items[0]", "items[0].sku"]
    odd = list(children(text, nodes[2]))[1]
    assert odd.path == 'items[0]["odd key"]'


@pytest.mark.parametrize("text", ["", "hello", "12", '"text"', "{", "[1,]", '{"a": NaN}'])
def test_what_is_no_object_and_no_array_is_text(text: str) -> None:
    assert not is_json(text)


def test_an_empty_container_stays_on_its_line() -> None:
    assert pretty('{"a":{},"b":[]}') == '{\n  "a": {},\n  "b": []\n}'


def test_brackets_in_strings_are_no_brackets() -> None:
    text = '{"a": "}]{[\\"", "b": true}'
    found = list(children(text, root(text)))
    assert [(node.name, node.kind) for node in found] == [("a", NodeKind.STRING), ("b", NodeKind.LITERAL)]
    assert shown_value(text, found[0]) == '}]{["'
