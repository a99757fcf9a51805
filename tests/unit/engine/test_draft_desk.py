"""Drafts of runs to come: kept over a restart, few of them, none longer than runs are kept."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from kafka_agent_studio.api.drafts import MOST_CHARACTERS, MOST_DRAFTS, GetDraft, KeepDraft, RerunDraft
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.engine.draft_desk import DRAFTS_FILE, DraftDesk
from kafka_agent_studio.model.workspace import Retention
from tests.helpers.agent_bench import QuickClock

PROMPT = RerunDraft(system_prompt="Be brief.")
OpenDesk = Callable[..., DraftDesk]


@pytest.fixture
def clock() -> QuickClock:
    return QuickClock()


@pytest.fixture
def open_desk(tmp_path: Path, clock: QuickClock) -> OpenDesk:
    def make(retention: Retention | None = None) -> DraftDesk:
        return DraftDesk(state_dir=tmp_path, retention=lambda: retention or Retention(), clock=clock)

    return make


def text_of(draft: RerunDraft | None) -> str | None:
    return None if draft is None else draft.system_prompt


async def test_a_draft_is_there_after_a_restart_with_the_time_it_was_kept(
    open_desk: OpenDesk, clock: QuickClock
) -> None:
    await open_desk().keep(KeepDraft("run-1", PROMPT))
    found = await open_desk().get(GetDraft("run-1"))
    assert found == msgspec.structs.replace(PROMPT, kept_at_us=clock.now_us())
    assert await open_desk().get(GetDraft("run-2")) is None


async def test_a_draft_that_is_forgotten_is_gone_from_the_file(open_desk: OpenDesk, tmp_path: Path) -> None:
    desk = open_desk()
    await desk.keep(KeepDraft("run-1", PROMPT))
    await desk.keep(KeepDraft("run-1", None))
    assert await desk.get(GetDraft("run-1")) is None
    assert (tmp_path / DRAFTS_FILE).read_bytes() == b"{}"


async def test_the_newest_are_kept(open_desk: OpenDesk) -> None:
    desk = open_desk()
    for number in range(MOST_DRAFTS + 2):
        await desk.keep(KeepDraft(f"run-{number}", PROMPT))
    await desk.keep(KeepDraft("run-2", RerunDraft(system_prompt="again")))
    await desk.keep(KeepDraft("another", PROMPT))
    reopened = open_desk()
    assert [text_of(await reopened.get(GetDraft(f"run-{n}"))) for n in (1, 2, 3, 4)] == [
        None,
        "again",
        None,
        "Be brief.",
    ]


async def test_a_draft_is_not_kept_longer_than_runs_are(open_desk: OpenDesk, clock: QuickClock) -> None:
    desk = open_desk(Retention(days=2))
    await desk.keep(KeepDraft("run-1", PROMPT))
    clock.now_s += 3 * 86_400
    assert await desk.get(GetDraft("run-1")) is None


async def test_what_cannot_be_kept_is_said_and_what_was_kept_stays(open_desk: OpenDesk) -> None:
    desk = open_desk(Retention(payloads=False))
    await desk.keep(KeepDraft("run-1", PROMPT))
    with pytest.raises(CommandRefused, match="keeps no payloads"):
        await desk.keep(KeepDraft("run-1", RerunDraft(message="{}")))
    with pytest.raises(CommandRefused, match="too long"):
        await desk.keep(KeepDraft("run-1", RerunDraft(system_prompt="x" * (MOST_CHARACTERS + 1))))
    assert text_of(await desk.get(GetDraft("run-1"))) == "Be brief."


async def test_a_disk_that_refuses_is_said(open_desk: OpenDesk, tmp_path: Path) -> None:
    (tmp_path / DRAFTS_FILE).mkdir()
    with pytest.raises(CommandRefused, match="cannot be kept"):
        await open_desk().keep(KeepDraft("run-1", PROMPT))


async def test_a_damaged_file_begins_anew(open_desk: OpenDesk, tmp_path: Path) -> None:
    (tmp_path / DRAFTS_FILE).write_text("{half")
    desk = open_desk()
    assert await desk.get(GetDraft("run-1")) is None
    await desk.keep(KeepDraft("run-1", PROMPT))
    assert text_of(await open_desk().get(GetDraft("run-1"))) == "Be brief."


def test_what_was_typed_stands_in_no_repr() -> None:
    assert "brief" not in repr(KeepDraft("run-1", PROMPT))
