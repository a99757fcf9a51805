"""How often Python looks for reference cycles, in a process that makes thousands of objects per second on purpose."""

import gc

YOUNG_OBJECTS = 50_000
"""A look at the young ones when so many were made and not freed: a few MB. The usual 700 are a dozen messages, and
their looks take a tenth to a third of the time at full speed."""
YOUNG_LOOKS = 20
OLD_LOOKS = 50


def look_less_often() -> None:
    """Set it for the whole process; calling it again changes nothing."""
    gc.set_threshold(YOUNG_OBJECTS, YOUNG_LOOKS, OLD_LOOKS)
