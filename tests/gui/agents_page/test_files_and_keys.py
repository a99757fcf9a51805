"""The list, new files from templates, copies, deletions taken back, tools as a model sees them, and keys."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from kafka_agent_studio.api.commands import SetSecret, SetStandIns
from kafka_agent_studio.api.events import RunChange, RunsChanged
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.gui.agents_page.templates import NewKind
from kafka_agent_studio.model.run import RunStatus
from tests.gui.agents_page.conftest import OpenAgents
from tests.gui.agents_page.scene import CORRELATOR, PROCESSOR, SCHEMA, TAGGER, TEXTS, TOOLS, AgentsUnderTest
from tests.helpers.gui_scene import NOW_US, make_empty_snapshot, make_run

_CONTROL = Qt.KeyboardModifier.ControlModifier


def _name(agents: AgentsUnderTest, name: str) -> None:
    line = agents.page.new_bar.line
    assert line.hasFocus()
    line.clear()
    QTest.keyClicks(line, name)
    QTest.keyClick(line, Qt.Key.Key_Return)


def test_the_list_shows_state_figures_and_links(agents: AgentsUnderTest) -> None:
    rows = {row.name: row for row in agents.page.list.rows}
    assert rows["order-processor"].look.word == "running"
    assert rows["order-processor"].linked == ("orders-in", "results-out")
    assert rows["order-tagger"].look.word == "not linked"
    assert agents.page.list.other_paths == [TOOLS, SCHEMA]


def test_a_run_that_ends_is_counted_once(agents: AgentsUnderTest) -> None:
    def figures() -> tuple[int, int]:
        row = agents.page.list.row_of(CORRELATOR)
        assert row is not None
        return row.runs, row.failed

    done = make_run(1, agent_name="event-correlator")
    failed = make_run(2, agent_name="event-correlator", status=RunStatus.FAILED)
    agents.engine.say(RunsChanged(NOW_US, RunChange.FINISHED, (done, failed)))
    agents.window.bridge.drain()
    agents.engine.say(RunsChanged(NOW_US, RunChange.PUBLISHED, (done,)))
    agents.window.bridge.drain()
    assert figures() == (2, 1)


@pytest.mark.parametrize(
    ("kind", "name", "path", "line"),
    [
        (NewKind.LLM, "greeter", "agents/greeter.yaml", "model: gemini/gemini-2.5-flash"),
        (NewKind.TOOL_AGENT, "counter", "agents/counter.yaml", "tool_name: orders.validate_order"),
        (NewKind.SEQUENTIAL, "row", "agents/row.yaml", "  - event-correlator"),
        (NewKind.TOOLS, "texts", "tools/texts.py", "def texts_text("),
        (NewKind.SCHEMA, "answer", "schemas/answer.json", '"required": ["status"]'),
    ],
)
def test_something_new_begins_with_a_template(
    agents: AgentsUnderTest, kind: NewKind, name: str, path: str, line: str
) -> None:
    agents.page.actions_on_files.ask_new(kind)
    _name(agents, name)
    assert line in agents.disk.texts[path]
    assert agents.page.pane.text == agents.disk.texts[path]
    assert agents.page.pane.editor.hasFocus()


def test_control_n_offers_what_can_be_made(agents: AgentsUnderTest) -> None:
    agents.page.list.table.setFocus()
    QTest.keyClick(agents.page.list.table, Qt.Key.Key_N, _CONTROL)
    (menu,) = agents.page.findChildren(QMenu)
    assert [action.text() for action in menu.actions()] == [kind.value for kind in NewKind]
    menu.close()


@pytest.mark.parametrize(
    ("name", "words"), [("order-tagger", "already"), ("Big Name", "a-z, 0-9 and “-”"), ("-a", "a-z")]
)
def test_a_name_that_cannot_be_is_refused_while_typing(agents: AgentsUnderTest, name: str, words: str) -> None:
    agents.page.actions_on_files.ask_new(NewKind.LLM)
    _name(agents, name)
    assert words in agents.page.new_bar.mistake
    assert agents.disk.texts == TEXTS
    QTest.keyClick(agents.page.new_bar.line, Qt.Key.Key_Escape)
    assert agents.page.new_bar.isHidden()
    assert agents.page.list.table.hasFocus()


def test_a_copy_takes_the_text_and_another_name(agents: AgentsUnderTest) -> None:
    agents.page.list.table.setFocus()
    QTest.keyClick(agents.page.list.table, Qt.Key.Key_D, _CONTROL)
    _name(agents, "order-judge")
    expected = TEXTS[PROCESSOR].replace("name: order-processor", "name: order-judge")
    assert agents.disk.texts["agents/order-judge.yaml"] == expected


def test_a_deletion_says_who_still_names_it_and_is_taken_back(agents: AgentsUnderTest) -> None:
    agents.page.list.table.setFocus()
    QTest.keyClick(agents.page.list.table, Qt.Key.Key_Delete)
    assert PROCESSOR not in agents.disk.texts
    assert "orders-in, results-out still name it" in agents.page.notice.text
    assert agents.page.pane.file is not None
    assert agents.page.pane.file.path == CORRELATOR
    agents.page.notice.press("Undo")
    assert agents.disk.texts[PROCESSOR] == TEXTS[PROCESSOR]
    QTest.keyClick(agents.page.list.table, Qt.Key.Key_Z, _CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert PROCESSOR not in agents.disk.texts
    QTest.keyClick(agents.page.list.table, Qt.Key.Key_Z, _CONTROL)
    assert agents.disk.texts[PROCESSOR] == TEXTS[PROCESSOR]


def test_an_empty_workspace_offers_a_first_agent(open_agents: OpenAgents) -> None:
    agents = open_agents(make_empty_snapshot())
    assert agents.page.empty.isVisible()
    button = agents.page.empty.button
    assert button is not None
    button.click()
    _name(agents, "first")
    assert "model: sandbox/rehearsal" in agents.disk.texts["agents/first.yaml"]


def test_tools_as_the_model_sees_them_follow_the_text(agents: AgentsUnderTest) -> None:
    agents.page.side.setCurrentWidget(agents.page.tools)
    assert agents.page.tools.shown_signature == "validate_order(order_id: string, items: array of string)"
    assert '"description": "The id of the order."' in agents.page.tools.schema.shown_text
    editor = agents.page.pane.editor
    editor.setPlainText(editor.toPlainText().replace("  - orders.validate_order\n", ""))
    agents.page.files.check_now()
    assert agents.page.tools.signatures == ["score_risk(customer: string, total: number)"]


def test_the_source_of_a_tool_opens_at_its_line(agents: AgentsUnderTest) -> None:
    agents.page.side.setCurrentWidget(agents.page.tools)
    agents.page.tools.list.setCurrentRow(1)
    QTest.keyClick(agents.page.tools.list, Qt.Key.Key_Return)
    assert agents.page.pane.file is not None
    assert agents.page.pane.file.path == TOOLS
    assert agents.page.pane.editor.textCursor().block().text().startswith("async def score_risk")


def test_a_key_goes_in_and_never_comes_out(agents: AgentsUnderTest) -> None:
    agents.page.side.setCurrentWidget(agents.page.keys)
    (field,) = agents.page.keys.fields
    assert "GEMINI_API_KEY is missing" in field.state
    QTest.keyClicks(field.line, "AIza-secret")
    QTest.keyClick(field.line, Qt.Key.Key_Return)
    (stored,) = agents.engine.asked(SetSecret)
    assert (stored.name, stored.value, stored.session_only) == ("GEMINI_API_KEY", "AIza-secret", False)
    assert field.line.text() == ""
    assert not field.line.isUndoAvailable()
    assert "is in the keyring" in field.state


def test_without_a_keyring_a_key_can_be_kept_for_the_session(agents: AgentsUnderTest) -> None:
    agents.engine.answer(SetSecret, CommandRefused("this machine has no keyring"))
    agents.page.side.setCurrentWidget(agents.page.keys)
    (field,) = agents.page.keys.fields
    QTest.keyClicks(field.line, "AIza-secret")
    field.keep.click()
    assert "this machine has no keyring" in field.state
    agents.engine.answer(SetSecret, None)
    QTest.keyClicks(field.line, "AIza-secret")
    field.session.click()
    assert agents.engine.asked(SetSecret)[-1].session_only


@pytest.mark.parametrize(("place", "words"), [("environment", "from the environment"), ("session", "this session")])
def test_where_a_key_is_found_is_said(agents: AgentsUnderTest, place: str, words: str) -> None:
    agents.disk.secrets["GEMINI_API_KEY"] = place
    agents.page.keys.ask_where()
    assert words in agents.page.keys.fields[0].state


def test_an_agent_without_a_model_needs_no_key_and_the_stand_in_can_be_switched(agents: AgentsUnderTest) -> None:
    agents.page.open(TAGGER)
    assert agents.page.keys.fields == []
    agents.page.keys.rehearse.click()
    assert agents.engine.asked(SetStandIns) == [SetStandIns(rehearse=True)]


def test_an_address_opens_an_agent_or_a_file(agents: AgentsUnderTest) -> None:
    agents.window.go("agents/order-tagger")
    assert agents.page.pane.text == TEXTS[TAGGER]
    agents.window.go(f"agents/{TOOLS}")
    assert agents.page.pane.text == TEXTS[TOOLS]


def test_a_deleted_file_leaves_the_editor(agents: AgentsUnderTest) -> None:
    workspace = agents.engine.current.workspace
    del agents.disk.texts[PROCESSOR]
    files = {key: path for key, path in workspace.files.items() if path != PROCESSOR}
    agents.say_workspace(msgspec.structs.replace(workspace, files=files))
    assert agents.page.pane.text == TEXTS[CORRELATOR]
