"""Messages into files and back: what is asked of the engine, what is said on the way, and what is refused before."""

from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kafka_agent_studio.api.browse import CancelJob, EndedBy, Newest
from kafka_agent_studio.api.events import TransferProgressed
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.api.transfers import (
    ExportMessages,
    FileFormat,
    ImportMessages,
    Records,
    Scanned,
    TransferProgress,
    TransferReport,
)
from kafka_agent_studio.gui.clusters.export_dialog import ExportDialog
from kafka_agent_studio.gui.clusters.import_dialog import ImportDialog
from kafka_agent_studio.gui.pages.browse import BrowsePage
from kafka_agent_studio.gui.pages.messages import MessagesPage
from kafka_agent_studio.gui.pages.topics import TopicsPage
from tests.helpers.gui_scene import NOW_US, make_record
from tests.helpers.gui_window import WindowUnderTest, let_messages_arrive


def report(*, is_dry_run: bool = False, ended_by: EndedBy = EndedBy.END) -> TransferReport:
    return TransferReport(ended_by, TransferProgress(scanned=3, matched=3, written=3), is_dry_run, {"orders": 3})


@pytest.fixture
def export(cluster: WindowUnderTest) -> ExportDialog:
    dialog = ExportDialog(parts=cluster.parts, parent=cluster.main)
    dialog.open()
    dialog.export_records((make_record(1), make_record(2), make_record(3)))
    return dialog


@pytest.fixture
def importing(cluster: WindowUnderTest) -> ImportDialog:
    dialog = ImportDialog(parts=cluster.parts, parent=cluster.main)
    dialog.open()
    dialog.import_into("sandbox", "orders")
    return dialog


def test_marked_messages_are_exported_in_the_order_of_the_topic(cluster: WindowUnderTest, tmp_path: Path) -> None:
    cluster.engine.answer(ExportMessages, report())
    let_messages_arrive(cluster)
    cluster.go("messages")
    page = cluster.main.page
    assert isinstance(page, MessagesPage)
    page.table.selectAll()
    dict(page.table.menu_actions)["Export…"]()
    (export,) = cluster.main.findChildren(ExportDialog)
    assert export.what.text() == "Export 40 messages"
    export.file.path.setText(str(tmp_path / "orders.jsonl"))
    export.write.click()
    (asked,) = cluster.engine.asked(ExportMessages)
    assert isinstance(asked.source, Records)
    assert [r.offset for r in asked.source.records] == list(range(1561, 1601))
    assert asked.path == str(tmp_path / "orders.jsonl")
    assert "3 of 3 messages written" in export.job.says.text()


def test_what_the_live_page_shows_is_exported(cluster: WindowUnderTest, tmp_path: Path) -> None:
    cluster.engine.answer(ExportMessages, report())
    cluster.go("messages")
    page = cluster.main.page
    assert isinstance(page, MessagesPage)
    assert not page.export.isEnabled()
    let_messages_arrive(cluster)
    assert page.filter is not None
    page.filter.set_text("offset:1600")
    page.export.click()
    (export,) = cluster.main.findChildren(ExportDialog)
    assert export.what.text() == "Export the message orders/2/1600"
    export.file.path.setText(str(tmp_path / "shown.jsonl"))
    export.write.click()
    (asked,) = cluster.engine.asked(ExportMessages)
    assert isinstance(asked.source, Records)
    assert [r.offset for r in asked.source.records] == [1600]


def test_what_a_browse_would_find_is_exported_whole(cluster: WindowUnderTest, tmp_path: Path) -> None:
    cluster.engine.answer(ExportMessages, report())
    cluster.go("browse")
    page = cluster.main.page
    assert isinstance(page, BrowsePage)
    page.bar.choose(connection="sandbox", topic="orders")
    assert page.filter is not None
    page.filter.set_text("key:order-1")
    page.export.click()
    (export,) = cluster.main.findChildren(ExportDialog)
    assert export.what.text() == "Export the messages that fit 'key:order-1' of orders on sandbox"
    export.file.path.setText(str(tmp_path / "found.csv"))
    export.write.click()
    (asked,) = cluster.engine.asked(ExportMessages)
    assert asked.format is FileFormat.CSV
    assert isinstance(asked.source, Scanned)
    assert (asked.source.scan.topic, asked.source.scan.filter) == ("orders", "key:order-1")
    assert isinstance(asked.source.scan.start, Newest)


def test_a_file_is_not_replaced_unasked(cluster: WindowUnderTest, export: ExportDialog, tmp_path: Path) -> None:
    cluster.engine.answer(ExportMessages, report())
    there = tmp_path / "orders.jsonl"
    there.write_text("mine")
    export.file.path.setText(str(there))
    export.write.click()
    assert export.ask.text == "orders.jsonl is there already. Replace it?"
    assert cluster.engine.asked(ExportMessages) == []
    export.ask.press("Replace it")
    assert len(cluster.engine.asked(ExportMessages)) == 1


@pytest.mark.parametrize("path", ["", "nowhere/at/all.jsonl", "."])
def test_where_no_file_can_be_it_is_said_before(export: ExportDialog, tmp_path: Path, path: str) -> None:
    export.file.path.setText(str(tmp_path / path) if path else "")
    assert not export.write.isEnabled()
    assert export.job.says.text()


def test_an_export_under_way_shows_figures_and_can_be_stopped(
    cluster: WindowUnderTest, export: ExportDialog, tmp_path: Path, qapp: QApplication
) -> None:
    seen: list[str] = []

    def go_on(command: ExportMessages) -> TransferReport:
        progress = TransferProgress(scanned=5, matched=2, written=2, total=9, elapsed_s=1.5)
        cluster.engine.say(TransferProgressed(NOW_US, command.job_id, progress))
        cluster.bridge.drain()
        seen.append(export.job.says.text())
        assert not export.write.isEnabled()
        export.job.stop.click()
        return report(ended_by=EndedBy.CANCELLED)

    cluster.engine.answer(ExportMessages, go_on)
    export.file.path.setText(str(tmp_path / "orders.jsonl"))
    export.write.click()
    assert seen == ["2 of 9 written, 5 read, 1.50 s"]
    assert len(cluster.engine.asked(CancelJob)) == 1
    assert "It was stopped before its end." in export.job.says.text()
    assert export.write.isEnabled()
    assert not export.job.stop.isVisible()


def test_closing_stops_what_nobody_could_stop_any_more(
    cluster: WindowUnderTest, export: ExportDialog, tmp_path: Path
) -> None:
    def close(command: ExportMessages) -> TransferReport:
        export.reject()
        return report(ended_by=EndedBy.CANCELLED)

    cluster.engine.answer(ExportMessages, close)
    export.file.path.setText(str(tmp_path / "orders.jsonl"))
    export.write.click()
    (cancel,) = cluster.engine.asked(CancelJob)
    assert cancel.job_id == cluster.engine.asked(ExportMessages)[0].job_id


def test_nothing_is_imported_before_it_was_counted(
    cluster: WindowUnderTest, importing: ImportDialog, tmp_path: Path
) -> None:
    cluster.engine.answer(ImportMessages, lambda command: report(is_dry_run=command.dry_run))
    file = tmp_path / "orders.csv"
    file.write_text("")
    assert not importing.dry.isEnabled()
    QTest.keyClicks(importing.file.path, str(file))
    importing.keep_timestamp.setChecked(True)
    assert not importing.write.isEnabled()
    importing.dry.click()
    assert "3 of 3 messages would be written" in importing.job.says.text()
    importing.write.click()
    assert importing.ask.text == "Write 3 messages to orders on sandbox?"
    importing.ask.press("Write 3 to sandbox")
    dry, real = cluster.engine.asked(ImportMessages)
    assert (dry.dry_run, real.dry_run) == (True, False)
    assert (real.path, real.format, real.topic) == (str(file), FileFormat.CSV, "orders")
    assert (real.keep_timestamp, real.keep_partition) == (True, False)
    assert not importing.write.isEnabled()


def test_a_file_that_is_no_export_is_refused_with_its_line(
    cluster: WindowUnderTest, importing: ImportDialog, tmp_path: Path
) -> None:
    cluster.engine.answer(ImportMessages, CommandRefused("Line 7 is not JSON."))
    file = tmp_path / "orders.jsonl"
    file.write_text("x")
    importing.file.path.setText(str(file))
    importing.dry.click()
    assert importing.job.says.text() == "Line 7 is not JSON."
    assert not importing.write.isEnabled()
    assert importing.dry.isEnabled()


def test_a_topic_is_imported_into_from_where_it_is_listed(cluster: WindowUnderTest) -> None:
    cluster.go("topics")
    page = cluster.main.page
    assert isinstance(page, TopicsPage)
    page.import_.click()
    assert isinstance(page.dialog, ImportDialog)
    assert page.dialog.target.chosen[0] == page.choice.current
