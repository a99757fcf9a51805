"""Secrets: where they are found, and what is said when they are not."""

import threading
from pathlib import Path

import pytest
from keyring.errors import NoKeyringError
from pydantic import SecretStr

from kafka_agent_studio.workspace.secrets import SecretPlace, SecretStore, SecretStoreError, missing_secrets
from tests.helpers.memory_keyring import MemoryKeyring
from tests.unit.workspace.files import AGENT, CONNECTION, load


class _NoKeyring(MemoryKeyring):
    def get_password(self, service: str, username: str) -> str | None:
        raise NoKeyringError

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NoKeyringError


class _Failing(MemoryKeyring):
    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError("it said s3cr3t-canary")


class _Forgetful(MemoryKeyring):
    def set_password(self, service: str, username: str, password: str) -> None:
        """Take it and lose it, as the null backend does."""


class _Silent(MemoryKeyring):
    def __init__(self) -> None:
        super().__init__()
        self.answer = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.answer.wait(30)
        return None


def _value(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


async def test_environment_wins_over_session_over_keyring() -> None:
    environ: dict[str, str] = {}
    store = SecretStore(environ=environ, keyring=MemoryKeyring())
    assert await store.where("prod-kafka") is SecretPlace.MISSING
    await store.set("prod-kafka", SecretStr("ring"))
    assert (await store.where("prod-kafka"), _value(await store.get("prod-kafka"))) == (SecretPlace.KEYRING, "ring")
    await store.set("prod-kafka", SecretStr("session"), session_only=True)
    assert (await store.where("prod-kafka"), _value(await store.get("prod-kafka"))) == (SecretPlace.SESSION, "session")
    environ["KAFKA_AGENT_STUDIO_SECRET_PROD_KAFKA"] = "env"
    assert (await store.where("prod-kafka"), _value(await store.get("prod-kafka"))) == (SecretPlace.ENVIRONMENT, "env")


async def test_a_models_key_is_found_in_its_providers_variable() -> None:
    store = SecretStore(environ={"GEMINI_API_KEY": "g", "PATH": "/bin"}, keyring=MemoryKeyring())
    assert _value(await store.get("GEMINI_API_KEY")) == "g"
    assert await store.get("PATH") is None


async def test_a_secret_is_deleted_everywhere() -> None:
    store = SecretStore(environ={}, keyring=MemoryKeyring())
    await store.set("a", SecretStr("1"))
    await store.set("a", SecretStr("2"), session_only=True)
    assert await store.delete("a")
    assert await store.get("a") is None
    assert not await store.delete("a")


async def test_a_machine_without_a_keyring_says_so_and_keeps_a_session() -> None:
    store = SecretStore(environ={}, keyring=_NoKeyring())
    assert await store.get("a-b") is None
    assert await store.where("a-b") is SecretPlace.MISSING
    with pytest.raises(SecretStoreError, match="no keyring; set KAFKA_AGENT_STUDIO_SECRET_A_B, or keep the secret"):
        await store.set("a-b", SecretStr("x"))
    await store.set("a-b", SecretStr("x"), session_only=True)
    assert _value(await store.get("a-b")) == "x"
    assert await store.delete("a-b")


async def test_a_keyring_that_loses_what_it_takes_is_noticed() -> None:
    with pytest.raises(SecretStoreError, match="did not keep it"):
        await SecretStore(environ={}, keyring=_Forgetful()).set("a", SecretStr("x"))


async def test_a_broken_keyring_is_named_without_its_words() -> None:
    with pytest.raises(SecretStoreError, match=r"the keyring failed \(RuntimeError\)") as failed:
        await SecretStore(environ={}, keyring=_Failing()).get("a")
    assert "canary" not in str(failed.value)


async def test_a_keyring_that_never_answers_is_given_up() -> None:
    keyring = _Silent()
    try:
        with pytest.raises(SecretStoreError, match="did not answer within"):
            await SecretStore(environ={}, keyring=keyring, wait_s=0.05).get("a")
    finally:
        keyring.answer.set()


async def test_missing_secrets_are_warnings_at_their_place(tmp_path: Path) -> None:
    security = "{protocol: SASL_SSL, sasl_mechanism: PLAIN, username: me, password_secret: prod}"
    loaded = load(
        tmp_path,
        {
            "agents/a.yaml": AGENT.replace("sandbox/rehearsal", "gemini/gemini-2.5-pro"),
            "connections/c.yaml": f"{CONNECTION}security: {security}\n",
        },
    )
    store = SecretStore(environ={}, keyring=MemoryKeyring())
    problems = await missing_secrets(store, loaded.secret_uses)
    assert [(p.file, p.line, p.column, p.level, p.message) for p in problems] == [
        (
            "connections/c.yaml",
            4,
            86,
            "warning",
            "the secret 'prod' is missing: run `kas secret set prod`, or set KAFKA_AGENT_STUDIO_SECRET_PROD",
        ),
        (
            "agents/a.yaml",
            4,
            8,
            "warning",
            "the model's key 'GEMINI_API_KEY' is missing: run `kas secret set GEMINI_API_KEY`, or set GEMINI_API_KEY",
        ),
    ]
    await store.set("prod", SecretStr("x"))
    assert [p.file for p in await missing_secrets(store, loaded.secret_uses)] == ["agents/a.yaml"]
