"""Habits that a reader relies on: no file grows beyond a room, every module says what it is, nothing is left undone."""

import ast
import re

from tests.architecture.source_tree import PACKAGE, ROOT, modules

MOST_LINES = 500


def test_no_file_is_larger_than_a_room() -> None:
    large = {name: n for name, file in modules() if (n := len(file.read_text().splitlines())) > MOST_LINES}
    assert large == {}


def test_every_module_says_what_lives_there() -> None:
    silent = [
        name
        for name, file in modules()
        if (text := file.read_text()).strip() and ast.get_docstring(ast.parse(text)) is None
    ]
    assert silent == []


def test_nothing_is_left_for_later() -> None:
    unfinished = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b|\btime\.sleep\(")
    found = [
        f"{name}:{number}"
        for name, file in modules()
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if unfinished.search(line)
    ]
    assert found == []


def test_no_registry_host_is_named() -> None:
    hosts = re.compile(r"pypi\.org|pythonhosted|repo\.maven|maven\.org|repo1\.|deb\.debian|crates\.io|npmjs")
    files = [*PACKAGE.rglob("*.py"), *ROOT.glob("packaging/**/*"), ROOT / "pyproject.toml", ROOT / "Makefile"]
    found = [str(f.relative_to(ROOT)) for f in files if f.is_file() and hosts.search(f.read_text(errors="replace"))]
    assert found == []
