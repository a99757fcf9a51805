"""The form of a connection: where a cluster is, how to log in to it, whether it is production, and who uses it."""

from collections.abc import Mapping, Sequence
from typing import Any

from kafka_agent_studio.api.cluster_commands import ConnectionDraft, TestConnection
from kafka_agent_studio.gui.forms.choice_fields import SwitchField
from kafka_agent_studio.gui.forms.connection_fields import ConnectionFields
from kafka_agent_studio.gui.forms.field import TextField
from kafka_agent_studio.gui.forms.file_changes import FileChanges
from kafka_agent_studio.gui.forms.file_form import FileForm
from kafka_agent_studio.gui.forms.section import Section
from kafka_agent_studio.gui.forms.text_edits import Edit, Fields
from kafka_agent_studio.gui.forms.users import restarts, users_of
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.model.base import FileModel
from kafka_agent_studio.model.connection import Connection

_SETTINGS = "studio.yaml"


class ConnectionForm(FileForm):
    """New, edit and duplicate. A new name is carried to the connectors that use it."""

    folder = "connections"
    noun = "connection"

    def __init__(self, *, parts: WindowParts, changes: FileChanges) -> None:
        super().__init__(parts=parts, changes=changes)
        theme = parts.theme
        self.name_field = TextField(
            title="Name",
            explanation="Connectors name it; its file is connections/<name>.yaml.",
            theme=theme,
            placeholder="staging",
            is_mono=True,
        )
        self.cluster_fields = ConnectionFields(theme=theme, icons=parts.icons)
        self.production = SwitchField(
            title="Production",
            explanation="The window colours it and asks once more before it changes anything there.",
            theme=theme,
            default=False,
        )
        self.fields = {"name": self.name_field, **self.cluster_fields.fields, "production": self.production}
        top = Section(heading="", theme=theme)
        top.add(self.name_field)
        bottom = Section(heading="In this window", theme=theme)
        bottom.add(self.production)
        for part in (top, self.cluster_fields, bottom):
            self.content.addWidget(part)
        self.content.addStretch(1)
        self.name_field.edited.connect(self._on_name)
        self.cluster_fields.edited.connect(self.on_edited)
        self.production.edited.connect(self.on_edited)
        for field in self.fields.values():
            field.left.connect(self.on_edited)

    def put_values(self, values: Mapping[str, Any]) -> None:
        """Show what a file holds."""
        workspace = self.parts.bridge.view.workspace
        self.name_field.show_value(values.get("name"))
        self.cluster_fields.show_values(values, folder=workspace.root, secret=str(values.get("name") or ""))
        self.production.show_value(self.original_name in workspace.settings.production)

    def written(self) -> dict[str, Any]:
        """The fields as they belong into the file."""
        return {
            "version": self.base.get("version", "1.0"),
            "name": self.name_field.written,
            "bootstrap_servers": self.cluster_fields.servers.written,
            "security": self.cluster_fields.written_security(),
        }

    def model(self) -> type[FileModel]:
        """A connection."""
        return Connection

    def missing(self) -> dict[str, str]:
        """What has to be filled in and is not."""
        name = {} if self.name_field.current else {"name": "Give it a name."}
        return name | self.cluster_fields.missing()

    def is_needed(self, key: str) -> bool:
        """Whether a field has a meaning with the protocol chosen."""
        return not key.startswith("security.") or self.cluster_fields.is_needed(key)

    def effect(self) -> str:
        """What Save will do."""
        name = str(self.name_field.current)
        if self.is_new:
            return f"Save creates connections/{name}.yaml."
        workspace = self.parts.bridge.view.workspace
        users = users_of(workspace, self.original_name)
        if set(self.changed_values()) == {"name"} or self.changed_values():
            return f"Save {restarts(self.parts.bridge.view, users)}."
        if self.production.is_changed:
            return "Save marks it as production." if self.production.current else "Save takes the production mark away."
        return "Save stores the password; it is used at the next connect."

    def production_names(self) -> Sequence[str]:
        """Its own name, where it is marked."""
        marked = self.parts.bridge.view.workspace.settings.production
        return [self.original_name] if self.original_name in marked else []

    def further_edits(self) -> list[Edit]:
        """The mark in studio.yaml, and a new name in the connectors that use it."""
        workspace = self.parts.bridge.view.workspace
        name, before = str(self.name_field.current), self.original_name
        is_production = bool(self.production.current)

        def mark(fields: Fields) -> Fields:
            there = fields.get("production")
            marked = there if isinstance(there, list) else []
            others = [other for other in marked if other not in (before, name)]
            if is_production and name not in marked:
                return {"production": [*others, name]}
            return {} if is_production else {"production": others or None}

        def follow(fields: Fields) -> Fields:
            named = str(fields.get("connection"))
            return {"connection": name} if named == before or "${" in named else {}

        edits: list[Edit] = []
        if is_production or {before, name} & set(workspace.settings.production):
            edits.append((_SETTINGS, mark))
        if before and name != before:
            users = users_of(workspace, before)
            edits += [(workspace.files.get(f"connector/{u}", f"connectors/{u}.yaml"), follow) for u in users]
        return edits

    def check_command(self, job_id: str, text: str, secrets: Mapping[str, str]) -> TestConnection | None:
        """Check what the form holds; a file that is whole is checked as a file."""
        if not self.mistakes():
            return TestConnection(job_id, text=text, secrets=secrets)
        if self.cluster_fields.missing():
            return None
        servers = str(self.cluster_fields.servers.current)
        draft = ConnectionDraft(servers, self.cluster_fields.written_security() or {})
        return TestConnection(job_id, draft=draft, secrets=secrets)

    def _on_name(self) -> None:
        self.cluster_fields.suggest_secret(str(self.name_field.current or ""))
        self.on_edited()
