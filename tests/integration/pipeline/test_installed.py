"""What somebody gets who installs the wheel, or clones into a folder with a space in its path."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree, unpacked where python finds it before anything else."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site)]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    return site


def output_of(installed: Path, *command: str | Path, cwd: Path | None = None) -> str:
    """What a command prints that runs with the wheel's package and ends well."""
    env = {**os.environ, "PYTHONPATH": str(installed)}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=True).stdout


def test_the_installed_wheel_runs_the_demo_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    where = "import kafka_agent_studio; print(kafka_agent_studio.__file__)"
    assert Path(output_of(installed, sys.executable, "-c", where, cwd=tmp_path)).is_relative_to(installed)
    kas = installed / "bin" / "kas"
    lines = output_of(installed, kas, "demo", "--headless", "--messages", "20", cwd=tmp_path).splitlines()
    assert [json.loads(line)["status"] for line in lines] == ["completed"] * 20
    assert list(tmp_path.iterdir()) == []


def test_the_wheel_brings_both_commands_and_what_the_window_shows(installed: Path) -> None:
    for name in ("kas", "kafka-agent-studio"):
        assert output_of(installed, installed / "bin" / name, "--version").startswith("kafka-agent-studio 0.")
    data = installed / "kafka_agent_studio" / "_data"
    assert (data / "sample" / "agents" / "order-processor.yaml").is_file()
    missing = [
        path.relative_to(ROOT)
        for path in (ROOT / "resources").rglob("*")
        if path.is_file() and not (data / path.relative_to(ROOT)).is_file()
    ]
    assert missing == []


_STAND_IN = """#!/bin/bash
# A python that makes environments of nothing, and writes down what it is asked to do.
echo "$*" >> "$CALLS"
case "$1 $2" in
    "-m venv") mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
    -c*) exec "$REAL_PYTHON" "$@" ;;
esac
"""


@pytest.mark.parametrize(
    ("target", "command"), [("test", "-m pytest -n 3 --dist worksteal"), ("demo", "-m kafka_agent_studio demo")]
)
def test_make_works_in_a_folder_with_a_space_and_sets_up_once(tmp_path: Path, target: str, command: str) -> None:
    clone, calls = tmp_path / "a clone", tmp_path / "calls"
    (clone / "packaging").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "packaging/setup.sh", "packaging/constraints.txt"):
        shutil.copy2(ROOT / name, clone / name)
    python, libraries = tmp_path / "python3.11", clone / "packaging" / "system_libraries.sh"
    python.write_text(_STAND_IN)
    libraries.write_text("#!/bin/bash\n")
    for path in (python, libraries):
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    env = {**os.environ, "PYTHON": str(python), "REAL_PYTHON": sys.executable, "CALLS": str(calls)}

    def made() -> list[str]:
        calls.write_text("")
        subprocess.run(["make", target], cwd=clone, env=env, check=True, capture_output=True)
        return calls.read_text().splitlines()

    first, second = made(), made()
    assert sum("pip install" in call for call in first) == 1
    assert first[-1] == command
    assert second == [command]
