"""A tool agent's function: it gets the whole message and needs no model."""

from typing import Any


def tag_order(payload: dict[str, Any]) -> dict[str, Any]:
    """Return the order's id with tags for its value and its number of items.

    Args:
        payload: The order, with `_kafka` as every message has it.
    """
    total = payload.get("total")
    items = payload.get("items")
    tags = []
    if isinstance(total, int | float) and total >= 100:
        tags.append("high_value")
    if isinstance(items, list) and len(items) > 1:
        tags.append("multi_item")
    return {"order_id": payload.get("order_id"), "tags": tags}
