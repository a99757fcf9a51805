"""The five rules of ARCHITECTURE.md, each shown to fail on a planted violation."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source_tree import PACKAGE, ROOT, calls, copy_with, lint_imports, modules

TASK_HELPER = "api/tasks.py"
NESTED_LOOPS = re.compile(r"(^|\.)(exec|exec_|processEvents|asyncClose|run_until_complete)$")
TASK_CALLS = re.compile(r"(^|\.)(create_task|ensure_future)$")


def test_imports_follow_the_layers() -> None:
    code, said = lint_imports(ROOT)
    assert code == 0, said


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("model/run.py", "import kafka_agent_studio.api.events", "Layers"),
        ("workspace/__init__.py", "import kafka_agent_studio.engine.clock", "Layers"),
        ("engine/clock.py", "import kafka_agent_studio.headless", "Layers"),
        ("engine/clock.py", "import PySide6.QtCore", "Qt and qasync live in gui alone"),
        ("headless.py", "import kafka_agent_studio.engine.clock", "Front ends see api and model only"),
        ("gui/__init__.py", "import aiokafka", "Front ends see api and model only"),
        ("gui/__init__.py", "import kafka_agent_studio.workspace", "Front ends see api and model only"),
    ],
)
def test_a_planted_import_breaks_its_contract(tmp_path: Path, module: str, line: str, contract: str) -> None:
    copy_with(tmp_path, {module: line})
    code, said = lint_imports(tmp_path)
    assert code != 0
    assert re.search(rf"{contract}.* BROKEN", said), said


def test_a_module_outside_the_layers_is_noticed(tmp_path: Path) -> None:
    package = copy_with(tmp_path, {})
    (package / "elsewhere.py").write_text('"""Nobody knows where it belongs."""\n')
    code, said = lint_imports(tmp_path)
    assert code != 0, said


def _imports_qt(package: Path) -> str:
    names = [name for name, file in modules(package) if "/gui" not in file.as_posix() and not name.endswith("__main__")]
    program = (
        "import importlib, sys\n"
        f"sys.path.insert(0, {str(package.parent)!r})\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "print([m for m in ('PySide6', 'qasync', 'pyqtgraph', 'litellm') if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_module_outside_gui_imports_without_qt_and_without_litellm() -> None:
    assert _imports_qt(PACKAGE) == "[]"


def test_a_planted_qt_import_is_seen(tmp_path: Path) -> None:
    package = copy_with(tmp_path, {"model/base.py": "import PySide6.QtCore"})
    assert "PySide6" in _imports_qt(package)


def _acting_models(package: Path) -> Iterator[str]:
    """Item models that could act: projections import no commands and no bridge."""
    for name, file in modules(package / "gui" / "models"):
        if re.search(r"api\.commands|engine_bridge|EngineClient", file.read_text()):
            yield name


def test_item_models_are_projections() -> None:
    assert list(_acting_models(PACKAGE)) == []


def test_an_item_model_that_acts_is_seen(tmp_path: Path) -> None:
    line = "from kafka_agent_studio.api.commands import StartConnector"
    package = copy_with(tmp_path, {"gui/models/__init__.py": line})
    assert list(_acting_models(package))


def _forbidden_calls(package: Path) -> list[str]:
    found = []
    for _, file in modules(package):
        place = file.relative_to(package).as_posix()
        for name, line in calls(file):
            if (place.startswith("gui/") and NESTED_LOOPS.search(name)) or (
                TASK_CALLS.search(name) and place != TASK_HELPER
            ):
                found.append(f"{place}:{line}: {name}")
    return found


def test_no_nested_event_loop_and_no_task_outside_the_helper() -> None:
    assert _forbidden_calls(PACKAGE) == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("gui/__init__.py", "def open_it(dialog):\n    dialog.exec()"),
        ("gui/__init__.py", "def spin(app):\n    app.processEvents()"),
        ("engine/clock.py", "def go(work):\n    asyncio.create_task(work)"),
    ],
)
def test_a_planted_call_is_seen(tmp_path: Path, module: str, line: str) -> None:
    package = copy_with(tmp_path, {module: line})
    assert _forbidden_calls(package)
