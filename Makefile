# Two commands do everything: `make demo` and `make test`. Set-up happens once; a second call finds it done.
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
.PHONY: demo test check bench chaos setup pictures wheel clean

PY := .venv/bin/python

demo: .venv/.ready
	@packaging/system_libraries.sh --for-window || true
	$(PY) -m kafka_agent_studio demo

test: .venv/.ready
	@packaging/system_libraries.sh --for-tests
	$(PY) -m pytest -n 3 --dist worksteal

check: .venv/.ready
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) -m pytest -q tests/architecture

bench: .venv/.ready
	$(PY) -m benchmarks

chaos: .venv/.ready
	KAFKA_AGENT_STUDIO_CHAOS=long $(PY) -m pytest tests/kafka -m chaos -s -o timeout=3600

pictures: .venv/.ready
	$(PY) -m tests.screenshots .cache/pictures overview links connectors agents message run topics groups
	mkdir -p resources/pictures
	for page in overview links connectors agents messages message runs run topics groups; do
	    cp ".cache/pictures/$$page-light@2x.png" "resources/pictures/$$page.png"
	done

setup: .venv/.ready

.venv/.ready: pyproject.toml packaging/constraints.txt packaging/setup.sh
	@packaging/setup.sh

wheel: .venv/.ready
	$(PY) -m build --wheel --no-isolation

clean:
	rm -rf .venv .cache dist build
