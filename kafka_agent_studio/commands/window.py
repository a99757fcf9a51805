"""`kafka-agent-studio [DIR]`: the window on a workspace, with the engine on a thread of its own."""

import argparse
import os
import sys
from pathlib import Path

from kafka_agent_studio.api.commands import SetOrderStream
from kafka_agent_studio.bootstrap import EngineOptions, build_engine, build_onlooker, engine_lock
from kafka_agent_studio.commands.arguments import add_state_dir
from kafka_agent_studio.commands.display import has_display
from kafka_agent_studio.engine.host import EngineHost
from kafka_agent_studio.workspace.lock import LockHeldError
from kafka_agent_studio.workspace.recent import RecentWorkspaces


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The workspace: the one last opened by default, else the current folder."""
    parser.add_argument("workspace", nargs="?", metavar="DIR", help="the workspace (default: the one last opened)")
    add_state_dir(parser)


def run(arguments: argparse.Namespace) -> int:
    """Open the window; 1 where there is no screen to open it on."""
    recent = RecentWorkspaces()
    root = Path(arguments.workspace) if arguments.workspace else recent.last() or Path.cwd()
    if not root.is_dir():
        print(f"kafka-agent-studio: error: there is no folder '{root}'", file=sys.stderr)
        return 2
    if not has_display():
        print(
            "kafka-agent-studio: error: no display found for a window; `kas run DIR` runs the engine without one",
            file=sys.stderr,
        )
        return 1
    recent.opened(root.resolve())
    options = EngineOptions(
        root=root,
        state_dir=None if arguments.state_dir is None else Path(arguments.state_dir),
        environ=os.environ,
        trust_tools=recent.is_trusted(root.resolve()),
        remember_trust=lambda: recent.trust(root.resolve()),
    )
    try:
        with engine_lock(options):
            return open_window(options)
    except LockHeldError as error:
        reason = str(error)
    return _show(EngineHost(lambda: build_onlooker(options, reason=reason)))


def open_window(options: EngineOptions, order_stream: SetOrderStream | None = None) -> int:
    """Show the window until it is closed; returns its exit code. The caller holds the lock."""
    return _show(EngineHost(lambda: build_engine(options)), order_stream)


def _show(host: EngineHost, order_stream: SetOrderStream | None = None) -> int:
    # imported before the engine starts: an import holds up every thread, and so the engine's heartbeats
    from kafka_agent_studio.gui.application import run_window

    host.start()
    try:
        if order_stream is not None:
            host.submit(order_stream)
        return run_window(client=host)
    finally:
        host.close()
