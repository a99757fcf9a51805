"""`kafka-agent-studio secret set|delete|list`: the OS keyring, and what the environment says instead."""

import argparse
import asyncio
import contextlib
import getpass
import os
import sys
from pathlib import Path

from pydantic import SecretStr

from kafka_agent_studio.commands.arguments import add_workspace
from kafka_agent_studio.workspace.loader import load_workspace
from kafka_agent_studio.workspace.secrets import SecretPlace, SecretStore, SecretStoreError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One of three actions; a secret itself is never an argument, which any user of the machine could read."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="set|delete|list")
    setting = actions.add_parser("set", help="store a secret, read from the terminal or stdin")
    setting.add_argument("name", metavar="NAME")
    setting.add_argument("surplus", nargs="*", help=argparse.SUPPRESS)
    deleting = actions.add_parser("delete", help="forget a secret")
    deleting.add_argument("name", metavar="NAME")
    listing = actions.add_parser("list", help="the names that the workspace mentions, and where each is found")
    add_workspace(listing)


def run(arguments: argparse.Namespace) -> int:
    """Do it; 1 where the keyring refuses or holds no such secret."""
    store = SecretStore(environ=os.environ)
    match arguments.action:
        case "set":
            return _set(store, arguments.name, surplus=bool(arguments.surplus))
        case "delete":
            return _delete(store, arguments.name)
        case _:
            return _list(store, Path(arguments.workspace))


def _set(store: SecretStore, name: str, *, surplus: bool) -> int:
    if surplus:
        _say("error: the secret is read from the terminal or stdin, never from the command line")
        return 2
    value = (
        getpass.getpass(f"{name}: ") if sys.stdin.isatty() else sys.stdin.read().removesuffix("\n").removesuffix("\r")
    )
    if not value:
        _say("error: nothing was given, so nothing was stored")
        return 1
    asyncio.run(store.set(name, SecretStr(value)))
    where = asyncio.run(store.where(name))
    wins = "; the environment holds one as well, which wins" if where is SecretPlace.ENVIRONMENT else ""
    _say(f"'{name}' is in the keyring{wins}")
    return 0


def _delete(store: SecretStore, name: str) -> int:
    if not asyncio.run(store.delete(name)):
        _say(f"error: the keyring holds no '{name}'")
        return 1
    _say(f"'{name}' is deleted")
    return 0


def _list(store: SecretStore, root: Path) -> int:
    if not root.is_dir():
        _say(f"error: there is no folder '{root}'")
        return 2
    with contextlib.redirect_stdout(sys.stderr):
        loaded = load_workspace(root, environ=os.environ, trust_tools=False)
    for name in sorted({use.name for use in loaded.secret_uses}):
        print(f"{name}: {asyncio.run(_where(store, name))}")
    return 0


async def _where(store: SecretStore, name: str) -> str:
    try:
        return (await store.where(name)).value
    except SecretStoreError as error:
        _say(str(error))
        return SecretPlace.MISSING.value


def _say(words: str) -> None:
    print(f"kafka-agent-studio secret: {words}", file=sys.stderr)
