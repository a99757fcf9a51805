"""The order of tests that run side by side."""

from tests.helpers.running_order import side_by_side

ITEMS = [f"{file}/{n}" for file in ("gui", "kafka-a", "kafka-b", "kafka-c", "unit") for n in range(6)]


def ordered(workers: int) -> list[str]:
    return side_by_side(
        ITEMS,
        workers=workers,
        waits=lambda item: item.startswith("kafka"),
        file_of=lambda item: item.partition("/")[0],
    )


def test_every_item_runs_once_and_each_file_keeps_its_order() -> None:
    for workers in (1, 2, 3, 8):
        found = ordered(workers)
        assert sorted(found) == sorted(ITEMS)
        for file in ("gui", "kafka-a", "unit"):
            assert [item for item in found if item.startswith(file)] == [f"{file}/{n}" for n in range(6)]


def test_every_worker_waits_and_computes_in_turn() -> None:
    found = ordered(2)
    first = found[: len(found) // 2]
    kinds = [item.startswith("kafka") for item in first]
    assert 0 < sum(kinds) < len(kinds)
    assert kinds[:3] != [True, True, True]
