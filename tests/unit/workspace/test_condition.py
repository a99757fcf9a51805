"""Conditions of tools."""

from typing import Any

import pytest

from kafka_agent_studio.workspace.condition import Condition, ConditionError

PAYLOAD: dict[str, Any] = {"total": 120, "vip": True, "items": ["a", "b"], "customer": {"country": "DE"}, "note": None}
CONTEXT = {"attempt": 2, "agent_name": "a"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("payload['total'] > 100", True),
        ("payload.total > 100", True),
        ("payload['total'] < 100", False),
        ("100 < payload.total <= 120", True),
        ("payload.vip", True),
        ("not payload.vip", False),
        ("payload.customer.country in ['DE', 'AT']", True),
        ("payload['customer']['country'] not in ('DE',)", False),
        ("payload.items[0] == 'a' and context.attempt >= 2", True),
        ("payload.items[-1] == 'b'", True),
        ("payload.total == 1 or context['agent_name'] == 'a'", True),
        ("payload.total * 2 - 40 == 200", True),
        ("payload.note is None", True),
        ("'total' in payload", True),
        ("  payload.total == 120", True),
        ("payload.missing > 1", False),
        ("payload.customer > 1", False),
        ("payload.total / 0 > 1", False),
        ("payload.items.append == 1", False),
        ("payload['items'] * 100 == 1", False),
        ("payload.__class__ == 1", False),
    ],
)
def test_a_condition_is_evaluated(text: str, expected: bool) -> None:
    assert Condition.parse(text).is_met(PAYLOAD, CONTEXT) is expected


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("payload.get('x')", 0),
        ("payload.x > max(1, 2)", 12),
        ("x > 1", 0),
        ("payload.x > 'ä' or y", 19),
        ("payload.x > > 1", 12),
        ("(lambda: 1)", 1),
        ("[x for x in payload]", 0),
        ("payload.x ** 9", 0),
        ("f'{payload}' == 'x'", 0),
        ("payload.x == b'x'", 13),
        ("payload.x if payload.y else 1", 0),
        ("", 0),
        ("(" * 3000, 0),
    ],
)
def test_anything_else_is_refused_at_its_place(text: str, offset: int) -> None:
    with pytest.raises(ConditionError) as refused:
        Condition.parse(text)
    assert refused.value.offset == offset
