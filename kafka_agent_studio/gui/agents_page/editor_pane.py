"""A file in the editor: its text, what is wrong with it, and what Save will do."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kafka_agent_studio.gui.agents_page.code_editor import CodeEditor
from kafka_agent_studio.gui.agents_page.completion import Completion, complete
from kafka_agent_studio.gui.agents_page.effects import effect_of_save
from kafka_agent_studio.gui.agents_page.elided_label import ElidedLabel
from kafka_agent_studio.gui.agents_page.mistake_list import MistakeList
from kafka_agent_studio.gui.agents_page.mistakes import Mistake
from kafka_agent_studio.gui.agents_page.open_files import OpenFile, OpenFiles
from kafka_agent_studio.gui.forms.ask_bar import AskBar
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, HEADER_HEIGHT, MARGIN, SPACE, Tone
from kafka_agent_studio.gui.widgets.labels import button, hairline, label, set_tone

_TAB_MOVES = "Ctrl+Space completes · F8 next mistake · Tab moves on (Ctrl+M)"
_TAB_INDENTS = "Ctrl+Space completes · F8 next mistake · Tab indents (Ctrl+M)"


class EditorPane(QWidget):
    """Shows one open file at a time. `edited(file)` comes with each change of its text or its mistakes."""

    edited = Signal(object)

    def __init__(self, *, parts: WindowParts, files: OpenFiles) -> None:
        super().__init__()
        self.parts = parts
        self.file: OpenFile | None = None
        self._files = files
        self._name = ""
        theme = parts.theme
        self._title = ElidedLabel(font=theme.heading)
        self._state = label("", tone=Tone.WAITING)
        self.revert = button("Revert", self._on_revert, tip="Back to what the file holds; Ctrl+Z takes it back")
        self.save = button("Save", self.save_now, kind="primary", tip="Ctrl+S")
        self.ask = AskBar(theme=theme)
        self.editor = CodeEditor(theme=theme, accessible_name="Text of the file")
        self.mistakes = MistakeList(theme=theme)
        self._remark = label("", is_wrapped=True)
        self._keys = label(_TAB_MOVES, font=theme.small, tone=Tone.MUTED, is_wrapped=True)
        self._lay_out()
        self.editor.mistake_changed.connect(self.mistakes.show_current)
        self.editor.tab_changed.connect(self._on_tab_changed)
        self.mistakes.asked.connect(self._go_to)
        files.changed.connect(self._on_changed)
        files.checked.connect(self._on_checked)
        files.refused.connect(lambda words: self.ask.ask(words, [("Close", lambda: None)], tone=Tone.FAILED))
        is_indenting = bool(parts.preferences.get("editor/tab_indents", False))
        self.editor.setTabChangesFocus(not is_indenting)
        self._keys.setText(_TAB_INDENTS if is_indenting else _TAB_MOVES)

    def _lay_out(self) -> None:
        head = QWidget()
        head.setFixedHeight(HEADER_HEIGHT - GAP)
        row = QHBoxLayout(head)
        row.setContentsMargins(MARGIN, 0, GAP, 0)
        row.setSpacing(GAP)
        row.addWidget(self._title, 1)
        row.addWidget(self._state)
        row.addWidget(self.revert)
        row.addWidget(self.save)
        foot = QVBoxLayout()
        foot.setContentsMargins(MARGIN, SPACE, GAP, SPACE)
        foot.setSpacing(SPACE)
        foot.addWidget(self._remark)
        foot.addWidget(self._keys)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(hairline())
        column.addWidget(self.ask)
        column.addWidget(self.editor, 1)
        column.addWidget(hairline())
        column.addWidget(self.mistakes)
        column.addLayout(foot)

    @property
    def remark(self) -> str:
        """What is said below the text: what Save will do, or why nothing can be saved."""
        return self._remark.text()

    @property
    def text(self) -> str:
        """The text on screen; empty while no file is open."""
        return "" if self.file is None else self.file.document.toPlainText()

    def show_file(self, file: OpenFile, *, name: str) -> None:
        """Show an open file; `name` is the agent in it, empty for tools and schemas."""
        self._name = name
        if file is not self.file:
            self.ask.clear()
            self.editor.setAccessibleName(f"Text of {file.path}")
            self.editor.show_document(file.document, self._complete if file.path.endswith(".yaml") else None)
            # Not before: a document goes with the last one who holds its file, and the editor showed it until now.
            self.file = file
        self.editor.setReadOnly(self.parts.bridge.view.read_only is not None)
        self._on_checked(file)
        self._on_changed(file)

    def save_now(self) -> None:
        """Save what is on screen; nothing happens where nothing changed."""
        if self.file is not None and self.save.isEnabled():
            self._files.check_now()
            self._files.save(self.file)

    def _complete(self, text: str, position: int) -> Completion | None:
        return complete(text, position, self.parts.bridge.view.workspace, name=self._name)

    def _on_revert(self) -> None:
        if self.file is not None:
            self._files.revert(self.file)

    def _go_to(self, mistake: Mistake) -> None:
        cursor = self.editor.textCursor()
        cursor.setPosition(mistake.cursor.selectionStart())
        self.editor.setTextCursor(cursor)
        self.editor.setFocus()

    def _on_tab_changed(self, is_indenting: bool) -> None:
        self._keys.setText(_TAB_INDENTS if is_indenting else _TAB_MOVES)
        self.parts.preferences.put("editor/tab_indents", is_indenting)

    def _on_changed(self, file: OpenFile | None) -> None:
        if file is None or file is not self.file:
            return
        read_only = self.parts.bridge.view.read_only
        self._title.setText(file.path)
        self._state.setText("read only" if read_only else "not saved" if file.is_changed else "")
        self.save.setEnabled(file.is_changed and read_only is None)
        self.revert.setEnabled(file.is_changed)
        if file.has_conflict and not self.ask.text:
            self._ask_about_conflict(file)
        elif not file.has_conflict and self.ask.text.startswith(file.path):
            self.ask.clear()
        self._say()
        self.edited.emit(file)

    def _ask_about_conflict(self, file: OpenFile) -> None:
        self.ask.ask(
            f"{file.path} was changed by someone else while you changed it here, too. Nothing of yours is saved yet.",
            [
                ("Save mine over it", lambda: self._files.save_over(file)),
                ("Take theirs", lambda: self._files.revert(file)),
                ("Keep editing", self.editor.setFocus),
            ],
        )

    def _on_checked(self, file: OpenFile) -> None:
        if file is self.file:
            self.editor.show_mistakes(file.mistakes)
            self.mistakes.show_mistakes(file.mistakes)
            self.mistakes.show_current(self.editor.mistake_at(self.editor.textCursor().blockNumber()))
            self._say()
            self.edited.emit(file)

    def _say(self) -> None:
        file = self.file
        if file is None:
            return
        if self.parts.bridge.view.read_only is not None:
            self._say_words(self.parts.bridge.view.read_only, Tone.MUTED)
        elif file.is_changed:
            errors = sum(known.is_error for known in file.mistakes)
            workspace = self.parts.bridge.view.workspace
            words = effect_of_save(workspace, path=file.path, name=self._name, text=self.text, errors=errors)
            self._say_words(words)
        else:
            self._say_words("Saved." if not file.mistakes else "Saved, with what is marked.", Tone.MUTED)

    def _say_words(self, words: str, tone: Tone | None = None) -> None:
        self._remark.setText(words)
        set_tone(self._remark, tone)
        self.editor.setStatusTip(words)
