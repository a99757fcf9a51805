"""Single messages by where they lie."""

from collections.abc import Mapping, Sequence

from kafka_agent_studio.engine.kafka.browser import TopicReader
from kafka_agent_studio.model.message import Record

GAP = 1000
"""Reading over this many records costs less than going there anew."""


def records_at(reader: TopicReader, offsets: Mapping[int, Sequence[int]]) -> list[Record]:
    """Return the records of a topic at some offsets per partition, in that order; what is not there is left out.

    Raises:
        AdminError: the cluster did not answer, or refused.
    """
    there = set(reader.partitions())
    wanted = {p: sorted(set(asked)) for p, asked in offsets.items() if p in there}
    if not wanted:
        return []
    found: dict[tuple[int, int], Record] = {}
    for partition, bound in reader.watermarks(list(wanted)).items():
        # one out of range would send the reader to the oldest record
        inside = [offset for offset in wanted[partition] if bound.first <= offset < bound.end]
        for first, last in _stretches(inside):
            asked = set(inside)
            for records in reader.read({partition: first}, {partition: last + 1}):
                found.update({(partition, r.offset): r for r in records if r.offset in asked})
    return [found[p, offset] for p, asked in offsets.items() for offset in asked if (p, offset) in found]


def _stretches(offsets: Sequence[int]) -> list[tuple[int, int]]:
    stretches: list[tuple[int, int]] = []
    for offset in offsets:
        if stretches and offset - stretches[-1][1] <= GAP:
            stretches[-1] = (stretches[-1][0], offset)
        else:
            stretches.append((offset, offset))
    return stretches
