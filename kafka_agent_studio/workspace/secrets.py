"""Secrets: the environment, then this session's memory, then the OS keyring; never a file.

keyring's calls block, on a D-Bus prompt for ever, so they run on daemon threads with a bounded wait.
Source: https://keyring.readthedocs.io
"""

import asyncio
import contextlib
import re
import threading
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Protocol, TypeVar

from pydantic import SecretStr

from kafka_agent_studio.model.workspace import Problem
from kafka_agent_studio.workspace.secret_names import SecretUse, environment_name

SERVICE = "kafka-agent-studio"

ResultT = TypeVar("ResultT")

_MODEL_KEY = re.compile(r"[A-Z][A-Z0-9_]*_(?:API_?KEY|TOKEN)")


class Keyring(Protocol):
    """What is used of the keyring package."""

    def get_password(self, service_name: str, username: str) -> str | None:
        """Return a password, None where there is none."""
        ...

    def set_password(self, service_name: str, username: str, password: str) -> None:
        """Store a password."""
        ...

    def delete_password(self, service_name: str, username: str) -> None:
        """Remove a password."""
        ...


class SecretPlace(StrEnum):
    """Where a secret was found."""

    ENVIRONMENT = "environment"
    SESSION = "session"
    KEYRING = "keyring"
    MISSING = "missing"


class SecretStoreError(Exception):
    """The keyring cannot do what was asked; the message is one sentence with what to do."""


class _NoKeyringError(SecretStoreError):
    """This machine has no keyring at all."""


class SecretStore:
    """All secrets of this machine, by name. A value is looked up each time, so a change applies at the next use."""

    def __init__(self, *, environ: Mapping[str, str], keyring: Keyring | None = None, wait_s: float = 20.0) -> None:
        """`keyring` None is the machine's own; `wait_s` bounds each of its calls."""
        self._environ = environ
        self._keyring = keyring
        self._wait_s = wait_s
        self._session: dict[str, SecretStr] = {}

    async def get(self, name: str) -> SecretStr | None:
        """Return a secret, None where it is nowhere (a machine without a keyring has none in it).

        Raises:
            SecretStoreError: the keyring is locked, broken or does not answer.
        """
        found = self._from_environment(name) or self._session.get(name)
        if found is not None:
            return found
        with contextlib.suppress(_NoKeyringError):
            value = await self._call(name, lambda keyring: keyring.get_password(SERVICE, name))
            return SecretStr(value) if value else None
        return None

    async def where(self, name: str) -> SecretPlace:
        """Return where `get` would find a secret; Raises: SecretStoreError."""
        if self._from_environment(name) is not None:
            return SecretPlace.ENVIRONMENT
        if name in self._session:
            return SecretPlace.SESSION
        return SecretPlace.MISSING if await self.get(name) is None else SecretPlace.KEYRING

    async def set(self, name: str, value: SecretStr, *, session_only: bool = False) -> None:
        """Store a secret in the keyring, or in memory until the process ends; Raises: SecretStoreError."""
        if session_only:
            self._session[name] = value
            return

        def store(keyring: Keyring) -> bool:
            keyring.set_password(SERVICE, name, value.get_secret_value())
            return keyring.get_password(SERVICE, name) == value.get_secret_value()

        if not await self._call(name, store):
            words = f"the keyring took '{name}' but did not keep it; set {environment_name(name)}"
            raise SecretStoreError(f"{words}, or keep the secret for this session only")
        self._session.pop(name, None)

    async def delete(self, name: str) -> bool:
        """Forget a secret; False where neither session nor keyring held it. Raises: SecretStoreError."""
        was_in_session = self._session.pop(name, None) is not None
        try:
            stored = await self._call(name, lambda keyring: keyring.get_password(SERVICE, name))
            if stored is not None:
                await self._call(name, lambda keyring: keyring.delete_password(SERVICE, name))
        except _NoKeyringError:
            if was_in_session:
                return True
            raise
        return was_in_session or stored is not None

    async def has_keyring(self) -> bool:
        """Whether there is a keyring to store in, as far as that shows without using it, which could open a prompt."""

        def look() -> bool:
            from keyring.backends import fail, null

            return not isinstance(self._keyring or _machine_keyring(), fail.Keyring | null.Keyring)

        try:
            return await asyncio.wait_for(_on_daemon_thread(look), self._wait_s)
        except Exception:  # noqa: BLE001 - there is one, and whoever uses it is told what is wrong with it
            return True

    def _from_environment(self, name: str) -> SecretStr | None:
        own = [name] if is_model_key(name) else []
        value = next((self._environ[n] for n in (*own, environment_name(name)) if self._environ.get(n)), None)
        return SecretStr(value) if value is not None else None

    async def _call(self, name: str, use: Callable[[Keyring], ResultT]) -> ResultT:
        def on_thread() -> ResultT:
            return use(self._keyring or _machine_keyring())

        try:
            return await asyncio.wait_for(_on_daemon_thread(on_thread), self._wait_s)
        except TimeoutError:
            words = f"the keyring did not answer within {self._wait_s:g} s; unlock it, or set {environment_name(name)}"
            raise SecretStoreError(words) from None
        except Exception as error:  # noqa: BLE001 - backends raise what they like
            if type(error).__name__ == "NoKeyringError":
                words = f"this machine has no keyring; set {environment_name(name)}"
                raise _NoKeyringError(f"{words}, or keep the secret for this session only") from None
            # The text of a foreign error may quote what it was given; its type cannot.
            words = f"the keyring failed ({type(error).__name__}); unlock it, or set {environment_name(name)}"
            raise SecretStoreError(words) from None


def is_model_key(name: str) -> bool:
    """Whether a secret is named like a provider's variable, which then holds it, too (GEMINI_API_KEY, HF_TOKEN)."""
    return _MODEL_KEY.fullmatch(name) is not None


async def missing_secrets(store: SecretStore, uses: tuple[SecretUse, ...]) -> list[Problem]:
    """Return a warning at each place that mentions a secret that is nowhere."""
    problems = []
    places: dict[str, SecretPlace | str] = {}
    for use in uses:
        if use.name not in places:
            try:
                places[use.name] = await store.where(use.name)
            except SecretStoreError as error:
                places[use.name] = f"the secret '{use.name}' cannot be looked up: {error}"
        found = places[use.name]
        if found is SecretPlace.MISSING:
            variable = use.name if use.is_model_key else environment_name(use.name)
            what = "the model's key" if use.is_model_key else "the secret"
            found = f"{what} '{use.name}' is missing: run `kas secret set {use.name}`, or set {variable}"
        if not isinstance(found, SecretPlace):
            problems.append(Problem(use.place.file, use.place.line, use.place.column, "warning", found))
    return problems


def _machine_keyring() -> Keyring:
    import keyring  # looks for backends on import: not before it is needed

    return keyring.get_keyring()


async def _on_daemon_thread(function: Callable[[], ResultT]) -> ResultT:
    """Await a blocking call on a thread that cannot keep the process alive, as the pool of to_thread would."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[ResultT] = loop.create_future()

    def settle(result: ResultT | None, error: Exception | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def work() -> None:
        result: ResultT | None = None
        failure: Exception | None = None
        try:
            result = function()
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            failure = error
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=work, name="keyring", daemon=True).start()
    return await future
