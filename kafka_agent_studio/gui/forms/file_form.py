"""What the forms of connections and connectors have in common: a file opened, checked while typing, and saved."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication

from kafka_agent_studio.api.cluster_commands import TestConnection
from kafka_agent_studio.api.commands import EditFields, HasKeyring, ListSecrets, ParseFields, ReadFile
from kafka_agent_studio.gui.forms.file_changes import FileChanges
from kafka_agent_studio.gui.forms.followed_form import FollowedForm
from kafka_agent_studio.gui.forms.remedy_fields import fields_meant, secrets_meant
from kafka_agent_studio.gui.forms.secret_storing import store_secrets
from kafka_agent_studio.gui.forms.text_edits import Edit, Texts, edit_files
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import Tone

_KEY_SECRET = "security.client_key_password_secret"  # noqa: S105 - the name of a field


class FileForm(FollowedForm):
    """A form of one file. A subclass says which fields there are and what they mean together.

    `saved(name)` comes when the file is written, `closed` when the form has nothing to show any more.
    """

    saved = Signal(str)
    closed = Signal()

    def __init__(self, *, parts: WindowParts, changes: FileChanges) -> None:
        super().__init__(parts=parts)
        self.changes = changes
        self._asked_secrets: frozenset[str] = frozenset()
        self.save_asked.connect(self.try_to_save)
        self.leave_asked.connect(self.leave_form)
        self.revert_asked.connect(self._on_revert)
        self.check_asked.connect(self._on_check)
        self.check.titles_for = self._titles_for
        parts.bridge.workspace_changed.connect(self._on_workspace_changed)
        parts.bridge.rebuilt.connect(self._on_workspace_changed)

    # what a subclass may say

    def further_edits(self) -> list[Edit]:
        """What a save writes into other files."""
        return []

    def refresh(self) -> None:
        """Follow the workspace: what can be chosen, what is offered."""

    # opening and closing

    def open_file(self, name: str, path: str) -> None:
        """Show the file of a thing that exists."""

        def parsed(text: str, values: Mapping[str, Any]) -> None:
            self._begin(path=path, name=name, text=text, values=values)

        def read(text: str | None) -> None:
            if text is None:
                self.refuse(f"{path} is not there any more.")
            else:
                self.parts.bridge.submit(ParseFields(text), lambda values: parsed(text, values), self.refuse)

        self.parts.bridge.submit(ReadFile(path), read, self.refuse)

    def open_new(self, values: Mapping[str, Any], *, text: str = "", is_prefilled: bool = False) -> None:
        """Show a file that does not exist yet. A copy brings the `text` that it was made from, comments and all."""
        self._begin(path=None, name="", text=text, values=values, is_prefilled=is_prefilled)
        self.show_field(self.name_field.editor)
        self.name_field.line.selectAll()

    def _begin(
        self, *, path: str | None, name: str, text: str, values: Mapping[str, Any], is_prefilled: bool = False
    ) -> None:
        self._turn += 1
        self._is_open = True
        self._is_prefilled = is_prefilled
        self.path, self.original_name, self.text = path, name, text
        # What a new form begins with stands in no file yet.
        self.base = dict(values) if text else {}
        self.forget_check()
        self.forget_questions()
        self.check.close_check()
        self.refresh()
        self.put_values(values)
        self.order_tabs()
        self.ask_for_secrets()
        self._ask_for_keyring()
        self.on_edited()

    def leave_form(self) -> None:
        """Close the form; asks where something would be lost."""
        self.when_clean(self.close_form)

    def close_form(self) -> None:
        """Close it without asking."""
        self._turn += 1
        self.forget_check()
        self._is_open = False
        self._is_prefilled = False
        self._is_saving = False
        self.path, self.original_name, self.text, self.base = None, "", "", {}
        self.cluster_fields.show_values({}, folder=self.parts.bridge.view.workspace.root, secret="")
        self.forget_questions()
        self.check.close_check()
        self.closed.emit()

    def when_clean(self, then: Callable[[], object]) -> None:
        """Do something that ends this form, once nothing of it would be lost by it."""
        if not self.is_changed:
            then()
            return

        def discard() -> None:
            self.close_form()
            then()

        answers: list[tuple[str, Callable[[], object]]] = [("Discard", discard), ("Keep editing", self._go_on)]
        if self.save.isEnabled():
            answers.insert(0, ("Save", lambda: self.try_to_save(then)))
        self.ask.ask(f"{self.title} is not saved.", answers)

    def _go_on(self) -> None:
        focused = QApplication.focusWidget()
        if focused is None or not self.area.isAncestorOf(focused):
            self.name_field.editor.setFocus()

    # saving

    def try_to_save(self, then: Callable[[], object] | None = None) -> None:
        """Save where everything is in order; else show every mistake, and go to the first. `then` follows a save.

        A question that waits is answered first.
        """
        if not self._asks_something():
            self.check_now(lambda: self._save_checked(then))

    def _asks_something(self) -> bool:
        """Whether a question has to be answered before a save; it gets the focus."""
        if not self.ask.isHidden():
            self.ask.take_focus()
            return True
        return self.ask_what_is_open(takes_focus=True)

    def _save_checked(self, then: Callable[[], object] | None) -> None:
        mistakes = self.mistakes()
        if mistakes:
            for field in self.fields.values():
                field.is_touched = True
            self.say_how_it_stands()
            first = next((key for key in self.fields if key in mistakes), None)
            if first is not None:
                self.show_field(self.fields[first].editor)
            return
        if not self.save.isEnabled():
            return
        names = self.production_names()
        if names:
            listed = ", ".join(names)
            self.ask.ask(
                f"{listed} is marked as production. {self.effect()}",
                ((f"Save on {listed}", lambda: self._store_secrets(then)), ("Cancel", self._go_on)),
                tone=Tone.FAILED,
            )
        else:
            self._store_secrets(then)

    def _store_secrets(self, then: Callable[[], object] | None) -> None:
        if self.ask_what_is_open(takes_focus=True):
            return
        self._is_saving = True
        self.show_buttons({})
        store_secrets(
            self.parts.bridge,
            self.cluster_fields.typed_secrets(),
            ask=self.ask,
            on_done=lambda: self._work_out(then),
            on_stopped=self._on_stopped,
        )

    def _on_stopped(self) -> None:
        self._is_saving = False
        self.look_at_disk()

    def _work_out(self, then: Callable[[], object] | None) -> None:
        """Work out all texts of the save: this file's, and those that follow from it."""
        path = self.new_path()

        def own(text: str) -> None:
            edit_files(
                self.parts.bridge,
                self.further_edits(),
                lambda changes, expected: self._write(path, text, changes, expected, then),
                self.refuse,
            )

        if not self.changed_values() and not self.is_new:
            edit_files(
                self.parts.bridge,
                self.further_edits(),
                lambda changes, expected: self._write(path, self.text, changes, expected, then),
                self.refuse,
            )
            return
        self.parts.bridge.submit(EditFields(self.text, self.changed_values()), own, self.refuse)

    def _write(
        self, path: str, text: str, further: Texts, further_from: Texts, then: Callable[[], object] | None
    ) -> None:
        changes = dict(further)
        expected = dict(further_from)
        if self.is_new or path != self.path or text != self.text:
            changes[path] = text
            expected[path] = self.text if path == self.path else None
        if self.path is not None and path != self.path:
            changes[self.path] = None
            expected[self.path] = self.text
        name = str(self.name_field.current)
        if not changes:
            self._on_saved(name, path, text, then)
            return
        verb = "created" if self.is_new else "saved"
        self.changes.save(
            changes,
            expected=expected,
            words=f"{verb} {name}",
            on_done=lambda: self._on_saved(name, path, text, then),
            on_error=self._on_conflict,
        )

    def _on_saved(self, name: str, path: str, text: str, then: Callable[[], object] | None) -> None:
        self._is_saving = False

        def parsed(values: Mapping[str, Any]) -> None:
            self._begin(path=path, name=name, text=text, values=values)
            self.saved.emit(name)
            if then is not None:
                then()

        self.parts.bridge.submit(ParseFields(text), parsed, self.refuse)

    def _on_conflict(self, words: str) -> None:
        self.refuse(words)
        self.look_at_disk(otherwise=lambda: self.refuse(words))

    def _on_workspace_changed(self) -> None:
        if not self._is_open:
            return
        self.refresh()
        self.ask_for_secrets()
        self.look_at_disk()

    # small things

    def check_now(self, then: Callable[[], object] | None = None) -> None:
        """Check the whole, and where a password is whose name was just given."""
        if self._is_open and not self._asked_secrets.issuperset(self.cluster_fields.secret_names()):
            self.ask_for_secrets()
        super().check_now(then)

    def ask_for_secrets(self) -> None:
        """Find out where the secrets are that the workspace mentions, and those named in the form."""
        names = self.cluster_fields.secret_names()
        self._asked_secrets = frozenset(names)

        def replied(statuses: Any) -> None:
            self.cluster_fields.say_where_secrets_are({status.name: status.found for status in statuses or ()})

        self.parts.bridge.submit(ListSecrets(names), replied, lambda _words: None)

    def _ask_for_keyring(self) -> None:
        """Find out before somebody types a password whether there is a keyring for it."""
        self.parts.bridge.submit(
            HasKeyring(),
            lambda has: self.cluster_fields.say_whether_there_is_a_keyring(has is not False),
            lambda _words: None,
        )

    def _on_revert(self) -> None:
        if self.path is not None:
            self._begin(path=self.path, name=self.original_name, text=self.text, values=self.base)

    def _titles_for(self, remedy: str) -> list[str]:
        """The titles of the fields, of those shown, that a remedy means."""
        keys = [key for key in fields_meant(remedy) if key in self.fields and self.is_needed(key)]
        fields, secrets = self.cluster_fields, secrets_meant(remedy)
        passwords = (("security.password_secret", fields.password), (_KEY_SECRET, fields.key_password))
        named = [p.title for key, p in passwords if self.is_needed(key) and fields.secret_of(p) in secrets]
        return [self.fields[key].title for key in keys] + named

    def _on_check(self) -> None:
        typed = {name: field.peek() for name, field in self.cluster_fields.typed_secrets().items()}

        def begin(text: str) -> None:
            if self.check_command("", text, typed) is None:
                self.try_to_save()
                return
            self.check.begin(lambda job_id: self.check_command(job_id, text, typed) or TestConnection(job_id))

        self.parts.bridge.submit(EditFields(self.text, self.changed_values()), begin, self.refuse)
