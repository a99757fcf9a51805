"""What an earlier process, or an earlier assignment, did of the messages that come again."""

from collections.abc import Collection

from kafka_agent_studio.engine.ports import RunStoreWriter, StoredRun
from kafka_agent_studio.model.connector import OnFailure
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.run import ErrorType, RunStatus


class KnownRuns:
    """The runs of one connector that the store knew when its partitions were assigned, until they are passed."""

    def __init__(self, *, store: RunStoreWriter, connector: str) -> None:
        self._store = store
        self._connector = connector
        self._partitions: dict[int, tuple[int, dict[str, StoredRun]]] = {}

    def keep(self, partitions: Collection[int]) -> None:
        """Forget all but these."""
        self._partitions = {p: known for p, known in self._partitions.items() if p in partitions}

    async def load(self, topic: str, partition: int, position: int) -> None:
        """Ask the store about the messages from where a partition begins."""
        known = await self._store.known_runs(self._connector, topic, partition, position)
        if known:
            self._partitions[partition] = (max(k.run.offset for k in known.values()), known)

    def of(self, record: Record) -> dict[str, StoredRun] | None:
        """Return what is known by run id, None where the partition is past all that is known."""
        entry = self._partitions.get(record.partition)
        if entry is None:
            return None
        last, known = entry
        if record.offset > last:
            del self._partitions[record.partition]
            return None
        return known


def must_run_again(before: StoredRun, on_failure: OnFailure) -> bool:
    """Whether a known run has to run: it never ended, or its failure was one that commits nothing."""
    run = before.run
    if not run.status.is_terminal:
        return True
    is_refusal = run.error is not None and run.error.type is ErrorType.MODEL_REFUSED
    return run.status is RunStatus.FAILED and (on_failure is OnFailure.STOP or is_refusal)
