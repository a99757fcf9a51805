"""The line at the left of a selected row, in views that Qt paints; tables of rows draw it themselves."""

from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QTableView, QTreeView

from kafka_agent_studio.gui.theme import BAR


def mark_selected_rows(view: QTableView | QTreeView, *, column: int = 0) -> None:
    """Draw it, once the view has painted; `column` is one that is not hidden."""
    painter = QPainter(view.viewport())
    accent = QApplication.palette().link()
    for index in view.selectionModel().selectedRows(column):
        row = view.visualRect(index)
        painter.fillRect(0, row.top(), BAR, row.height(), accent)
    painter.end()
