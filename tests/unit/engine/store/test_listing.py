"""Runs are found again by every filter, newest first, page by page, indexed already or not."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from kafka_agent_studio.api.queries import RunQuery
from kafka_agent_studio.engine.run_store import RunStore
from kafka_agent_studio.engine.store import listing
from kafka_agent_studio.model.run import ErrorType, RunError, RunStatus, TokenUsage
from tests.helpers.store_runs import NOW_US, make_record, make_stored

Settle = Callable[[], Awaitable[None]]

FAILED = RunError(ErrorType.TOOL_ERROR, "widget-z is out of stock")
ENTRIES = [
    make_stored(0),
    make_stored(1, status=RunStatus.FAILED, output=None, error=FAILED),
    make_stored(2, agent_name="event-correlator", token_usage=TokenUsage(60, 40, 100), cost=0.5),
    make_stored(record=make_record(3, topic="shipments", partition=4), connector="shipments-in"),
    make_stored(record=make_record(4, value=b'{"note": "Caf\\u00e9 au lait\\nGr\xc3\xb6\xc3\x9fe 100%_ok"}')),
    make_stored(record=make_record(5, key=b"k 5"), key="k 5", output="the answer is forty-two"),
]


@pytest.fixture(params=["indexed", "not yet indexed"])
async def filled(store: RunStore, request: pytest.FixtureRequest) -> RunStore:
    await store.save(ENTRIES)
    if request.param == "indexed":
        await store.indexed()
    return store


@pytest.mark.parametrize(
    ("query", "offsets"),
    [
        ({}, [5, 4, 3, 2, 1, 0]),
        ({"status": RunStatus.FAILED}, [1]),
        ({"agent": "event-correlator"}, [2]),
        ({"agent": "nobody"}, []),
        ({"connector": "shipments-in"}, [3]),
        ({"connector": "nothing"}, []),
        ({"connector": "orders-in", "status": RunStatus.COMPLETED}, [5, 4, 2, 0]),
        ({"key": "order-2"}, [2]),
        ({"key": "order"}, []),
        ({"min_tokens": 100}, [2]),
        ({"min_tokens": 101}, []),
        ({"min_tokens": 1, "max_tokens": 99}, []),
        ({"max_tokens": 99}, [5, 4, 3, 1, 0]),
        ({"max_cost": 0.0}, [5, 4, 3, 1, 0]),
        ({"min_tokens": 0}, [5, 4, 3, 2, 1, 0]),
        ({"min_cost": 0.5, "status": RunStatus.COMPLETED}, [2]),
        ({"place": "shipments"}, [3]),
        ({"place": "orders/0"}, [5, 4, 2, 1, 0]),
        ({"place": "orders/0/4"}, [4]),
        ({"place": "orders/0/4/1"}, []),
        ({"place": "orders/x"}, []),
        ({"started_after_us": NOW_US + 3000}, [5, 4, 3]),
        ({"started_before_us": NOW_US + 3000}, [2, 1, 0]),
        ({"started_after_us": NOW_US + 1000, "started_before_us": NOW_US + 4000, "agent": "order-processor"}, [3, 1]),
        ({"text": "stock"}, [1]),
        ({"text": "out WIDGET-Z"}, [1]),
        ({"text": "tool_error"}, [1]),
        ({"text": "forty-two"}, [5]),
        ({"text": "forty answ"}, [5]),
        ({"text": "john@example.com", "status": RunStatus.FAILED}, [1]),
        ({"text": "john@example.com", "min_tokens": 5}, [2]),
        ({"text": "order-3"}, [3]),
        ({"text": "stoc"}, [1]),
        ({"text": "out WIDG"}, [1]),
        ({"text": "forty-tw"}, [5]),
        ({"text": "100%_ok"}, [4]),
        ({"text": "nothing-like-it"}, []),
        ({"text": "  "}, [5, 4, 3, 2, 1, 0]),
        ({"text": "'; drop table runs --"}, []),
        ({"text": '"'}, [4, 3, 2, 1, 0, 5]),
    ],
)
async def test_a_filter_finds_its_runs_newest_first(
    filled: RunStore, query: dict[str, Any], offsets: list[int]
) -> None:
    page = await filled.list_runs(RunQuery(**query))
    assert [r.offset for r in page.runs] == sorted(offsets, reverse=True)
    assert page.cursor is None


async def test_text_that_a_producer_escaped_is_found_as_it_reads(store: RunStore) -> None:
    await store.save(ENTRIES)
    await store.indexed()
    for text in ("café", "Cafe lait", "größe"):
        assert [r.offset for r in (await store.list_runs(RunQuery(text=text))).runs] == [4]


@pytest.mark.parametrize("words", [3, 40])
async def test_an_incomplete_word_finds_the_runs_of_all_it_may_become(store: RunStore, words: int) -> None:
    await store.save([make_stored(n, output={"reference": f"Ref{n % words:03}Größe"}) for n in range(40)])
    await store.indexed()
    for text in ("ref0", "REF", "ref000grö"):
        expected = [n for n in range(40) if n % words == 0 or not text.endswith("ö")]
        assert sorted(r.offset for r in (await store.list_runs(RunQuery(text=text))).runs) == expected


@pytest.mark.parametrize("query", [{}, {"agent": "order-processor"}, {"text": "john"}, {"text": "o john@example"}])
async def test_pages_follow_each_other_without_gap_or_overlap(store: RunStore, query: dict[str, Any]) -> None:
    await store.save([make_stored(n) for n in range(40)])
    await store.indexed()
    await store.save([make_stored(n) for n in range(40, 45)])
    seen: list[int] = []
    cursor: str | None = None
    while True:
        page = await store.list_runs(RunQuery(limit=7, cursor=cursor, **query))
        seen += [r.offset for r in page.runs]
        cursor = page.cursor
        if cursor is None:
            break
        assert len(page.runs) == 7
    assert seen == list(reversed(range(45)))


async def test_runs_that_arrive_between_two_pages_do_not_shift_them(store: RunStore) -> None:
    await store.save([make_stored(n) for n in range(10)])
    first = await store.list_runs(RunQuery(limit=4))
    await store.save([make_stored(n) for n in range(10, 15)])
    second = await store.list_runs(RunQuery(limit=4, cursor=first.cursor))
    assert [r.offset for r in (*first.runs, *second.runs)] == [9, 8, 7, 6, 5, 4, 3, 2]


async def test_a_rerun_is_listed_beside_the_run_it_repeats(store: RunStore) -> None:
    await store.save([make_stored(1)])
    rerun = make_stored(1, run_id="f0a7c1f2-0000-4000-8000-000000000000", parent_run_id=make_stored(1).run.run_id)
    await store.save([rerun])
    runs = (await store.list_runs(RunQuery(place="orders/0/1"))).runs
    assert {r.parent_run_id for r in runs} == {None, make_stored(1).run.run_id}


async def test_a_cursor_that_is_none_is_refused(store: RunStore) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        await store.list_runs(RunQuery(cursor="1; select"))


async def test_filters_that_hold_for_many_runs_are_sifted(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "FEW", 5)
    monkeypatch.setattr(listing, "_CHUNK", 10)
    status = {n: RunStatus.FAILED if n % 3 else RunStatus.COMPLETED for n in range(90)}
    await store.save([make_stored(n, status=status[n], key="k", token_usage=TokenUsage(0, n, n)) for n in range(90)])
    await store.indexed()
    query = RunQuery(text="john@example.com", status=RunStatus.COMPLETED, key="k", min_tokens=1, limit=20)
    first = await store.list_runs(query)
    rest = await store.list_runs(RunQuery(**{**_fields(query), "cursor": first.cursor}))
    assert [r.offset for r in (*first.runs, *rest.runs)] == [n for n in reversed(range(1, 90)) if n % 3 == 0]


async def test_reading_and_writing_at_once_gives_whole_runs(store: RunStore) -> None:
    async def write() -> None:
        for first in range(0, 400, 10):
            await store.save([make_stored(n) for n in range(first, first + 10)])

    writing = asyncio.gather(write())
    while not writing.done():
        page = await store.list_runs(RunQuery(limit=1000))
        offsets = [r.offset for r in page.runs]
        assert offsets == list(reversed(range(len(offsets))))
        assert len(offsets) % 10 == 0
    await writing


def _fields(query: RunQuery) -> dict[str, Any]:
    return {name: getattr(query, name) for name in query.__struct_fields__}
