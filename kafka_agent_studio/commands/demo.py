"""`kafka-agent-studio demo`: sandbox broker, sample workspace and a stream of orders; no account, no key."""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path

from kafka_agent_studio.api.commands import SetOrderStream
from kafka_agent_studio.api.events import Event, RunChange, RunsChanged
from kafka_agent_studio.bootstrap import build_engine
from kafka_agent_studio.commands.arguments import add_state_dir
from kafka_agent_studio.commands.display import has_display
from kafka_agent_studio.commands.own_stdout import own_stdout
from kafka_agent_studio.commands.remarks import tell_remarks
from kafka_agent_studio.commands.signals import stop_requested
from kafka_agent_studio.engine.kafka.codec import to_json
from kafka_agent_studio.engine.options import EngineOptions, engine_lock
from kafka_agent_studio.engine.runtime import Runtime
from kafka_agent_studio.model.run import Run, RunStatus, envelope
from kafka_agent_studio.workspace.sample import copy_sample

AGENT = "order-processor"
HEADLESS_MESSAGES = 20
HEADLESS_RATE_PER_S = 100.0
WINDOW_RATE_PER_S = 2.0
REHEARSAL_LATENCY_S = 0.4
"""In the window the stand-in takes its time, so that one sees runs come and go."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Window or not, how many orders, where the state goes."""
    add_state_dir(parser)
    parser.add_argument("--headless", action="store_true", help="no window: each result as a JSON line on stdout")
    parser.add_argument(
        "--messages", type=_positive, metavar="N", help=f"how many orders (headless: {HEADLESS_MESSAGES})"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the demo; 1 where a run failed."""
    headless = arguments.headless
    if not headless and not has_display():
        print("no display found: the demo runs in the terminal", file=sys.stderr)
        headless = True
    with tempfile.TemporaryDirectory(prefix="kafka-agent-studio-demo-") as folder:
        workspace = Path(folder) / "orders"
        copy_sample(workspace)
        options = EngineOptions(
            root=workspace,
            state_dir=None if arguments.state_dir is None else Path(arguments.state_dir),
            environ=os.environ,
            rehearse_keyless=True,
            rehearsal_latency_s=0.0 if headless else REHEARSAL_LATENCY_S,
        )
        if headless:
            with engine_lock(options), own_stdout() as write:
                return asyncio.run(_headless(options, arguments.messages or HEADLESS_MESSAGES, write))
        from kafka_agent_studio.commands.window import open_window

        return open_window(options, order_stream=SetOrderStream(rate_per_s=WINDOW_RATE_PER_S, count=arguments.messages))


async def _headless(options: EngineOptions, count: int, write: Callable[[str], None]) -> int:
    stop = stop_requested()
    engine = await build_engine(options)
    await engine.start()
    remarks = engine.tasks.start("remarks", tell_remarks(engine, sys.stderr))
    results = engine.tasks.start("results", _print_results(engine, count, write))
    stopped = engine.tasks.start("stop", stop.wait())
    try:
        await engine.execute(SetOrderStream(rate_per_s=HEADLESS_RATE_PER_S, count=count))
        await asyncio.wait((results, stopped), return_when=asyncio.FIRST_COMPLETED)
        failed = results.result() if results.done() else 0
    finally:
        await engine.stop()
        await asyncio.wait([remarks])
        await engine.tasks.close()
    return 1 if failed else 0


async def _print_results(engine: Runtime, count: int, write: Callable[[str], None]) -> int:
    """Write the results of the order processor until `count` were written; returns how many had failed."""
    written = failed = 0
    async with aclosing(_events(engine)) as events:
        async for event in events:
            for one in _results(event):
                write(to_json(envelope(one)).decode() + "\n")
                written += 1
                failed += one.status is not RunStatus.COMPLETED
                if written == count:
                    return failed
    return failed


async def _events(engine: Runtime) -> AsyncGenerator[Event, None]:
    subscription = engine.subscribe()
    try:
        async for batch in subscription.batches():
            for event in batch:
                yield event
    finally:
        subscription.close()


def _results(event: Event) -> list[Run]:
    """The order processor's results in an event: completed ones once they are published, failed ones at once."""
    if not isinstance(event, RunsChanged):
        return []
    wanted = {RunChange.PUBLISHED: RunStatus.COMPLETED, RunChange.FINISHED: RunStatus.FAILED}.get(event.change)
    return [r for r in event.runs if r.agent_name == AGENT and r.status is wanted]


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number
