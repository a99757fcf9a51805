"""The item models, each held to Qt's own rules, and what a live table promises."""

import gc

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from kafka_agent_studio.api.events import Logged
from kafka_agent_studio.gui.engine_view import EngineView
from kafka_agent_studio.gui.models.columns import Column
from kafka_agent_studio.gui.models.connector_table import ConnectorTableModel
from kafka_agent_studio.gui.models.json_tree import JsonTreeModel
from kafka_agent_studio.gui.models.live_table import LiveTableModel
from kafka_agent_studio.gui.models.log_table import LogTableModel
from kafka_agent_studio.gui.models.message_table import MessageTableModel, ReceivedMessage
from kafka_agent_studio.gui.models.run_table import RunTableModel
from kafka_agent_studio.gui.models.span_tree import SpanTreeModel
from kafka_agent_studio.gui.theme import Theme
from kafka_agent_studio.model.run import RunStatus, Span, SpanKind
from tests.helpers.gui_scene import NOW_US, make_detail, make_record, make_run, make_snapshot

STRICT = QAbstractItemModelTester.FailureReportingMode.Fatal


def _messages(first: int, count: int) -> list[ReceivedMessage]:
    return [ReceivedMessage("orders-in", make_record(first + at), NOW_US) for at in range(count)]


def _offsets(model: MessageTableModel) -> list[int]:
    return [model.row(row).record.offset for row in range(model.rowCount())]


def test_messages_arrive_on_top_and_the_oldest_beyond_the_cap_go(theme: Theme) -> None:
    model = MessageTableModel(theme=theme, cap=10)
    QAbstractItemModelTester(model, STRICT)
    model.upsert(_messages(0, 8))
    model.upsert(_messages(8, 5))
    assert _offsets(model) == list(range(12, 2, -1))
    assert (model.kept, model.seen) == (10, 13)


def test_a_filter_hides_and_forgets_nothing(theme: Theme) -> None:
    model = MessageTableModel(theme=theme)
    QAbstractItemModelTester(model, STRICT)
    model.upsert(_messages(0, 6))
    model.set_filter(lambda m: m.record.offset % 2 == 0)
    model.upsert(_messages(6, 3))
    assert _offsets(model) == [8, 6, 4, 2, 0]
    model.set_filter(None)
    assert _offsets(model) == [8, 7, 6, 5, 4, 3, 2, 1, 0]


def test_only_rows_of_wanted_keys_are_shown_also_of_those_that_come_later(theme: Theme) -> None:
    model = MessageTableModel(theme=theme, cap=8)
    QAbstractItemModelTester(model, STRICT)
    model.upsert(_messages(0, 6))
    wanted = {message.key for message in _messages(0, 20) if message.record.offset % 2 == 0}
    model.show_only(wanted)
    assert _offsets(model) == [4, 2, 0]
    model.upsert(_messages(6, 4))
    assert _offsets(model) == [8, 6, 4, 2]
    model.set_filter(None)
    assert _offsets(model) == list(range(9, 1, -1))


def test_held_rows_wait_and_are_counted(theme: Theme) -> None:
    model = MessageTableModel(theme=theme)
    QAbstractItemModelTester(model, STRICT)
    model.upsert(_messages(0, 3))
    model.hold(True)
    model.upsert(_messages(3, 128))
    assert (model.rowCount(), model.held) == (3, 128)
    model.hold(False)
    assert (model.rowCount(), model.held) == (131, 0)
    assert _offsets(model)[0] == 130


def test_held_rows_that_fall_out_of_the_cap_are_not_shown(theme: Theme) -> None:
    model = MessageTableModel(theme=theme, cap=5)
    QAbstractItemModelTester(model, STRICT)
    model.hold(True)
    model.upsert(_messages(0, 4))
    model.upsert(_messages(4, 4))
    model.hold(False)
    assert _offsets(model) == [7, 6, 5, 4, 3]


def test_a_sorted_table_sorts_what_comes_later_too(theme: Theme) -> None:
    model = MessageTableModel(theme=theme, cap=6)
    QAbstractItemModelTester(model, STRICT)
    model.upsert(_messages(3, 3))
    offset = next(n for n, column in enumerate(model.columns) if column.key == "offset")
    model.sort(offset, Qt.SortOrder.AscendingOrder)
    model.upsert(_messages(0, 3))
    model.upsert(_messages(6, 2))
    model.sort(offset, Qt.SortOrder.AscendingOrder)
    assert _offsets(model) == sorted(_offsets(model))
    assert model.rowCount() == 6
    model.sort(-1)
    assert _offsets(model) == [7, 6, 2, 1, 0, 5]


def test_offsets_and_timestamps_keep_64_bits(theme: Theme) -> None:
    model = MessageTableModel(theme=theme)
    record = make_record(2**62 + 1)
    model.upsert([ReceivedMessage("orders-in", record, NOW_US)])
    texts = [model.index(0, column).data() for column in range(model.columnCount())]
    assert str(2**62 + 1) in texts


def test_a_run_is_updated_in_place(theme: Theme) -> None:
    model = RunTableModel(theme=theme)
    QAbstractItemModelTester(model, STRICT)
    model.upsert([make_run(at, status=RunStatus.RUNNING) for at in range(3)])
    changed: list[int] = []
    model.dataChanged.connect(lambda top, bottom, _roles: changed.extend(range(top.row(), bottom.row() + 1)))
    model.upsert([make_run(1)])
    assert changed == [1]
    assert [model.row(row).status.value for row in range(3)] == ["running", "completed", "running"]


def test_older_runs_come_to_the_bottom_and_are_not_dropped_by_the_cap(theme: Theme) -> None:
    model = RunTableModel(theme=theme, cap=3)
    QAbstractItemModelTester(model, STRICT)
    model.reset([make_run(at) for at in (7, 8, 9)])
    assert model.add_older([make_run(at) for at in (7, 6, 5)]) == 2
    assert [model.row(row).offset for row in range(model.rowCount())] == [9, 8, 7, 6, 5]


def test_connectors_follow_the_engine(theme: Theme) -> None:
    view = EngineView()
    view.rebuild(make_snapshot())
    model = ConnectorTableModel(theme=theme)
    QAbstractItemModelTester(model, STRICT)
    model.update_from(view)
    names = [model.row(row).connector.name for row in range(model.rowCount())]
    assert names == ["correlated-out", "orders-in", "results-out", "shipments-in"]
    resets: list[int] = []
    model.modelReset.connect(lambda: resets.append(1))
    model.update_from(view)
    assert resets == []


def test_log_lines_are_found_by_number(theme: Theme) -> None:
    model = LogTableModel(theme=theme, cap=2)
    QAbstractItemModelTester(model, STRICT)
    for text in ("a", "b", "c"):
        model.add_lines([Logged(NOW_US, "INFO", "x", text)])
    assert model.find_line(0) is None
    line = model.find_line(2)
    assert line is not None
    assert line.message == "c"


def test_spans_are_placed_on_the_time_line(theme: Theme) -> None:
    model = SpanTreeModel(theme=theme, icons={})
    detail = make_detail()
    QAbstractItemModelTester(model, STRICT)
    model.show_run(detail.run, detail.spans)
    top = model.index(0, 0)
    assert model.rowCount(top) == 5
    assert [model.index(row, 0, top).data() for row in range(5)] == [
        "gemini/gemini-2.5-flash",
        "validate_order",
        "score_risk",
        "gemini/gemini-2.5-flash",
        "order-results",
    ]
    assert model.index(3, 1, top).data() == "41% to 99%"


def test_spans_in_spans_are_found_again_and_what_is_around_none_of_them_is_the_runs(theme: Theme) -> None:
    model = SpanTreeModel(theme=theme, icons={})
    QAbstractItemModelTester(model, STRICT)
    run = make_detail().run
    spans = [
        Span("inner", "step", SpanKind.TOOL, "orders.find", NOW_US + 2, NOW_US + 3),
        Span("again", "step", SpanKind.TOOL, "orders.find", NOW_US + 4, NOW_US + 5, attempt=2),
        Span("stray", "nobody", SpanKind.TOOL, "orders.tag", NOW_US + 9, NOW_US + 10),
        Span("step", None, SpanKind.AGENT, "tagger", NOW_US + 2, NOW_US + 6),
        Span("round", "trip", SpanKind.AGENT, "a", NOW_US, NOW_US),
        Span("trip", "round", SpanKind.AGENT, "b", NOW_US, NOW_US),
    ]
    for _ in range(2):
        model.show_run(run, spans)
        top = model.index(0, 0)
        assert [model.index(row, 0, top).data() for row in range(model.rowCount(top))] == ["tagger", "orders.tag"]
        step = model.index_of("step")
        assert [model.index(row, 0, step).data() for row in range(model.rowCount(step))] == [
            "orders.find · 1/2",
            "orders.find · 2/2",
        ]
        assert [model.span_at(model.index_of(span.span_id)) for span in spans[:4]] == spans[:4]
        assert model.index_of("round") == model.index_of("nobody") == top
    model.show_run(run, spans[2:3])
    assert model.rowCount(model.index(0, 0)) == 1


def test_a_json_tree_opens_as_one_looks_and_keeps_every_digit(theme: Theme) -> None:
    model = JsonTreeModel(theme=theme)
    QAbstractItemModelTester(model, STRICT)
    digits = "1234567890" * 40
    model.show_text('{"big": ' + digits + ', "exact": 0.10000000000000000555, "list": ' + str(list(range(450))) + "}")
    model.fetchMore(QModelIndex())
    assert model.raw(model.index(0, 1)) == digits
    assert model.index(1, 1).data() == "0.10000000000000000555"
    inner = model.index(2, 0)
    counts = []
    while model.canFetchMore(inner):
        model.fetchMore(inner)
        counts.append(model.rowCount(inner))
    assert counts == [200, 400, 450]


def test_cells_without_a_value_do_not_use_up_none(theme: Theme) -> None:
    # PySide6 6.12 loses a reference to None for each None that data() returns, and aborts after some thousand.
    import sys

    model = MessageTableModel(theme=theme)
    model.upsert(_messages(0, 1))
    index = model.index(0, 1)
    gc.collect()
    before = sys.getrefcount(None)
    for _ in range(20_000):
        model.data(index, Qt.ItemDataRole.DecorationRole)
        index.data(Qt.ItemDataRole.DecorationRole)
        model.headerData(0, Qt.Orientation.Vertical)
    assert sys.getrefcount(None) > before - 5_000


@pytest.mark.parametrize("order", [Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder])
def test_older_rows_go_where_a_sorting_has_them_and_no_other_row_is_looked_at(
    theme: Theme, order: Qt.SortOrder
) -> None:
    asked: list[int] = []

    def rank(row: tuple[int, int]) -> int:
        asked.append(row[0])
        return row[1]

    column: Column[tuple[int, int]] = Column("rank", "Rank", lambda row: str(row[1]), width=10, sort=rank)
    model = LiveTableModel[tuple[int, int]](columns=[column], key_of=lambda row: row[0], theme=theme)
    QAbstractItemModelTester(model, STRICT)
    rows = [(number, number * 7 % 5) for number in range(60)]
    model.sort(0, order)
    model.reset(rows[40:])
    assert model.shown_rows() == sorted(rows[40:], key=lambda row: row[1], reverse=order is not order.AscendingOrder)
    for first, last in ((30, 40), (10, 30), (0, 10)):
        asked.clear()
        model.add_older(rows[first:last][::-1])
        assert sorted(asked) == list(range(first, last))
    merged = model.shown_rows()
    model.sort(0, order)
    assert merged == model.shown_rows()


@pytest.mark.parametrize("is_sorted", [False, True])
def test_rows_that_belong_here_no_longer_go(theme: Theme, is_sorted: bool) -> None:
    table = RunTableModel(theme=theme, cap=4)
    table.reset([make_run(at) for at in range(4)])
    if is_sorted:
        table.sort(0)
    table.hold(True)
    table.drop([make_run(1).run_id, make_run(0).run_id, "nobody"])
    assert {table.row(row).offset for row in range(table.rowCount())} == {2, 3}
    assert table.oldest == make_run(2)
    table.hold(False)
    table.sort(-1)
    table.upsert([make_run(at) for at in range(4, 8)])
    assert [table.row(row).offset for row in range(table.rowCount())] == [7, 6, 5, 4]
    assert table.row_of(make_run(6).run_id) == 1
