"""Passwords typed in a form go into the keyring, one after the other; a machine without one is told so in place."""

from collections.abc import Callable, Mapping

from kafka_agent_studio.api.commands import SetSecret
from kafka_agent_studio.gui.engine_bridge import EngineBridge
from kafka_agent_studio.gui.forms.ask_bar import AskBar
from kafka_agent_studio.gui.forms.mistakes import sentence
from kafka_agent_studio.gui.forms.password_field import PasswordField, secret_variable


def store_secrets(
    bridge: EngineBridge,
    fields: Mapping[str, PasswordField],
    *,
    ask: AskBar,
    on_done: Callable[[], object],
    on_stopped: Callable[[], object],
) -> None:
    """Store what is typed in `fields` (by the secret's name) and forget it there; then call `on_done`.

    Where the keyring refuses, the person chooses: for this session only, without it (a variable holds it), or not at
    all (`on_stopped`).
    """
    if not fields:
        on_done()
        return
    name, field = next(iter(fields.items()))
    rest = {other: typed for other, typed in fields.items() if other != name}

    def go_on() -> None:
        field.forget()
        field.show_mistake("")
        store_secrets(bridge, rest, ask=ask, on_done=on_done, on_stopped=on_stopped)

    def for_this_session() -> None:
        command = SetSecret(name, field.peek(), session_only=True)
        bridge.submit(command, lambda _none: go_on(), refused)

    def refused(words: str) -> None:
        field.show_refusal(words)
        ask.ask(
            f"{sentence(words.partition(';')[0])} The password “{name}” was not stored: keep it in memory until this "
            f"window closes, or save without it and set the variable {secret_variable(name)} before you start the "
            "program.",
            (
                ("For this session only", for_this_session),
                ("Save without the password", go_on),
                ("Not now", on_stopped),
            ),
        )

    bridge.submit(SetSecret(name, field.peek()), lambda _none: go_on(), refused)
