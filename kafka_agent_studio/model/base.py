"""What every noun read from a file shares: frozen, no unknown fields, no coercion between unlike types."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

NAME_PATTERN = r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$"

Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=200)]
"""A name of a connection, connector or agent: a-z, 0-9 and '-', beginning and ending with a letter or digit."""

SANDBOX = "sandbox"
"""The reserved name of the embedded broker's connection."""


class FileModel(BaseModel):
    """A frozen value that a workspace file holds; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, str_strip_whitespace=False, defer_build=True)
