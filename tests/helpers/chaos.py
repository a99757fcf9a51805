"""A backlog of numbered messages, an agent whose calls are kept in a ledger, and the counting afterwards."""

import json
import random
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.helpers.apache_kafka import ApacheKafka
from tests.helpers.engine_process import EngineClock, EngineProcess
from tests.helpers.kafka_listeners import Listener
from tests.helpers.kafka_records import NewRecord
from tests.helpers.model_server import ModelServerRequest, Says
from tests.helpers.studio import Studio, StudioBroker

MAX_IN_FLIGHT = 32
PARTITIONS = 4
KEYS = 40
_TOOL = '''
"""Writes each call down before it does anything, then takes a moment."""

import asyncio
import os
import random


async def work(payload: dict) -> dict:
    """Note the call, return the number."""
    ledger = os.open({ledger!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(ledger, f"{{payload['number']}}\\n".encode())
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
    called_again: list[int] = field(default_factory=list)
    """Messages whose tool or model was called after their result was in the run store of an engine that was killed, or
    after they were committed."""

    def counted(self) -> str:
        """Return how many of each there are, in one line."""
        return ", ".join(f"{name.replace('_', ' ')} {len(found)}" for name, found in vars(self).items())


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
        has_own_clock: bool = False,
        disk_bytes: int | None = None,
        model_server: str | None = None,
        longest_s: float = 0.02,
    ) -> None:
        """Write a backlog of `count` messages.

        Args:
            is_proxied: the engine reaches the broker through the fault proxy.
            has_own_clock: `clock` is the engine's.
            disk_bytes: the run store lies on a disk of this size; an engine that was killed leaves nothing on it.
            model_server: `api_base` of a server whose model does the work in the tool's place: see answer().
            longest_s: the tool takes up to so long.
        """
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
        self._finished_before: list[tuple[int, frozenset[int]]] = []
        self._disk_bytes = disk_bytes
        self.clock = EngineClock(folder / "clock") if has_own_clock else None
        self._keys: dict[int, str] = {}
        self._engines: list[EngineProcess] = []
        for topic in (self.source, self.target):
            kafka.admin.create_topic(topic, partitions=PARTITIONS)
        self._direct, seen_by_engine = (
            StudioBroker(connection="cluster", address=kafka.bootstrap(listener), records=kafka.records)
            for listener in (Listener.PLAINTEXT, Listener.PROXIED if is_proxied else Listener.PLAINTEXT)
        )
        self.studio = Studio(root=folder / "studio", broker=seen_by_engine)
        if model_server is None:
            self._add_tool_agent(longest_s)
        else:
            self._add_model_agent(model_server)
        self.studio.inbound("messages-in", topic=self.source, agents=["worker"], max_in_flight=MAX_IN_FLIGHT)
        self.studio.outbound("results-out", topic=self.target, agents=["worker"])
        self._places = self._produce()

    def _add_tool_agent(self, longest_s: float) -> None:
        self.studio.write({"tools/chaos.py": _TOOL.format(ledger=str(self._ledger), longest_s=longest_s)})
        self.studio.tool_agent("worker", "chaos.work", max_concurrent_runs=MAX_IN_FLIGHT)

    def _add_model_agent(self, model_server: str) -> None:
        agent = {"model": "openai/gpt-4o", "system_prompt": "Say the number.", "output_schema": "number"}
        self.studio.settings(providers={"openai": {"api_base": model_server}})
        files = {
            "agents/worker.yaml": {"version": "1.0", "name": "worker", "description": "Says the number.", **agent},
            "schemas/number.json": {"type": "object", "properties": {"number": {"type": "integer"}}},
        }
        self.studio.write({path: json.dumps(content) for path, content in files.items()})

    def answer(self, request: ModelServerRequest) -> Says:
        """Do what the tool does, as the model: note the call, say the number."""
        number = json.loads(request.body["messages"][-1]["content"])["number"]
        with self._ledger.open("a") as ledger:
            ledger.write(f"{number}\n")
        return Says(json.dumps({"number": number}), delay_s=self.random.uniform(0, 0.1))

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
            clock=self.clock,
            disk_bytes=self._disk_bytes,
        )
        self._engines.append(engine)
        return engine

    def close(self) -> None:
        """End every engine that still runs."""
        for engine in self._engines:
            engine.kill()

    # while it runs

    def calls(self) -> list[int]:
        """The numbers of the messages that the tool or the model was called for, in the order of the calls."""
        return [int(line) for line in self._ledger.read_text().split()] if self._ledger.exists() else []

    def worked_on(self) -> int:
        """How many messages the tool or the model was called for so far."""
        return len(set(self.calls()))

    def until_worked_on(self, number: int, engine: EngineProcess) -> None:
        """Wait until the tool or the model was called for more than so many messages."""
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
            finished = frozenset(self._places[place] for place in _places_in_store(engine.state_dir, _FINISHED))
            self._finished_before.append((len(self.calls()), finished))
            self._may_be_doubled |= {self._places[place] for place in _places_in_store(engine.state_dir, _OWED)}
        committed = self.look_at_commits()
        if not is_alone:
            self._may_be_doubled |= {
                number for (partition, offset), number in self._places.items() if offset >= committed.get(partition, 0)
            }

    def look_at_commits(self) -> dict[int, int]:
        """Compare what is committed with what has a result, at this moment; returns what is committed.

        Nothing of it may be called for from now on.
        """
        committed = self._direct.committed(self.group, self.source)
        places = {place: n for place, n in self._places.items() if place[1] < committed.get(place[0], 0)}
        self._finished_before.append((len(self.calls()), frozenset(places.values())))
        done = {number for number, _ in self._results()}
        self.findings.committed_beyond_done += [f"{p}/{o}" for (p, o), number in places.items() if number not in done]
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
        print(f"\n{self.count} messages, {len(self.calls())} calls, {len(self._engines)} engines: {findings.counted()}")
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
            findings.called_again += sorted(finished.intersection(calls[seen:]))
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


_FINISHED = "status >= 2"
_OWED = "is_owed = 1"


def _places_in_store(state_dir: Path, condition: str) -> set[tuple[int, int]]:
    """Partition and offset of the messages whose run is in the store in some state."""
    connection = sqlite3.connect(f"file:{state_dir / 'runs.sqlite3'}?mode=ro", uri=True)
    try:
        places = "select record_partition, record_offset from runs join sources using (source_id)"
        return set(connection.execute(f"{places} where {condition}"))
    finally:
        connection.close()
