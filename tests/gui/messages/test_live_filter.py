"""What arrives is filtered by the engine: old messages and new ones, a mistake said, another filter overtaking."""

import pytest

from kafka_agent_studio.api.browse import MatchRecords
from kafka_agent_studio.api.events import MessagesReceived
from kafka_agent_studio.gui.pages.messages import MessagesPage
from tests.gui.conftest import OpenWindow
from tests.helpers.gui_scene import NOW_US, make_record
from tests.helpers.gui_window import WindowUnderTest, let_messages_arrive


@pytest.fixture
def page(open_window: OpenWindow) -> tuple[WindowUnderTest, MessagesPage]:
    window = open_window()
    let_messages_arrive(window, 4)
    window.go("messages")
    shown = window.main.page
    assert isinstance(shown, MessagesPage)
    return window, shown


def offsets(page: MessagesPage) -> list[int]:
    return [page.table.row_at(row).record.offset for row in range(page.table.model().rowCount())]


def test_what_arrives_later_is_filtered_too(page: tuple[WindowUnderTest, MessagesPage]) -> None:
    window, messages = page
    messages.line.set_text("offset >= 1600")
    assert offsets(messages) == [1600]
    window.engine.say(MessagesReceived(NOW_US, "orders-in", (make_record(1601), make_record(1500))))
    window.bridge.drain()
    assert offsets(messages) == [1601, 1600]
    messages.line.set_text("")
    assert len(offsets(messages)) == 6


def test_many_are_looked_at_in_parts_newest_first_and_the_page_says_how_far(
    page: tuple[WindowUnderTest, MessagesPage],
) -> None:
    window, messages = page
    records = tuple(make_record(2_000 + n) for n in range(2_500))
    window.engine.say(MessagesReceived(NOW_US, "orders-in", records))
    while any(s.waiting for s in window.engine.subscriptions) or window.bridge._waiting:
        window.bridge.drain()
    seen: list[str] = []
    messages._live.looked_changed.connect(lambda: seen.append(messages.header.remark))
    messages.line.set_text("partition == 2")
    sizes = [len(asked.records) for asked in window.engine.asked(MatchRecords)]
    assert sizes == [1_000, 1_000, 504]
    assert window.engine.asked(MatchRecords)[0].records[-1].offset == 4_499
    assert "looked at 1,000 of 2,504" in seen[0]
    assert "looked at" not in messages.header.remark


def test_a_mistake_is_said_and_what_arrives_is_shown(page: tuple[WindowUnderTest, MessagesPage]) -> None:
    window, messages = page
    messages.line.set_text("offset >")
    assert messages.line.chips.mistake.text().startswith("▲")
    window.engine.say(MessagesReceived(NOW_US, "orders-in", (make_record(1601),)))
    window.bridge.drain()
    assert offsets(messages)[0] == 1601
    messages.line.set_text("")
    assert messages.line.chips.isHidden()


def test_a_filter_is_saved_offered_and_forgotten(page: tuple[WindowUnderTest, MessagesPage]) -> None:
    _window, messages = page
    messages.line.set_text("partition == 2")
    messages.line.chips.save.click()
    messages.line.set_text("")
    menu = messages.line.make_menu()
    (saved,) = [action for action in menu.actions() if action.text() == "partition == 2"]
    saved.trigger()
    assert messages.line.text == "partition == 2"
    assert messages.line.chips.save.isHidden()
