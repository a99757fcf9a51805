"""A backlog of numbered messages, an agent that keeps a ledger of its calls, and the counting afterwards."""

import json
import random
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.helpers.apache_kafka import ApacheKafka
from tests.helpers.engine_process import EngineProcess
from tests.helpers.kafka_listeners import Listener
from tests.helpers.kafka_records import NewRecord
from tests.helpers.studio import Studio, StudioBroker

MAX_IN_FLIGHT = 32
PARTITIONS = 4
KEYS = 40
_TOOL = '''
"""Writes each call down before it does anything, then takes a moment."""

import asyncio
import os
import random


async def work(payload: dict, context: dict) -> dict:
    """Note the call, return the number."""
    ledger = os.open({ledger!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(ledger, f"{{context['run_id']}} {{payload['number']}}\\n".encode())
    os.close(ledger)
    await asyncio.sleep(random.uniform(0, {longest_s}))
    return {{"number": payload["number"], "weight": "x" * 500}}
'''


@dataclass
class Findings:
    """What the topics and the ledger tell. All of it has to be empty."""

    lost: list[int] = field(default_factory=list)
    """Messages without a result."""
    doubled: list[int] = field(default_factory=list)
    """Messages with a second result that no crash excuses."""
    out_of_order: list[str] = field(default_factory=list)
    """Keys whose results appeared in another order than their messages."""
    committed_beyond_done: list[str] = field(default_factory=list)
    """Messages below a committed offset that had no result at that moment."""
    called_again: list[str] = field(default_factory=list)
    """Runs whose result was in the run store when the engine was killed, and whose tool was called after that."""


class Chaos:
    """One workspace, its topics, and everything needed to count afterwards."""

    def __init__(
        self,
        *,
        kafka: ApacheKafka,
        folder: Path,
        name: Callable[[str], str],
        count: int,
        seed: int,
        is_long: bool,
        is_proxied: bool = False,
        longest_s: float = 0.02,
    ) -> None:
        """Write a backlog of `count` messages. `is_proxied`: the engine reaches the broker through the fault proxy."""
        self.random = random.Random(seed)
        self.count = count
        self.findings = Findings()
        self.source = name("messages")
        self.target = name("results")
        self._records = kafka.records
        self._folder = folder
        self._is_long = is_long
        self._ledger = folder / "ledger.txt"
        self._may_be_doubled: set[int] = set()
        self._finished_before: list[tuple[int, frozenset[str]]] = []
        self._keys: dict[int, str] = {}
        self._engines: list[EngineProcess] = []
        for topic in (self.source, self.target):
            kafka.admin.create_topic(topic, partitions=PARTITIONS)
        self._direct, seen_by_engine = (
            StudioBroker(connection="cluster", address=kafka.bootstrap(listener), records=kafka.records)
            for listener in (Listener.PLAINTEXT, Listener.PROXIED if is_proxied else Listener.PLAINTEXT)
        )
        self.studio = Studio(root=folder / "studio", broker=seen_by_engine)
        self.studio.write({"tools/chaos.py": _TOOL.format(ledger=str(self._ledger), longest_s=longest_s)})
        self.studio.tool_agent("worker", "chaos.work", max_concurrent_runs=MAX_IN_FLIGHT)
        self.studio.inbound("messages-in", topic=self.source, agents=["worker"], max_in_flight=MAX_IN_FLIGHT)
        self.studio.outbound("results-out", topic=self.target, agents=["worker"])
        self._places = self._produce()

    def _produce(self) -> dict[tuple[int, int], int]:
        self._keys = {number: f"key-{self.random.randrange(KEYS)}" for number in range(self.count)}
        records = [NewRecord(value=json.dumps({"number": n}), key=key) for n, key in self._keys.items()]
        return {place: n for n, place in enumerate(self._records.produce_many(self.source, records))}

    @property
    def group(self) -> str:
        """The consumer group of the engines."""
        return self.studio.group("messages-in")

    def engine(self, name: str = "one") -> EngineProcess:
        """Start an engine; the same name is the same state folder."""
        engine = EngineProcess(
            root=self.studio.root,
            state_dir=self._folder / f"state-{name}",
            output_file=self._folder / f"engine-{name}.txt",
            is_session_short=not self._is_long,
        )
        self._engines.append(engine)
        return engine

    def close(self) -> None:
        """End every engine that still runs."""
        for engine in self._engines:
            engine.kill()

    # while it runs

    def calls(self) -> list[str]:
        """The lines of the ledger: run id and number of every call of the tool so far."""
        return self._ledger.read_text().splitlines() if self._ledger.exists() else []

    def worked_on(self) -> int:
        """How many messages the tool was called for so far."""
        return len({line.split()[1] for line in self.calls()})

    def until_worked_on(self, number: int, engine: EngineProcess) -> None:
        """Wait until the tool was called for more than so many messages."""
        engine.until(lambda: self.worked_on() > number, f"message {number} of {self.count}")

    def until_all_is_committed(self, engine: EngineProcess) -> None:
        """Wait until the group has committed the end of the backlog."""
        self.until_worked_on(self.count - 1, engine)
        engine.until(self.is_all_committed, "the last commit")

    def kill(self, engine: EngineProcess, *, is_alone: bool = True) -> None:
        """Kill an engine, then look at what it had promised: what it stored, and what it had committed.

        is_alone: no other engine works. Else another one takes over, which knows the commits and not the store: what
        was published and not committed may come twice.
        """
        engine.kill()
        if is_alone:
            self._finished_before.append((len(self.calls()), _finished_runs(engine.state_dir)))
            self._may_be_doubled |= {self._places[place] for place in _owed_places(engine.state_dir)}
        committed = self.look_at_commits()
        if not is_alone:
            self._may_be_doubled |= {
                number for (partition, offset), number in self._places.items() if offset >= committed.get(partition, 0)
            }

    def look_at_commits(self) -> dict[int, int]:
        """Compare what is committed with what has a result, at this moment; returns what is committed."""
        committed = self._direct.committed(self.group, self.source)
        done = {number for number, _ in self._results()}
        self.findings.committed_beyond_done += [
            f"{partition}/{offset}"
            for (partition, offset), number in self._places.items()
            if offset < committed.get(partition, 0) and number not in done
        ]
        return committed

    def is_all_committed(self) -> bool:
        """Whether the group has committed the end of the backlog."""
        ends: dict[int, int] = {}
        for partition, offset in self._places:
            ends[partition] = max(ends.get(partition, 0), offset + 1)
        return self._direct.committed(self.group, self.source) == ends

    # afterwards

    def assert_nothing_is_wrong(self, *, handed_over: int = 0) -> None:
        """Count up, and find nothing.

        handed_over: how often partitions went from one living member to another. What lay done behind a message that
        had not begun cannot be committed, and comes again at the other member: less than is in flight, each time.
        """
        findings = self.count_up()
        if len(findings.doubled) < handed_over * MAX_IN_FLIGHT:
            findings.doubled = []
        assert findings == Findings(), str(findings)

    def count_up(self) -> Findings:
        """Read what came of it."""
        findings = self.findings
        results = self._results()
        times = Counter(number for number, _ in results)
        findings.lost = sorted(set(range(self.count)) - times.keys())
        findings.doubled = sorted(n for n, t in times.items() if t > 1 and n not in self._may_be_doubled)
        findings.out_of_order = sorted(_keys_out_of_order(results))
        calls = self.calls()
        for seen, finished in self._finished_before:
            findings.called_again += [line for line in calls[seen:] if line.split()[0] in finished]
        return findings

    def _results(self) -> list[tuple[int, str]]:
        """Number and key of every result, in the order they lie in their partitions."""
        records = self._records.read_all(self.target)
        return [(json.loads(r.value or b"")["output"]["number"], (r.key or b"").decode()) for r in records]


def _keys_out_of_order(results: list[tuple[int, str]]) -> set[str]:
    """A result that is there again does not count: what matters is when each appeared first."""
    seen: dict[str, dict[int, None]] = defaultdict(dict)
    for number, key in results:
        seen[key].setdefault(number)
    return {key for key, numbers in seen.items() if list(numbers) != sorted(numbers)}


def _finished_runs(state_dir: Path) -> frozenset[str]:
    connection = sqlite3.connect(f"file:{state_dir / 'runs.sqlite3'}?mode=ro", uri=True)
    try:
        return frozenset(run_id for (run_id,) in connection.execute("select run_id from runs where status >= 2"))
    finally:
        connection.close()


def _owed_places(state_dir: Path) -> set[tuple[int, int]]:
    """Partition and offset of the runs that the store holds as finished and not yet published."""
    connection = sqlite3.connect(f"file:{state_dir / 'runs.sqlite3'}?mode=ro", uri=True)
    try:
        owed = "select record_partition, record_offset from runs join sources using (source_id) where is_owed = 1"
        return set(connection.execute(owed))
    finally:
        connection.close()
