"""A form that is checked while one types: every mistake at its field, and beside Save what is left to do."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QTimer

from kafka_agent_studio.api.commands import CheckText, EditFields
from kafka_agent_studio.gui.forms.field import Field
from kafka_agent_studio.gui.forms.file_content import FileContent
from kafka_agent_studio.gui.forms.mistakes import mended, model_mistakes, problem_mistakes, sentence, what_is_left
from kafka_agent_studio.gui.forms.names import free_name
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import Tone
from kafka_agent_studio.model.base import SANDBOX

_CHECK_AFTER_MS = 250


class CheckedForm(FileContent):
    """Holds what a file held (`base`, `text`) and what its fields hold, and says what is wrong with that.

    A mistake in a field that nobody has filled in is silent until Save is pressed.
    """

    folder = ""
    noun = ""

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__(parts=parts)
        self.parts = parts
        self.fields: dict[str, Field] = {}
        self.path: str | None = None
        self.original_name = ""
        self.text = ""
        self.base: dict[str, Any] = {}
        self._is_open = False
        self._is_saving = False
        self._is_prefilled = False
        self._turn = 0
        self._file_mistakes: dict[str, tuple[str, Any]] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_CHECK_AFTER_MS)
        self._timer.timeout.connect(self.check_now)

    @property
    def is_open(self) -> bool:
        """Whether something is shown."""
        return self._is_open

    @property
    def is_new(self) -> bool:
        """Whether the file does not exist yet."""
        return self.path is None

    @property
    def is_changed(self) -> bool:
        """Whether something would be lost: a change, a typed password, a copy that is not saved."""
        return self._is_open and (
            self._is_prefilled or any(f.is_changed for f in self.fields.values()) or self.cluster_fields.is_changed
        )

    # what the file would be

    def values(self) -> dict[str, Any]:
        """The whole file as it would be, without what is absent."""
        merged = {**self.base, **self.written()}
        return {key: value for key, value in merged.items() if value is not None}

    def changed_values(self) -> dict[str, Any]:
        """The fields to write: those that are not as they stand in the file."""
        return self._changed(self.written())

    def _changed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in values.items() if value != self.base.get(key)}

    def new_path(self) -> str:
        """Where the file would be."""
        name = self.name_field.current
        if self.path is not None and name == self.original_name:
            return self.path
        return f"{self.folder}/{name}.yaml"

    # what is wrong with it

    def mistakes(self) -> dict[str, str]:
        """Everything that is wrong now, by key; what is only missing included."""
        missing = self._missing_now()
        found = {**self._found_in_file(), **model_mistakes(self.model(), self.values()), **self._name_mistake()}
        # What is missing is said once, at the field that waits for it.
        without_owner = {key: words for key, words in found.items() if key not in ("", "security") or not missing}
        return {**without_owner, **missing}

    def on_edited(self) -> None:
        """Take in a change: what is wrong now, what Save will do, and a check of the whole a moment later."""
        if self._is_open:
            self._timer.start()
            self.say_how_it_stands()

    def check_now(self, then: Callable[[], object] | None = None) -> None:
        """Ask the engine what it makes of the file as it would be; `then` follows once that is known.

        What the form itself finds wrong is replaced by something harmless: one mistake shall not hide another.
        """
        self._timer.stop()
        follow = then or (lambda: None)
        if not self._is_open:
            return
        if self.parts.bridge.view.read_only is not None:
            follow()
            return
        turn = self._turn
        known = {**model_mistakes(self.model(), self.values()), **self._name_mistake(), **self._missing_now()}
        name = self.original_name or free_name("a", self._taken())
        path = (self.path or f"{self.folder}/{name}.yaml") if "name" in known else self.new_path()
        values = self._changed(mended(self.written(), known, name=name))
        held = {key: field.current for key, field in self.fields.items()}

        def checked(text: str, problems: Any) -> None:
            if turn == self._turn:
                found = problem_mistakes(problems, text)
                self._file_mistakes = {key: (words, held.get(key)) for key, words in found.items() if key not in known}
                self.say_how_it_stands()
                follow()

        def edited(text: str) -> None:
            self.parts.bridge.submit(CheckText(path, text), lambda problems: checked(text, problems), self.refuse)

        self.parts.bridge.submit(EditFields(self.text, values), edited, self.refuse)

    def forget_check(self) -> None:
        """Begin anew: nothing is known of the file as a whole."""
        self._timer.stop()
        self._file_mistakes = {}

    def say_how_it_stands(self) -> None:
        """Show at each field what is wrong with it, and beside Save what is left to do or what it will do."""
        mistakes, missing = self.mistakes(), self.missing()
        for key, field in self.fields.items():
            is_silent = key in missing and field.current is None and not field.is_touched
            field.show_mistake("" if is_silent else mistakes.get(key, ""))
        kind = f"New {self.noun}" if self.is_new else self.original_name
        self.set_title(kind, is_production=bool(self.production_names()))
        self.show_buttons(mistakes)
        read_only = self.parts.bridge.view.read_only
        if read_only is not None:
            self.say(read_only)
        elif mistakes:
            titles = {key: field.title for key, field in self.fields.items()}
            is_mine = self.is_changed or self.is_new
            self.say(what_is_left(mistakes, missing, titles), tone=Tone.MUTED if is_mine else Tone.FAILED)
        else:
            self.say(self.effect() if self.is_changed else "Nothing is changed.")

    def show_buttons(self, mistakes: Mapping[str, str]) -> None:
        """Let Save be pressed where there is something to save and all is well."""
        may_save = not mistakes and self.parts.bridge.view.read_only is None and self.is_changed
        may_press = may_save and not self._is_saving and self.ask.isHidden()
        if self.save.hasFocus() and not may_press:
            # Else Qt gives the focus to whatever comes next in the window.
            self.check_button.setFocus()
        self.save.setEnabled(may_press)
        self.revert.setEnabled(self.is_changed and not self.is_new and not self._is_saving)

    def refuse(self, words: str) -> None:
        """Say why something could not be done."""
        self._is_saving = False
        self.say(sentence(words), tone=Tone.FAILED)
        self.show_buttons({})

    def _missing_now(self) -> dict[str, str]:
        return {key: words for key, words in self.missing().items() if self.is_needed(key)}

    def _found_in_file(self) -> dict[str, str]:
        """What the last check of the file found, without what was changed since."""
        is_old = self._timer.isActive()
        found = {}
        for key, (words, held) in self._file_mistakes.items():
            field = self.fields.get(key)
            if not is_old if field is None else field.current == held and self.is_needed(key):
                found[key] = words
        return found

    def _taken(self) -> set[str]:
        workspace = self.parts.bridge.view.workspace
        return {*workspace.connections, *workspace.connectors, SANDBOX}

    def _name_mistake(self) -> dict[str, str]:
        name = self.name_field.current
        if name is None or name == self.original_name:
            return {}
        workspace = self.parts.bridge.view.workspace
        if name == SANDBOX:
            return {"name": "“sandbox” is the name of the embedded broker: take another."}
        if name in workspace.connections:
            return {"name": f"There is a connection “{name}” already."}
        if name in workspace.connectors:
            return {"name": f"There is a connector “{name}” already."}
        return {}
