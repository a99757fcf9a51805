"""Partial state of events that belong together, by key: in SQLite, or in Redis where REDIS_URL is set.

The event itself comes from the run's context, so that no model has to copy it.
"""

import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

KEPT_S = 7 * 24 * 3600
"""How long an event waits for its counterparts."""

_EXPECTED_TOPICS = ("orders", "shipments")


def upsert_event(context: dict[str, Any], key: str | None = None) -> dict[str, Any]:
    """Store the event that is being handled under its key; a later event of the same topic replaces it.

    Args:
        key: What the events have in common. Leave it out to use _kafka.key, or else the order_id.
    """
    payload = context["payload"]
    key = key or _key_of(payload)
    topic = str(payload["_kafka"]["topic"])
    _store(key, topic, {name: value for name, value in payload.items() if name != "_kafka"})
    return {"key": key, "stored": topic}


def build_snapshot(context: dict[str, Any], key: str | None = None) -> dict[str, Any]:
    """Return what is known under a key: the newest event of each topic, and which topics are still missing.

    Args:
        key: What the events have in common. Leave it out to use _kafka.key, or else the order_id.
    """
    key = key or _key_of(context["payload"])
    events = _events(key)
    missing = [topic for topic in _EXPECTED_TOPICS if topic not in events]
    return {"key": key, "complete": not missing, "missing": missing, "events": events}


def _key_of(payload: dict[str, Any]) -> str:
    key = payload["_kafka"].get("key") or payload.get("order_id")
    if key is None:
        raise ValueError("the event has neither a key nor an order_id to be correlated by")
    return str(key)


def _store(key: str, topic: str, event: dict[str, Any]) -> None:
    text = json.dumps(event)
    if url := os.environ.get("REDIS_URL"):
        with _redis(url) as client:
            client.hset(_redis_key(key), topic, text)
            client.expire(_redis_key(key), KEPT_S)
        return
    with _database() as database:
        database.execute("DELETE FROM event WHERE stored_at < ?", (time.time() - KEPT_S,))
        database.execute("INSERT OR REPLACE INTO event VALUES (?, ?, ?, ?)", (key, topic, text, time.time()))


def _events(key: str) -> dict[str, Any]:
    if url := os.environ.get("REDIS_URL"):
        with _redis(url) as client:
            stored = client.hgetall(_redis_key(key))
    else:
        with _database() as database:
            stored = dict(database.execute("SELECT topic, event FROM event WHERE key = ? ORDER BY topic", (key,)))
    return {topic: json.loads(text) for topic, text in stored.items()}


def _redis_key(key: str) -> str:
    return f"kafka-agent-studio:correlation:{key}"


@contextmanager
def _redis(url: str) -> Iterator[Any]:
    import redis  # an extra: who has no REDIS_URL need not install it

    client = redis.Redis.from_url(url, decode_responses=True)
    try:
        yield client
    finally:
        client.close()


@contextmanager
def _database() -> Iterator[sqlite3.Connection]:
    """Open the database for one transaction; tools are called from several threads."""
    database = sqlite3.connect(_database_path(), timeout=30)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(
            "CREATE TABLE IF NOT EXISTS event"
            " (key TEXT, topic TEXT, event TEXT NOT NULL, stored_at REAL NOT NULL, PRIMARY KEY (key, topic))"
        )
        with database:
            yield database
    finally:
        database.close()


def _database_path() -> Path:
    """Return where the events wait: CORRELATION_DB, else the workspace's own state, else a temporary folder."""
    if given := os.environ.get("CORRELATION_DB"):
        return Path(given)
    state = Path(__file__).resolve().parents[1] / ".studio"
    try:
        state.mkdir(exist_ok=True)
    except OSError:
        return Path(tempfile.gettempdir()) / "kafka-agent-studio-correlation.sqlite3"
    if os.access(state, os.W_OK):
        return state / "correlation.sqlite3"
    return Path(tempfile.gettempdir()) / "kafka-agent-studio-correlation.sqlite3"
