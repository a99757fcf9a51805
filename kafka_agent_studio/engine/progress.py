"""Per partition and assignment: what is in hand, what is done, and how far may be committed. Pure bookkeeping."""

from collections import deque
from collections.abc import Mapping


class PartitionProgress:
    """One partition of one assignment. Offsets grow; gaps (compaction, transaction markers) are normal.

    `committable` is the lowest offset not yet done, so parallel work never skips a message.
    """

    __slots__ = ("_done", "_in_hand", "_next_offset", "committed")

    def __init__(self, position: int) -> None:
        self._in_hand: deque[int] = deque()
        self._done: set[int] = set()
        self._next_offset = position
        self.committed = position
        """The offset the broker last acknowledged; it never goes back."""

    @property
    def next_offset(self) -> int:
        """The first offset that was not taken in yet."""
        return self._next_offset

    @property
    def committable(self) -> int:
        """The offset that may be committed: everything below it is done."""
        return self._in_hand[0] if self._in_hand else self._next_offset

    @property
    def in_flight(self) -> int:
        """Messages taken in and not done."""
        return len(self._in_hand) - len(self._done)

    @property
    def span(self) -> int:
        """Messages taken in and not yet committable: in flight, or done behind one that is."""
        return len(self._in_hand)

    def begin(self, offset: int) -> bool:
        """Take an offset in. False: it was taken before (a broker's repeat) and is not to be worked again."""
        if offset < self._next_offset:
            return False
        self._in_hand.append(offset)
        self._next_offset = offset + 1
        return True

    def finish(self, offset: int) -> None:
        """The message is done. Raises: ValueError where it is not in flight."""
        in_hand = self._in_hand
        if in_hand and in_hand[0] == offset:
            in_hand.popleft()
            done = self._done
            while done and in_hand[0] in done:
                done.discard(in_hand.popleft())
            return
        if offset in self._done or not in_hand or not in_hand[0] < offset < self._next_offset:
            raise ValueError(f"offset {offset} is not in flight")
        self._done.add(offset)


class ConnectorProgress:
    """All partitions a connector holds in its present assignment, stamped with the assignment's epoch."""

    def __init__(self) -> None:
        self.epoch = -1
        self.partitions: dict[int, PartitionProgress] = {}

    @property
    def in_flight(self) -> int:
        """Messages taken in and not done, over all partitions."""
        return sum(p.in_flight for p in self.partitions.values())

    @property
    def span(self) -> int:
        """Messages taken in and not yet committable, over all partitions."""
        return sum(p.span for p in self.partitions.values())

    def assign(self, epoch: int, positions: Mapping[int, int]) -> tuple[dict[int, int], set[int]]:
        """Begin an assignment; returns where to read on per partition, and which partitions begin anew.

        A partition that stays keeps what is in hand, unless its committed position has passed all that this member
        could have committed: then another member worked on it meanwhile, and what is in hand is no longer ours.
        Raises: ValueError for an epoch that is not newer.
        """
        if epoch <= self.epoch:
            raise ValueError(f"assignment {epoch} is not newer than {self.epoch}")
        self.epoch = epoch
        before, self.partitions = self.partitions, {}
        fresh: set[int] = set()
        for partition, position in positions.items():
            kept = before.get(partition)
            if kept is None or position > kept.committable or position < kept.committed:
                kept = PartitionProgress(position)
                fresh.add(partition)
            kept.committed = position
            self.partitions[partition] = kept
        return {p: progress.next_offset for p, progress in self.partitions.items()}, fresh

    def to_commit(self) -> dict[int, int]:
        """Per partition the next offset to read, where it is ahead of what the broker acknowledged."""
        return {p: s.committable for p, s in self.partitions.items() if s.committable > s.committed}

    def acknowledge(self, epoch: int, offsets: Mapping[int, int]) -> None:
        """The broker took a commit of this epoch; one of an older epoch changes nothing."""
        if epoch != self.epoch:
            return
        for partition, offset in offsets.items():
            state = self.partitions.get(partition)
            if state is not None and offset > state.committed:
                state.committed = offset
