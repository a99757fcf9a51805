"""Trying an agent: on a sample or a real message, with its trace, and what is said about who answers."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from kafka_agent_studio.api.commands import PayloadOf, RerunRun, SaveFiles, TryAgent
from kafka_agent_studio.api.events import StandIns, StandInsChanged
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.gui.json_document import is_json
from kafka_agent_studio.model.run import ErrorType, RunError
from tests.gui.agents_page.conftest import OpenAgents
from tests.gui.agents_page.scene import PROCESSOR, TOOLS, AgentsUnderTest, make_agents_snapshot, make_trace
from tests.helpers.gui_scene import NOW_US
from tests.helpers.gui_window import let_messages_arrive

_CONTROL = Qt.KeyboardModifier.ControlModifier


def test_the_sample_has_what_the_tools_ask_for(agents: AgentsUnderTest) -> None:
    text = agents.page.try_it.payload.toPlainText()
    assert is_json(text)
    for field in ("order_id", "items", "customer", "total", '"topic": "orders"'):
        assert field in text


def test_the_text_in_the_editor_is_tried_unsaved_and_its_trace_is_shown(agents: AgentsUnderTest) -> None:
    editor = agents.page.pane.editor
    editor.setFocus()
    QTest.keyClicks(editor, "# mine ")
    QTest.keyClick(editor, Qt.Key.Key_Return, _CONTROL)
    (tried,) = agents.engine.asked(TryAgent)
    assert tried.agent == "order-processor"
    assert tried.draft == agents.page.pane.text
    assert tried.draft.startswith("# mine ")
    assert tried.payload["order_id"] == "order_id-1"
    trace = agents.page.try_it.trace
    assert trace.isVisible()
    assert trace.figures.text() == "1.74 s · 412 tokens · $0.0002"
    assert trace.waterfall.spans.rowCount(trace.waterfall.spans.index(0, 0)) == 4
    assert '"route": "standard"' in trace.span.output.shown_text
    assert agents.engine.asked(SaveFiles) == []
    assert agents.engine.asked(RerunRun) == []


def test_a_span_of_the_trace_shows_what_went_in_and_out(agents: AgentsUnderTest) -> None:
    agents.page.try_it.start()
    waterfall = agents.page.try_it.trace.waterfall
    waterfall.setCurrentIndex(waterfall.spans.index_of("s3"))
    assert "score_risk" in waterfall.currentIndex().data()
    assert '"risk_score": 0.02' in agents.page.try_it.trace.span.output.shown_text


def test_a_message_that_came_in_can_be_chosen(agents: AgentsUnderTest) -> None:
    let_messages_arrive(agents.window)
    choice = agents.page.try_it.choice
    choice.refresh()
    assert choice.box.itemText(1).startswith("orders/2/1600")
    choice.box.setCurrentIndex(1)
    choice.box.activated.emit(1)
    (asked,) = agents.engine.asked(PayloadOf)
    assert asked.record.place == "orders/2/1600"
    assert '"order_id": "13945"' in agents.page.try_it.payload.toPlainText()


@pytest.mark.parametrize(
    ("text", "words"), [("", "no message"), ("{", "no JSON"), ("[1]", "must be a JSON object"), ("1", "JSON object")]
)
def test_what_is_no_message_is_said_and_not_run(agents: AgentsUnderTest, text: str, words: str) -> None:
    agents.page.try_it.payload.setPlainText(text)
    agents.page.try_it.start()
    assert words in agents.page.try_it.error.text
    assert agents.engine.asked(TryAgent) == []


def test_a_refusal_is_shown_in_place(agents: AgentsUnderTest) -> None:
    agents.engine.answer(TryAgent, CommandRefused("agent order-processor is not valid yet"))
    agents.page.try_it.start()
    assert "not valid yet" in agents.page.try_it.error.text
    assert agents.page.try_it.run.isEnabled()


def test_a_failed_try_says_why(agents: AgentsUnderTest) -> None:
    error = RunError(ErrorType.MODEL_REFUSED, "401: API key not valid")
    agents.engine.answer(TryAgent, make_trace(error=error, output=None))
    agents.page.try_it.start()
    assert "API key not valid" in agents.page.try_it.trace.span.error.text


def test_the_stand_in_is_said_before_and_after(agents: AgentsUnderTest) -> None:
    assert agents.page.try_it.stand_in.isHidden()
    agents.engine.say(StandInsChanged(NOW_US, StandIns(rehearsed_models=("gemini/gemini-2.5-flash",))))
    agents.window.bridge.drain()
    assert "answers for gemini/gemini-2.5-flash, which has no key yet" in agents.page.try_it.stand_in.text()
    agents.engine.answer(TryAgent, make_trace(stand_ins=("rehearsal",)))
    agents.page.try_it.start()
    assert agents.page.try_it.trace.rehearsal.isVisible()


def test_a_model_typed_into_the_text_counts(agents: AgentsUnderTest) -> None:
    editor = agents.page.pane.editor
    text = editor.toPlainText().replace("gemini/gemini-2.5-flash", "sandbox/rehearsal")
    editor.setPlainText(text)
    assert "rehearsal model answers" in agents.page.try_it.stand_in.text()


def test_beside_a_tool_the_agent_can_still_be_tried(agents: AgentsUnderTest) -> None:
    agents.page.open(TOOLS)
    agents.page.try_it.start()
    (tried,) = agents.engine.asked(TryAgent)
    assert tried.agent == "order-processor"


def test_the_message_is_remembered_for_each_agent(open_agents: OpenAgents) -> None:
    first = open_agents()
    first.page.open(PROCESSOR)
    first.page.try_it.payload.setPlainText('{"mine": 1}')
    first.page.try_it.start()
    first.window.parts.preferences.flush()
    second = open_agents()
    second.page.open(PROCESSOR)
    assert second.page.try_it.payload.toPlainText() == '{"mine": 1}'


class _LaterTasks:
    """Tasks on a loop that a test turns by hand."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.tasks: list[asyncio.Task[Any]] = []

    def start(self, _name: str, work: Coroutine[Any, Any, Any], /) -> object:
        self.tasks.append(self.loop.create_task(work))
        return self.tasks[-1]

    def turn(self) -> None:
        self.loop.run_until_complete(asyncio.sleep(0))


def test_a_try_shows_its_seconds_and_can_be_stopped(agents: AgentsUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    later = _LaterTasks()
    was_cancelled = []

    async def never(_command: object) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            was_cancelled.append(True)
            raise

    monkeypatch.setattr(agents.window.bridge, "_tasks", later)
    monkeypatch.setattr(agents.engine, "execute", never)
    panel = agents.page.try_it
    panel.start()
    later.turn()
    assert panel.stop.isVisible()
    assert not panel.run.isEnabled()
    panel.stop.click()
    later.turn()
    later.turn()
    assert was_cancelled == [True]
    assert not panel.is_running
    assert panel.run.isEnabled()
    assert panel.trace.isHidden()
    later.loop.close()


def test_message_and_trace_stand_side_by_side_when_given_room(agents: AgentsUnderTest) -> None:
    agents.page.widen.click()
    assert agents.page.list.isHidden()
    agents.page.try_it.start()
    trace, message = agents.page.try_it.trace, agents.page.try_it.payload
    assert (
        trace.mapTo(agents.page, trace.rect().topLeft()).x() > message.mapTo(agents.page, message.rect().topRight()).x()
    )
    agents.page.widen.click()
    assert agents.page.list.isVisible()


def test_an_engine_on_which_one_only_looks_tries_nothing(open_agents: OpenAgents) -> None:
    agents = open_agents(make_agents_snapshot(read_only="Another engine runs here."))
    QTest.keyClick(agents.page.pane.editor, Qt.Key.Key_Return, _CONTROL)
    assert agents.engine.asked(TryAgent) == []
