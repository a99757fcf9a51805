"""`kafka-agent-studio runs`: lists the run store, newest first, also beside a running engine."""

import argparse
import asyncio
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from kafka_agent_studio.api.queries import RunQuery
from kafka_agent_studio.commands.arguments import add_state_dir, add_workspace
from kafka_agent_studio.engine.run_store import STORE_FILE, RunStoreReader
from kafka_agent_studio.model.run import Run, RunStatus, iso_utc, run_record
from kafka_agent_studio.workspace.state_dir import STATE_DIR

_PAGE = 500
_HEADINGS = ("STARTED", "STATUS", "AGENT", "MESSAGE", "KEY", "TOOK", "TOKENS", "RESULT")
_RIGHT = frozenset({"TOOK", "TOKENS"})
_MAX_KEY = 32
_WIDE = 100_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The workspace, its state folder, what to list and how."""
    add_workspace(parser)
    add_state_dir(parser)
    parser.add_argument("--status", choices=[s.value for s in RunStatus], metavar="S", help="only runs in this status")
    parser.add_argument("--json", action="store_true", help="print one run a line as a JSON object")
    parser.add_argument("--limit", type=_positive, metavar="N", help="the newest N (default: 50, all with --json)")


def run(arguments: argparse.Namespace) -> int:
    """Print the runs; none is an empty list and no error. 2 where there is no such folder."""
    root = Path(arguments.workspace)
    if not root.is_dir():
        print(f"kafka-agent-studio runs: error: there is no folder '{root}'", file=sys.stderr)
        return 2
    state_dir = root / STATE_DIR if arguments.state_dir is None else Path(arguments.state_dir)
    status = None if arguments.status is None else RunStatus(arguments.status)
    limit = arguments.limit or (_WIDE * _WIDE if arguments.json else 50)
    asyncio.run(_print(state_dir / STORE_FILE, status=status, limit=limit, as_json=arguments.json))
    return 0


async def _print(path: Path, *, status: RunStatus | None, limit: int, as_json: bool) -> None:
    reader = RunStoreReader(path)
    encoder = msgspec.json.Encoder()
    listed: list[Run] = []
    cursor = None
    try:
        while limit > 0:
            page = await reader.list_runs(RunQuery(status=status, limit=min(limit, _PAGE), cursor=cursor))
            if as_json:
                sys.stdout.write("".join(encoder.encode(run_record(r)).decode() + "\n" for r in page.runs))
            else:
                listed += page.runs
            limit -= len(page.runs)
            cursor = page.cursor
            if cursor is None:
                break
    finally:
        reader.close()
    if not as_json:
        width = shutil.get_terminal_size((_WIDE, 24)).columns if sys.stdout.isatty() else _WIDE
        for line in table(listed):
            print(line[:width])


def table(runs: Sequence[Run]) -> Iterator[str]:
    """Yield a heading and one aligned line a run; a single remark where there are none."""
    if not runs:
        yield "no runs"
        return
    rows = [_HEADINGS, *(_cells(r) for r in runs)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    for row in rows:
        cells = (
            cell.rjust(width) if heading in _RIGHT else cell.ljust(width)
            for cell, width, heading in zip(row, widths, _HEADINGS, strict=True)
        )
        yield "  ".join(cells).rstrip()


def _cells(run: Run) -> tuple[str, ...]:
    took = "" if run.duration_s is None else f"{run.duration_s:.3f} s"
    tokens = str(run.token_usage.total_tokens) if run.token_usage.total_tokens else ""
    return (
        iso_utc(run.started_at_us) or "",
        run.status.value,
        _plain(run.agent_name),
        run.place,
        _shortened(_plain(run.key or "")),
        took,
        tokens,
        _result(run),
    )


def _result(run: Run) -> str:
    if run.error is not None:
        return f"{run.error.type.value}: {_plain(run.error.message)}"
    return ", ".join(f"{p.topic}/{p.partition}/{p.offset}" for p in run.published)


def _plain(text: str) -> str:
    """Return text on one line, without what would move a terminal's cursor."""
    return "".join(c if c.isprintable() else " " for c in text)


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_KEY else text[: _MAX_KEY - 1] + "…"


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"a number from 1 up is wanted, not '{text}'")
    return int(text)
