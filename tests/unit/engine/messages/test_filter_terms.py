"""What a click writes into the filter line means what was clicked."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kafka_agent_studio.api.filter_terms import filter_field, filter_term, with_term
from kafka_agent_studio.engine.messages.filter import RecordFilter
from kafka_agent_studio.model.message import Record

_TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=8)


_NAMES = st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=8)


@given(_NAMES, _TEXT | st.integers() | st.booleans() | st.none())
def test_a_value_clicked_is_found_and_excluded(name: str, value: str | int | bool | None) -> None:
    record = Record("t", 0, 0, None, None, msgspec.json.encode({"a": [{name: value}]}))
    field = filter_field("value", ["a", 0, name])
    assert RecordFilter(filter_term(field, value)).passes(record)
    assert not RecordFilter(filter_term(field, value, exclude=True)).passes(record)


def test_a_term_narrows_what_was_there() -> None:
    assert with_term("", "partition == 3") == "partition == 3"
    assert with_term("a b", "partition == 3") == "a b partition == 3"
    assert with_term("a or b", "partition == 3") == "(a or b) partition == 3"
