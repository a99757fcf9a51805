"""SIGTERM and SIGINT as an event, so that a command can drain before it ends."""

import asyncio
import signal
import sys


def stop_requested() -> asyncio.Event:
    """Return an event that SIGTERM or SIGINT sets; a second signal ends the process at once."""
    event = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(number: int) -> None:
        event.set()
        signal.signal(number, signal.SIG_DFL)
        if sys.platform != "win32":
            loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        if sys.platform == "win32":
            signal.signal(number, lambda n, _: loop.call_soon_threadsafe(stop, n))
        else:
            loop.add_signal_handler(number, stop, number)
    return event
