"""A message whose run stopped its connector: passed over, or parked in another topic, when a person says so.

Nothing else is passed over: the failed runs of that one message end as cancelled by an operator, which is terminal, and
the connector starts again where its group had committed. What lies before and beside it is worked as ever.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from kafka_agent_studio.api.browse import GetMessage
from kafka_agent_studio.api.commands import Command
from kafka_agent_studio.api.events import ConnectorStatus, Event, RunChange, RunsChanged
from kafka_agent_studio.api.faults import CommandRefused, FaultCode
from kafka_agent_studio.api.queries import RunQuery
from kafka_agent_studio.api.transfers import MessagePlace, MoveOn, NewMessage, ProduceMessages
from kafka_agent_studio.engine.clock import Clock
from kafka_agent_studio.engine.ports import StoredRun
from kafka_agent_studio.engine.results import dead_letter
from kafka_agent_studio.engine.run_store import RunStore
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.run import ErrorType, RunDetail, RunError, RunStatus


class PoisonDesk:
    """Answers to MoveOn."""

    def __init__(
        self,
        *,
        store: RunStore,
        statuses: Callable[[], Sequence[ConnectorStatus]],
        start: Callable[[str], None],
        get_message: Callable[[GetMessage], Awaitable[Record | None]],
        produce: Callable[[ProduceMessages], Awaitable[tuple[MessagePlace, ...]]],
        publish_event: Callable[[Event], None],
        clock: Clock,
    ) -> None:
        self._store = store
        self._statuses = statuses
        self._start = start
        self._get_message = get_message
        self._produce = produce
        self._publish_event = publish_event
        self._clock = clock

    def handlers(self) -> dict[type[Command[Any]], Callable[[Any], Awaitable[Any]]]:
        """What this answers to."""
        return {MoveOn: self.move_on}

    async def move_on(self, command: MoveOn) -> MessagePlace | None:
        """Go on past the message; parked first where a topic is named. Raises: CommandRefused, EngineError."""
        place = self._place(command.connector)
        failed = await self._failed(command.connector, place)
        parked = None
        if command.park_in:
            parked = await self._park(command.connector, command.park_in, place, failed[0])
        words = "skipped by an operator" if parked is None else f"parked in {command.park_in} by an operator"
        now_us = self._clock.now_us()
        ended = [_cancelled(detail, words, now_us) for detail in failed]
        await self._store.save(ended)
        runs = tuple(entry.run for entry in ended)
        self._publish_event(RunsChanged(at_us=now_us, change=RunChange.FINISHED, runs=runs))
        self._start(command.connector)
        return parked

    def _place(self, connector: str) -> str:
        """Where the message lies that stopped a connector, as topic/partition/offset."""
        for status in self._statuses():
            if status.name == connector and status.fault is not None:
                if status.fault.code is FaultCode.RUN_FAILED_STOP:
                    return str(status.fault.parameters["place"])
                break
        raise CommandRefused(f"{connector} is not stopped by a message whose run failed: there is none to pass over.")

    async def _failed(self, connector: str, place: str) -> list[RunDetail]:
        page = await self._store.list_runs(RunQuery(place=place, connector=connector, status=RunStatus.FAILED))
        details = [await self._store.get(run.run_id) for run in page.runs if run.parent_run_id is None]
        found = [detail for detail in details if detail is not None]
        if not found:
            raise CommandRefused(
                f"The failed run of {place} is not in the run store any more: start {connector} again."
            )
        return found

    async def _park(self, connector: str, topic: str, place: str, failed: RunDetail) -> MessagePlace:
        record = failed.record
        if record is None:
            source, partition, offset = place.rsplit("/", 2)
            record = await self._get_message(GetMessage(connector, source, int(partition), int(offset)))
        if record is None:
            raise CommandRefused(f"{place} is neither in its topic nor in the run store any more: it cannot be parked.")
        letter = dead_letter(failed.run, source=record, topic=topic)
        (parked,) = await self._produce(
            ProduceMessages(connector, topic, (NewMessage(letter.key, letter.value, letter.headers),))
        )
        return parked


def _cancelled(detail: RunDetail, words: str, now_us: int) -> StoredRun:
    before = "" if detail.run.error is None else f"; it had failed: {detail.run.error.message}"
    run = msgspec.structs.replace(
        detail.run,
        status=RunStatus.CANCELLED,
        error=RunError(ErrorType.CANCELLED, words + before),
        ended_at_us=detail.run.ended_at_us or now_us,
    )
    return StoredRun(run=run, spans=detail.spans, record=detail.record)
