"""A value shown: read when somebody looks, its text in pieces, its tree as far as it was found beside."""

import json
import sys
from collections import Counter
from types import FrameType

import pytest
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from kafka_agent_studio.gui.models import json_tree
from kafka_agent_studio.gui.models.json_tree import JsonTreeModel, first_children
from kafka_agent_studio.gui.theme import Theme
from kafka_agent_studio.gui.widgets.json_view import AT_ONCE_BYTES, JsonView
from kafka_agent_studio.gui.widgets.text_in_pieces import FIRST_CHARACTERS, TextInPieces


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> JsonView:
    made = JsonView(theme=theme, accessible_name="Value")
    qtbot.addWidget(made)
    made.resize(900, 500)
    return made


def text_in(view: JsonView) -> str:
    return view.text.toPlainText()


def test_what_nobody_sees_is_filled_in_when_it_is_shown(view: JsonView) -> None:
    view.show_json({"first": 1})
    view.show_json({"second": 2})
    assert text_in(view) == ""
    view.show()
    assert text_in(view) == '{\n  "second": 2\n}'
    view.show_json({"third": 3})
    assert text_in(view) == '{\n  "third": 3\n}'
    view.hide()
    view.show_json({"fourth": 4})
    assert "third" in text_in(view)
    assert view.shown_text == '{\n  "fourth": 4\n}'


def test_the_very_same_bytes_are_not_read_again(view: JsonView) -> None:
    view.show()
    value = b'{"a": 1}'
    view.show_bytes(value)
    view.text.setPlainText("as it was left")
    view.show_bytes(value)
    assert text_in(view) == "as it was left"
    view.show_json({"b": 2})
    view.show_bytes(value)
    assert text_in(view) == '{\n  "a": 1\n}'


def test_a_long_text_comes_in_pieces_and_all_of_it_comes(qtbot: QtBot) -> None:
    editor = QPlainTextEdit()
    qtbot.addWidget(editor)
    pieces = TextInPieces(editor=editor)
    text = "\n".join(f"line {number} of many" for number in range(2_000))
    pieces.show(text)
    first = editor.toPlainText()
    assert FIRST_CHARACTERS <= len(first) < FIRST_CHARACTERS + 30
    assert first.endswith("\n")
    pieces.reach(20_000)
    assert len(editor.toPlainText()) >= 20_000
    qtbot.waitUntil(lambda: editor.toPlainText() == text)
    assert not pieces._next.isActive()
    pieces.show("short")
    assert editor.toPlainText() == "short"


def test_one_very_long_line_is_cut_into_pieces_too(qtbot: QtBot) -> None:
    editor = QPlainTextEdit()
    qtbot.addWidget(editor)
    pieces = TextInPieces(editor=editor)
    pieces.show("x" * 20_000)
    assert len(editor.toPlainText()) == FIRST_CHARACTERS
    qtbot.waitUntil(lambda: editor.toPlainText() == "x" * 20_000)


def test_what_is_selected_in_the_tree_is_selected_in_text_that_was_not_there_yet(view: JsonView) -> None:
    view.show()
    view.show_json({"long": ["word"] * 900, "last": "here"})
    assert len(text_in(view)) < len(json.dumps({"long": ["word"] * 900}, indent=2))
    view.tree.setCurrentIndex(view.model.index(1, 0))
    assert view.text.textCursor().selectedText() == '"here"'


def test_a_value_prepared_off_the_thread_brings_its_first_members(view: JsonView, qtbot: QtBot) -> None:
    value = json.dumps({f"member-{number}": ["x" * 60] for number in range(450)}).encode()
    assert len(value) > AT_ONCE_BYTES
    view.show()
    view.show_bytes(value)
    qtbot.waitUntil(lambda: view.model.rowCount() >= 200)
    root = view.tree.rootIndex()
    while view.model.canFetchMore(root):
        view.model.fetchMore(root)
    assert [view.model.index(row, 0).data() for row in (0, 199, 200, 449)] == [
        "member-0",
        "member-199",
        "member-200",
        "member-449",
    ]
    assert view.model.rowCount() == 450


@pytest.mark.parametrize("count", [0, 1, 199, 200, 201])
def test_a_tree_is_the_same_whether_its_first_members_were_known_or_not(theme: Theme, count: int) -> None:
    text = json.dumps([{"n": number} for number in range(count)], indent=2)
    models = JsonTreeModel(theme=theme), JsonTreeModel(theme=theme)
    models[0].show_text(text)
    models[1].show_text(text, first_children(text))
    found = []
    for model in models:
        root = model.index(-1, 0)
        while model.canFetchMore(root):
            model.fetchMore(root)
        found.append([model.raw(model.index(row, 0)) for row in range(model.rowCount())])
    assert found[0] == found[1]
    assert len(found[0]) == count


def test_of_many_members_only_as_much_is_opened_as_can_be_seen(view: JsonView) -> None:
    view.show()
    view.show_json({f"list-{number}": list(range(150)) for number in range(8)})
    assert [view.tree.isExpanded(view.model.index(row, 0)) for row in range(8)] == [True] + [False] * 7
    view.show_json({f"list-{number}": [1, 2, 3] for number in range(8)})
    assert all(view.tree.isExpanded(view.model.index(row, 0)) for row in range(8))


def test_a_cell_is_looked_at_once_when_it_is_painted(view: JsonView) -> None:
    asked: Counter[str] = Counter()

    def count_call(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_filename == json_tree.__file__:
            asked[frame.f_code.co_name] += 1

    view.show()
    view.show_json({f"member-{number}": number for number in range(10)})
    picture = view.tree.grab().toImage()
    sys.setprofile(count_call)
    try:
        again = view.tree.grab().toImage()
    finally:
        sys.setprofile(None)
    assert again == picture
    # Qt's own way asks for seven things a cell: each waits for the interpreter
    assert (asked["cell"], asked["data"]) == (20, 0)
    view.tree.setCurrentIndex(view.model.index(0, 0))
    assert view.tree.grab().toImage() != picture
