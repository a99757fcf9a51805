"""What a form of one kind of file has to say of itself; FileForm does the rest."""

from collections.abc import Mapping, Sequence
from typing import Any

from kafka_agent_studio.api.cluster_commands import TestConnection
from kafka_agent_studio.gui.forms.connection_fields import ConnectionFields
from kafka_agent_studio.gui.forms.field import TextField
from kafka_agent_studio.gui.forms.form_frame import FormFrame
from kafka_agent_studio.gui.left_open import LeftOpenError
from kafka_agent_studio.model.base import FileModel


class FileContent(FormFrame):
    """Which fields there are and what they mean together. Every method is a subclass's to fill."""

    name_field: TextField
    cluster_fields: ConnectionFields

    def written(self) -> dict[str, Any]:
        """The fields as they belong into the file; None: not in it."""
        raise LeftOpenError(self)

    def model(self) -> type[FileModel]:
        """The model that the file has to satisfy."""
        raise LeftOpenError(self)

    def missing(self) -> dict[str, str]:
        """What has to be filled in and is not, by key, in words."""
        raise LeftOpenError(self)

    def is_needed(self, key: str) -> bool:
        """Whether a field has a meaning with what the others say."""
        raise LeftOpenError(self)

    def put_values(self, values: Mapping[str, Any]) -> None:
        """Show what a file holds."""
        raise LeftOpenError(self)

    def effect(self) -> str:
        """What Save will do, in one sentence."""
        raise LeftOpenError(self)

    def production_names(self) -> Sequence[str]:
        """The connections marked as production that a save touches."""
        raise LeftOpenError(self)

    def check_command(self, job_id: str, text: str, secrets: Mapping[str, str]) -> TestConnection | None:
        """The check of what the form holds now; None: too little is filled in."""
        raise LeftOpenError(self)

    def close_form(self) -> None:
        """Close it without asking."""
        raise LeftOpenError(self)
