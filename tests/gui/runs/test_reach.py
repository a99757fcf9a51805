"""The controls of these pages have names, and Tab reaches each."""

import pytest

from kafka_agent_studio.api.commands import GetRun, ListRuns
from kafka_agent_studio.api.queries import RunPage
from kafka_agent_studio.gui.pages.runs import RunsPage
from tests.gui.conftest import OpenWindow
from tests.gui.test_accessibility import reached_with_tab
from tests.helpers.gui_reruns import FAILED, REHEARSED, REPEATED
from tests.helpers.gui_window import WindowUnderTest
from tests.helpers.look_over import controls_of, name_of

PLACES = (
    f"run/{REHEARSED.run.run_id}",
    f"compare/{FAILED.run.run_id}/{REPEATED.run.run_id}",
    f"rerun/{FAILED.run.run_id}",
    "runs",
)


@pytest.mark.parametrize("place", PLACES)
def test_every_control_has_a_name_and_is_reached(open_window: OpenWindow, place: str) -> None:
    window = open_window()
    details = {d.run.run_id: d for d in (FAILED, REPEATED, REHEARSED)}
    window.engine.answer(GetRun, lambda command: details.get(command.run_id))
    window.engine.answer(ListRuns, RunPage(tuple(d.run for d in details.values()), None))
    window.go(place)
    if place == "runs":
        _select_all_and_ask(window)
    elif place.startswith("rerun"):
        page = window.main.page
        page.model.editor.setText("openai/gpt-5-mini")  # type: ignore[attr-defined]
    window.main.activateWindow()
    window.main.page.take_focus()
    controls = controls_of(window.main)
    assert [type(w).__name__ for w in controls if not name_of(w)] == []
    reached = reached_with_tab(window)
    assert [f"{type(w).__name__} '{name_of(w)}'" for w in controls if w not in reached and w.isVisible()] == []


def _select_all_and_ask(window: WindowUnderTest) -> None:
    page = window.main.page
    assert isinstance(page, RunsPage)
    page.line.set_text("agent:order-processor")
    page.table.selectAll()
    page.selection.again.click()
