"""A cluster and how to log in to it."""

from typing import Literal

from pydantic import Field, field_validator

from kafka_agent_studio.model.base import FileModel, Name
from kafka_agent_studio.model.security import Security


def split_bootstrap_servers(text: str) -> list[tuple[str, int]]:
    """Return the (host, port) pairs of `host:port,host:port`; an IPv6 host stands in brackets.

    Raises:
        ValueError: a part is not host:port, or there is none.
    """
    pairs, wrong = [], []
    for part in (p.strip() for p in text.split(",")):
        host, colon, port = part.rpartition(":")
        if not colon or not host or not (port.isascii() and port.isdigit()) or any(c.isspace() for c in host):
            wrong.append(f"'{part}' is not host:port (for example kafka-1:9092,kafka-2:9092)")
        elif not 0 < int(port) < 65536:
            wrong.append(f"the port of '{part}' is not one of 1 to 65535")
        else:
            pairs.append((host.strip("[]"), int(port)))
    if wrong:
        raise ValueError("; ".join(wrong))
    return pairs


def check_bootstrap_servers(text: str) -> str:
    """Return `text` unchanged where every part is host:port; Raises: ValueError."""
    split_bootstrap_servers(text)
    return text


class Connection(FileModel):
    """One file of connections/: shared by the connectors that name it."""

    version: Literal["1.0"]
    name: Name
    bootstrap_servers: str
    security: Security = Field(default_factory=Security)

    _check_servers = field_validator("bootstrap_servers")(check_bootstrap_servers)
