"""A password never lives in a file: whatever looks like one is refused with where to put it instead."""

import re

from kafka_agent_studio.workspace.problems import ProblemLog
from kafka_agent_studio.workspace.yaml_source import Node

_PASSWORD_FIELD = re.compile(
    r"password|passwd|passphrase|.*[._-](?:password|passwd|passphrase)|sasl[._-]?jaas[._-]config"
    r"|(?:.*[._-])?(?:api[._-]?key|api[._-]?secret|access[._-]?token|client[._-]?secret)|secret|token",
    re.IGNORECASE,
)
_CREDENTIALS_IN_ADDRESS = re.compile(r"(?:^|,|//)\s*[^/@,\s]*@")


def without_passwords(node: Node, problems: ProblemLog) -> Node:
    """Return `node` without its password fields, at any depth, each reported; the values are never quoted."""
    fields: dict[str, Node] = {}
    for key, value in node.fields.items():
        if _PASSWORD_FIELD.fullmatch(key):
            problems.error(value.name_place, _remedy(key))
        else:
            fields[key] = without_passwords(value, problems) if isinstance(value.value, dict) else value
    return node.with_fields(fields) if isinstance(node.value, dict) else node


def has_credentials(address: str) -> bool:
    """Whether an address carries a user name or password (`user:password@host`)."""
    return _CREDENTIALS_IN_ADDRESS.search(address) is not None


def _remedy(key: str) -> str:
    lowered = key.lower()
    if "key" in lowered and re.search(r"pass(?:word|wd|phrase)", lowered):
        field = "client_key_password_secret"
    elif re.search(r"api[._-]?key|token", lowered):
        name = "NAME being the provider's variable, for example GEMINI_API_KEY"
        return f"'{key}' does not belong in a file: run `kas secret set NAME`, {name}"
    else:
        field = "password_secret"
    return f"'{key}' does not belong in a file: run `kas secret set NAME` and write {field}: NAME"
