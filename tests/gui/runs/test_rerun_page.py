"""A run again with another prompt, model or message: prefilled, nothing published unless asked."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from kafka_agent_studio.api.commands import GetRun, PayloadOf, RerunRun
from kafka_agent_studio.api.drafts import GetDraft, KeepDraft, RerunDraft
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.gui.pages.rerun import RerunPage
from kafka_agent_studio.model.run import RunChanges, RunDetail
from kafka_agent_studio.model.workspace import StudioSettings
from tests.gui.conftest import OpenWindow
from tests.helpers.gui_reruns import FAILED, REPEATED
from tests.helpers.gui_scene import NOW_US, make_detail, make_record, make_run, make_snapshot, make_workspace
from tests.helpers.gui_window import WindowUnderTest


def show(window: WindowUnderTest, detail: RunDetail) -> RerunPage:
    window.engine.answer(GetRun, lambda command: detail if command.run_id == detail.run.run_id else None)
    window.go(f"rerun/{detail.run.run_id}")
    page = window.main.page
    assert isinstance(page, RerunPage)
    return page


def put_model(page: RerunPage, model: str) -> None:
    assert isinstance(page.model.editor, QLineEdit)
    page.model.editor.setText(model)


def test_everything_stands_there_as_it_was_and_is_run_as_it_was(window: WindowUnderTest) -> None:
    page = show(window, FAILED)
    assert page.model.text == "gemini/gemini-2.5-flash"
    assert page.prompt.text.startswith("You receive an order event")
    assert '"account": 9007199254742535' in page.message.text
    assert not page.publish.isChecked()
    page.run.click()
    assert window.engine.asked(RerunRun) == [RerunRun(FAILED.run.run_id)]
    assert window.parts.navigator.current == "run/a-new-run"


def test_what_was_changed_is_said_put_back_and_sent(window: WindowUnderTest) -> None:
    page = show(window, FAILED)
    put_model(page, "openai/gpt-5-mini")
    page.prompt.editor.setPlainText("Be brief.")  # type: ignore[union-attr]
    assert page.model.put_back.isVisible()
    page.prompt.put_back.click()
    page.editor.setPlainText('{"order_id": "1", "account": 12345678901234567890123}')
    page.publish.click()
    QTest.keyClick(page.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert window.engine.asked(RerunRun) == [
        RerunRun(
            FAILED.run.run_id,
            publish=True,
            model="openai/gpt-5-mini",
            payload={"order_id": "1", "account": 12345678901234567890123},
        )
    ]


def would_lose(page: RerunPage) -> bool:
    return page.has_unsaved


def keep_drafts(window: WindowUnderTest, kept: dict[str, RerunDraft]) -> None:
    """Keep drafts as an engine does: in `kept`, which outlives the window."""

    def keep(command: KeepDraft) -> None:
        kept.pop(command.run_id, None)
        if command.draft is not None:
            kept[command.run_id] = msgspec.structs.replace(command.draft, kept_at_us=NOW_US)

    window.engine.answer(KeepDraft, keep)
    window.engine.answer(GetDraft, lambda command: kept.get(command.run_id))


def test_what_was_typed_is_there_again_after_another_run_and_after_a_restart(open_window: OpenWindow) -> None:
    kept: dict[str, RerunDraft] = {}
    first = open_window()
    keep_drafts(first, kept)
    page = show(first, FAILED)
    put_model(page, "openai/gpt-5-mini")
    page.editor.setPlainText('{"order_id": ')
    assert show(first, REPEATED).model.text == "gemini/gemini-2.5-flash"
    assert kept == {
        FAILED.run.run_id: RerunDraft(model="openai/gpt-5-mini", message='{"order_id": ', kept_at_us=NOW_US)
    }
    assert show(first, FAILED).message.text == '{"order_id": '
    assert not would_lose(page)

    second = open_window()
    keep_drafts(second, kept)
    page = show(second, FAILED)
    assert (page.model.text, page.message.text) == ("openai/gpt-5-mini", '{"order_id": ')
    assert page.model.is_changed
    assert not page.prompt.is_changed
    assert page.draft.text.startswith("Draft of 20")
    assert not would_lose(page)


def test_a_draft_is_discarded_with_one_click(window: WindowUnderTest) -> None:
    kept = {FAILED.run.run_id: RerunDraft(system_prompt="Be brief.")}
    keep_drafts(window, kept)
    page = show(window, FAILED)
    assert page.prompt.text == "Be brief."
    page.draft.discard.click()
    assert page.prompt.text.startswith("You receive an order event")
    assert page.draft.text == ""
    assert kept == {}
    assert not would_lose(page)


def test_a_draft_is_over_once_it_is_run_or_put_back(window: WindowUnderTest) -> None:
    kept: dict[str, RerunDraft] = {}
    keep_drafts(window, kept)
    page = show(window, FAILED)
    put_model(page, "openai/gpt-5-mini")
    page._drafts.flush()
    assert "stays until it is run" in page.draft.text
    page.model.put_back.click()
    page._drafts.flush()
    assert (kept, page.draft.text) == ({}, "")
    put_model(page, "openai/gpt-5-mini")
    page._drafts.flush()
    assert list(kept) == [FAILED.run.run_id]
    page.run.click()
    assert kept == {}


def test_typing_is_kept_after_a_pause_and_not_letter_by_letter(window: WindowUnderTest, qtbot: QtBot) -> None:
    page = show(window, FAILED)
    QTest.keyClicks(page.editor, "abcdef")
    assert window.engine.asked(KeepDraft) == []
    qtbot.waitUntil(lambda: len(window.engine.asked(KeepDraft)) == 1)


def test_where_drafts_cannot_be_kept_they_stay_in_the_window(window: WindowUnderTest) -> None:
    window.engine.answer(KeepDraft, CommandRefused("engine 42 works here"))
    page = show(window, FAILED)
    put_model(page, "openai/gpt-5-mini")
    show(window, REPEATED)
    assert show(window, FAILED).model.text == "openai/gpt-5-mini"
    assert would_lose(page)
    assert "until the window is closed: engine 42 works here" in page.draft.text
    window.engine.answer(KeepDraft, None)
    assert not would_lose(page)


def test_what_is_kept_nowhere_keeps_the_window_open(window: WindowUnderTest) -> None:
    window.engine.answer(KeepDraft, CommandRefused("engine 42 works here"))
    page = show(window, FAILED)
    assert not would_lose(page)
    put_model(page, "openai/gpt-5-mini")
    assert would_lose(page)
    window.main.close()
    assert window.main.isVisible()
    assert "not saved" in window.main.notices.text
    page.run.click()
    assert not would_lose(page)


def test_the_changes_of_a_rerun_are_the_starting_point_and_can_be_taken_back(window: WindowUnderTest) -> None:
    page = show(window, REPEATED)
    assert page.prompt.text.endswith("JSON object: order_id, status, risk_score, route.")
    page.prompt.put_back.click()
    page.run.click()
    (command,) = window.engine.asked(RerunRun)
    # said out loud: left out, the run before would hand its prompt on
    assert command.system_prompt == page.prompt.original
    assert (command.model, command.payload) == (None, None)


def test_a_message_that_is_no_json_object_is_not_run(window: WindowUnderTest) -> None:
    page = show(window, FAILED)
    page.editor.setPlainText("[1, 2]")
    page.run.click()
    assert "must be a JSON object" in page.error.text
    assert window.engine.asked(RerunRun) == []


def test_text_is_changed_as_agents_get_it(window: WindowUnderTest) -> None:
    window.engine.answer(PayloadOf, {"message": "hello", "_kafka": {"topic": "orders"}})
    page = show(window, msgspec.structs.replace(FAILED, record=make_record(value=b"hello")))
    assert page.message.text == '{\n  "message": "hello"\n}'
    page.run.click()
    assert window.engine.asked(RerunRun) == [RerunRun(FAILED.run.run_id)]


def test_a_forgotten_message_has_to_be_given(window: WindowUnderTest) -> None:
    page = show(window, msgspec.structs.replace(FAILED, record=None))
    page.editor.setPlainText('{"order_id": "1"}')
    page.run.click()
    assert window.engine.asked(RerunRun)[0].payload == {"order_id": "1"}


def test_a_tool_agent_has_neither_prompt_nor_model_to_change(window: WindowUnderTest) -> None:
    page = show(window, make_detail(make_run(agent_name="order-tagger")))
    assert "is a tool agent: it has no prompt and no model" in page.no_model.text()
    assert not page.prompt.isVisible()
    assert "No outbound connector takes this result" in page.publish.text()
    assert not page.publish.isEnabled()


@pytest.mark.parametrize(
    "detail",
    [
        FAILED,
        msgspec.structs.replace(
            REPEATED, run=msgspec.structs.replace(REPEATED.run, changes=RunChanges(payload={"a": 1}))
        ),
    ],
)
def test_a_refusal_is_said_in_place_and_nothing_typed_is_lost(window: WindowUnderTest, detail: RunDetail) -> None:
    window.engine.answer(RerunRun, CommandRefused("agent order-processor does not exist any more"))
    page = show(window, detail)
    put_model(page, "openai/gpt-5-mini")
    page.run.click()
    assert "It was not run. agent order-processor does not exist any more" in page.error.text
    window.go("runs")
    window.parts.navigator.back()
    assert page.model.text == "openai/gpt-5-mini"


def test_a_run_that_is_not_kept_is_said_so(window: WindowUnderTest) -> None:
    window.engine.answer(GetRun, None)
    window.go("rerun/nobody-knows")
    page = window.main.page
    assert isinstance(page, RerunPage)
    assert "not in the run store" in page.error.text
    assert not page.run.isEnabled()


def test_publishing_to_production_is_asked_about_once_more(open_window: OpenWindow) -> None:
    settings = StudioSettings(name="orders", production=("staging",))
    window = open_window(make_snapshot(workspace=make_workspace(settings=settings)))
    page = show(window, FAILED)
    assert page.publish.text() == "Publish the result to order-results (results-out, PRODUCTION)"
    page.publish.click()
    page.run.click()
    assert "Publish to production? The result goes to order-results (staging)" in page.ask.text
    assert window.engine.asked(RerunRun) == []
    page.ask.press("Do not run")
    assert window.engine.asked(RerunRun) == []
    page.run.click()
    page.ask.press("Run and publish to production")
    assert window.engine.asked(RerunRun) == [RerunRun(FAILED.run.run_id, publish=True)]
