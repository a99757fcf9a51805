"""A form whose file others change, too: what they wrote is shown, and what both changed is asked about."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QComboBox, QLineEdit

from kafka_agent_studio.api.commands import ParseFields, ReadFile
from kafka_agent_studio.gui.forms.ask_bar import Answer
from kafka_agent_studio.gui.forms.checked_form import CheckedForm
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import Tone


class FollowedForm(CheckedForm):
    """What changes on disk is taken over where the person did not touch it.

    Where both changed the same field, or the file was deleted under changes, a question stands until it is answered:
    another may come before it, and then it is asked again; nothing is saved before.
    """

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__(parts=parts)
        self._contested: frozenset[str] = frozenset()
        self._is_gone = False
        self._asked = ""
        self.ask.answered.connect(self._on_answered)

    def forget_questions(self) -> None:
        """Begin anew: nothing is asked any more."""
        self._contested, self._is_gone, self._asked = frozenset(), False, ""
        self.ask.clear()

    def ask_what_is_open(self, *, takes_focus: bool = False) -> bool:
        """Ask what is not answered yet about the file, in place of any other question; False: there is nothing."""
        question = self._open_question()
        if question is None:
            return False
        self._asked, answers = question
        # Whoever is typing would answer it with the next space.
        self.ask.ask(self._asked, answers, takes_focus=takes_focus, can_wait=True)
        self.say_how_it_stands()
        return True

    def look_at_disk(self, *, otherwise: Callable[[], object] | None = None) -> None:
        """Take in what the file holds now; `otherwise` follows where that is nothing new.

        A save that goes on finds out by itself.
        """
        turn, path, nothing_new = self._turn, self.path, otherwise or self.say_how_it_stands
        if path is None or self._is_saving:
            nothing_new()
            return

        def is_old() -> bool:
            return turn != self._turn or self._is_saving

        def parsed(text: str, values: Mapping[str, Any]) -> None:
            if not is_old():
                self._merge(text, values)

        def read(text: str | None) -> None:
            if is_old():
                self.say_how_it_stands()
            elif text is None:
                self._on_removed()
            elif text == self.text:
                self._is_gone = False
                self._update_question()
                nothing_new()
            else:
                self.parts.bridge.submit(ParseFields(text), lambda values: parsed(text, values), self.refuse)

        self.parts.bridge.submit(ReadFile(path), read, self.refuse)

    # within

    def _on_answered(self) -> None:
        is_free = self._is_open and self.ask.isHidden() and not self._is_saving
        if is_free and not self.ask_what_is_open():
            self.say_how_it_stands()

    def _update_question(self) -> None:
        """Ask what is open now, unless something else is being asked: then it follows the answer to that."""
        if self.ask.isHidden() or self.ask.text == self._asked:
            question = self._open_question()
            if question is None:
                self.ask.clear()
            elif question[0] != self.ask.text:
                self.ask_what_is_open()

    def _open_question(self) -> tuple[str, Sequence[Answer]] | None:
        if self._is_gone:
            words = f"{self.path} was deleted meanwhile. Save would write it anew."
            return words, (("Discard", self.close_form), ("Keep editing", self._keep_as_new))
        fields = self.fields.items()
        both = [k for k, field in fields if k in self._contested and field.is_changed and self.is_needed(k)]
        if not both:
            return None
        listed = ", ".join(f"{self.fields[key].title} (theirs: {_shown(_at(self.base, key))})" for key in both)
        words = f"{self.path} was changed meanwhile, and so was the same here: {listed}. Below stands yours."

        def take_theirs() -> None:
            self._contested -= set(both)
            self._show_file({key: value for key, value in self._changed_fields().items() if key not in both})

        def keep_mine() -> None:
            self._contested -= set(both)
            self.on_edited()

        return words, (("Take theirs", take_theirs), ("Keep mine", keep_mine))

    def _on_removed(self) -> None:
        if not self.is_changed:
            self.close_form()
            return
        self._is_gone = True
        self._update_question()
        self.say_how_it_stands()

    def _keep_as_new(self) -> None:
        self._contested, self._is_gone = frozenset(), False
        self.path, self.original_name, self._is_prefilled = None, "", True
        self.on_edited()

    def _merge(self, text: str, theirs: Mapping[str, Any]) -> None:
        """Take over what changed on disk; ask where the person changed the same field to something else.

        Until then the person's own stand, and count as not saved.
        """
        mine, before = self._changed_fields(), self.base
        self._contested = frozenset(
            key
            for key, value in mine.items()
            if (key in self._contested or _at(theirs, key) != _at(before, key))
            and _at(theirs, key) != value
            and self.is_needed(key)
        )
        self._is_gone = False
        self.text, self.base = text, dict(theirs)
        self._turn += 1
        self._show_file(mine)
        self._update_question()
        if self.ask.isHidden():
            self.say(f"{self.path} was changed by someone else; it is shown as it is now.", tone=Tone.WAITING)
        else:
            self.say_how_it_stands()

    def _changed_fields(self) -> dict[str, Any]:
        return {key: field.current for key, field in self.fields.items() if field.is_changed}

    def _show_file(self, mine: Mapping[str, Any]) -> None:
        """Show the file as it is now, with what the person has changed in it; the cursor stays where it is."""
        typed = {name: field.peek() for name, field in self.cluster_fields.typed_secrets().items()}
        focused = self.focusWidget()
        line = focused.lineEdit() if isinstance(focused, QComboBox) else focused
        at = line.cursorPosition() if isinstance(line, QLineEdit) else 0
        self.put_values(self.base)
        self._put_back(mine, typed)
        if isinstance(line, QLineEdit):
            line.setCursorPosition(at)

    def _put_back(self, mine: Mapping[str, Any], typed: Mapping[str, str]) -> None:
        for key, value in mine.items():
            self.fields[key].fill(value)
        for password in (self.cluster_fields.password, self.cluster_fields.key_password):
            name = self.cluster_fields.secret_of(password)
            if name in typed:
                password.line.setText(typed[name])
        self.on_edited()


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else "nothing" if value is None else str(value)


def _at(values: Mapping[str, Any], key: str) -> Any:
    for part in key.split("."):
        values = values.get(part) if isinstance(values, Mapping) else None  # type: ignore[assignment]
    return values
