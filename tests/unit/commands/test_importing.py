"""What a start leaves as it found it: the search for reference cycles, and Python's own `import`."""

import gc
import subprocess
import sys

import pytest

from kafka_agent_studio.commands.importing import importing


@pytest.mark.parametrize("was_enabled", [True, False])
def test_no_cycles_are_searched_for_within_and_then_as_before(was_enabled: bool) -> None:
    (gc.enable if was_enabled else gc.disable)()
    try:
        with importing():
            is_within = gc.isenabled()
        assert (is_within, gc.isenabled()) == (False, was_enabled)
    finally:
        gc.enable()


def test_the_window_leaves_import_as_it_is() -> None:
    """PySide6 puts one in its place that reads the source of every module."""
    program = "import builtins; before = builtins.__import__; import kafka_agent_studio.gui.application; "
    program += "assert builtins.__import__ is before"
    subprocess.run([sys.executable, "-c", program], check=True)
