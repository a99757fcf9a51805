"""The file of an export or import: its path and how messages stand in it."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from kafka_agent_studio.api.transfers import FileFormat
from kafka_agent_studio.gui.forms.choice_fields import QuietComboBox
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, SPACE, Tone
from kafka_agent_studio.gui.widgets.labels import button, label

_FORMATS = ((FileFormat.JSON_LINES, "JSON Lines"), (FileFormat.CSV, "CSV"))
_FILTER = "JSON Lines (*.jsonl);;CSV (*.csv);;All files (*)"
_REMEMBERED = "transfers/folder"


class RecordFile(QWidget):
    """`edited` when path or format changes; an ending .csv or .jsonl chooses the format."""

    edited = Signal()

    def __init__(self, *, parts: WindowParts, is_saved: bool) -> None:
        super().__init__()
        self._parts = parts
        self._is_saved = is_saved
        self.dialog: QFileDialog | None = None
        self.path = QLineEdit()
        self.path.setAccessibleName("File")
        self.form = QuietComboBox()
        for form, words in _FORMATS:
            self.form.addItem(words, form)
        self.choose = button("Choose…", self._on_choose, icon=parts.icons.icon("folder-open"))
        self.choose.setAccessibleName("Choose the file")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        beside = QHBoxLayout()
        beside.setSpacing(SPACE)
        beside.addWidget(self.path, 1)
        beside.addWidget(self.choose)
        for name, field, inner, stretch in (("File", self.path, beside, 1), ("Format", self.form, None, 0)):
            text = label(name, tone=Tone.MUTED)
            text.setBuddy(field)
            part = QVBoxLayout()
            part.setSpacing(SPACE)
            part.addWidget(text)
            if inner is None:
                part.addWidget(field)
            else:
                part.addLayout(inner)
            row.addLayout(part, stretch)
        self.path.textChanged.connect(self._on_path)
        self.form.currentIndexChanged.connect(lambda _index: self.edited.emit())

    @property
    def format(self) -> FileFormat:
        """How messages stand in the file."""
        return FileFormat(self.form.currentData())

    @property
    def file(self) -> Path:
        """The absolute path; a relative one begins in the folder used last. Raises: ValueError with a sentence."""
        typed = self.path.text().strip()
        if not typed:
            raise ValueError("Name the file.")
        file = self.folder / Path(typed).expanduser()
        if file.is_dir():
            raise ValueError(f"{file} is a folder: name a file in it.")
        return file

    @property
    def folder(self) -> Path:
        """Where one looked last; at first the person's own folder."""
        return Path(str(self._parts.preferences.get(_REMEMBERED, str(Path.home()))))

    def propose(self, name: str) -> None:
        """Offer a name in the folder used last."""
        self.path.setText(str(self.folder / name))

    def remember(self) -> None:
        """Begin in this file's folder the next time."""
        self._parts.preferences.put(_REMEMBERED, str(self.file.parent))

    def _on_path(self, text: str) -> None:
        ending = Path(text.strip()).suffix.lower()
        for at, (form, _words) in enumerate(_FORMATS):
            if ending == f".{form.value}":
                self.form.setCurrentIndex(at)
        self.edited.emit()

    def _on_choose(self) -> None:
        dialog = QFileDialog(self, "Export to" if self._is_saved else "Import from", str(self.folder), _FILTER)
        if self._is_saved:
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            # the dialog that opened this one asks before a file is replaced, however it was named
            dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
            dialog.selectFile(Path(self.path.text()).name)
        else:
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.path.setText)
        dialog.finished.connect(self._on_finished)
        self.dialog = dialog
        dialog.open()

    def _on_finished(self, _result: int) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None
        self.path.setFocus()
