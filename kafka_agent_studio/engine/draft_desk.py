"""Drafts of runs to come, in one small file of the state folder: the newest, and none longer than runs are kept."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from kafka_agent_studio.api.commands import Command
from kafka_agent_studio.api.drafts import MOST_CHARACTERS, MOST_DRAFTS, GetDraft, KeepDraft, RerunDraft
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.engine.clock import Clock
from kafka_agent_studio.model.workspace import Retention
from kafka_agent_studio.workspace.save import write_atomically

DRAFTS_FILE = "drafts.json"
_DAY_US = 86_400_000_000

_Drafts = dict[str, RerunDraft]
_decode = msgspec.json.Decoder(_Drafts).decode
_log = logging.getLogger(__name__)


class DraftDesk:
    """Answers to GetDraft and KeepDraft, one after the other. The file is read once, when first asked."""

    def __init__(self, *, state_dir: Path, retention: Callable[[], Retention], clock: Clock) -> None:
        self._file = state_dir / DRAFTS_FILE
        self._retention = retention
        self._clock = clock
        self._turn = asyncio.Lock()
        self._drafts: _Drafts | None = None

    def handlers(self) -> dict[type[Command[Any]], Callable[[Any], Awaitable[Any]]]:
        """What this answers to."""
        return {GetDraft: self.get, KeepDraft: self.keep}

    async def get(self, command: GetDraft) -> RerunDraft | None:
        """Return a draft; None where there is none, or where its time is over."""
        async with self._turn:
            return self._fresh(await self._all()).get(command.run_id)

    async def keep(self, command: KeepDraft) -> None:
        """Keep or forget a draft. Raises: CommandRefused where it cannot be kept; what was kept before stays then."""
        draft = command.draft
        if draft is not None and draft.size > MOST_CHARACTERS:
            raise CommandRefused(
                f"It is too long to be kept: {draft.size:,} characters, of at most {MOST_CHARACTERS:,}."
            )
        if draft is not None and draft.message is not None and not self._retention().payloads:
            raise CommandRefused("This workspace keeps no payloads, so a changed message is not kept.")
        async with self._turn:
            before = await self._all()
            drafts = {run_id: kept for run_id, kept in self._fresh(before).items() if run_id != command.run_id}
            if draft is not None:
                drafts[command.run_id] = msgspec.structs.replace(draft, kept_at_us=self._clock.now_us())
            drafts = dict(list(drafts.items())[-MOST_DRAFTS:])
            if drafts == before:
                return
            try:
                await asyncio.to_thread(write_atomically, self._file, msgspec.json.encode(drafts))
            except OSError as error:
                raise CommandRefused(f"It cannot be kept: {error.strerror or error}.") from error
            except UnicodeEncodeError as error:
                raise CommandRefused("It cannot be kept: it holds half a character.") from error
            self._drafts = drafts

    def _fresh(self, drafts: _Drafts) -> _Drafts:
        oldest_us = self._clock.now_us() - int(self._retention().days * _DAY_US)
        return {run_id: draft for run_id, draft in drafts.items() if draft.kept_at_us >= oldest_us}

    async def _all(self) -> _Drafts:
        """Return the drafts, the newest last."""
        if self._drafts is None:
            self._drafts = await asyncio.to_thread(self._read)
        return self._drafts

    def _read(self) -> _Drafts:
        try:
            return _decode(self._file.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError) as error:
            # somebody else's file, or a damaged one: the runs themselves are not touched by it
            _log.warning("%s cannot be read, drafts begin anew: %s", self._file.name, error)
            return {}
