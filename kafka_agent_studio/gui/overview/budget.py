"""How much of a day's budget is used, of whichever limit is nearer."""

import math

from kafka_agent_studio.api.trends import DayUsage
from kafka_agent_studio.gui import formats
from kafka_agent_studio.model.workspace import Budget


def percent(share: float) -> str:
    """Return a share in whole percent, rounded down: 100% is said when all is used, not before."""
    return f"{math.floor(share * 100)}%"


def share_of_budget(budget: Budget, today: DayUsage) -> tuple[float, str] | None:
    """Return the share used (1 is all) and what that is in words; None without a budget."""
    shares = []
    if budget.tokens_per_day:
        words = f"{formats.count(today.tokens)} of {formats.count(budget.tokens_per_day)} tokens"
        shares.append((today.tokens / budget.tokens_per_day, words))
    if budget.cost_per_day:
        words = f"{formats.cost(today.cost)} of {formats.cost(budget.cost_per_day)}"
        shares.append((today.cost / budget.cost_per_day, words))
    return max(shares) if shares else None
