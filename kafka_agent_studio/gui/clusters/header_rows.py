"""The headers of a message as rows that one edits: a name, a value, and what the value is."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from kafka_agent_studio.api.transfers import bytes_of
from kafka_agent_studio.gui.clusters.byte_text import ByteForm, text_of
from kafka_agent_studio.gui.forms.choice_fields import QuietComboBox
from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.theme import SPACE
from kafka_agent_studio.gui.widgets.labels import button, icon_button, label
from kafka_agent_studio.model.message import Headers


class _Row:
    """The widgets of one header."""

    def __init__(self, icons: Icons) -> None:
        self.name = QLineEdit()
        self.name.setPlaceholderText("name")
        self.value = QLineEdit()
        self.value.setPlaceholderText("value")
        self.form = QuietComboBox()
        self.form.addItems([form.value for form in ByteForm])
        # A combo box has no name of its own on Linux: a label lends it one.
        self.form_name = label("")
        self.form_name.setBuddy(self.form)
        self.form_name.hide()
        self.remove: QToolButton = icon_button("Remove this header", icons.icon("x"))
        self.form.currentTextChanged.connect(lambda text: self.value.setEnabled(text != ByteForm.NULL.value))

    def call(self, number: int) -> None:
        """Name them for a screen reader."""
        self.name.setAccessibleName(f"Name of header {number}")
        self.value.setAccessibleName(f"Value of header {number}")
        self.form_name.setText(f"Form of header {number}")
        self.remove.setAccessibleName(f"Remove header {number}")

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        return self.name, self.value, self.form, self.remove, self.form_name


class HeaderRows(QWidget):
    """In record order; a name may come twice. `edited` with each change."""

    edited = Signal()

    def __init__(self, *, icons: Icons) -> None:
        super().__init__()
        self._icons = icons
        self.rows: list[_Row] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(SPACE)
        self._grid.setVerticalSpacing(SPACE)
        self._grid.setColumnStretch(0, 2)
        self._grid.setColumnStretch(1, 3)
        self.add = button("Add a header", lambda: self._add().name.setFocus(), kind="link")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(self._grid)
        column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)

    def show_headers(self, headers: Headers) -> None:
        """Show these and no others."""
        for row in tuple(self.rows):
            self._remove(row)
        for name, value in headers:
            row = self._add()
            text, form = text_of(value)
            row.name.setText(name)
            row.value.setText(text)
            # A long value is seen from its beginning.
            row.value.setCursorPosition(0)
            row.form.setCurrentText(form.value)

    @property
    def headers(self) -> Headers:
        """What stands in the rows, those without a name left out. Raises: ValueError with a sentence."""
        found: list[tuple[str, bytes | None]] = []
        for number, row in enumerate(self.rows, 1):
            form = ByteForm(row.form.currentText())
            if not row.name.text() and not row.value.text():
                continue
            if form is ByteForm.NULL:
                found.append((row.name.text(), None))
                continue
            try:
                found.append((row.name.text(), bytes_of(row.value.text(), is_base64=form is ByteForm.BASE64)))
            except ValueError as error:
                raise ValueError(f"Header {number}: {error}.") from None
        return tuple(found)

    def _add(self) -> _Row:
        row = _Row(self._icons)
        self.rows.append(row)
        at = self._grid.rowCount()
        for column, widget in enumerate(row.widgets):
            self._grid.addWidget(widget, at, column)
        row.remove.clicked.connect(lambda _checked=False: self._on_remove(row))
        row.name.textEdited.connect(lambda _text: self.edited.emit())
        row.value.textEdited.connect(lambda _text: self.edited.emit())
        row.form.currentTextChanged.connect(lambda _text: self.edited.emit())
        row.call(len(self.rows))
        return row

    def _on_remove(self, row: _Row) -> None:
        self._remove(row)
        self.add.setFocus()
        self.edited.emit()

    def _remove(self, row: _Row) -> None:
        self.rows.remove(row)
        for widget in row.widgets:
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        for number, left in enumerate(self.rows, 1):
            left.call(number)
