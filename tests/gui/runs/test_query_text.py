"""The filter line of runs, read."""

from datetime import datetime
from typing import Any

import pytest

from kafka_agent_studio.api.queries import RunQuery
from kafka_agent_studio.gui.runs.query_text import read_filter, with_term, without_term
from kafka_agent_studio.gui.runs.query_words import offers
from kafka_agent_studio.model.run import RunStatus
from tests.helpers.gui_scene import make_workspace

NOON_US = round(datetime(2024, 1, 15, 12, 0).astimezone().timestamp() * 1e6)
HOUR_US = 3_600_000_000


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", {}),
        ("overloaded  model", {"text": "overloaded model"}),
        ("status:FAILED agent:order-processor", {"status": RunStatus.FAILED, "agent": "order-processor"}),
        ('key:"order 7" connector:orders-in', {"key": "order 7", "connector": "orders-in"}),
        ("message:orders/2/1542", {"place": "orders/2/1542"}),
        ("tokens>1000", {"min_tokens": 1001}),
        ("tokens>=1,000 tokens<5000", {"min_tokens": 1000, "max_tokens": 4999}),
        ("cost>=0.01 cost<=$2", {"min_cost": 0.01, "max_cost": 2.0}),
        ("since:1h", {"started_after_us": NOON_US - HOUR_US}),
        (
            "since:today before:11:30",
            {"started_after_us": NOON_US - 12 * HOUR_US, "started_before_us": NOON_US - HOUR_US // 2},
        ),
        ("since:2024-01-14T12:00", {"started_after_us": NOON_US - 24 * HOUR_US}),
        ("status:queued status:failed", {"status": RunStatus.FAILED}),
        ("https://shop.example 14:03", {"text": "https://shop.example 14:03"}),
        ('"no route" host', {"text": "no route host"}),
    ],
)
def test_a_line_says_which_runs(text: str, query: dict[str, Any]) -> None:
    read = read_filter(text, now_us=NOON_US)
    assert (read.query, read.mistake) == (RunQuery(**query), "")


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("status:done", "There is no status 'done'; there are queued, running, completed, failed, cancelled."),
        ("tokens>many", "tokens>many needs a number: tokens>1000."),
        ("since:whenever", "'whenever' is no time"),
        ("since:999999d", "'999999d' is no time"),
        ("message:orders/x", "message:orders/x is no place"),
    ],
)
def test_what_cannot_be_meant_is_said_in_words(text: str, mistake: str) -> None:
    assert mistake in read_filter(text, now_us=NOON_US).mistake


def test_more_than_a_limit_leaves_the_limit_itself_out() -> None:
    query = read_filter("cost>0.5", now_us=NOON_US).query
    assert query.min_cost is not None
    assert 0.5 < query.min_cost < 0.500001


def test_a_term_takes_the_place_of_one_about_the_same_thing() -> None:
    line = with_term("status:failed overloaded tokens>10", "status:queued")
    assert line == "overloaded tokens>10 status:queued"
    assert with_term(line, "tokens<50") == "overloaded tokens>10 status:queued tokens<50"
    assert with_term(line, "tokens>500") == "overloaded status:queued tokens>500"
    assert without_term('key:"order 7" overloaded', 'key:"order 7"') == "overloaded"


def test_what_is_offered_fits_the_word() -> None:
    workspace = make_workspace()
    assert offers("ag", workspace)[0] == "agent:"
    assert offers("agent:order-p", workspace) == ["agent:order-processor"]
    assert offers("fail", workspace) == ["status:failed"]
    assert offers("status:failed", workspace) == []
    assert offers("message:sh", workspace) == ["message:shipments"]
    assert offers("overloaded", workspace) == []
