"""A table with the form of the chosen row beside it: new, edit, duplicate, delete, and undo for all of it."""

from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import parse_qsl, quote

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from kafka_agent_studio.api.commands import ParseFields, ReadFile
from kafka_agent_studio.gui.forms.ask_bar import AskBar
from kafka_agent_studio.gui.forms.file_changes import FileChanges
from kafka_agent_studio.gui.forms.file_form import FileForm
from kafka_agent_studio.gui.forms.names import free_name
from kafka_agent_studio.gui.left_open import LeftOpenError
from kafka_agent_studio.gui.pages.table_page import TablePage
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import Tone
from kafka_agent_studio.gui.widgets.labels import icon_button
from kafka_agent_studio.gui.widgets.notice_bar import NoticeBar
from kafka_agent_studio.gui.widgets.page_tabs import page_tabs
from kafka_agent_studio.model.base import SANDBOX

RowT = TypeVar("RowT")

_TABS = (("connectors", "Connectors"), ("connections", "Connections"))
_FORM_SHARE = (6, 5)
_CONTROL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class FormPage(TablePage[RowT]):
    """A subclass makes the table and the form, calls `set_up` and `set_up_form`, and says which row is which file.

    Addresses: `<page>?edit=<name>`, `<page>?new=<kind>`, `<page>?copy=<name>`; what else stands behind `new` is for the
    subclass.
    """

    rail_address = "connectors"
    address = ""

    def __init__(self, *, parts: WindowParts, title: str, changes: FileChanges) -> None:
        super().__init__(parts=parts, title="")
        self.changes = changes
        self._is_to_share = False
        self.header.setAccessibleName(title)
        self.tabs = page_tabs(_TABS, self.address, name="Connectors and connections")
        self.tabs.tabBarClicked.connect(self._on_tab)
        self.tabs.currentChanged.connect(self._on_tab)
        self.header.add_before_title(self.tabs)
        icons = parts.icons
        self.edit = icon_button("Edit (F2)", icons.icon("pencil-simple"), self.edit_selected)
        self.duplicate = icon_button("Duplicate (Ctrl+D)", icons.icon("copy"), self.duplicate_selected)
        self.delete = icon_button("Delete (Del)", icons.icon("trash"), self.delete_selected)

    def set_up_form(self, form: FileForm) -> None:
        """Put the form beside the table, hidden until it has something to show."""
        self.form = form
        theme, icons = self.parts.theme, self.parts.icons
        self.ask = AskBar(theme=theme)
        self.notice = NoticeBar(theme=theme, icons=icons)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.ask)
        column.addWidget(self.notice)
        self.body.removeWidget(self._stack)
        column.addWidget(self._stack, 1)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(left)
        self.split.addWidget(form)
        for number, share in enumerate(_FORM_SHARE):
            self.split.setStretchFactor(number, share)
        self.body.addWidget(self.split)
        form.hide()
        form.closed.connect(self._on_form_closed)
        form.saved.connect(self._on_form_saved)
        self.table.row_selected.connect(lambda _row: self._show_buttons())
        self.changes.saved.connect(lambda words: self._say(f"{words}.", action="Undo"))
        self.changes.undone.connect(lambda words: self._say(f"Undone: {words}.", action="Redo"))
        self.changes.redone.connect(lambda words: self._say(f"{words}.", action="Undo"))
        self.changes.refused.connect(lambda words: self.notice.say(words))
        self.parts.bridge.rebuilt.connect(self._show_buttons)
        self._model.modelReset.connect(self._select_open)
        self._show_buttons()

    # what a subclass says

    def name_of(self, row: RowT) -> str:
        """The name of a row's file."""
        raise LeftOpenError(self)

    def path_of(self, name: str) -> str | None:
        """The file of a name; None where there is none."""
        raise LeftOpenError(self)

    def open_new(self, new: str, **given: str) -> None:
        """Begin a new one; `new` is its kind, `given` what the address says besides."""
        raise LeftOpenError(self)

    def begin_new(self) -> None:
        """Go to the form of a new one of the usual kind."""
        raise LeftOpenError(self)

    def before_delete(self, name: str) -> str:
        """What has to be said before a delete; empty: nothing, since it can be undone."""
        raise LeftOpenError(self)

    # places

    def show_place(self, rest: str) -> None:
        """Open the form that the address asks for."""
        asked = dict(parse_qsl(rest, keep_blank_values=True))
        if "edit" in asked:
            self._open(asked["edit"])
        elif "new" in asked:
            self._when_clean(lambda: self._show_form(lambda: self.open_new(**asked)))
        elif "copy" in asked:
            self._copy(asked["copy"])

    def take_focus(self) -> None:
        """Put the focus into the form where one is open, else into the table."""
        if self.form.isHidden():
            super().take_focus()

    @property
    def has_unsaved(self) -> bool:
        """Whether the form holds something that would be lost."""
        return self.form.is_changed

    def _open(self, name: str) -> None:
        self.table.select_key(name)
        if self.form.is_open and self.form.original_name == name:
            # Saved a moment ago, perhaps: the workspace hears of a new file only when its watcher does.
            return
        path = self.path_of(name)
        if path is None:
            self.notice.say(f"There is no {name} any more.")
        else:
            self._when_clean(lambda: self._show_form(lambda: self.form.open_file(name, path)))

    def _select_open(self) -> None:
        # What was saved anew has its row only now.
        if self.form.is_open and not self.form.is_new and self.selected_name is None:
            self.table.select_key(self.form.original_name)

    def _copy(self, name: str) -> None:
        path = self.path_of(name)
        if path is None:
            return
        bridge = self.parts.bridge
        workspace = bridge.view.workspace
        copy = free_name(f"{name}-copy", {*workspace.connections, *workspace.connectors, SANDBOX})

        def parsed(text: str, values: Mapping[str, object]) -> None:
            def show() -> None:
                self.form.open_new(values, text=text, is_prefilled=True)
                self.form.name_field.fill(copy)
                self.form.name_field.line.selectAll()

            self._show_form(show)

        def read(text: str | None) -> None:
            if text is not None:
                bridge.submit(ParseFields(text), lambda values: parsed(text, values))

        self._when_clean(lambda: bridge.submit(ReadFile(path), read))

    def _when_clean(self, then: Callable[[], object]) -> None:
        if self.form.is_open:
            self.form.when_clean(then)
        else:
            then()

    def _show_form(self, open_it: Callable[[], object]) -> None:
        was_hidden = self.form.isHidden()
        self.uses_inspector = False
        self.form.show()
        if was_hidden:
            self._share_width()
            # What is not on screen yet has no width of its own.
            self._is_to_share = not self.isVisible()
        self.inspected.emit(self.inspected_address)
        open_it()
        if not self.form.isAncestorOf(self.focusWidget() or self):
            self.form.name_field.editor.setFocus()

    def _share_width(self) -> None:
        width = max(self.split.width(), self.width())
        left, right = _FORM_SHARE
        self.split.setSizes([width * left // (left + right), width * right // (left + right)])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width, where a form was opened before there was one."""
        super().resizeEvent(event)
        if self._is_to_share:
            self._is_to_share = False
            self._share_width()

    def _on_form_closed(self) -> None:
        self.form.hide()
        self.uses_inspector = type(self).uses_inspector
        self.inspected.emit(self.inspected_address)
        if self.parts.navigator.current.startswith(f"{self.address}?"):
            self.parts.navigator.go(self.address)
        self.take_focus()

    def _on_form_saved(self, name: str) -> None:
        self.parts.navigator.go(f"{self.address}?edit={quote(name)}")

    # what is done to the selected row

    @property
    def selected_name(self) -> str | None:
        """The name of the selected row."""
        row = self.table.selected
        return None if row is None else self.name_of(row)

    def edit_selected(self) -> None:
        """Open the selected row's form."""
        self._go("edit")

    def duplicate_selected(self) -> None:
        """Open a copy of the selected row, not saved yet."""
        self._go("copy")

    def delete_selected(self) -> None:
        """Delete the selected row's file; asks only where somebody depends on it."""
        name = self.selected_name
        if name is None or self.parts.bridge.view.read_only is not None:
            return
        words = self.before_delete(name)
        if words:
            answers = ((f"Delete {name}", lambda: self._delete(name)), ("Keep it", self.table.setFocus))
            self.ask.ask(words, answers, tone=Tone.FAILED)
        else:
            self._delete(name)

    def _delete(self, name: str) -> None:
        path = self.path_of(name)
        if path is None:
            return

        def read(text: str | None) -> None:
            self.changes.save({path: None}, expected={path: text}, words=f"deleted {name}")

        if self.form.is_open and self.form.original_name == name:
            self.form.close_form()
        self.parts.bridge.submit(ReadFile(path), read)

    def _go(self, what: str) -> None:
        name = self.selected_name
        if name is None:
            return
        address = f"{self.address}?{what}={quote(name)}"
        if self.parts.navigator.current == address:
            # The same place again, after its form was closed.
            self.show_place(f"{what}={quote(name)}")
        else:
            self.parts.navigator.go(address)

    def _show_buttons(self) -> None:
        is_one = self.selected_name is not None
        may_act = self.parts.bridge.view.read_only is None
        self.edit.setEnabled(is_one)
        self.duplicate.setEnabled(is_one and may_act)
        self.delete.setEnabled(is_one and may_act)

    def _say(self, words: str, *, action: str) -> None:
        if not self.isVisible():
            # The button of an older notice would take back what was just done elsewhere.
            self.notice.hide()
        else:
            handler = self.changes.undo if action == "Undo" else self.changes.redo
            self.notice.say(words[:1].upper() + words[1:], tone=Tone.OK, action=action, on_action=handler)

    def _on_tab(self, index: int) -> None:
        address = _TABS[index][0] if 0 <= index < len(_TABS) else self.address
        # Each page has tabs of its own, which always show that page.
        self.tabs.blockSignals(True)
        self.tabs.setCurrentIndex([name for name, _ in _TABS].index(self.address))
        self.tabs.blockSignals(False)
        if address != self.address:
            self.parts.navigator.go(address)

    # keys

    def event(self, event: QEvent) -> bool:
        """Keep the page's own keys from the window's shortcuts while the focus is in the table."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._handler(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+N begins a new one, F2 edits, Ctrl+D duplicates, Del deletes, Ctrl+Z and Ctrl+Shift+Z undo and redo."""
        handler = self._handler(event)
        if handler is None:
            super().keyPressEvent(event)
        else:
            handler()

    def _handler(self, event: QKeyEvent) -> Callable[[], object] | None:
        if self.form.isAncestorOf(self.focusWidget() or self):
            return None
        handlers: dict[tuple[Qt.Key, Qt.KeyboardModifier], Callable[[], object]] = {
            (Qt.Key.Key_N, _CONTROL): self.begin_new,
            (Qt.Key.Key_F2, Qt.KeyboardModifier.NoModifier): self.edit_selected,
            (Qt.Key.Key_D, _CONTROL): self.duplicate_selected,
            (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier): self.delete_selected,
            (Qt.Key.Key_Z, _CONTROL): self.changes.undo,
            (Qt.Key.Key_Z, _CONTROL | _SHIFT): self.changes.redo,
        }
        return handlers.get((Qt.Key(event.key()), event.modifiers()))
