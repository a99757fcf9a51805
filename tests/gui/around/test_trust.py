"""Tools are code: they are asked about once, in place."""

import msgspec

from kafka_agent_studio.api.cluster_commands import TrustTools
from kafka_agent_studio.api.events import Snapshot, WorkspaceChanged
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.model.workspace import ToolDescription
from tests.gui.around.conftest import OpenAround
from tests.helpers.gui_scene import NOW_US, make_snapshot, make_workspace

_TOOL = ToolDescription(
    "orders.validate_order", "validate_order", "Checks an order", {}, file="tools/orders.py", line=3
)


def _untrusted(**fields: object) -> Snapshot:
    return make_snapshot(workspace=make_workspace(tools=(_TOOL,)), tools_trusted=False, **fields)


def test_a_folder_never_seen_before_asks_and_names_the_files(open_around: OpenAround) -> None:
    window, engine = open_around(_untrusted())
    bar = window.around.trust
    assert bar.isVisible()
    assert "1 tool (tools/orders.py)" in bar.text
    bar.trust.click()
    assert engine.asked(TrustTools) == [TrustTools()]
    assert not bar.isVisible()


def test_a_trusted_folder_and_one_without_tools_ask_nothing(open_around: OpenAround) -> None:
    trusted, _ = open_around(msgspec.structs.replace(_untrusted(), tools_trusted=True))
    assert not trusted.around.trust.isVisible()
    without, engine = open_around(make_snapshot(tools_trusted=False))
    assert not without.around.trust.isVisible()
    engine.say(WorkspaceChanged(NOW_US, make_workspace(tools=(_TOOL,)), ()))
    without.parts.bridge.drain()
    assert without.around.trust.isVisible()


def test_a_refused_trust_keeps_the_question(open_around: OpenAround) -> None:
    window, engine = open_around(_untrusted())
    engine.answer(TrustTools, CommandRefused("the disk is full"))
    window.around.trust.trust.click()
    assert window.around.trust.isVisible()
    assert window.main.notices.text == "the disk is full"


def test_whoever_only_looks_on_is_not_asked(open_around: OpenAround) -> None:
    window, _ = open_around(_untrusted(read_only="the engine of 'orders' (process 4711) already runs"))
    assert not window.around.trust.isVisible()


def test_whoever_only_looks_on_reads_whose_engine_it_is(open_around: OpenAround) -> None:
    whose = "the engine of 'orders' (process 4711) already runs on /tmp/a; stop it first, or choose another --state-dir"
    window, _ = open_around(make_snapshot(read_only=whose))
    assert window.around.looks_on.isVisible()
    assert window.around.looks_on.text == (
        "This window may only look: the engine of 'orders' (process 4711) already runs on /tmp/a. "
        "It can change nothing until that ends."
    )
    alone, _ = open_around(make_snapshot())
    assert not alone.around.looks_on.isVisible()
