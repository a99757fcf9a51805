"""Messages on their way into a cluster: written by hand, replayed, sent back from a dead-letter topic."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kafka_agent_studio.api.browse import CancelJob, EndedBy, Scan
from kafka_agent_studio.api.events import TransferProgressed
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.api.transfers import (
    HeaderChoice,
    MessagePlace,
    NewMessage,
    ProduceMessages,
    Records,
    Replay,
    Scanned,
    TransferProgress,
    TransferReport,
)
from kafka_agent_studio.gui.clusters.produce_dialog import ProduceDialog
from kafka_agent_studio.gui.clusters.replay_dialog import ReplayDialog
from kafka_agent_studio.gui.pages.messages import MessagesPage
from kafka_agent_studio.gui.pages.topics import TopicsPage
from kafka_agent_studio.model.message import Record
from tests.gui.conftest import OpenWindow
from tests.helpers.cluster_scene import answer_about_cluster
from tests.helpers.gui_scene import NOW_US, make_record, make_snapshot
from tests.helpers.gui_window import WindowUnderTest, let_messages_arrive

UGLY = Record(
    "orders",
    2,
    1542,
    1_705_312_800_000,
    b"\xff\x00key",
    b'{"id": 123456789012345678901234567890, "text": "a\xc2\xa0b"}',
    (("trace", b"\x01"), ("trace", None), ("name", b"Zo\xc3\xab")),
)


@pytest.fixture
def produce(cluster: WindowUnderTest) -> ProduceDialog:
    dialog = ProduceDialog(parts=cluster.parts, parent=cluster.main)
    dialog.open()
    return dialog


@pytest.fixture
def replay(cluster: WindowUnderTest) -> ReplayDialog:
    dialog = ReplayDialog(parts=cluster.parts, parent=cluster.main, cluster="sandbox")
    dialog.open()
    return dialog


def report(*, is_dry_run: bool, **more: Any) -> TransferReport:
    progress = TransferProgress(scanned=3, matched=3, written=3)
    topics = more.pop("topics", {"orders": 3})
    return TransferReport(EndedBy.END, progress, is_dry_run, topics, **more)


def answering(**more: Any) -> Callable[[Replay], TransferReport]:
    return lambda command: report(is_dry_run=command.dry_run, **more)


def test_a_message_is_written_and_the_place_where_it_landed_is_one_click_away(
    cluster: WindowUnderTest, produce: ProduceDialog
) -> None:
    cluster.engine.answer(ProduceMessages, (MessagePlace("orders", 3, 77),))
    produce.write_to("sandbox", "orders")
    QTest.keyClicks(produce.form.key, "order-1")
    assert produce.form.key_form.currentText() == "text"
    produce.form.value.setPlainText('{"order_id": "1"}')
    assert produce.form.about_value.text() == "JSON, 17 B."
    produce.form.headers.add.click()
    row = produce.form.headers.rows[0]
    row.name.setText("source")
    row.value.setText("by hand")
    produce.form.partition.setText("3")
    assert produce.write.text() == "Produce to orders on sandbox"
    produce.write.click()
    (asked,) = cluster.engine.asked(ProduceMessages)
    expected = NewMessage(b"order-1", b'{"order_id": "1"}', (("source", b"by hand"),), 3)
    assert (asked.connection, asked.topic, asked.messages) == ("sandbox", "orders", (expected,))
    assert produce.says.text() == "Written."
    produce.landed.click()
    assert cluster.parts.navigator.current == "message/sandbox/orders/3/77"


def test_a_message_that_is_edited_keeps_every_byte(cluster: WindowUnderTest, produce: ProduceDialog) -> None:
    cluster.engine.answer(ProduceMessages, (MessagePlace("orders", 0, 1),))
    produce.edit("sandbox", UGLY)
    assert {row.value.cursorPosition() for row in produce.form.headers.rows} == {0}, "a long one shows its beginning"
    produce.write.click()
    (message,) = cluster.engine.asked(ProduceMessages)[0].messages
    assert (message.key, message.value, message.headers) == (UGLY.key, UGLY.value, UGLY.headers)


def test_a_tombstone_is_called_one_and_what_is_not_json_may_be_written(
    cluster: WindowUnderTest, produce: ProduceDialog
) -> None:
    produce.write_to("sandbox", "orders")
    produce.form.value.setPlainText('{"a": 1,}')
    assert produce.form.about_value.text().startswith("Not JSON")
    assert produce.write.isEnabled()
    produce.form.value_form.setCurrentText("null")
    assert "tombstone" in produce.form.about_value.text()
    produce.write.click()
    assert cluster.engine.asked(ProduceMessages)[0].messages[0].value is None


@pytest.mark.parametrize(("partition", "value", "form"), [("one", "x", "text"), ("", "not base64!", "base64")])
def test_what_cannot_be_written_is_said_before(produce: ProduceDialog, partition: str, value: str, form: str) -> None:
    produce.write_to("sandbox", "orders")
    produce.form.value_form.setCurrentText(form)
    produce.form.value.setPlainText(value)
    produce.form.partition.setText(partition)
    assert not produce.write.isEnabled()
    assert produce.says.text()


def test_a_refusal_keeps_what_was_typed(cluster: WindowUnderTest, produce: ProduceDialog) -> None:
    cluster.engine.answer(ProduceMessages, CommandRefused("There is no topic nowhere."))
    produce.write_to("sandbox", "nowhere")
    produce.form.value.setPlainText("x")
    produce.write.click()
    assert produce.says.text() == "There is no topic nowhere."
    assert produce.form.value.toPlainText() == "x"
    assert produce.write.isEnabled()


def test_nothing_is_replayed_before_it_was_counted(cluster: WindowUnderTest, replay: ReplayDialog) -> None:
    cluster.engine.answer(Replay, answering())
    records = (make_record(1), make_record(2), make_record(3))
    replay.replay_records(records)
    assert not replay.write.isEnabled()
    replay.dry.click()
    assert "3 of 3 messages would be written: 3 to orders" in replay.says.text()
    replay.write.click()
    assert "Write 3 messages on sandbox: 3 to orders?" in replay.ask.text
    replay.ask.press("Write 3 to sandbox")
    dry, real = cluster.engine.asked(Replay)
    assert (dry.dry_run, real.dry_run) == (True, False)
    assert real.source == Records(records)
    assert "3 of 3 messages written" in replay.says.text()


def test_a_change_after_the_count_asks_for_a_new_one(cluster: WindowUnderTest, replay: ReplayDialog) -> None:
    cluster.engine.answer(Replay, answering())
    replay.replay_scan(Scan("sandbox", "orders", filter="key:x"))
    replay.dry.click()
    assert replay.write.isEnabled()
    replay.keep_timestamp.setChecked(True)
    assert not replay.write.isEnabled()
    replay.rate.setText("0")
    assert not replay.dry.isEnabled()
    replay.rate.setText("250")
    replay.headers.setCurrentIndex(2)
    replay.dry.click()
    asked = cluster.engine.asked(Replay)[-1]
    assert (asked.rate_per_s, asked.headers, asked.keep_timestamp) == (250.0, HeaderChoice.DROP, True)


def test_dead_letters_go_back_to_where_each_came_from(cluster: WindowUnderTest) -> None:
    cluster.engine.answer(Replay, answering(topics={"orders": 2, "shipments": 1}))
    cluster.go("topics?redrive=orders.dlq&connection=sandbox")
    page = cluster.main.page
    assert isinstance(page, TopicsPage)
    replay = page.dialog
    assert isinstance(replay, ReplayDialog)
    replay.dry.click()
    assert "2 to orders, 1 to shipments" in replay.says.text()
    asked = cluster.engine.asked(Replay)[0]
    assert asked.topic is None
    assert isinstance(asked.source, Scanned)
    assert asked.source.scan.topic == "orders.dlq"
    assert asked.headers is HeaderChoice.WITHOUT_STUDIO


def test_a_replay_under_way_shows_figures_and_can_be_stopped(
    cluster: WindowUnderTest, replay: ReplayDialog, qapp: QApplication
) -> None:
    seen: list[str] = []

    def go_on(command: Replay) -> TransferReport:
        progress = TransferProgress(scanned=5, matched=2, written=2, total=9, elapsed_s=1.5)
        cluster.engine.say(TransferProgressed(NOW_US, command.job_id, progress))
        cluster.bridge.drain()
        seen.append(replay.says.text())
        assert replay.stop.isVisible()
        replay.stop.click()
        return TransferReport(EndedBy.CANCELLED, progress, command.dry_run, {"orders": 2})

    cluster.engine.answer(Replay, go_on)
    replay.replay_scan(Scan("sandbox", "orders"))
    replay.dry.click()
    assert seen == ["2 of 9 counted, 5 read, 1.50 s"]
    assert len(cluster.engine.asked(CancelJob)) == 1
    assert "It was stopped before its end." in replay.says.text()


def test_marked_messages_are_replayed_in_the_order_of_the_topic(cluster: WindowUnderTest) -> None:
    let_messages_arrive(cluster)
    cluster.go("messages")
    page = cluster.main.page
    assert isinstance(page, MessagesPage)
    page.table.selectAll()
    dict(page.table.menu_actions)["Replay…"]()
    (replay,) = cluster.main.findChildren(ReplayDialog)
    assert replay.what.text() == "Replay 40 messages"
    cluster.engine.answer(Replay, answering())
    replay.dry.click()
    source = cluster.engine.asked(Replay)[0].source
    assert isinstance(source, Records)
    assert [r.offset for r in source.records] == sorted(r.offset for r in source.records)


def test_a_message_is_opened_to_be_written_again(cluster: WindowUnderTest) -> None:
    let_messages_arrive(cluster)
    cluster.go("messages")
    page = cluster.main.page
    assert isinstance(page, MessagesPage)
    page.table.selectRow(0)
    dict(page.table.menu_actions)["Edit and produce…"]()
    (produce,) = cluster.main.findChildren(ProduceDialog)
    record = page.table.row_at(0).record
    assert produce.form.message.value == record.value
    assert produce.write.text() == f"Produce to {record.topic} on staging"


def test_on_a_production_cluster_it_is_asked_once_more(open_window: OpenWindow) -> None:
    snapshot = make_snapshot()
    settings = snapshot.workspace.settings.model_copy(update={"production": ("staging",)})
    workspace = msgspec.structs.replace(snapshot.workspace, settings=settings)
    window = open_window(msgspec.structs.replace(snapshot, workspace=workspace))
    answer_about_cluster(window.engine)
    window.engine.answer(ProduceMessages, (MessagePlace("orders", 0, 1),))
    produce = ProduceDialog(parts=window.parts, parent=window.main)
    produce.open()
    produce.write_to("staging", "orders")
    assert produce.target.about.text() == "staging is marked as production."
    produce.write.click()
    assert window.engine.asked(ProduceMessages) == []
    produce.ask.press("Write it to staging")
    assert len(window.engine.asked(ProduceMessages)) == 1
