"""A new workspace: what it is called, in which folder it is made, and whether the sample is put into it."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from kafka_agent_studio.gui.forms.tick_box import TickBox
from kafka_agent_studio.gui.theme import GAP, MARGIN, SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import button, label, set_tone

_WIDTH = 480
_FORBIDDEN = frozenset('/\\:*?"<>|')


class NewWorkspaceDialog(QDialog):
    """`chosen` brings the path of the folder to make and whether the sample shall be in it."""

    chosen = Signal(object, bool)  # Path, with_sample

    def __init__(self, *, theme: Theme, parent: QWidget, folder: Path) -> None:
        super().__init__(parent)
        self.setWindowTitle("New workspace")
        self.name = QLineEdit("orders")
        # On the field: a least width of the dialog's own would hold although what is in it needs more.
        self.name.setMinimumWidth(_WIDTH - 2 * MARGIN)
        self.name.selectAll()
        self.folder = QLineEdit(str(folder))
        self.sample = TickBox("Put the sample into it: two agents for orders, their tools and connectors", theme=theme)
        self.sample.setAccessibleName(self.sample.text())
        self.says = label("", tone=Tone.MUTED, is_wrapped=True)
        self.make = button("Make and open", self._on_make, kind="primary")
        self.make.setDefault(True)
        browse = button("Choose…", self._on_browse)
        beside = QHBoxLayout()
        beside.setSpacing(GAP)
        beside.addWidget(self.folder, 1)
        beside.addWidget(browse)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(SPACE)
        column.addWidget(_named("Name", self.name))
        column.addWidget(self.name)
        column.addSpacing(GAP)
        column.addWidget(_named("In the folder", self.folder))
        column.addLayout(beside)
        column.addSpacing(GAP)
        column.addWidget(self.sample)
        column.addWidget(self.says)
        column.addSpacing(GAP)
        foot = QHBoxLayout()
        foot.setSpacing(GAP)
        foot.addStretch(1)
        foot.addWidget(button("Cancel", self.close))
        foot.addWidget(self.make)
        column.addLayout(foot)
        self._theme = theme
        for field in (self.name, self.folder):
            field.textChanged.connect(self._check)
        self._check()

    @property
    def path(self) -> Path:
        """The folder as it would be made."""
        return Path(self.folder.text().strip()).expanduser() / self.name.text().strip()

    def _check(self) -> None:
        mistake = self._mistake()
        self.says.setText(mistake or f"Makes {self.path} with a studio.yaml. Nothing else is changed.")
        set_tone(self.says, Tone.FAILED if mistake else Tone.MUTED)
        self.make.setEnabled(not mistake)

    def _mistake(self) -> str:
        name = self.name.text().strip()
        if not name or name in (".", ".."):
            return "Give the workspace a name: it becomes the name of its folder."
        if found := sorted(_FORBIDDEN & set(name)):
            return f"A name of a folder cannot hold {' '.join(found)}."
        if not Path(self.folder.text().strip()).expanduser().is_absolute():
            return "Say in which folder it is made, from the beginning: /home/… or ~/…"
        return ""

    def _on_browse(self) -> None:
        dialog = QFileDialog(self, "Make the workspace in", self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_make(self) -> None:
        path, with_sample = self.path, self.sample.isChecked()
        self.accept()
        self.chosen.emit(path, with_sample)


def _named(text: str, field: QWidget) -> QLabel:
    made = label(text)
    made.setBuddy(field)
    field.setAccessibleName(text)
    return made
