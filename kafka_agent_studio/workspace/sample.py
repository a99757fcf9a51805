"""The sample workspace: the repository's root in a checkout, `_data/sample` in an installed package."""

import shutil
from pathlib import Path

import kafka_agent_studio
from kafka_agent_studio.workspace.settings_file import SETTINGS_FILE

FOLDERS = ("agents", "connections", "connectors", "schemas", "tools")


def sample_workspace_dir() -> Path:
    """Return the folder that holds the sample workspace; it may be read-only."""
    package = Path(kafka_agent_studio.__file__).resolve().parent
    installed = package / "_data" / "sample"
    return installed if installed.is_dir() else package.parent


def copy_sample(target: Path) -> None:
    """Copy the sample's files, and nothing else, into a folder that is made where it is missing; Raises: OSError."""
    source = sample_workspace_dir()
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / SETTINGS_FILE, target / SETTINGS_FILE)
    for folder in FOLDERS:
        if (source / folder).is_dir():
            shutil.copytree(
                source / folder,
                target / folder,
                ignore=shutil.ignore_patterns("__pycache__", ".*"),
                copy_function=shutil.copyfile,
                dirs_exist_ok=True,
            )
