"""The program as a person starts it: a process of its own, with what it prints read line by line."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json_lines(self) -> list[dict[str, Any]]:
        """Its output, one JSON object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


class RunningCommand:
    """A command under way. What was read of its output stays in `out` and `err`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.out: list[str] = []
        self.err: list[str] = []

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def line(self, containing: str = "") -> str:
        """Return the next line on stdout that contains a text. Raises: AssertionError where it ends before."""
        assert self._process.stdout is not None
        return await self._next(self._process.stdout, self.out, containing)

    async def remark(self, containing: str) -> str:
        """Return the next line on stderr that contains a text. Raises: AssertionError where it ends before."""
        assert self._process.stderr is not None
        return await self._next(self._process.stderr, self.err, containing)

    async def event(self, name: str) -> dict[str, Any]:
        """Return the next event of that name from `--events -`."""
        event: dict[str, Any] = json.loads(await self.line(f'{{"event":"{name}"'))
        return event

    async def _next(self, stream: asyncio.StreamReader, lines: list[str], containing: str) -> str:
        async with asyncio.timeout(TIMEOUT_S):
            while raw := await stream.readline():
                line = raw.decode().rstrip("\n")
                lines.append(line)
                if containing in line:
                    return line
        raise AssertionError(f"it ended without '{containing}'; it had said {lines[-20:]}")

    def terminate(self) -> None:
        """Ask it to stop, as a service manager does."""
        self._process.send_signal(signal.SIGTERM)

    async def ended(self) -> Ended:
        """Wait for its end and return all that it printed."""
        async with asyncio.timeout(TIMEOUT_S):
            out, err = await self._process.communicate()
        self.out += out.decode().splitlines()
        self.err += err.decode().splitlines()
        assert self._process.returncode is not None
        return Ended(self._process.returncode, "\n".join(self.out), "\n".join(self.err))

    async def kill(self) -> None:
        """End it whatever it does."""
        if self._process.returncode is None:
            self._process.kill()
            await self._process.communicate()


@asynccontextmanager
async def command(
    *arguments: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> AsyncIterator[RunningCommand]:
    """Run `kafka-agent-studio ARGUMENTS` for the length of the block; `env` is added to this process's environment."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "kafka_agent_studio",
        *map(str, arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **(env or {})},
        cwd=cwd,
        limit=2**24,
    )
    running = RunningCommand(process)
    try:
        yield running
    finally:
        await running.kill()


async def ran(*arguments: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Ended:
    """Run a command to its end."""
    async with command(*arguments, env=env, cwd=cwd) as running:
        return await running.ended()
