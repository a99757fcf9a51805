"""The switches for what stands in, in menu and strip, and the sample orders."""

from PySide6.QtWidgets import QPushButton

from kafka_agent_studio.api.commands import SetOrderStream, SetStandIns
from kafka_agent_studio.api.events import StandIns, StandInsChanged
from kafka_agent_studio.gui.window import Window
from kafka_agent_studio.model.model_call import REHEARSAL_MODEL
from kafka_agent_studio.model.workspace import StudioSettings
from tests.gui.around.conftest import OpenAround
from tests.helpers.gui_scene import NOW_US, make_snapshot, make_workspace


def _notice_button(window: Window) -> QPushButton:
    (made,) = [b for b in window.main.notices.findChildren(QPushButton) if b.isVisible()]
    return made


def test_a_switch_asks_and_changes_when_the_engine_says_so(open_around: OpenAround) -> None:
    window, engine = open_around()
    action = window.parts.actions.qt("engine.sandbox")
    action.trigger()
    assert engine.asked(SetStandIns) == [SetStandIns(sandbox=True)]
    assert not action.isChecked()
    assert "SANDBOX" not in window.main.strip.text
    engine.say(StandInsChanged(NOW_US, StandIns(sandbox=True, sandbox_address="127.0.0.1:4")))
    window.parts.bridge.drain()
    assert action.isChecked()
    assert "SANDBOX" in window.main.strip.text
    assert "127.0.0.1:4" in window.main.strip.sandbox.toolTip()


def test_the_strip_is_a_switch_too(open_around: OpenAround) -> None:
    window, engine = open_around(make_snapshot(stand_ins=StandIns(rehearse=True)))
    window.main.strip.rehearsal.click()
    assert engine.asked(SetStandIns) == [SetStandIns(rehearse=False)]
    assert window.main.strip.rehearsal.is_on


def test_an_agent_that_asks_for_the_rehearsal_model_by_name_is_said_too(open_around: OpenAround) -> None:
    workspace = make_workspace()
    processor = workspace.agents["order-processor"].model_copy(update={"model": REHEARSAL_MODEL})
    agents = {**workspace.agents, "order-processor": processor}
    window, _ = open_around(make_snapshot(workspace=make_workspace(agents=agents)))
    strip = window.main.strip
    assert strip.rehearsal.is_on
    assert "REHEARSAL" in strip.text
    assert "answers for order-processor, as written" in strip.rehearsal.toolTip()


def test_going_back_to_production_is_asked_once_more(open_around: OpenAround) -> None:
    workspace = make_workspace(settings=StudioSettings(name="orders", production=("staging",)))
    window, engine = open_around(make_snapshot(workspace=workspace, stand_ins=StandIns(sandbox=True)))
    window.main.strip.sandbox.click()
    assert engine.asked(SetStandIns) == []
    assert "orders-in" in window.main.notices.text
    assert "production" in window.main.notices.text
    _notice_button(window).click()
    assert engine.asked(SetStandIns) == [SetStandIns(sandbox=False)]
    assert not window.main.notices.isVisible()


def test_sample_orders_can_be_stopped_where_they_were_started(open_around: OpenAround) -> None:
    window, engine = open_around()
    window.parts.actions.qt("engine.start_orders").trigger()
    assert "sample orders a second" in window.main.notices.text
    _notice_button(window).click()
    assert [command.rate_per_s for command in engine.asked(SetOrderStream)] == [5.0, 0.0]


def test_whoever_only_looks_on_has_no_switches(open_around: OpenAround) -> None:
    window, _ = open_around(make_snapshot(read_only="another engine runs here"))
    assert not window.main.strip.sandbox.isVisible()
    assert not window.parts.actions.qt("engine.rehearse").isEnabled()
