"""The sample workspace's tools, called as the engine calls them."""

from pathlib import Path
from typing import Any

import pytest

from kafka_agent_studio.workspace.loader import load_workspace
from kafka_agent_studio.workspace.sample import copy_sample
from kafka_agent_studio.workspace.tool_catalogue import ToolCatalogue


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ToolCatalogue:
    """The tools of a copy of the sample."""
    for name in ("REDIS_URL", "CORRELATION_DB"):
        monkeypatch.delenv(name, raising=False)
    copy_sample(tmp_path)
    return load_workspace(tmp_path, environ={}).tools


def _context(topic: str, key: str | None, **fields: Any) -> dict[str, Any]:
    return {"payload": {**fields, "_kafka": {"topic": topic, "partition": 0, "offset": 1, "timestamp": 1, "key": key}}}


def test_an_order_needs_an_id_and_items(tools: ToolCatalogue) -> None:
    validate = tools.functions["orders.validate_order"]
    assert validate.bind({"order_id": "12345", "items": ["widget-a"]}, {})() == {"ok": True}
    assert validate.bind({"order_id": "12345", "items": []}, {})() == {"ok": False, "reason": "missing_fields"}


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        (99.99, {"risk_score": 0.02, "route": "standard"}),
        (100, {"risk_score": 0.12, "route": "manual_review"}),
    ],
)
async def test_risk_grows_with_the_total(tools: ToolCatalogue, total: float, expected: dict[str, Any]) -> None:
    score = tools.functions["orders.score_risk"]
    assert await score.bind({"customer": "john@example.com", "total": total}, {})() == expected


def test_an_order_is_tagged(tools: ToolCatalogue) -> None:
    tag = tools.functions["tags.tag_order"]
    order = {"order_id": "1", "total": 250.0, "items": ["a", "b"], "_kafka": {}}
    assert tag.bind_payload(order, {})() == {"order_id": "1", "tags": ["high_value", "multi_item"]}
    assert tag.bind_payload({"message": "no order"}, {})() == {"order_id": None, "tags": []}


def test_events_of_one_key_come_together(tools: ToolCatalogue, tmp_path: Path) -> None:
    upsert, snapshot = tools.functions["correlation.upsert_event"], tools.functions["correlation.build_snapshot"]
    order, shipment = _context("orders", "order-1", total=5), _context("shipments", "order-1", carrier="x")
    assert upsert.bind({}, order)() == {"key": "order-1", "stored": "orders"}
    half = snapshot.bind({}, order)()
    assert (half["complete"], half["missing"]) == (False, ["shipments"])
    upsert.bind({}, shipment)()
    upsert.bind({}, _context("orders", "order-1", total=6))()
    assert snapshot.bind({"key": "order-1"}, shipment)() == {
        "key": "order-1",
        "complete": True,
        "missing": [],
        "events": {"orders": {"total": 6}, "shipments": {"carrier": "x"}},
    }
    assert snapshot.bind({"key": "order-2"}, shipment)()["events"] == {}
    assert (tmp_path / ".studio" / "correlation.sqlite3").exists()


def test_an_event_without_a_key_is_known_by_its_order(tools: ToolCatalogue) -> None:
    upsert = tools.functions["correlation.upsert_event"]
    assert upsert.bind({}, _context("orders", None, order_id=7))()["key"] == "7"
    with pytest.raises(ValueError, match="neither a key nor an order_id"):
        upsert.bind({}, _context("orders", None))()


def test_events_wait_in_redis_where_there_is_one(tools: ToolCatalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    redis = pytest.importorskip("redis")
    stored: dict[str, dict[str, str]] = {}
    expiries: dict[str, int] = {}

    class Client:
        def hset(self, key: str, field: str, value: str) -> None:
            stored.setdefault(key, {})[field] = value

        def expire(self, key: str, seconds: int) -> None:
            expiries[key] = seconds

        def hgetall(self, key: str) -> dict[str, str]:
            return stored.get(key, {})

        def close(self) -> None:
            """Nothing to close."""

    monkeypatch.setenv("REDIS_URL", "redis://localhost:6379/0")
    monkeypatch.setattr(redis.Redis, "from_url", lambda url, **options: Client())
    context = _context("orders", "order-1", total=5)
    tools.functions["correlation.upsert_event"].bind({}, context)()
    assert stored == {"kafka-agent-studio:correlation:order-1": {"orders": '{"total": 5}'}}
    assert expiries == {"kafka-agent-studio:correlation:order-1": 7 * 24 * 3600}
    assert tools.functions["correlation.build_snapshot"].bind({}, context)()["events"] == {"orders": {"total": 5}}
