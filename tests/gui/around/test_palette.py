"""The palette finds actions and places; the sheet shows every shortcut."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from kafka_agent_studio.api.commands import ListRuns
from kafka_agent_studio.gui.dialogs.command_palette import CommandPalette
from kafka_agent_studio.gui.dialogs.shortcut_sheet import ShortcutSheet
from kafka_agent_studio.gui.window import Window
from tests.gui.around.conftest import OpenAround


def _palette(window: Window) -> CommandPalette:
    window.parts.actions.qt("help.palette").trigger()
    (palette,) = window.main.findChildren(CommandPalette)
    return palette


def test_a_connector_is_found_by_name_topic_and_first_of_all(open_around: OpenAround) -> None:
    window, _ = open_around()
    palette = _palette(window)
    QTest.keyClicks(palette.field, "orders-in")
    assert palette.lines[0] == "Connector: orders-in"
    palette.field.clear()
    QTest.keyClicks(palette.field, "order-results")
    assert "Connector: results-out" in palette.lines
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert window.parts.navigator.current == "connector/results-out"
    assert not palette.isVisible()


def test_agents_and_connections_are_places_too(open_around: OpenAround) -> None:
    window, _ = open_around()
    palette = _palette(window)
    QTest.keyClicks(palette.field, "order-tagger")
    assert palette.lines == ["Agent: order-tagger"]
    palette.field.clear()
    QTest.keyClicks(palette.field, "kafka-2")
    assert palette.lines == ["Connection: staging"]


def test_runs_are_searched_for_in_the_engine(open_around: OpenAround) -> None:
    window, engine = open_around()
    palette = _palette(window)
    QTest.keyClicks(palette.field, "sprocket")
    palette.search_runs()
    assert engine.asked(ListRuns)[-1].query.text == "sprocket"
    assert palette.lines
    assert all(line.startswith("Run: order-processor") for line in palette.lines)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert window.parts.navigator.current.startswith("run/")


def test_two_letters_search_no_runs(open_around: OpenAround) -> None:
    window, engine = open_around()
    palette = _palette(window)
    before = len(engine.asked(ListRuns))
    QTest.keyClicks(palette.field, "sp")
    palette.search_runs()
    assert len(engine.asked(ListRuns)) == before


def test_the_palette_marks_what_is_switched_on(open_around: OpenAround) -> None:
    window, _ = open_around()
    window.parts.actions.qt("view.theme_dark").trigger()
    palette = _palette(window)
    QTest.keyClicks(palette.field, "theme")
    assert [line for line in palette.lines if "✓" in line] == ["View: Dark theme  ✓"]
    window.parts.actions.qt("view.theme_light").trigger()


def test_the_sheet_shows_every_shortcut(open_around: OpenAround) -> None:
    window, _ = open_around()
    window.parts.actions.qt("help.shortcuts").trigger()
    (sheet,) = window.main.findChildren(ShortcutSheet)
    assert sheet.isVisible()
    shown = {text for lines in sheet.sections.values() for _, text in lines}
    assert {entry.text for entry in window.parts.actions if entry.shortcut} <= shown


def test_where_nothing_fits_it_says_so(open_around: OpenAround) -> None:
    window, _ = open_around()
    palette = _palette(window)
    assert palette.nothing.isHidden()
    QTest.keyClicks(palette.field, "zeppelin")
    assert palette.lines == []
    assert palette.nothing.isVisible()
    assert palette.nothing.text() == "No action, place or run fits “zeppelin”."
    palette.field.clear()
    assert palette.nothing.isHidden()


def test_pages_that_are_not_on_the_rail_are_found_by_what_they_do(open_around: OpenAround) -> None:
    window, _ = open_around()
    palette = _palette(window)
    for typed, line in (("browse", "Browse a topic"), ("page login", "Connections"), ("lag", "Consumer groups")):
        palette.field.clear()
        QTest.keyClicks(palette.field, typed)
        assert palette.lines == [f"Go: {line}"]
