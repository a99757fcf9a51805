"""A path of a file, typed or chosen; a file inside the workspace is named relative to it."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from kafka_agent_studio.gui.forms.field import TextField
from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.theme import Theme
from kafka_agent_studio.gui.widgets.labels import button

_FILTER = "PEM files (*.pem *.crt *.cer *.key);;All files (*)"


class FileField(TextField):
    """For PEM files. `folder` is the workspace, where the dialog begins and relative paths do."""

    def __init__(self, *, title: str, explanation: str, theme: Theme, icons: Icons, placeholder: str = "") -> None:
        super().__init__(title=title, explanation=explanation, theme=theme, placeholder=placeholder, is_mono=True)
        self.folder = Path()
        self.dialog: QFileDialog | None = None
        self.choose = button("Choose…", self._on_choose, icon=icons.icon("folder-open"))
        self.choose.setAccessibleName(f"Choose the file: {title}")
        self._row.addWidget(self.choose)

    def take(self, path: str) -> None:
        """Use a chosen file, relative to the workspace where it lies inside."""
        chosen = Path(path)
        if chosen.is_relative_to(self.folder):
            chosen = chosen.relative_to(self.folder)
        self.fill(chosen.as_posix())

    def _on_choose(self) -> None:
        dialog = QFileDialog(self, self.title, str(self.folder), _FILTER)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.take)
        dialog.finished.connect(self._on_finished)
        self.dialog = dialog
        dialog.open()

    def _on_finished(self, _result: int) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None
        self.line.setFocus()
