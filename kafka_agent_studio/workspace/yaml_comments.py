"""Comments that stood beside what an edit removed: put back above what they were written about."""

from collections import Counter
from collections.abc import Iterator

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode


def with_kept_comments(before: str, after: str) -> str:
    """Return `after` with every line of comment that `before` has and `after` lost.

    ruamel keeps a comment with the value that it follows, so it goes with that value, although a person wrote it
    about the next one. It goes back above that next key, or to the end where that is gone, too.
    """
    present = Counter(line.strip() for _, line in _comment_lines(after))
    lines = before.splitlines()
    result = after.splitlines()
    for number, line in _comment_lines(before):
        if present[line.strip()] > 0:
            present[line.strip()] -= 1
            continue
        place = _place_of(_next_key(lines, number), result)
        result.insert(place, line)
    return "\n".join(result) + "\n"


def _comment_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are comments alone; not those of texts over several lines, which may begin with `#`."""
    taken = set(_lines_of_texts(YAML(typ="rt").compose(text)))
    for number, line in enumerate(text.splitlines()):
        if number not in taken and line.lstrip().startswith("#"):
            yield number, line


def _lines_of_texts(node: Node | None) -> Iterator[int]:
    if isinstance(node, ScalarNode):
        if node.start_mark.line != node.end_mark.line and node.style is not None:
            # the end of a block is where the next thing begins: what is indented less is outside
            yield from range(node.start_mark.line + 1, node.end_mark.line)
    elif isinstance(node, SequenceNode):
        for item in node.value:
            yield from _lines_of_texts(item)
    elif isinstance(node, MappingNode):
        for _key, value in node.value:
            yield from _lines_of_texts(value)


def _next_key(lines: list[str], number: int) -> str:
    """The key, with its indentation, that a comment stands above; empty at the end."""
    following = (line for line in lines[number + 1 :] if line.strip() and not line.lstrip().startswith("#"))
    key, colon, _ = next(following, "").partition(":")
    return f"{key}{colon}" if colon else ""


def _place_of(key: str, lines: list[str]) -> int:
    found = (number for number, line in enumerate(lines) if key and line.startswith(key))
    return next(found, len(lines))
