"""From an empty workspace to a running pipeline in three clicks."""

from pytestqt.qtbot import QtBot

from kafka_agent_studio.api.commands import EditFields, ReadFile, SaveFiles, SetOrderStream
from kafka_agent_studio.api.events import RunChange, RunsChanged, WorkspaceChanged
from kafka_agent_studio.gui.pages.overview import OverviewPage
from kafka_agent_studio.workspace.yaml_edit import edited_yaml
from tests.gui.conftest import OpenWindow
from tests.helpers.gui_scene import NOW_US, make_empty_snapshot, make_run, make_workspace
from tests.helpers.gui_window import WindowUnderTest


def _overview(window: WindowUnderTest) -> OverviewPage:
    page = window.main.page
    assert isinstance(page, OverviewPage)
    return page


def _open(open_window: OpenWindow, **fields: object) -> WindowUnderTest:
    window = open_window(make_empty_snapshot())
    window.engine.answer(EditFields, lambda command: edited_yaml(command.text, command.values))
    window.engine.answer(ReadFile, 'name: orders-in # ours\nagents: [""]\n')
    return window


def _becomes(window: WindowUnderTest, **fields: object) -> None:
    window.engine.say(WorkspaceChanged(NOW_US, make_workspace(**({"connections": {}, "files": {}} | fields)), ()))
    window.bridge.drain()


def test_three_clicks_lead_from_nothing_to_a_running_pipeline(open_window: OpenWindow) -> None:
    window = _open(open_window)
    steps = _overview(window).first_steps
    connection, connector, agent = steps.buttons
    assert [b.isEnabled() for b in steps.buttons] == [True, False, False]
    connection.click()
    assert window.engine.asked(SetOrderStream)[-1].rate_per_s > 0
    assert [step.is_done for step in steps.steps] == [True, False, False]
    connector.click()
    (saved,) = window.engine.asked(SaveFiles)
    assert "connection: sandbox" in saved.changes["connectors/orders-in.yaml"]
    inbound = make_workspace().connectors["orders-in"].model_copy(update={"connection": "sandbox", "agents": ()})
    _becomes(window, connectors={"orders-in": inbound}, agents={})
    agent.click()
    saved = window.engine.asked(SaveFiles)[-1]
    assert "sandbox/rehearsal" in saved.changes["agents/order-reader.yaml"]
    assert "order-reader" in saved.changes["connectors/orders-in.yaml"]
    assert "# ours" in saved.changes["connectors/orders-in.yaml"]
    assert "order-results" in saved.changes["connectors/results-out.yaml"]
    assert saved.expected["agents/order-reader.yaml"] is None


def test_the_steps_stay_until_the_first_run(open_window: OpenWindow) -> None:
    window = _open(open_window)
    page = _overview(window)
    _becomes(window)
    assert page.first_steps.isVisible()
    assert "first message" in page.first_steps.result.text()
    window.engine.say(RunsChanged(NOW_US, RunChange.FINISHED, (make_run(),)))
    window.bridge.drain()
    assert not page.first_steps.isVisible()
    assert page.runs.isVisible()


def test_an_agent_on_a_real_cluster_publishes_nothing_by_itself(open_window: OpenWindow) -> None:
    window = _open(open_window)
    _becomes(window, connectors={"orders-in": make_workspace().connectors["orders-in"]}, agents={})
    _overview(window).first_steps.buttons[2].click()
    assert "connectors/results-out.yaml" not in window.engine.asked(SaveFiles)[-1].changes
    assert window.engine.asked(SetOrderStream) == []


def test_the_steps_can_be_skipped_for_good(open_window: OpenWindow) -> None:
    window = _open(open_window)
    _overview(window).first_steps.skip.click()
    assert not _overview(window).first_steps.isVisible()
    window.main.close()
    again = open_window(make_empty_snapshot())
    assert not _overview(again).first_steps.isVisible()


def test_a_step_by_hand_leads_to_its_form(open_window: OpenWindow) -> None:
    window = _open(open_window)
    _overview(window).first_steps.steps[0].own.click()
    assert window.parts.navigator.current.startswith("connections")


def test_the_three_steps_need_no_scroll_bar_in_a_window_that_has_room_for_them(
    open_window: OpenWindow, qtbot: QtBot
) -> None:
    window = _open(open_window)
    steps = _overview(window).first_steps
    lowest = steps.skip.mapTo(steps, steps.skip.rect().bottomLeft()).y()
    assert lowest < steps.viewport().height()
    assert not steps.verticalScrollBar().isVisible()
    window.main.resize(800, 500)
    # What does not fit can still be reached.
    qtbot.waitUntil(steps.verticalScrollBar().isVisible)
    steps.verticalScrollBar().setValue(steps.verticalScrollBar().maximum())
    assert steps.skip.mapTo(steps.viewport(), steps.skip.rect().bottomLeft()).y() <= steps.viewport().height()
