"""The package as text: its modules, and a copy of it with a violation planted."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "kafka_agent_studio"


def modules(package: Path = PACKAGE) -> Iterator[tuple[str, Path]]:
    """Yield (dotted name, file) of every module of the package."""
    for file in sorted(package.rglob("*.py")):
        relative = file.relative_to(package.parent).with_suffix("")
        parts = relative.parts[:-1] if relative.name == "__init__" else relative.parts
        yield ".".join(parts), file


def calls(file: Path) -> Iterator[tuple[str, int]]:
    """Yield (dotted name as written, line) of every call in a file."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


def copy_with(target: Path, planted: dict[str, str]) -> Path:
    """Copy the package and its configuration to `target`, with lines added to the ends of modules."""
    shutil.copytree(PACKAGE, target / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", target)
    for module, text in planted.items():
        file = target / PACKAGE.name / module
        with file.open("a") as out:
            out.write(f"\n{text}\n")
    return target / PACKAGE.name


def lint_imports(folder: Path) -> tuple[int, str]:
    """Run import-linter on a checkout; returns its exit code and what it printed."""
    code = "from importlinter.cli import lint_imports_command as main; main(['--no-cache'])"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, '.'); {code}"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr
