"""`kafka-agent-studio sandbox`: the embedded broker by itself, until it is asked to stop."""

import argparse
import asyncio
import sys

from kafka_agent_studio.commands.signals import stop_requested
from kafka_agent_studio.sandbox.broker import SandboxBroker


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(arguments: argparse.Namespace) -> int:
    """Print the bootstrap address on stdout and serve until SIGTERM or Ctrl+C."""
    broker = SandboxBroker()
    try:
        print(broker.address(), flush=True)
        print("memory only; Ctrl+C ends it", file=sys.stderr)
        asyncio.run(_until_stopped())
    finally:
        broker.close()
    return 0


async def _until_stopped() -> None:
    await stop_requested().wait()
