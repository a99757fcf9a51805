"""Finds and passes records that no client can read: a broken batch, an unknown compression, an impossible header.

A fetch that holds one raises without saying where, and withholds the healthy records before it. Reading on one record
at a time shows where it is, since a whole batch fails at each of its offsets.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import (
    ConsumerStoppedError,
    CorruptRecordException,
    IllegalStateError,
    KafkaError,
    UnsupportedCodecError,
)

from kafka_agent_studio.api.faults import Fault, FaultCode

_WAIT_MS = 1000
_MAX_EMPTY = 5
_CHUNK = 500

_log = logging.getLogger(__name__)


def is_about_records(error: Exception) -> bool:
    """Whether an exception of getmany comes from what was fetched and not from the cluster."""
    return isinstance(error, CorruptRecordException | UnsupportedCodecError) or not isinstance(error, KafkaError)


class UnreadableSkipper:
    """Passes unreadable records of a consumer, handing over every readable one on the way, in order."""

    def __init__(
        self,
        *,
        consumer: Any,
        hand_over: Callable[[TopicPartition, Sequence[Any]], None],
        on_notice: Callable[[Fault], None],
    ) -> None:
        self._consumer = consumer
        self._hand_over = hand_over
        self._on_notice = on_notice
        self._got = 0
        self._detail = ""

    async def pass_unreadable(self) -> bool:
        """Look at each partition by itself; True where something unreadable was passed."""
        found = False
        for place in sorted(self._consumer.assignment()):
            try:
                found |= await self._pass_in(place)
            except IllegalStateError:  # taken away meanwhile: whoever has it now will find it
                continue
        return found

    async def _pass_in(self, place: TopicPartition) -> bool:
        if not await self._fails(place, _CHUNK):
            return False
        while not await self._fails(place, 1):
            # up to the broken one, one at a time; it ends there, or where nothing more is ready
            if not self._got:
                return False
        await self._pass_broken(place)
        return True

    async def _pass_broken(self, place: TopicPartition) -> None:
        first = await self._consumer.position(place)
        end = (await self._consumer.end_offsets([place]))[place]
        detail = self._detail
        offset = first + 1
        empty = 0
        while offset < end and empty < _MAX_EMPTY:
            self._consumer.seek(place, offset)
            if await self._fails(place, 1):
                offset += 1
            elif self._got:
                break
            else:
                empty += 1
        else:
            self._consumer.seek(place, offset)
        if offset - 1 > first:
            detail = f"{detail} (offsets {first} to {offset - 1})"
        _log.warning("%s: unreadable at offset %d: %s", place, first, detail)
        parameters: dict[str, str | int | float | bool] = {
            "topic": place.topic,
            "partition": place.partition,
            "offset": first,
            "detail": detail,
        }
        self._on_notice(Fault(FaultCode.RECORD_UNREADABLE, parameters))

    async def _fails(self, place: TopicPartition, limit: int) -> bool:
        """Read up to `limit` records and hand them over; whether reading raised because of what was read."""
        self._got = 0
        try:
            fetched = await self._consumer.getmany(place, timeout_ms=_WAIT_MS, max_records=limit)
        except (ConsumerStoppedError, IllegalStateError):
            raise
        except Exception as error:
            if not is_about_records(error):
                raise
            self._detail = _describe(error)
            return True
        for tp, records in fetched.items():
            self._got += len(records)
            self._hand_over(tp, records)
        return False


def _describe(error: Exception) -> str:
    if isinstance(error, CorruptRecordException):
        return "its checksum is wrong: the batch is damaged"
    if isinstance(error, UnsupportedCodecError):
        return "its compression is not known here"
    return f"{type(error).__name__}: {error}"
