"""The day's budget: what llm agents used since midnight UTC, and whether that is all they may."""

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.model.workspace import Budget


def budget_fault(budget: Budget, *, tokens: int, cost: float) -> Fault | None:
    """Return BUDGET_REACHED where today's use is at or over a limit, else None. `cost` is US dollars."""
    if budget.tokens_per_day is not None and tokens >= budget.tokens_per_day:
        return Fault(FaultCode.BUDGET_REACHED, {"kind": "tokens", "limit": budget.tokens_per_day, "used": tokens})
    if budget.cost_per_day is not None and cost >= budget.cost_per_day:
        return Fault(FaultCode.BUDGET_REACHED, {"kind": "cost", "limit": budget.cost_per_day, "used": round(cost, 4)})
    return None
