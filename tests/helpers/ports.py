"""Loopback ports that stay ours: below the range from which the system takes the ports of outgoing connections."""

import contextlib
import os
import random
import re
import socket

LOOPBACK = "127.0.0.1"

_LOWEST = 10_000
_PER_WORKER = 2_750
_WORKERS = 8
_given: set[int] = set()
"""Those that this process gave out: who asked for one may not have bound it yet."""


def free_ports(count: int) -> list[int]:
    """Return `count` different loopback ports on which nothing listens.

    From the ephemeral range they would not do: a client that keeps connecting to a stopped broker there may be given
    the broker's own port and then talks to itself.
    """
    found: list[int] = []
    with contextlib.ExitStack() as held:
        while len(found) < count:
            port = random.choice(_ours())
            if port in _given:
                continue
            probe = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                probe.bind((LOOPBACK, port))
                found.append(port)
    _given.update(found)
    return found


def _ours() -> range:
    """The ports of this test process: those that run beside it choose from others."""
    number = re.search(r"\d+$", os.environ.get("PYTEST_XDIST_WORKER", ""))
    first = _LOWEST + _PER_WORKER * (int(number[0]) % _WORKERS if number else 0)
    return range(first, first + _PER_WORKER)


class DeadPort:
    """A loopback port that refuses every connection, and that nobody else can take while this object is open."""

    def __init__(self) -> None:
        # Bound without listen(): the kernel answers a connect with a reset, which is what a stopped server looks like.
        self._socket = socket.socket()
        (port,) = free_ports(1)
        self._socket.bind((LOOPBACK, port))
        self.port: int = port

    def close(self) -> None:
        """Let go of the port."""
        self._socket.close()
