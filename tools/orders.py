"""What the order processor can do with an order."""

from typing import Any


def validate_order(order_id: str, items: list[str]) -> dict[str, Any]:
    """Basic order validation.

    Args:
        order_id: The id of the order.
        items: The articles ordered, at least one.
    """
    if not order_id or not items:
        return {"ok": False, "reason": "missing_fields"}
    return {"ok": True}


async def score_risk(customer: str, total: float) -> dict[str, Any]:
    """Return a simple risk score and routing hint.

    Args:
        customer: Who ordered.
        total: The value of the order, in dollars.
    """
    score = 0.02 if total < 100 else 0.12
    route = "standard" if score < 0.1 else "manual_review"
    return {"risk_score": score, "route": route}
