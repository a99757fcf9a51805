"""What the menu of a run in the table adds: where it came from and went, running it again, filtering by its values."""

from collections.abc import Callable

from PySide6.QtWidgets import QMenu

from kafka_agent_studio.api.commands import CancelRun, RerunRun
from kafka_agent_studio.gui.navigation import message_address, run_address
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.runs.addresses import compare_address, rerun_address
from kafka_agent_studio.gui.runs.query_text import field_term
from kafka_agent_studio.gui.runs.run_line import RunLine
from kafka_agent_studio.model.run import Run


def fill_row_menu(menu: QMenu, run: Run, *, parts: WindowParts, line: RunLine) -> None:
    """Add the actions of one run."""
    go = parts.navigator.go
    menu.addSeparator()
    cluster_of = parts.bridge.view.cluster_of
    from_place = message_address(cluster_of(run.connector), run.place)
    _add(menu, f"Open the message {run.place}", lambda: go(from_place))
    for landed in run.published:
        at = message_address(cluster_of(landed.connector), landed.place)
        _add(menu, f"Open the result {landed.place}", lambda at=at: go(at))
    parent = run.parent_run_id
    if parent is not None:
        _add(menu, "Compare with the run it repeats", lambda: go(compare_address(parent, run.run_id)))
    menu.addSeparator()
    may_act = parts.bridge.view.read_only is None
    if run.status.is_terminal:
        _add(menu, "Run again", lambda: _again(run, parts), is_enabled=may_act)
    else:
        _add(menu, "Cancel", lambda: parts.bridge.submit(CancelRun(run.run_id)), is_enabled=may_act)
    _add(menu, "Change and run…", lambda: go(rerun_address(run.run_id)), is_enabled=may_act)
    menu.addSeparator()
    only = menu.addMenu("Only runs with the same")
    values = [("status", run.status.value), ("agent", run.agent_name), ("connector", run.connector)]
    values += [] if run.key is None else [("key", run.key)]
    for name, value in [*values, ("message", run.topic)]:
        term = field_term(name, value)
        _add(only, term, lambda term=term: line.add_term(term))


def _again(run: Run, parts: WindowParts) -> None:
    parts.bridge.submit(RerunRun(run.run_id), lambda run_id: parts.navigator.go(run_address(run_id)))


def _add(menu: QMenu, text: str, handler: Callable[..., object], *, is_enabled: bool = True) -> None:
    # an ampersand in a name is no mnemonic
    action = menu.addAction(text.replace("&", "&&"))
    action.setEnabled(is_enabled)
    action.triggered.connect(lambda _checked=False: handler())
