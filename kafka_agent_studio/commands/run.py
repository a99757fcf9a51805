"""`kafka-agent-studio run`: the engine alone, until SIGTERM or SIGINT."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from kafka_agent_studio.bootstrap import build_engine
from kafka_agent_studio.commands.arguments import add_state_dir, add_workspace
from kafka_agent_studio.commands.own_stdout import own_stdout
from kafka_agent_studio.commands.remarks import tell_remarks
from kafka_agent_studio.commands.signals import stop_requested
from kafka_agent_studio.engine.metrics import MetricsAddressError, MetricsServer, parse_address
from kafka_agent_studio.engine.options import EngineOptions, engine_lock
from kafka_agent_studio.engine.runtime import Runtime
from kafka_agent_studio.headless import write_events


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Workspace, state folder, stand-ins, events, metrics."""
    add_workspace(parser)
    add_state_dir(parser)
    parser.add_argument("--sandbox", action="store_true", help="an embedded broker stands in for every connection")
    parser.add_argument("--rehearse", action="store_true", help="a stand-in model answers in place of every model")
    parser.add_argument("--events", choices=["-"], help="write each event as a JSON line to stdout")
    parser.add_argument("--metrics", metavar="HOST:PORT", type=_address, help="serve Prometheus figures there")


def run(arguments: argparse.Namespace) -> int:
    """Run until asked to stop; 1 where a file has an error or a connector stopped, 2 where there is no such folder."""
    if not Path(arguments.workspace).is_dir():
        print(f"kafka-agent-studio run: error: there is no folder '{arguments.workspace}'", file=sys.stderr)
        return 2
    options = EngineOptions(
        root=Path(arguments.workspace),
        state_dir=None if arguments.state_dir is None else Path(arguments.state_dir),
        sandbox=arguments.sandbox,
        rehearse=arguments.rehearse,
        environ=os.environ,
    )
    with engine_lock(options), own_stdout() as write:
        return asyncio.run(_serve(options, write if arguments.events else None, metrics=arguments.metrics))


async def _serve(
    options: EngineOptions, write: Callable[[str], None] | None, *, metrics: tuple[str, int] | None
) -> int:
    stop = stop_requested()
    engine = await build_engine(options)
    await engine.start()
    server = None if metrics is None else MetricsServer(client=engine, address=metrics)
    remarks = engine.tasks.start("remarks", tell_remarks(engine, sys.stderr))
    lines = engine.tasks.start("events", write_events(engine, write)) if write is not None else None
    try:
        if server is not None:
            await server.start()
        failed = await _until_over(engine, stop)
    finally:
        await engine.stop()
        if server is not None:
            await server.close()
        await asyncio.wait([remarks] if lines is None else [remarks, lines])
        await engine.tasks.close()
    return 1 if failed else 0


def _address(text: str) -> tuple[str, int]:
    try:
        return parse_address(text)
    except MetricsAddressError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


async def _until_over(engine: Runtime, stop: asyncio.Event) -> bool:
    """Wait for a signal, or until no connector is left. Returns whether anything failed."""
    waits = [
        engine.tasks.start("stop", stop.wait()),
        engine.tasks.start("last-connector", engine.until_no_connector_is_left()),
    ]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    return engine.problems_are_errors or engine.has_failed_connectors
