"""The overview's charts: what they show, how far back, in words, and under the mouse."""

import importlib
import threading

import msgspec
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kafka_agent_studio.api.events import FiguresUpdated
from kafka_agent_studio.api.trends import TrendPoint
from kafka_agent_studio.gui.overview.chart_board import ChartBoard
from kafka_agent_studio.gui.overview.chart_series import RANGES
from kafka_agent_studio.gui.pages.overview import OverviewPage
from tests.gui.conftest import OpenWindow
from tests.helpers.gui_scene import NOW_US, make_snapshot
from tests.helpers.gui_window import WindowUnderTest
from tests.helpers.look_over import cut_off
from tests.helpers.trend_scene import make_trends

Shown = tuple[WindowUnderTest, ChartBoard]


@pytest.fixture
def shown(open_window: OpenWindow) -> Shown:
    window = open_window(msgspec.structs.replace(make_snapshot(), trends=make_trends()))
    page = window.main.page
    assert isinstance(page, OverviewPage)
    return window, page.charts


def titles(board: ChartBoard) -> list[str]:
    return [card.accessibleName().split(" over ")[0] for card in board.cards]


def test_a_window_begins_with_the_past_and_goes_on_with_what_happens(shown: Shown) -> None:
    window, board = shown
    assert titles(board) == ["Throughput", "Failures per minute", "Latency in ms", "Backlog", "Tokens"]
    point = TrendPoint(
        1, NOW_US // 1_000_000 + 1, messages=77, failed=3, dead_letters=2, in_flight=5, lag=9, p50_ms=4.2
    )
    window.engine.say(FiguresUpdated(NOW_US, (), (point,)))
    window.bridge.drain()
    throughput, failures, latency, backlog, tokens = board.cards
    assert throughput.words == "messages 77/s"
    assert failures.words == "failed 180  dead letters 120"
    assert latency.words == "p50 4.2"
    assert backlog.words == "lag 9  in flight 5"
    assert tokens.words == "per minute 0"


def test_each_chart_says_its_figures_to_who_cannot_see_it(shown: Shown) -> None:
    _window, board = shown
    words = board.cards[0].accessibleName()
    assert words.startswith("Throughput over 5 minutes: messages ")
    assert "at most 1," in words
    assert board.cards[1].accessibleName() == (
        "Failures per minute over 5 minutes: failed 0 now, at most 840; dead letters 0 now, at most 540"
    )


def test_a_longer_range_shows_longer_steps_and_is_remembered(shown: Shown) -> None:
    window, board = shown
    minutes = tuple(
        TrendPoint(10, NOW_US // 1_000_000 - 10 * n, messages=20, dead_letters=1) for n in range(60, -1, -1)
    )
    window.engine.say(FiguresUpdated(NOW_US, (), minutes))
    window.bridge.drain()
    board.choose(RANGES[1])
    assert board.cards[0].words == "messages 2.0/s"
    assert board.cards[1].words == "failed 0  dead letters 6"
    assert "over 1 hour" in board.cards[0].accessibleName()
    assert ChartBoard(parts=window.parts).span is RANGES[1]


@pytest.mark.parametrize(("width", "rows"), [(1280, [5]), (900, [3, 2]), (720, [3, 2])])
def test_in_a_narrow_window_charts_take_more_rows_and_no_heading_is_cut(
    shown: Shown, width: int, rows: list[int]
) -> None:
    window, board = shown
    window.main.resize(width, 800)
    QApplication.processEvents()
    tops = [card.y() for card in board.cards]
    assert [tops.count(top) for top in sorted(set(tops))] == rows
    assert list(cut_off(board)) == []
    widths = [card.width() for card in board.cards]
    assert max(widths) - min(widths) <= 1


def test_the_lines_are_drawn_and_the_mouse_asks_for_a_moment(shown: Shown, qtbot: QtBot) -> None:
    _window, board = shown
    board.draw()
    qtbot.waitUntil(lambda: board.is_drawn)
    card = board.cards[3]
    plot = card._plot
    from kafka_agent_studio.gui.overview.plot import Plot

    assert isinstance(plot, Plot)
    lag, in_flight = plot._lines
    assert len(lag.xData) == 300
    assert max(lag.yData) > 700
    assert max(in_flight.yData) < 100
    now = card.words
    qtbot.waitUntil(lambda: plot.view.width() > 100)
    view = plot.view.getPlotItem().vb
    stutter_s = NOW_US // 1_000_000 - 120
    plot._on_mouse(view.mapViewToScene(QPointF(stutter_s, 10)))
    assert card.words != now
    assert card.words.startswith("lag 7")
    assert card.toolTip()
    plot.leave()
    assert card.words == now


async def test_what_draws_is_loaded_and_what_of_it_is_of_qt_on_the_windows_thread_alone(
    shown: Shown, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: dict[str, bool] = {}

    def load(name: str) -> None:
        loaded[name] = threading.current_thread() is threading.main_thread()

    monkeypatch.setattr(importlib, "import_module", load)
    _window, board = shown
    await board.load()
    monkeypatch.undo()
    assert loaded == {"numpy": False, "pyqtgraph": True}
    qtbot.waitUntil(lambda: board.is_drawn)
    assert all(card._plot is not None for card in board.cards)


def test_times_under_a_chart_have_room(shown: Shown, qtbot: QtBot) -> None:
    _window, board = shown
    board.draw()
    qtbot.waitUntil(lambda: board.is_drawn)
    plot = board.cards[0]._plot
    assert plot is not None
    axis = plot.view.getAxis("bottom")
    for span in RANGES:
        for width in (110, 150, 260, 900):
            ((spacing, _),) = axis.tickSpacing(0, span.span_s, width)
            assert 1 <= span.span_s / spacing <= 5
            assert spacing / span.span_s * width >= 36 or span.span_s / spacing < 2
