"""The command line: argv → the window or a command. Only what was asked for is imported."""

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Protocol

from kafka_agent_studio.commands.importing import importing

_PROGRAM = "kafka-agent-studio"
_COMMANDS = {
    "demo": "sandbox broker, sample workspace and a stream of orders; needs no account and no key",
    "run": "the engine alone, until SIGTERM or Ctrl+C",
    "check": "validate a workspace; contacts nothing",
    "test-connection": "check a connection stage by stage",
    "runs": "list the run store, newest first",
    "secret": "set, delete or list secrets",
    "sandbox": "the embedded broker by itself",
}
_INTERRUPTED = 130
_BROKEN_PIPE = 141


class _Command(Protocol):
    def add_arguments(self, parser: argparse.ArgumentParser, /) -> None:
        """Say what the command takes."""
        ...

    def run(self, arguments: argparse.Namespace, /) -> int:
        """Do it and return the exit code."""
        ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code.

    A usage error is 2, Ctrl+C 130; anything that fails is one line on stderr, with a traceback under --debug.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    is_debug = "--debug" in given
    try:
        code = _dispatch([argument for argument in given if argument != "--debug"])
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone (`| head`); python would complain once more while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 - whatever fails is said in one line
        if is_debug:
            traceback.print_exc()
        else:
            print(f"{_PROGRAM}: error: {_sentence(error)}", file=sys.stderr)
        return 1
    return code


def _dispatch(argv: list[str]) -> int:
    name = argv[0] if argv else ""
    if name in _COMMANDS:
        parser = argparse.ArgumentParser(prog=f"{_PROGRAM} {name}", description=_COMMANDS[name], allow_abbrev=False)
        command, rest = _import(name), argv[1:]
    else:
        parser = _window_parser()
        command, rest = None, argv
    if command is None and _wants_no_window(rest):
        parser.parse_args(rest)
    command = command or _import("window")
    command.add_arguments(parser)
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return command.run(parser.parse_args(rest))


def _wants_no_window(argv: list[str]) -> bool:
    return any(argument in ("-h", "--help", "--version") for argument in argv)


def _window_parser() -> argparse.ArgumentParser:
    width = max(len(name) for name in _COMMANDS)
    listed = "\n".join(f"  {name:<{width}}  {words}" for name, words in _COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog=_PROGRAM,
        usage=f"{_PROGRAM} [DIR] | COMMAND …",
        description="Agents on Apache Kafka: without a command, the window opens on the workspace DIR.",
        epilog=f"commands:\n{listed}\n\n`{_PROGRAM} COMMAND --help` says more. A folder named like one: ./run",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{_PROGRAM} {_version()}")
    return parser


def _import(name: str) -> _Command:
    with importing():
        return _imported(name)


def _imported(name: str) -> _Command:
    match name:
        case "demo":
            from kafka_agent_studio.commands import demo

            return demo
        case "run":
            from kafka_agent_studio.commands import run

            return run
        case "check":
            from kafka_agent_studio.commands import check

            return check
        case "test-connection":
            from kafka_agent_studio.commands import test_connection

            return test_connection
        case "runs":
            from kafka_agent_studio.commands import runs

            return runs
        case "secret":
            from kafka_agent_studio.commands import secret

            return secret
        case "sandbox":
            from kafka_agent_studio.commands import sandbox

            return sandbox
        case _:
            from kafka_agent_studio.commands import window

            return window


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("kafka-agent-studio")
    except PackageNotFoundError:
        return "(not installed)"


def _sentence(error: Exception) -> str:
    """Return what went wrong as one line: our own errors speak for themselves, others say what they are."""
    if isinstance(error, OSError) and error.strerror and not type(error).__module__.startswith("kafka_agent_studio"):
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if (fault := getattr(error, "fault", None)) is not None:
        from kafka_agent_studio.api.words import one_line

        return one_line(fault)
    words = " ".join(str(error).split())
    if type(error).__module__.startswith("kafka_agent_studio"):
        return words
    return f"{type(error).__name__}: {words} (--debug shows where)"
