"""studio.yaml: the workspace's own settings."""

from urllib.parse import urlsplit

from kafka_agent_studio.model.base import SANDBOX
from kafka_agent_studio.model.workspace import StudioSettings
from kafka_agent_studio.workspace.field_checks import FieldChecks, shown
from kafka_agent_studio.workspace.folder import Folder
from kafka_agent_studio.workspace.passwords import has_credentials, without_passwords
from kafka_agent_studio.workspace.problems import did_you_mean
from kafka_agent_studio.workspace.yaml_source import Node

SETTINGS_FILE = "studio.yaml"


def read_settings(folder: Folder, *, connections: set[str]) -> StudioSettings:
    """Return the settings; the defaults where the file is missing, empty or not valid."""
    if not folder.exists(SETTINGS_FILE):
        return StudioSettings()
    node = folder.read_yaml(SETTINGS_FILE)
    if node is None or node.value is None:
        return StudioSettings()
    node = without_passwords(node, folder.problems)
    settings = FieldChecks(noun="the workspace", problems=folder.problems).model(node, StudioSettings)
    providers = node.find(("providers",))
    for name, provider in (providers.fields if providers is not None else {}).items():
        _check_address(folder, name, provider.find(("api_base",)))
    production = node.find(("production",))
    for item in production.items if production is not None else []:
        if item.text is not None and item.text not in connections | {SANDBOX}:
            hint = did_you_mean(item.text, connections)
            folder.problems.error(item.place, f"'production' names an unknown connection '{item.text}'{hint}")
    return settings or StudioSettings()


def _check_address(folder: Folder, provider: str, node: Node | None) -> None:
    if node is None or node.text is None:
        return
    name = f"providers.{provider}.api_base"
    if has_credentials(node.text):
        folder.problems.error(node.place, f"'{name}' holds a user name or password, which no file may")
        return
    try:
        parts = urlsplit(node.text)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        is_address = False
    if not is_address:
        example = "for example http://localhost:11434/v1"
        folder.problems.error(node.place, f"'{name}' must be an http or https address, {example}, not {shown(node)}")
