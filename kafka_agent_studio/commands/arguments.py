"""Arguments that several commands share."""

import argparse


def add_workspace(parser: argparse.ArgumentParser) -> None:
    """`[DIR]`: the workspace, the current folder by default."""
    parser.add_argument("workspace", nargs="?", default=".", metavar="DIR", help="the workspace (default: this folder)")


def add_state_dir(parser: argparse.ArgumentParser) -> None:
    """`--state-dir D`: where runs, lock and logs live."""
    parser.add_argument("--state-dir", metavar="D", help="where runs, lock and logs live (default: DIR/.studio)")
