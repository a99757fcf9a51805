"""What can be done with messages from wherever they are listed: written again changed, replayed, or exported."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QDialog, QWidget

from kafka_agent_studio.api.browse import Scan
from kafka_agent_studio.gui.clusters.export_dialog import ExportDialog
from kafka_agent_studio.gui.clusters.produce_dialog import ProduceDialog
from kafka_agent_studio.gui.clusters.replay_dialog import ReplayDialog
from kafka_agent_studio.gui.models.message_table import ReceivedMessage
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.model.message import Record


def edit_message(parts: WindowParts, parent: QWidget, cluster: str, record: Record) -> ProduceDialog:
    """Open a message to write it again, changed."""
    dialog = ProduceDialog(parts=parts, parent=parent)
    _open(dialog)
    dialog.edit(cluster, record)
    return dialog


def replay_messages(parts: WindowParts, parent: QWidget, cluster: str, records: Sequence[Record]) -> ReplayDialog:
    """Open the replay of messages that are in hand."""
    dialog = ReplayDialog(parts=parts, parent=parent, cluster=cluster)
    _open(dialog)
    dialog.replay_records(tuple(records))
    return dialog


def replay_scan(parts: WindowParts, parent: QWidget, scan: Scan) -> ReplayDialog:
    """Open the replay of everything that a scan finds."""
    dialog = ReplayDialog(parts=parts, parent=parent, cluster=scan.connection)
    _open(dialog)
    dialog.replay_scan(scan)
    return dialog


def export_messages(parts: WindowParts, parent: QWidget, records: Sequence[Record]) -> ExportDialog:
    """Open the export of messages that are in hand."""
    dialog = ExportDialog(parts=parts, parent=parent)
    _open(dialog)
    dialog.export_records(records)
    return dialog


def export_scan(parts: WindowParts, parent: QWidget, scan: Scan) -> ExportDialog:
    """Open the export of everything that a scan finds."""
    dialog = ExportDialog(parts=parts, parent=parent)
    _open(dialog)
    dialog.export_scan(scan)
    return dialog


def add_message_actions(table: DataTable[ReceivedMessage], parts: WindowParts) -> None:
    """Put them into the menu of a table of messages."""

    def edit() -> None:
        row = table.selected
        if row is not None:
            edit_message(parts, table.window(), parts.bridge.view.cluster_of(row.connector), row.record)

    def replay() -> None:
        rows = table.selected_rows()
        if rows:
            cluster = parts.bridge.view.cluster_of(rows[0].connector)
            replay_messages(parts, table.window(), cluster, in_order(rows))

    def export() -> None:
        rows = table.selected_rows()
        if rows:
            export_messages(parts, table.window(), in_order(rows))

    actions: tuple[tuple[str, Callable[[], object]], ...] = (
        ("Edit and produce…", edit),
        ("Replay…", replay),
        ("Export…", export),
    )
    table.menu_actions += actions


def in_order(rows: Sequence[ReceivedMessage]) -> list[Record]:
    """Return records in the order in which they lie; the table has the newest on top."""
    return sorted((row.record for row in rows), key=lambda r: (r.topic, r.partition, r.offset))


def _open(dialog: QDialog) -> None:
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
