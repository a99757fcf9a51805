"""Looking into a topic as a person does: choose, read, stop, and see what was read and what was found."""

import itertools

import msgspec
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kafka_agent_studio.api.browse import (
    BrowseProgress,
    BrowseReport,
    BrowseTopic,
    CancelJob,
    EndedBy,
    FromGroup,
    FromOffset,
    FromTime,
    Newest,
    Oldest,
    PauseJob,
    ScannedRange,
    Start,
)
from kafka_agent_studio.api.cluster_commands import ListTopics, TopicSummary
from kafka_agent_studio.api.events import BrowseProgressed
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.gui.browse.scan_bar import ScanMistakeError, start_of
from kafka_agent_studio.gui.pages.browse import BrowsePage
from tests.gui.conftest import OpenWindow
from tests.helpers.gui_scene import NOW_US, make_record
from tests.helpers.gui_window import WindowUnderTest

PROGRESS = BrowseProgress(scanned=4000, matched=2, delivered=2, ranges=(ScannedRange(0, 0, 4000, 0, 4000),))


@pytest.fixture
def page(open_window: OpenWindow) -> tuple[WindowUnderTest, BrowsePage]:
    window = open_window()
    window.engine.answer(ListTopics, (TopicSummary("orders", 3, 1), TopicSummary("results", 3, 1)))
    window.go("browse")
    shown = window.main.page
    assert isinstance(shown, BrowsePage)
    return window, shown


def test_topics_are_offered_and_reading_shows_what_was_found(page: tuple[WindowUnderTest, BrowsePage]) -> None:
    window, browse = page
    assert [browse.bar.topic.itemText(n) for n in range(browse.bar.topic.count())] == ["orders", "results"]

    def read(command: BrowseTopic) -> BrowseReport:
        # the reply overtakes the events, which wait for the bridge's next turn
        window.engine.say(BrowseProgressed(NOW_US, command.job_id, (make_record(1), make_record(2)), PROGRESS))
        return BrowseReport(EndedBy.END, PROGRESS)

    window.engine.answer(BrowseTopic, read)
    browse.bar.go.click()
    window.bridge.drain()
    (asked,) = window.engine.asked(BrowseTopic)
    assert (asked.scan.topic, asked.scan.start, asked.follow) == ("orders", Newest(), False)
    assert browse.table.model().rowCount() == 2
    assert "read 4,000 · 2 shown" in browse.bar.progress.text()
    assert browse.bar.go.text() == "Read"


def test_pausing_pauses_the_reading_and_says_how_far_it_is(page: tuple[WindowUnderTest, BrowsePage]) -> None:
    window, browse = page
    assert not browse.pause.isEnabled()
    remarks = []

    def say(command: BrowseTopic, *offsets: int, is_paused: bool) -> None:
        progress = msgspec.structs.replace(PROGRESS, is_paused=is_paused)
        records = tuple(make_record(offset) for offset in offsets)
        window.engine.say(BrowseProgressed(NOW_US, command.job_id, records, progress))
        window.bridge.drain()
        remarks.append((browse.bar.progress.text().partition(" · ")[0], browse.pause.text(), browse.pause.isChecked()))

    def read(command: BrowseTopic) -> BrowseReport:
        assert browse.pause.isEnabled()
        say(command, 1, is_paused=False)
        browse.pause.click()
        # what was on its way already is shown
        say(command, 2, is_paused=True)
        assert browse.table.model().rowCount() == 2
        assert browse.bar.go.text() == "Stop"
        browse.pause.click()
        say(command, 3, is_paused=False)
        return BrowseReport(EndedBy.END, PROGRESS)

    window.engine.answer(BrowseTopic, read)
    browse.bar.go.click()
    (job_id,) = [command.job_id for command in window.engine.asked(BrowseTopic)]
    assert window.engine.asked(PauseJob) == [PauseJob(job_id, is_paused=True), PauseJob(job_id, is_paused=False)]
    assert remarks == [("read 4,000", "Pause", False), ("‖ paused", "Paused", True), ("read 4,000", "Pause", False)]
    assert browse.table.model().rowCount() == 3
    assert not browse.pause.isEnabled()


def test_at_900_wide_nothing_of_the_bar_lies_over_another(page: tuple[WindowUnderTest, BrowsePage]) -> None:
    window, browse = page
    progress = BrowseProgress(
        scanned=12_345_678, delivered=10_000, left_out=1_234_567, unreadable=12, ranges=PROGRESS.ranges, is_paused=True
    )

    def read(command: BrowseTopic) -> BrowseReport:
        window.engine.say(BrowseProgressed(NOW_US, command.job_id, (), progress))
        window.bridge.drain()
        window.main.resize(900, 800)
        QApplication.processEvents()
        return BrowseReport(EndedBy.END, progress)

    window.engine.answer(BrowseTopic, read)
    browse.bar.go.click()
    bar = browse.bar
    row = (bar.connection, bar.topic, bar.start, bar.value, bar.stop_after, bar.go)
    below = (bar.follow, bar.progress, browse.ranges.toggle)
    for shown in (row, below):
        for left, right in itertools.pairwise(shown):
            assert left.geometry().right() < right.geometry().left()
        assert shown[-1].geometry().right() <= bar.width()
    assert window.main.width() == 900
    assert bar.height() < 150
    assert bar.progress.height() >= bar.progress.heightForWidth(bar.progress.width())


def test_stopping_what_is_paused_leaves_nothing_pressed(page: tuple[WindowUnderTest, BrowsePage]) -> None:
    window, browse = page
    paused = msgspec.structs.replace(PROGRESS, is_paused=True)

    def read(command: BrowseTopic) -> BrowseReport:
        browse.pause.click()
        window.engine.say(BrowseProgressed(NOW_US, command.job_id, (), paused))
        window.bridge.drain()
        browse.bar.go.click()
        return BrowseReport(EndedBy.CANCELLED, PROGRESS)

    window.engine.answer(BrowseTopic, read)
    browse.bar.go.click()
    assert len(window.engine.asked(CancelJob)) == 1
    assert (browse.pause.text(), browse.pause.isChecked(), browse.pause.isEnabled()) == ("Pause", False, False)
    assert browse.bar.progress.text().startswith("read 4,000")
    assert browse.bar.progress.text().endswith("stopped")


def test_a_topic_that_is_gone_after_a_pause_is_said_beside_what_was_read(
    page: tuple[WindowUnderTest, BrowsePage],
) -> None:
    window, browse = page

    def read(command: BrowseTopic) -> BrowseReport:
        paused = msgspec.structs.replace(PROGRESS, is_paused=True)
        window.engine.say(BrowseProgressed(NOW_US, command.job_id, (make_record(1),), paused))
        window.bridge.drain()
        raise CommandRefused("orders was deleted while reading was paused.")

    window.engine.answer(BrowseTopic, read)
    browse.bar.go.click()
    assert browse.bar.mistake.text() == "orders was deleted while reading was paused."
    assert browse.bar.progress.text() == "read 4,000 · 2 shown · of 4,000 in the topic · ended early"
    assert (browse.pause.text(), browse.table.model().rowCount()) == ("Pause", 1)


def test_a_refusal_is_said_under_the_row(page: tuple[WindowUnderTest, BrowsePage]) -> None:
    window, browse = page
    window.engine.answer(BrowseTopic, CommandRefused("topic orders does not exist"))
    browse.bar.go.click()
    assert browse.bar.mistake.text() == "topic orders does not exist"
    assert browse.bar.mistake.isVisible()


def test_following_can_be_stopped(page: tuple[WindowUnderTest, BrowsePage], qtbot: QtBot) -> None:
    window, browse = page
    browse.bar.start.setCurrentText("what arrives now")
    assert browse.bar.follow.isChecked()
    job: list[str] = []

    def read(command: BrowseTopic) -> BrowseReport:
        job.append(command.job_id)
        assert browse.bar.go.text() == "Stop"
        browse.bar.go.click()
        return BrowseReport(EndedBy.CANCELLED, PROGRESS)

    window.engine.answer(BrowseTopic, read)
    browse.bar.go.click()
    assert [c.job_id for c in window.engine.asked(CancelJob)] == job
    assert "stopped" in browse.bar.progress.text()


@pytest.mark.parametrize(
    ("kind", "text", "start"),
    [
        ("newest", "", Newest()),
        ("newest", "500", Newest(500)),
        ("oldest", "", Oldest()),
        ("an offset", "30000000000", FromOffset(30_000_000_000)),
        ("a time", "1705312800000", FromTime(1_705_312_800_000)),
        ("a time", "2024-01-15T10:00:00+00:00", FromTime(1_705_312_800_000)),
        ("a group's position", "order-processors", FromGroup("order-processors")),
    ],
)
def test_where_reading_begins(kind: str, text: str, start: Start) -> None:
    assert start_of(kind, text) == start


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("an offset", "ten", "An offset is a number, not 'ten'"),
        ("a time", "yesterday", "is no time"),
        ("a group's position", " ", "Name the consumer group"),
    ],
)
def test_what_cannot_be_read_is_said(kind: str, text: str, words: str) -> None:
    with pytest.raises(ScanMistakeError, match=words):
        start_of(kind, text)
