"""`python -m benchmarks [NAME …]`: measure, print each ratio, and end with 1 where one is out of its bound."""

import argparse
import importlib
import os
import sys
import time
import traceback

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

NAMES = (
    *("throughput", "faststream", "latency", "runs", "model_call", "run_store", "startup", "memory"),
    *("browse", "window", "actions", "long_lists", "links_canvas"),
)
"""A module each, with `measure(short: bool) -> Iterator[Figure]`."""


def main() -> int:
    """Run the benchmarks that were asked for, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--short", action="store_true", help="fewer messages and rounds: a look, not a verdict")
    arguments = parser.parse_args()
    kept = [_run(name, arguments.short) for name in arguments.names or NAMES]
    return 0 if all(kept) else 1


def _run(name: str, short: bool) -> bool:
    """Print the figures of one benchmark; one that fails takes no other with it."""
    began_s, is_kept = time.monotonic(), True
    try:
        for figure in importlib.import_module(f"benchmarks.{name}").measure(short):
            print(figure.line(), flush=True)
            is_kept &= figure.is_kept
    except Exception:
        traceback.print_exc()
        print(f"{name}: FAILED, see above", flush=True)
        is_kept = False
    print(f"# {name} took {time.monotonic() - began_s:.0f} s", flush=True)
    return is_kept


if __name__ == "__main__":
    sys.exit(main())
