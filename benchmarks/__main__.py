"""`python -m benchmarks [NAME …]`: measure, print each ratio, and end with 1 where one is out of its bound."""

import argparse
import importlib
import os
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

NAMES = ("throughput", "latency", "runs", "model_call", "run_store", "startup", "memory", "browse")
"""A module each, with `measure(short: bool) -> Iterator[Figure]`."""


def main() -> int:
    """Run the benchmarks that were asked for, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--short", action="store_true", help="fewer messages and rounds: a look, not a verdict")
    arguments = parser.parse_args()
    is_kept = True
    for name in arguments.names or NAMES:
        for figure in importlib.import_module(f"benchmarks.{name}").measure(arguments.short):
            print(figure.line(), flush=True)
            is_kept &= figure.is_kept
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
