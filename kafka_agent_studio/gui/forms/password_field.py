"""A password on its way into the keyring: it goes in once and is never shown again."""

import re
from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QLineEdit

from kafka_agent_studio.gui.forms.field import Field
from kafka_agent_studio.gui.forms.mistakes import sentence
from kafka_agent_studio.gui.theme import Theme, Tone

_WORDS = {
    "keyring": "Stored in the keyring as “{name}”. Type to replace it.",
    "session": "Kept for this session only as “{name}”. Type to replace it.",
    "environment": "Taken from the variable {variable}; what is typed here would not be used.",
    "missing": "Missing: nothing is stored as “{name}” yet.",
    "unknown": "The keyring did not say whether “{name}” is stored. It may be locked.",
}

_WITHOUT_KEYRING = {
    "": "This machine has no keyring: Save asks whether to keep it for this session only. To have it at every start, "
    "set the variable {variable} before.",
    "missing": "Missing, and this machine has no keyring: set the variable {variable} before you start the program, or "
    "type it here for this session only.",
}
_WITHOUT_KEYRING_OR_NAME = "This machine has no keyring: Save asks whether to keep it for this session only."


def secret_variable(name: str) -> str:
    """Return the environment variable that holds the secret `name` on a machine without a keyring."""
    return "KAFKA_AGENT_STUDIO_SECRET_" + re.sub(r"[^A-Z0-9]", "_", name.upper())


class PasswordField(Field):
    """What is typed is in the hand of Save alone; `take()` gives it out and forgets it. It is no value of the file."""

    def __init__(self, *, title: str, explanation: str, theme: Theme) -> None:
        super().__init__(title=title, explanation=explanation, theme=theme)
        self._default_explanation = explanation
        self.line = QLineEdit()
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.line.textEdited.connect(lambda _text: self.edited.emit())
        self._set_editor(self.line)

    @property
    def current(self) -> Any:
        """Always None: a password is not written into a file."""
        return None

    @property
    def is_typed(self) -> bool:
        """Whether something waits to be stored."""
        return bool(self.line.text())

    def peek(self) -> str:
        """Return what is typed, for a check of the connection that is not saved yet."""
        return self.line.text()

    def forget(self) -> None:
        """Forget what was typed, also in the history that Ctrl+Z looks into."""
        self.line.setText("")

    def say_where(self, name: str, found: Mapping[str, str], *, has_keyring: bool) -> None:
        """Say where the secret `name` is, or will be; `found` holds what ListSecrets said."""
        place = found.get(name, "")
        if place == "missing" and self.is_typed:
            place = ""
        words = _WORDS.get(place, self._default_explanation)
        is_alright = place not in ("missing", "unknown")
        if not has_keyring and place in ("", "missing"):
            words = _WITHOUT_KEYRING[place] if name else _WITHOUT_KEYRING_OR_NAME
            is_alright = False
        tone = Tone.MUTED if is_alright else Tone.WAITING
        self.explain(words.format(name=name, variable=secret_variable(name)), tone=tone)
        self.line.setPlaceholderText("•••••••• stored" if place in ("keyring", "session", "environment") else "")

    def show_refusal(self, text: str) -> None:
        """Say that it could not be stored."""
        self.show_mistake(sentence(text), tone=Tone.FAILED)

    def _put(self, value: Any) -> None:
        self.forget()
