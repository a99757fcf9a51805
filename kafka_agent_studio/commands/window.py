"""`kafka-agent-studio [DIR]`: the window on a workspace, with the engine on a thread of its own."""

import argparse
import os
import sys
from pathlib import Path

from kafka_agent_studio.api.commands import SetOrderStream
from kafka_agent_studio.commands.arguments import add_state_dir
from kafka_agent_studio.commands.display import has_display
from kafka_agent_studio.commands.engine_switch import EngineSwitch
from kafka_agent_studio.commands.importing import importing
from kafka_agent_studio.engine.options import EngineOptions
from kafka_agent_studio.workspace.recent import RecentWorkspaces


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The workspace: the one last opened by default, else the current folder."""
    parser.add_argument("workspace", nargs="?", metavar="DIR", help="the workspace (default: the one last opened)")
    add_state_dir(parser)


def run(arguments: argparse.Namespace) -> int:
    """Open the window; 1 where there is no screen to open it on."""
    recent = RecentWorkspaces()
    root = Path(arguments.workspace) if arguments.workspace else recent.last() or _current_folder()
    if root is not None and not root.is_dir():
        print(f"kafka-agent-studio: error: there is no folder '{root}'", file=sys.stderr)
        return 2
    if not has_display():
        print(
            "kafka-agent-studio: error: no display found for a window; `kas run DIR` runs the engine without one",
            file=sys.stderr,
        )
        return 1
    if root is None:
        return _show(recent, None)
    root = root.resolve()
    recent.opened(root)
    state_dir = None if arguments.state_dir is None else Path(arguments.state_dir)
    return _show(recent, _options(recent, root, state_dir))


def open_window(options: EngineOptions, order_stream: SetOrderStream | None = None) -> int:
    """Show the window until it is closed; returns its exit code."""
    return _show(RecentWorkspaces(), options, order_stream)


def _show(recent: RecentWorkspaces, options: EngineOptions | None, order_stream: SetOrderStream | None = None) -> int:
    with importing():
        from kafka_agent_studio.gui.application import run_window
        from kafka_agent_studio.gui.single_window import raise_window

    switch = EngineSwitch(recent=recent, new_options=lambda root: _options(recent, root))
    if options is None:
        return run_window(client=None, opener=switch)
    if raise_window(switch.identity_of(options)):
        print(f"{options.root.name} is open already: its window is in front now", file=sys.stderr)
        return 0
    try:
        opened = switch.prepare(options)
        if order_stream is not None:
            switch.submit(order_stream)
        code = run_window(client=opened.client, identity=opened.identity, opener=switch, on_painted=switch.begin)
        failure = switch.failure
        if failure is not None:
            raise failure
        return code
    finally:
        switch.close()


def _options(recent: RecentWorkspaces, root: Path, state_dir: Path | None = None) -> EngineOptions:
    return EngineOptions(
        root=root,
        state_dir=state_dir,
        environ=os.environ,
        trust_tools=recent.is_trusted(root),
        remember_trust=lambda: recent.trust(root),
    )


def _current_folder() -> Path | None:
    """Where a terminal is; None where a desktop started the program, in no folder that anyone chose."""
    folder = Path.cwd()
    return None if folder in (Path.home(), Path(folder.anchor)) else folder
