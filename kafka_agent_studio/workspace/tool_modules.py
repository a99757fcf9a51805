"""Imports tools/**/*.py under names private to one load, so that a reload gets fresh code."""

import ast
import importlib
import inspect
import itertools
import sys
import traceback
import weakref
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

import msgspec

from kafka_agent_studio.model.workspace import ToolDescription
from kafka_agent_studio.workspace.docstrings import parse_docstring
from kafka_agent_studio.workspace.folder import Folder
from kafka_agent_studio.workspace.problems import Place
from kafka_agent_studio.workspace.tool_catalogue import ToolCatalogue
from kafka_agent_studio.workspace.tool_functions import ToolDefinitionError, ToolFunction, tool_function

_LOAD_NUMBERS = itertools.count(1)


def read_tools(folder: Folder, *, trust: bool) -> ToolCatalogue:
    """Return the tools of the workspace; a problem for each module that cannot be imported.

    Without `trust` no line of tools/ is run: names and descriptions come from the source, and nothing can be called.
    """
    space = _ModuleSpace(folder.root / "tools") if trust else None
    functions: dict[str, ToolFunction] = {}
    descriptions: dict[str, ToolDescription] = {}
    modules: set[str] = set()
    broken: set[str] = set()
    for file in folder.files("tools", ".py", deep=True):
        parts = file.removeprefix("tools/").removesuffix(".py").split("/")
        if parts[-1] == "__init__" or any(part.startswith("_") for part in parts):
            continue
        if not all(part.isidentifier() for part in parts):
            folder.problems.error(Place(file), "the name of a tool module is letters, digits and '_' (my_tools.py)")
            continue
        name = ".".join(parts)
        modules.add(name)
        mark = folder.problems.mark()
        if space is None or file in folder.drafts:
            descriptions |= {tool.ref: tool for tool in _described(folder, file, name)}
        else:
            functions |= {tool.ref: tool for tool in _imported(folder, file, name, space)}
        if folder.problems.first_error_since(mark) is not None:
            broken.add(name)
    descriptions |= {ref: tool.description for ref, tool in functions.items()}
    return ToolCatalogue(
        functions=functions, descriptions=descriptions, modules=frozenset(modules), broken_modules=frozenset(broken)
    )


def _imported(folder: Folder, file: str, name: str, space: "_ModuleSpace") -> Iterator[ToolFunction]:
    try:
        module = space.load(name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - importing runs anything, SystemExit included
        folder.problems.error(
            _place_of(error, file, folder.root / file), f"cannot be imported: {_words(error, folder)}"
        )
        return
    for attribute, function in vars(module).items():
        is_own = inspect.isfunction(function) and function.__module__ == module.__name__
        if attribute.startswith("_") or not is_own:
            continue
        try:
            yield tool_function(function, ref=f"{name}.{attribute}", file=file, keep_alive=space)
        except ToolDefinitionError as error:
            line = inspect.unwrap(function).__code__.co_firstlineno
            folder.problems.error(Place(file, line), f"'{attribute}' cannot be a tool: {error}")


def _described(folder: Folder, file: str, name: str) -> Iterator[ToolDescription]:
    text = folder.read_text(file)
    if text is None:
        return
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        folder.problems.error(
            _place_of(error, file, folder.root / file), f"cannot be imported: {_words(error, folder)}"
        )
        return
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield ToolDescription(
                ref=f"{name}.{node.name}",
                name=node.name,
                description=parse_docstring(ast.get_docstring(node)).description,
                parameters={"type": "object"},
                file=file,
                line=node.lineno,
            )


def _words(error: BaseException, folder: Folder) -> str:
    words = f"{type(error).__name__}: {error.msg if isinstance(error, SyntaxError) else error}".splitlines()[0]
    if isinstance(error, ModuleNotFoundError) and error.name:
        top = error.name.removeprefix("tools.").partition(".")[0]
        if error.name == "tools" or (folder.root / "tools" / f"{top}.py").is_file():
            return f"{words}; a module of tools/ is imported as `from . import {top if top != 'tools' else 'name'}`"
    return words


def _place_of(error: BaseException, file: str, path: Path) -> Place:
    """Return where in `file` an import failed: the syntax error, else the deepest line of this file."""
    if isinstance(error, SyntaxError) and error.lineno and Path(error.filename or path) in (path, Path("<unknown>")):
        return Place(file, error.lineno, max(error.offset or 1, 1))
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == path]
    if not frames:
        return Place(file)
    return Place(file, frames[-1].lineno or 1, (frames[-1].colno or 0) + 1)


class _FreshLoader(SourceFileLoader):
    """Compiles from source each time: cached bytecode is told apart by whole seconds, and a save can be quicker."""

    def path_stats(self, path: object) -> dict[str, int]:
        raise OSError(f"compiled code of {path} is not cached")


class _ToolFinder(msgspec.Struct, frozen=True):
    """Finds the modules of one load below tools/, and nothing else."""

    package: str
    tools: Path

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Return the spec of one of our modules; None for any other (importlib's protocol)."""
        if fullname != self.package and not fullname.startswith(self.package + "."):
            return None
        parts = fullname.removeprefix(self.package).strip(".").split(".")
        base = self.tools.joinpath(*parts) if parts != [""] else self.tools
        if (init := base / "__init__.py").is_file():
            return spec_from_file_location(
                fullname, init, loader=_FreshLoader(fullname, str(init)), submodule_search_locations=[str(base)]
            )
        if base.is_dir():
            spec = ModuleSpec(fullname, None, is_package=True)
            spec.submodule_search_locations = [str(base)]
            return spec
        file = base.with_name(base.name + ".py")
        return (
            spec_from_file_location(fullname, file, loader=_FreshLoader(fullname, str(file)))
            if file.is_file()
            else None
        )


class _ModuleSpace:
    """The modules of one load. They leave the interpreter with the last tool that holds on to the space."""

    def __init__(self, tools: Path) -> None:
        self._package = f"_kafka_agent_studio_tools_{next(_LOAD_NUMBERS)}"
        finder = _ToolFinder(package=self._package, tools=tools)
        sys.meta_path.insert(0, finder)
        weakref.finalize(self, _forget, self._package, finder)

    def load(self, name: str) -> ModuleType:
        """Import a module by its name below tools/; whatever its code raises comes out."""
        return importlib.import_module(f"{self._package}.{name}")


def _forget(package: str, finder: _ToolFinder) -> None:
    if finder in sys.meta_path:
        sys.meta_path.remove(finder)
    for name in [n for n in list(sys.modules) if n == package or n.startswith(package + ".")]:
        del sys.modules[name]
