"""One scan of a topic, in the thread that runs it: where it begins and ends, and which records it finds."""

import heapq
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice
from operator import attrgetter

from kafka_agent_studio.api.browse import (
    BrowseProgress,
    FromEnd,
    FromGroup,
    FromOffset,
    FromTime,
    Newest,
    Oldest,
    Scan,
    ScannedRange,
)
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.engine.kafka.admin_types import Watermarks
from kafka_agent_studio.engine.kafka.browser import TopicReader
from kafka_agent_studio.model.message import Record

WINDOW_MAX = 50_000
"""How far back one step of a backward search goes, by partition."""
WINDOW_FIRST_TOTAL = 100_000
MOST_REMARKS = 20
KEPT_BYTES = 64 * 1024 * 1024
"""What one backward step may hold of records that match."""

Passes = Callable[[Record], bool]

_partition_of = attrgetter("partition")


class TopicScan:
    """Finds records. Use: `for records in scan.found(): …`, looking at `progress()` on the way."""

    def __init__(
        self,
        *,
        reader: TopicReader,
        scan: Scan,
        passes: Passes | None,
        committed: Mapping[int, int] | None,
        follow: bool,
        cancelled: threading.Event,
    ) -> None:
        """`passes` None: everything does. `committed`: the commits of a FromGroup, None: the reader has to ask."""
        self.scanned = 0
        self.matched = 0
        self.left_out = 0
        """Matches that a backward search found and had to forget, for there were newer ones."""
        self.is_limited = False
        """Whether it ended because it found as many as it was asked for."""
        self._reader = reader
        self._scan = scan
        self._passes = passes
        self._committed = committed
        self._follow = follow
        self._cancelled = cancelled
        self._scanned_bytes = 0
        self._scanned_by: Counter[int] = Counter()
        self._bounds: Mapping[int, Watermarks] = {}
        self._first: dict[int, int] = {}
        self._is_backward = isinstance(scan.start, Newest) and not follow
        self._began_s = time.monotonic()

    def found(self) -> Iterator[list[Record]]:
        """Yield what matches, as it is found; empty lists on the way, so that progress can be told.

        Forward: by partition in order of offsets. Backward (Newest): each step by time, later steps being older.

        Raises:
            CommandRefused: there is no such topic or partition.
            AdminError: the cluster did not answer, or refused.
        """
        partitions = self._partitions()
        self._bounds = self._reader.watermarks(partitions)
        if self._is_backward:
            yield from self._backward()
        else:
            yield from self._forward()

    @property
    def is_paused(self) -> bool:
        """Whether it waits to be let go on."""
        return self._reader.is_paused

    def progress(self, *, delivered: int, left_out: int) -> BrowseProgress:
        """Return how far it is, with what became of the matches."""
        positions = self._reader.positions
        return BrowseProgress(
            scanned=self.scanned,
            scanned_bytes=self._scanned_bytes,
            matched=self.matched,
            delivered=delivered,
            left_out=left_out,
            unreadable=len(self._reader.unreadable),
            ranges=tuple(
                ScannedRange(
                    partition=p,
                    first=self._first.get(p, bound.end),
                    next=bound.end if self._is_backward else max(self._first.get(p, 0), positions.get(p, 0)),
                    oldest=bound.first,
                    end=max(bound.end, positions.get(p, 0)),
                    scanned=self._scanned_by[p],
                )
                for p, bound in sorted(self._bounds.items())
            ),
            is_at_end=self._reader.is_at_end,
            is_paused=self._reader.is_paused,
            elapsed_s=round(time.monotonic() - self._began_s, 3),
        )

    def remarks(self) -> tuple[str, ...]:
        """Return sentences about what could not be read."""
        topic = self._reader.topic
        removed = (
            f"{topic}/{r.partition}: {r.first:,} to {r.last:,} were removed while reading was paused."
            for r in self._reader.removed
        )
        unreadable = (f"{topic}/{u.partition}/{u.offset} cannot be read: {u.detail}." for u in self._reader.unreadable)
        return tuple(islice(chain(removed, unreadable), MOST_REMARKS))

    def _partitions(self) -> list[int]:
        there = self._reader.partitions()
        if not there:
            raise CommandRefused(f"There is no topic {self._scan.topic} on {self._scan.connection}.")
        wanted = self._scan.partitions
        if wanted is None:
            return there
        missing = sorted(set(wanted) - set(there))
        if missing:
            raise CommandRefused(
                f"{self._scan.topic} has no partition {missing[0]}: it has {len(there)}, from 0 to {there[-1]}."
            )
        return sorted(set(wanted))

    # forward

    def _forward(self) -> Iterator[list[Record]]:
        starts = self._starts()
        self._first = dict(starts)
        ends = None if self._follow else {p: bound.end for p, bound in self._bounds.items()}
        since_ms = self._scan.start.timestamp_ms if isinstance(self._scan.start, FromTime) else None
        limit = self._scan.stop_after
        for records in self._reader.read(starts, ends):
            matches = self._matches(records, since_ms)
            if limit is not None and self.matched + len(matches) >= limit:
                del matches[limit - self.matched :]
                self.matched += len(matches)
                self.is_limited = True
                yield matches
                return
            self.matched += len(matches)
            yield matches

    def _starts(self) -> dict[int, int]:
        bounds = self._bounds
        match self._scan.start:
            case Oldest():
                wanted: Mapping[int, int | None] = {}
            case FromEnd():
                wanted = {p: bound.end for p, bound in bounds.items()}
            case Newest(count=count):
                back = math.ceil(count / len(bounds))
                wanted = {p: bound.end - back for p, bound in bounds.items()}
            case FromOffset(offset=offset):
                wanted = dict.fromkeys(bounds, offset)
            case FromTime(timestamp_ms=at_ms):
                found = self._reader.offsets_at(list(bounds), at_ms)
                wanted = {p: bounds[p].end if offset is None else offset for p, offset in found.items()}
            case FromGroup(group=group):
                known = self._committed
                wanted = self._reader.committed(group, list(bounds)) if known is None else known
        starts = {}
        for p, bound in bounds.items():
            start = wanted.get(p)
            starts[p] = bound.first if start is None else min(max(start, bound.first), bound.end)
        return starts

    # backward

    def _backward(self) -> Iterator[list[Record]]:
        count = self._scan.start.count if isinstance(self._scan.start, Newest) else 0
        tops = {p: bound.end for p, bound in self._bounds.items()}
        size = max(1, min(count, WINDOW_FIRST_TOTAL // len(tops)))
        delivered = 0
        while count > delivered and not self._cancelled.is_set():
            starts = {p: max(self._bounds[p].first, top - size) for p, top in tops.items()}
            if starts == tops:
                return
            window = _NewestKept(count - delivered)
            for records in self._reader.read(starts, tops):
                matches = self._matches(records, None)
                self.matched += len(matches)
                window.take(matches)
                yield []
            if self._cancelled.is_set():
                return
            self._first = dict(starts)
            newest = window.in_order()
            delivered += len(newest)
            self.left_out += window.left_out
            self.is_limited = delivered >= count
            yield newest
            tops = starts
            size = min(size * 2 if self._passes is None else max(size * 4, 1000), WINDOW_MAX)

    def _matches(self, records: Sequence[Record], since_ms: int | None) -> list[Record]:
        taken = list(records)
        self.scanned += len(taken)
        self._scanned_bytes += sum(map(_size_of, taken))
        self._scanned_by.update(map(_partition_of, taken))
        if since_ms is not None:
            taken = [r for r in taken if r.timestamp_ms is None or r.timestamp_ms >= since_ms]
        return taken if self._passes is None else [r for r in taken if self._passes(r)]


class _NewestKept:
    """The newest records of a step, by time; bounded in number and bytes."""

    def __init__(self, count: int) -> None:
        self.left_out = 0
        self._count = count
        self._bytes = 0
        self._heap: list[tuple[int, int, int, Record]] = []

    def take(self, records: list[Record]) -> None:
        """Consider some more."""
        for record in records:
            entry = (
                -1 if record.timestamp_ms is None else record.timestamp_ms,
                record.offset,
                record.partition,
                record,
            )
            heapq.heappush(self._heap, entry)
            self._bytes += _size_of(record)
            while len(self._heap) > self._count or (self._bytes > KEPT_BYTES and len(self._heap) > 1):
                self._bytes -= _size_of(heapq.heappop(self._heap)[3])
                self.left_out += 1

    def in_order(self) -> list[Record]:
        """Return them, the oldest first."""
        return [entry[3] for entry in sorted(self._heap, key=lambda entry: entry[:3])]


def _size_of(record: Record) -> int:
    return len(record.key or b"") + len(record.value or b"")
