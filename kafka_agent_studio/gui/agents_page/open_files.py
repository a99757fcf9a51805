"""The files that are open in the editor: their texts, what the disk holds, and how the two come together again."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import QPlainTextDocumentLayout

from kafka_agent_studio.api.commands import CheckText, ReadFile
from kafka_agent_studio.gui.agents_page.highlighter import CodeColors, Language
from kafka_agent_studio.gui.agents_page.mistakes import Mistake, mistakes_in
from kafka_agent_studio.gui.engine_bridge import EngineBridge
from kafka_agent_studio.gui.forms.file_changes import FileChanges
from kafka_agent_studio.gui.theme import Theme
from kafka_agent_studio.model.workspace import Problem

_CHECK_AFTER_MS = 250


class OpenFile(QObject):
    """One text with its own history. `on_disk` is what the file held when it was last seen; None: there is no file.

    `has_conflict`: the disk changed while the text was changed here, too.
    """

    def __init__(self, *, path: str, on_disk: str | None, theme: Theme) -> None:
        super().__init__()
        self.path = path
        self.on_disk = on_disk
        self.has_conflict = False
        self.mistakes: list[Mistake] = []
        self.turn = 0
        self.document = QTextDocument(self)
        self.document.setDocumentLayout(QPlainTextDocumentLayout(self.document))
        self.document.setPlainText(on_disk or "")
        self.document.setModified(False)
        self._colors = CodeColors(document=self.document, language=Language.of(path), theme=theme)

    @property
    def text(self) -> str:
        """The text as it would be written: with the line endings that the file has."""
        text = self.document.toPlainText()
        return text.replace("\n", "\r\n") if self.on_disk is not None and "\r\n" in self.on_disk else text

    @property
    def is_changed(self) -> bool:
        """Whether something would be lost without a save."""
        return self.document.isModified()

    def take_from_disk(self, text: str) -> None:
        """Take over what the disk holds, as one change that can be undone."""
        self.on_disk, self.has_conflict = text, False
        cursor = QTextCursor(self.document)
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text.replace("\r\n", "\n"))
        self.document.setModified(False)

    def is_as_saved(self, text: str | None) -> None:
        """The disk holds what stands here."""
        self.on_disk, self.has_conflict = text, False
        self.document.setModified(False)


class OpenFiles(QObject):
    """Opens, checks and saves. Unsaved texts stay open behind the one on screen, so looking elsewhere loses nothing.

    `changed(file)`: text, state or conflict; `checked(file)`: its mistakes are known anew; `closed(path)`: gone.
    """

    changed = Signal(object)
    checked = Signal(object)
    closed = Signal(str)
    refused = Signal(str)

    def __init__(self, *, bridge: EngineBridge, changes: FileChanges, theme: Theme) -> None:
        super().__init__()
        self._bridge = bridge
        self._changes = changes
        self._theme = theme
        self._files: dict[str, OpenFile] = {}
        self._to_check: OpenFile | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_CHECK_AFTER_MS)
        self._timer.timeout.connect(self.check_now)
        bridge.workspace_changed.connect(self._look_at_disk)
        bridge.rebuilt.connect(self._look_at_disk)

    @property
    def changed_paths(self) -> list[str]:
        """The files with something unsaved."""
        return [path for path, file in self._files.items() if file.is_changed]

    def find(self, path: str) -> OpenFile | None:
        """Return an open file; None where it is not open."""
        return self._files.get(path)

    def open(self, path: str, on_open: Callable[[OpenFile], object]) -> None:
        """Open a file, or find it open already."""
        known = self._files.get(path)
        if known is not None:
            on_open(known)
            return

        def read(text: str | None) -> None:
            if text is None:
                self.refused.emit(f"{path} is not there any more.")
                return
            file = self._files.get(path)
            if file is None:
                file = self._files[path] = OpenFile(path=path, on_disk=text, theme=self._theme)
                file.document.contentsChange.connect(lambda _at, gone, new: self._on_edited(path, gone, new))
                file.document.modificationChanged.connect(lambda _is: self.changed.emit(self._files.get(path)))
            on_open(file)
            self._check(file)

        self._bridge.submit(ReadFile(path), read, self.refused.emit)

    def save(self, file: OpenFile, *, on_saved: Callable[[], object] | None = None) -> None:
        """Write a file as it stands; where the disk changed meanwhile, nothing is written and `changed` says so."""
        text = file.text

        def saved() -> None:
            if file.text == text:
                file.is_as_saved(text)
            else:
                file.on_disk = text
            self.changed.emit(file)
            if on_saved is not None:
                on_saved()

        self._changes.save(
            {file.path: text},
            expected={file.path: file.on_disk},
            words=f"{file.path} saved",
            on_done=saved,
            on_error=lambda words: self._on_refused(file, words),
        )

    def save_over(self, file: OpenFile) -> None:
        """Write the text over what somebody else wrote meanwhile."""

        def read(text: str | None) -> None:
            file.on_disk, file.has_conflict = text, False
            self.save(file)

        self._bridge.submit(ReadFile(file.path), read, self.refused.emit)

    def revert(self, file: OpenFile) -> None:
        """Show what the disk holds; the text that stood here can be had back with Ctrl+Z."""
        self._bridge.submit(ReadFile(file.path), lambda text: self._on_reverted(file, text), self.refused.emit)

    def forget(self, path: str) -> None:
        """Close a file, whatever stands in it."""
        if self._files.pop(path, None) is not None:
            self.closed.emit(path)

    def check_now(self) -> None:
        """Ask what is wrong with the text that was changed last."""
        self._timer.stop()
        if self._to_check is not None:
            self._check(self._to_check)

    def _check(self, file: OpenFile) -> None:
        file.turn += 1
        turn = file.turn

        def known(problems: Sequence[Problem] | None) -> None:
            if turn == file.turn:
                file.mistakes = mistakes_in(file.document, problems or ())
                self.checked.emit(file)

        # Beside another engine nothing can be checked; the page says that it is read only.
        self._bridge.submit(CheckText(file.path, file.document.toPlainText()), known, lambda _words: known(()))

    def _on_edited(self, path: str, gone: int, new: int) -> None:
        file = self._files.get(path)
        if file is not None and (gone or new):
            self._to_check = file
            self._timer.start()
            self.changed.emit(file)

    def _on_refused(self, file: OpenFile, words: str) -> None:
        def read(text: str | None) -> None:
            if text == file.on_disk:
                self.refused.emit(words)
            else:
                file.has_conflict = True
                self.changed.emit(file)

        self._bridge.submit(ReadFile(file.path), read, self.refused.emit)

    def _on_reverted(self, file: OpenFile, text: str | None) -> None:
        if text is None:
            self.forget(file.path)
        else:
            file.take_from_disk(text)
            self.changed.emit(file)

    def _look_at_disk(self) -> None:
        for file in list(self._files.values()):
            self._bridge.submit(ReadFile(file.path), lambda text, file=file: self._on_disk(file, text))  # type: ignore[misc]

    def _on_disk(self, file: OpenFile, text: str | None) -> None:
        if text == file.on_disk:
            self._check(file)
        elif text == file.text:
            file.is_as_saved(text)
            self.changed.emit(file)
        elif file.is_changed:
            file.has_conflict = True
            self.changed.emit(file)
        else:
            self._on_reverted(file, text)
