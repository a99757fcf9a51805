"""Run ids that a redelivered message gets again, so that whoever reads the results can drop repeats."""

import hashlib
import uuid

from kafka_agent_studio.model.message import Record

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_OID, "kafka-agent-studio").bytes


def run_id_for(connector: str, record: Record, agent: str) -> str:
    """Return uuid5(namespace, "connector/topic/partition/offset/timestamp_ms/agent"); no timestamp counts as -1.

    By hand, since uuid.uuid5 costs twice as much and this is on the path of every message (RFC 9562, version 5).
    """
    timestamp_ms = -1 if record.timestamp_ms is None else record.timestamp_ms
    name = f"{connector}/{record.topic}/{record.partition}/{record.offset}/{timestamp_ms}/{agent}"
    digest = bytearray(hashlib.sha1(_NAMESPACE + name.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_run_id() -> str:
    """Return a UUIDv4, for a manual rerun."""
    return str(uuid.uuid4())
