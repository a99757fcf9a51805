"""Where secrets are: those that the workspace mentions, and those that somebody is about to mention."""

from pathlib import Path

from keyring.backends import fail
from pydantic import SecretStr

from kafka_agent_studio.api.commands import HasKeyring, ListSecrets
from kafka_agent_studio.api.queries import SecretStatus
from kafka_agent_studio.engine.workspace_files import SecretDesk
from kafka_agent_studio.workspace.secrets import SecretStore
from tests.helpers.memory_keyring import MemoryKeyring


async def test_a_name_that_no_file_mentions_yet_is_looked_up_where_it_is_asked_for(tmp_path: Path) -> None:
    store = SecretStore(environ={}, keyring=MemoryKeyring())
    await store.set("shared", SecretStr("x"))
    desk = SecretDesk(root=tmp_path, environ={}, secrets=store)
    assert await desk.list(ListSecrets()) == ()
    found = await desk.list(ListSecrets(("shared", "other")))
    assert found == (SecretStatus("other", "missing"), SecretStatus("shared", "keyring"))


async def test_whether_there_is_a_keyring_is_told_without_using_it(tmp_path: Path) -> None:
    class Unused(MemoryKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            raise AssertionError("somebody would have been asked to unlock it")

    for keyring, has in ((Unused(), True), (fail.Keyring(), False)):  # type: ignore[no-untyped-call]
        store = SecretStore(environ={}, keyring=keyring)
        desk = SecretDesk(root=tmp_path, environ={}, secrets=store)
        assert await desk.has_keyring(HasKeyring()) is has
