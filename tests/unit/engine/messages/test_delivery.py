from kafka_agent_studio.api.browse import BrowseProgress
from kafka_agent_studio.engine.messages.delivery import EVERY_S, KEPT_BYTES, MOST_AT_ONCE, Delivery
from kafka_agent_studio.model.message import Record


class Window:
    """What was told, and a clock that a test moves."""

    def __init__(self, *, keep: int, is_tail: bool) -> None:
        self.now_s = 0.0
        self.batches: list[int] = []
        self.delivery = Delivery(
            keep=keep,
            is_tail=is_tail,
            progress=lambda delivered, left_out: BrowseProgress(delivered=delivered, left_out=left_out),
            tell=lambda records, _: self.batches.append(len(records)),
            now_s=lambda: self.now_s,
        )


def make_records(count: int, size_bytes: int = 1) -> list[Record]:
    return [Record("t", 0, n, None, None, b"x" * size_bytes) for n in range(count)]


def test_the_window_hears_in_batches_and_not_of_each_record() -> None:
    window = Window(keep=10_000, is_tail=False)
    for _ in range(10):
        window.delivery.take(make_records(10))
    assert window.batches == []
    window.now_s += EVERY_S
    window.delivery.take([])
    assert window.batches == [100]
    window.delivery.take(make_records(MOST_AT_ONCE))
    assert window.batches == [100, MOST_AT_ONCE]


def test_beyond_what_is_kept_it_counts() -> None:
    window = Window(keep=15, is_tail=False)
    window.delivery.take(make_records(40))
    window.now_s += 100
    window.delivery.take(make_records(2))
    progress = window.delivery.flush()
    assert (progress.delivered, progress.left_out) == (15, 27)
    assert sum(window.batches) == 15


def test_following_starts_anew_every_second() -> None:
    window = Window(keep=15, is_tail=True)
    window.delivery.take(make_records(40))
    window.now_s += 1
    window.delivery.take(make_records(40))
    progress = window.delivery.flush()
    assert (progress.delivered, progress.left_out) == (30, 50)


def test_large_values_are_bounded_by_their_bytes() -> None:
    window = Window(keep=1000, is_tail=False)
    for _ in range(12):
        window.delivery.take(make_records(1, KEPT_BYTES // 8))
    progress = window.delivery.flush()
    assert (progress.delivered, progress.left_out) == (8, 4)
