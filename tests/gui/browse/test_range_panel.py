"""What was read of each partition, in its visible place: opened with one key, followed while reading goes on."""

import json
from collections.abc import Callable

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QWidget

from kafka_agent_studio.api.browse import BrowseProgress, BrowseReport, BrowseTopic, EndedBy, ScannedRange
from kafka_agent_studio.api.cluster_commands import ListTopics, TopicSummary
from kafka_agent_studio.api.events import BrowseProgressed
from kafka_agent_studio.gui.browse.range_panel import share_words
from kafka_agent_studio.gui.pages.browse import BrowsePage
from kafka_agent_studio.gui.theme import ROW_HEIGHT
from tests.gui.conftest import OpenWindow
from tests.helpers.gui_scene import NOW_US
from tests.helpers.gui_window import WindowUnderTest

Shown = tuple[WindowUnderTest, BrowsePage]
RANGES = (ScannedRange(0, 1_204, 3_180, 900, 4_012, 1_976), ScannedRange(1, 0, 0, 0, 0), ScannedRange(2, 7, 7, 0, 9))


@pytest.fixture
def page(open_window: OpenWindow) -> Shown:
    window = open_window()
    window.engine.answer(ListTopics, (TopicSummary("orders", 3, 1),))
    window.go("browse")
    shown = window.main.page
    assert isinstance(shown, BrowsePage)
    return window, shown


def read(page: Shown, *told: tuple[ScannedRange, ...], then: Callable[[], None] = lambda: None) -> None:
    """Read a topic that tells of these ranges, one after the other."""
    window, browse = page

    def answer(command: BrowseTopic) -> BrowseReport:
        progress = BrowseProgress()
        for ranges in told:
            progress = BrowseProgress(scanned=1, ranges=ranges)
            window.engine.say(BrowseProgressed(NOW_US, command.job_id, (), progress))
            window.bridge.drain()
            then()
        return BrowseReport(EndedBy.END, progress)

    window.engine.answer(BrowseTopic, answer)
    browse.bar.go.click()


def cells(browse: BrowsePage, row: int) -> list[str]:
    model = browse.ranges.table.model()
    shown = [n for n in range(model.columnCount()) if not browse.ranges.table.isColumnHidden(n)]
    return [str(model.index(row, column).data()) for column in shown]


def _focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def test_one_click_opens_what_was_read_of_each_partition(page: Shown) -> None:
    _, browse = page
    assert not browse.ranges.toggle.isVisible()
    read(page, RANGES)
    assert browse.ranges.toggle.text() == "3 partitions"
    assert not browse.ranges.isVisible()
    browse.ranges.toggle.click()
    assert browse.ranges.isVisible()
    QApplication.processEvents()
    assert browse.ranges.table.viewport().height() >= 3 * ROW_HEIGHT
    assert cells(browse, 0) == ["0", "1,204", "3,179", "4,012", "1,976", "63%"]
    assert cells(browse, 1) == ["1", "–", "–", "0", "0", "empty"]
    assert cells(browse, 2) == ["2", "–", "–", "9", "0", "0%"]


def test_it_follows_the_reading_row_by_row_for_hundreds(page: Shown) -> None:
    _, browse = page
    browse.ranges.toggle.setChecked(True)
    first = tuple(ScannedRange(p, 0, 0, 0, 12_000_000) for p in range(500))
    second = tuple(msgspec.structs.replace(r, next=r.partition + 1, scanned=r.partition + 1) for r in first)
    third = (*second[:499], msgspec.structs.replace(second[499], next=12_000_000, scanned=11_999_999))
    seen: list[str] = []
    spies: list[tuple[QSignalSpy, QSignalSpy]] = []

    def look() -> None:
        model = browse.ranges.table.model()
        seen.append(" ".join(cells(browse, 499)))
        spies.append((QSignalSpy(model.modelReset), QSignalSpy(model.dataChanged)))

    read(page, first, second, third, then=look)
    assert seen == [
        "499 – – 12,000,000 0 0%",
        "499 0 499 12,000,000 500 <1%",
        "499 0 11,999,999 12,000,000 11,999,999 100%",
    ]
    resets, changes = spies[1]
    # whoever reads in the table stays where he is, and only the row that moved is painted
    assert resets.count() == 0
    assert [(change[0].row(), change[1].row()) for change in map(changes.at, range(changes.count()))] == [(499, 499)]
    QApplication.processEvents()
    assert 6 * ROW_HEIGHT <= browse.ranges.table.height() <= browse.ranges.height() < 8 * ROW_HEIGHT


def test_it_is_reached_and_read_without_a_mouse(page: Shown) -> None:
    window, browse = page
    read(page, RANGES)
    toggle = browse.ranges.toggle
    assert toggle.accessibleName() == "3 partitions, show what was read of each"
    browse.bar.go.setFocus()
    for _ in range(4):
        if toggle.hasFocus():
            break
        QTest.keyClick(_focused(), Qt.Key.Key_Tab)
    assert toggle.hasFocus()
    QTest.keyClick(toggle, Qt.Key.Key_Space)
    assert toggle.accessibleName() == "3 partitions, hide what was read of each"
    QTest.keyClick(toggle, Qt.Key.Key_Tab)
    table = browse.ranges.table
    assert table.hasFocus()
    spoken = QAccessible.queryAccessibleInterface(table)
    assert spoken.text(QAccessible.Text.Name) == "What was read of each partition"
    assert spoken.role() == QAccessible.Role.Table
    table.selectRow(0)
    table.copy_as_json()
    copied = json.loads(QGuiApplication.clipboard().text())
    assert (copied["from"], copied["to"], copied["end"], copied["messages"]) == (1204, 3179, 4012, 1976)
    assert window.main.page is browse


def test_that_it_is_open_is_remembered_and_another_topic_begins_empty(open_window: OpenWindow, page: Shown) -> None:
    _, browse = page
    read(page, RANGES)
    browse.ranges.toggle.click()
    read(page, RANGES[:1])
    assert browse.ranges.toggle.text() == "1 partition"
    assert browse.ranges.table.model().rowCount() == 1
    other = open_window()
    other.engine.answer(ListTopics, ())
    other.go("browse")
    again = other.main.page
    assert isinstance(again, BrowsePage)
    assert again.ranges.toggle.isChecked()
    assert not again.ranges.isVisible()


@pytest.mark.parametrize(
    ("read_range", "words"),
    [
        (ScannedRange(0, 0, 4_000, 0, 4_000), "100%"),
        (ScannedRange(0, 0, 3_999_999, 0, 4_000_000), "99%"),
        (ScannedRange(0, 0, 1, 0, 4_000_000), "<1%"),
        (ScannedRange(0, 5, 5, 0, 10), "0%"),
        (ScannedRange(0, 8, 10, 0, 10), "20%"),
        (ScannedRange(0, 10, 10, 10, 10), "empty"),
    ],
)
def test_all_is_said_when_it_is_all(read_range: ScannedRange, words: str) -> None:
    assert share_words(read_range) == words
