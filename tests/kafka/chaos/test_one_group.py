"""Three engines of one consumer group, whose members come and go under load."""

from collections.abc import Callable

import pytest

from tests.helpers.chaos import Chaos

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(3600)]


def test_members_that_come_and_go_leave_no_message_out_and_keep_the_order(
    chaos: Callable[..., Chaos], is_long: bool
) -> None:
    changes = 30 if is_long else 3
    setting = chaos(count=1000 * changes)
    engines = {name: setting.engine(name) for name in ("one", "two", "three")}
    for change in range(changes):
        one = next(iter(engines.values()))
        setting.until_worked_on(setting.count * (change + 1) // (changes + 2), one)
        name = setting.random.choice(sorted(engines))
        leaving = engines.pop(name)
        # by turns: one asks to leave, one is torn away, one leaves and comes back
        if change % 3 == 1:
            setting.kill(leaving, is_alone=False)
        else:
            leaving.stop()
            setting.look_at_commits()
        if change % 3 != 0 or len(engines) < 2:
            engines[f"{name}-{change}"] = setting.engine(f"{name}-{change}")
    setting.until_all_is_committed(next(iter(engines.values())))
    for engine in engines.values():
        engine.stop()
    # three joined, and each change is a rebalance or two; each takes partitions from at most two who live on
    setting.assert_nothing_is_wrong(handed_over=2 * (3 + 2 * changes))
