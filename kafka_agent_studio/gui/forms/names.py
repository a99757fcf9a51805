"""Names that forms suggest: from the topic, and not taken yet."""

import re
from collections.abc import Collection

from kafka_agent_studio.model.connector import Direction


def suggested_name(topic: str, direction: Direction, taken: Collection[str]) -> str:
    """Return a connector's name for a topic (`orders` → `orders-in`); empty without a topic."""
    stem = re.sub(r"[^a-z0-9]+", "-", topic.lower()).strip("-")[:180]
    if not stem:
        return ""
    return free_name(f"{stem}-{'in' if direction is Direction.INBOUND else 'out'}", taken)


def free_name(name: str, taken: Collection[str]) -> str:
    """Return `name`, with a number behind it where it is taken."""
    if name not in taken:
        return name
    return next(f"{name}-{number}" for number in range(2, len(taken) + 3) if f"{name}-{number}" not in taken)
