"""Saving what is in the editor, and what happens when somebody else saved it meanwhile."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from kafka_agent_studio.api.commands import SaveFiles
from kafka_agent_studio.model.workspace import Problem
from tests.gui.agents_page.conftest import OpenAgents
from tests.gui.agents_page.scene import (
    CORRELATOR,
    PROCESSOR,
    TAGGER,
    TEXTS,
    AgentsUnderTest,
    Disk,
    make_agents_snapshot,
)

_CONTROL = Qt.KeyboardModifier.ControlModifier


def _write(agents: AgentsUnderTest, text: str) -> None:
    agents.page.pane.editor.setFocus()
    QTest.keyClicks(agents.page.pane.editor, text)


def test_control_s_saves_what_is_written_over_what_was_read(agents: AgentsUnderTest) -> None:
    _write(agents, "# mine ")
    QTest.keyClick(agents.page.pane.editor, Qt.Key.Key_S, _CONTROL)
    assert agents.disk.texts[PROCESSOR] == "# mine " + TEXTS[PROCESSOR]
    (save,) = agents.engine.asked(SaveFiles)
    assert save.expected == {PROCESSOR: TEXTS[PROCESSOR]}
    assert not agents.page.pane.save.isEnabled()
    assert not agents.page.has_unsaved


def test_nothing_is_saved_where_nothing_changed(agents: AgentsUnderTest) -> None:
    QTest.keyClick(agents.page.pane.editor, Qt.Key.Key_S, _CONTROL)
    assert agents.engine.asked(SaveFiles) == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (PROCESSOR, "Save gives orders-in and results-out the new version"),
        (TAGGER, "no connector is linked to it yet"),
        ("tools/orders.py", "Save imports the tools anew"),
        ("schemas/order-result.json", "held against the new schema"),
    ],
)
def test_what_save_will_do_is_said(agents: AgentsUnderTest, path: str, words: str) -> None:
    agents.page.open(path)
    _write(agents, " ")
    remark = agents.page.pane.remark
    assert words in remark or words.replace("held", "holds answers") in remark


def test_a_name_that_others_still_use_is_said_before_the_save(agents: AgentsUnderTest) -> None:
    agents.page.pane.editor.go_to_line(2, 7)
    _write(agents, "my-")
    assert "renames order-processor to my-order-processor: orders-in and results-out still name" in (
        agents.page.pane.remark
    )


def test_a_file_that_changed_meanwhile_is_asked_about_in_place(agents: AgentsUnderTest) -> None:
    _write(agents, "# mine ")
    agents.disk.texts[PROCESSOR] = "# theirs\n"
    QTest.keyClick(agents.page.pane.editor, Qt.Key.Key_S, _CONTROL)
    assert agents.disk.texts[PROCESSOR] == "# theirs\n"
    assert "was changed by someone else" in agents.page.pane.ask.text
    agents.page.pane.ask.press("Save mine over it")
    assert agents.disk.texts[PROCESSOR] == "# mine " + TEXTS[PROCESSOR]
    assert agents.page.pane.ask.text == ""


def test_theirs_can_be_taken_and_mine_had_back(agents: AgentsUnderTest) -> None:
    _write(agents, "# mine ")
    agents.disk.texts[PROCESSOR] = "# theirs\n"
    QTest.keyClick(agents.page.pane.editor, Qt.Key.Key_S, _CONTROL)
    agents.page.pane.ask.press("Take theirs")
    assert agents.page.pane.text == "# theirs\n"
    assert not agents.page.has_unsaved
    QTest.keyClick(agents.page.pane.editor, Qt.Key.Key_Z, _CONTROL)
    assert agents.page.pane.text == "# mine " + TEXTS[PROCESSOR]


def test_an_edit_outside_appears_where_nothing_was_changed_here(agents: AgentsUnderTest) -> None:
    agents.disk.texts[PROCESSOR] = "# from an editor\n" + TEXTS[PROCESSOR]
    agents.say_workspace()
    assert agents.page.pane.text.startswith("# from an editor\n")
    assert agents.page.pane.ask.text == ""


def test_an_edit_outside_beside_mine_is_asked_about_at_once(agents: AgentsUnderTest) -> None:
    _write(agents, "# mine ")
    agents.disk.texts[PROCESSOR] = "# theirs\n"
    agents.say_workspace()
    assert "was changed by someone else" in agents.page.pane.ask.text
    assert agents.page.pane.text.startswith("# mine ")


def test_line_endings_stay_as_they_were(open_agents: OpenAgents) -> None:
    disk = Disk()
    disk.texts[PROCESSOR] = TEXTS[PROCESSOR].replace("\n", "\r\n")
    agents = open_agents(disk=disk)
    agents.page.open(PROCESSOR)
    _write(agents, "# mine ")
    agents.page.pane.save_now()
    assert disk.texts[PROCESSOR] == ("# mine " + TEXTS[PROCESSOR]).replace("\n", "\r\n")


def test_beside_another_engine_nothing_can_be_written(open_agents: OpenAgents) -> None:
    agents = open_agents(make_agents_snapshot(read_only="Another engine (process 41) runs here."))
    agents.page.open(CORRELATOR)
    _write(agents, "x")
    assert agents.page.pane.text == TEXTS[CORRELATOR]
    assert agents.page.pane.remark == "Another engine (process 41) runs here."
    for control in (agents.page.new, agents.page.delete, agents.page.pane.save, agents.page.try_it.run):
        assert not control.isEnabled()


def test_the_window_does_not_close_over_an_unsaved_text(agents: AgentsUnderTest) -> None:
    _write(agents, "# mine ")
    agents.window.main.close()
    assert agents.window.main.isVisible()
    agents.page.pane.save_now()
    agents.window.main.close()
    assert not agents.window.main.isVisible()


def test_a_file_with_mistakes_is_listed_as_such(agents: AgentsUnderTest) -> None:
    workspace = agents.engine.current.workspace
    wrong = Problem(TAGGER, 3, 1, "error", "unknown field 'x'")
    valid = {name: agent for name, agent in workspace.agents.items() if name != "order-tagger"}
    agents.say_workspace(msgspec.structs.replace(workspace, agents=valid), (wrong,))
    looks = {row.name: row.look.word for row in agents.page.list.rows}
    assert looks == {"event-correlator": "ready", "order-processor": "running", "order-tagger": "mistake"}
    assert agents.page.header.remark == "3 agents, 1 with mistakes"
