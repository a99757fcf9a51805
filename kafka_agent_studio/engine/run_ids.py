"""Run ids that a redelivered message gets again, so that whoever reads the results can drop repeats."""

import hashlib
import uuid

from kafka_agent_studio.model.message import Record

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_OID, "kafka-agent-studio").bytes
_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
"""The digit whose two upper bits say which layout an id has: they become 1 and 0."""


def run_id_for(connector: str, record: Record, agent: str) -> str:
    """Return uuid5(namespace, "connector/topic/partition/offset/timestamp_ms/agent"); no timestamp counts as -1.

    By hand, since uuid.uuid5 costs twice as much and this is on the path of every message (RFC 9562, version 5).
    """
    timestamp_ms = -1 if record.timestamp_ms is None else record.timestamp_ms
    name = f"{connector}/{record.topic}/{record.partition}/{record.offset}/{timestamp_ms}/{agent}"
    text = hashlib.sha1(_NAMESPACE + name.encode(), usedforsecurity=False).hexdigest()
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"


def new_run_id() -> str:
    """Return a UUIDv4, for a manual rerun."""
    return str(uuid.uuid4())
