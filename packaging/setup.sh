#!/usr/bin/env bash
# Makes .venv with the exact set of packaging/constraints.txt. Run by make; safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."
python=""
for candidate in "${PYTHON:-}" python3.13 python3.12 python3.11 python3 python; do
    [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 || continue
    if "$candidate" -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] < (3, 14)))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Kafka Agent Studio needs Python 3.11, 3.12 or 3.13. Install one, or name it: make PYTHON=/path/to/python" >&2
    exit 1
fi
# A folder that was copied or renamed carries a .venv whose scripts point elsewhere: make it anew.
if [ -x .venv/bin/python ] && ! .venv/bin/python -c 'import sys, os; sys.exit(os.path.realpath(sys.prefix) != os.path.realpath(".venv"))' 2>/dev/null; then
    rm -rf .venv
fi
if [ ! -x .venv/bin/python ]; then
    echo "Setting up .venv (once, about a minute) …"
    "$python" -m venv .venv || { echo "venv is missing; on Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check -c packaging/constraints.txt -e '.[dev,redis,otel,schema-registry]'
touch .venv/.ready
