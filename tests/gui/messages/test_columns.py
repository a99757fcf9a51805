"""Columns of one's own: any place in JSON or a header, exact, remembered for the topic."""

import pytest

from kafka_agent_studio.gui.messages.column_dialog import ColumnDialog
from kafka_agent_studio.gui.messages.value_path import PathMistakeError, value_path
from kafka_agent_studio.gui.pages.browse import BrowsePage
from kafka_agent_studio.gui.pages.messages import MessagesPage
from kafka_agent_studio.model.message import Record
from tests.gui.conftest import OpenWindow
from tests.helpers.cluster_scene import answer_about_cluster
from tests.helpers.gui_window import let_messages_arrive

VALUE = b'{"id": 123456789012345678901234567890, "price": 1.10, "a": [{"odd key": "zo\xc3\xab"}], "deep": {"x": null}}'
RECORD = Record("orders", 0, 1, None, b'{"id": 7}', VALUE, (("trace", b"1"), ("trace", b"2"), ("none", None)))


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("value.id", "123456789012345678901234567890"),
        ("value.price", "1.10"),
        ('value.a[0]."odd key"', "zoë"),
        ("value.a[1]", "–"),
        ("value.deep", '{"x": null}'),
        ("value.deep.x", "null"),
        ("value.price.x", "–"),
        ("key.id", "7"),
        ("headers.trace", "1, 2"),
        ("headers.none", "null"),
        ("headers.missing", "–"),
    ],
)
def test_a_place_is_shown_as_it_lies_there(path: str, shown: str) -> None:
    assert value_path(path).of(RECORD) == shown


def test_what_is_no_json_and_what_is_null_have_no_places() -> None:
    path = value_path("value.id")
    assert path.of(Record("t", 0, 0, None, None, b"\xff\xfe")) == "–"
    assert path.of(Record("t", 0, 0, None, None, None)) == "–"
    assert path.of(Record("t", 0, 0, None, None, b"[" * 100_000)) == "–"


@pytest.mark.parametrize("text", ["", "customer", "value..x", "value.a[x]", "headers", "headers.a.b", "value x"])
def test_what_is_no_place_is_said(text: str) -> None:
    with pytest.raises(PathMistakeError):
        value_path(text)


def test_a_column_is_added_sorted_and_removed_by_the_header(open_window: OpenWindow) -> None:
    window = open_window()
    let_messages_arrive(window, 5)
    window.go("messages")
    page = window.main.page
    assert isinstance(page, MessagesPage)
    dict(page.table.header_actions())["Add a column…"]()
    (dialog,) = window.main.findChildren(ColumnDialog)
    dialog.path.setText("customer")
    dialog.add.click()
    assert "Begin with value." in dialog.says.text()
    dialog.path.setText("value.total")
    dialog.add.click()
    model = page.table.model()
    last = model.columnCount() - 1
    assert model.headerData(last, page.table.horizontalHeader().orientation()) == "value.total"
    page.table.sortByColumn(last, page.table.horizontalHeader().sortIndicatorOrder())
    totals = [float(model.index(row, last).data()) for row in range(5)]
    assert totals == sorted(totals) or totals == sorted(totals, reverse=True)
    dict(page.table.header_actions())["Remove value.total"]()
    assert model.columnCount() == last


def test_each_topic_keeps_its_columns_and_its_filter(open_window: OpenWindow) -> None:
    window = open_window()
    answer_about_cluster(window.engine)

    def read(topic: str) -> BrowsePage:
        window.go("overview")
        window.go(f"browse?connection=staging&topic={topic}")
        page = window.main.page
        assert isinstance(page, BrowsePage)
        return page

    page = read("orders")
    page.view.add("value.customer")
    page.line.set_text("partition == 2")
    page.line.field.setText("")
    assert read("shipments").view.paths == []
    assert page.line.text == ""
    assert read("orders").view.paths == ["value.customer"]
    assert page.line.text == "partition == 2"
