"""Where secrets are: those that the workspace mentions, and those that somebody is about to mention."""

from pathlib import Path

from pydantic import SecretStr

from kafka_agent_studio.api.commands import ListSecrets
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
