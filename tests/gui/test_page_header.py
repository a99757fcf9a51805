"""Head and sides of a page: however small the window is, nothing is cut off, and what has no words says them."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QToolButton

from kafka_agent_studio.gui.pages.form_page import FormPage
from kafka_agent_studio.gui.pages.topics import TopicsPage
from kafka_agent_studio.gui.theme import HEADER_HEIGHT, SMALLEST_WINDOW
from tests.gui.conftest import OpenWindow
from tests.helpers.cluster_scene import answer_about_cluster
from tests.helpers.gui_scene import make_snapshot
from tests.helpers.gui_window import WindowUnderTest
from tests.helpers.look_over import cut_controls


@pytest.fixture
def topics(open_window: OpenWindow) -> tuple[WindowUnderTest, TopicsPage]:
    """A window at its topics, one of them open in the inspector."""
    window = open_window(make_snapshot())
    answer_about_cluster(window.engine)
    window.go("topics")
    page = window.main.page
    assert isinstance(page, TopicsPage)
    page.table.selectRow(3)
    QApplication.processEvents()
    return window, page


def make_wide(window: WindowUnderTest, width: int) -> None:
    window.main.resize(width, 800)
    for _ in range(3):
        QApplication.processEvents()


def test_beside_the_inspector_all_of_the_topics_page_is_on_one_line(topics: tuple[WindowUnderTest, TopicsPage]) -> None:
    window, page = topics
    assert window.main.inspector.isVisible()
    assert list(cut_controls(page.header)) == []
    assert page.header.height() == HEADER_HEIGHT
    assert page.new.text() == "New topic", "what is done most keeps its words longest"


def test_a_button_without_words_says_them_otherwise_and_gets_them_back(
    topics: tuple[WindowUnderTest, TopicsPage],
) -> None:
    window, page = topics
    assert (page.produce.text(), page.produce.toolTip(), page.produce.accessibleName()) == ("", "Produce", "Produce")
    make_wide(window, 1600)
    assert (page.produce.text(), page.produce.toolTip()) == ("Produce", "")


@pytest.mark.parametrize("place", ["topics", "connectors", "messages", "browse", "links", "log"])
def test_nothing_of_a_header_is_cut_off_however_narrow_its_page_is(open_window: OpenWindow, place: str) -> None:
    window = open_window(make_snapshot())
    answer_about_cluster(window.engine)
    window.go(place)
    for width in (1280, 900, 720):
        make_wide(window, width)
        assert list(cut_controls(window.main.page.header)) == []
    window.main.page.setFixedWidth(340)
    make_wide(window, 720)
    header = window.main.page.header
    assert header.width() == 340
    assert list(cut_controls(header)) == []
    window.main.page.setFixedWidth(1500)
    make_wide(window, 1600)
    assert header.height() == HEADER_HEIGHT


def test_in_a_low_window_the_rail_has_icons_without_words(window: WindowUnderTest) -> None:
    buttons = window.main.rail.findChildren(QToolButton)
    worded = Qt.ToolButtonStyle.ToolButtonTextUnderIcon
    for height, has_words in ((800, True), (480, False), (800, True)):
        window.main.resize(1280, height)
        QApplication.processEvents()
        assert {button.toolButtonStyle() is worded for button in buttons} == {has_words}
        assert all(button.height() >= button.minimumSizeHint().height() for button in buttons)


@pytest.mark.parametrize("place", ["connections?edit=staging", "connectors?edit=orders-in"])
def test_in_the_smallest_window_a_form_stands_beside_its_table(open_window: OpenWindow, place: str) -> None:
    window = open_window(make_snapshot())
    window.go(place)
    window.main.resize(*SMALLEST_WINDOW)
    for _ in range(3):
        QApplication.processEvents()
    assert list(cut_controls(window.main)) == []


def test_a_form_has_its_share_of_the_width_also_on_a_page_that_was_not_seen_yet(window: WindowUnderTest) -> None:
    sizes = []
    for _ in range(2):
        window.go("connectors?edit=orders-in")
        page = window.main.page
        assert isinstance(page, FormPage)
        QApplication.processEvents()
        sizes.append(page.split.sizes())
        page.form.close_form()
    assert sizes[0] == sizes[1]
