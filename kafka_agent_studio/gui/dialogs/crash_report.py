"""What was kept of a crash, to read, copy or save. It goes nowhere unless the person takes it there."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from kafka_agent_studio.gui.theme import GAP, MARGIN, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import button, label

_SIZE = (720, 480)


class CrashReportDialog(QDialog):
    """`discarded` comes when the person wants it gone."""

    discarded = Signal()

    def __init__(self, *, report: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Crash report")
        self.resize(*_SIZE)
        self.text = QPlainTextEdit(report)
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setFont(theme.mono)
        self.text.setAccessibleName("Crash report")
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        foot = QHBoxLayout()
        foot.setSpacing(GAP)
        foot.addWidget(button("Copy", self._on_copy))
        foot.addWidget(button("Delete the report", self._on_discard))
        foot.addStretch(1)
        foot.addWidget(button("Close", self.close, kind="primary"))
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(GAP)
        column.addWidget(
            label(
                "Where the program was when it went wrong: names of files, lines of code, and the text of the error. "
                "It was sent to nobody. To report the mistake, read it and copy it into an issue.",
                tone=Tone.MUTED,
                is_wrapped=True,
            )
        )
        column.addWidget(self.text, 1)
        column.addLayout(foot)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def _on_discard(self) -> None:
        self.discarded.emit()
        self.close()
